/** “It paged me in the middle of the maintenance”, and “the silence swallowed the real one”. */
import { expect } from "vitest";
import { createSilence, endSilence, listSilences } from "../../contract/silence.ts";
import { toIso } from "../../server/base/instant.ts";
import type { Simulation } from "../world.ts";
import { object } from "../company.ts";
import { story } from "../story.ts";

const silence = (sim: Simulation, matchers: string[], length: string, person = "alice") =>
  sim.call(person)(createSilence, {
    body: { matchers, reason: "index rebuild", endsAt: toIso(sim.after(length)) },
  });
const theOnly = async (sim: Simulation) =>
  (await sim.call("zoe")(listSilences, { query: {} })).items[0]!;

story(
  "a silenced alert pages nobody, is in the list with its silence, and declares when it ends",
  async (sim) => {
    await silence(sim, ["service=checkout"], "1h");
    await sim.event({ title: "Database down" });
    await sim.forward("50m");
    expect(sim.pagesTo("alice")).toEqual([]);
    expect(await sim.alerts()).toMatchObject([
      {
        status: "firing",
        incident: null,
        suppressed: { owner: "alice", reason: "index rebuild" },
        hold: { because: "silenced" },
      },
    ]);
    // Its owner hears before it ends, with what would have been.
    sim.expectMail("alice", /silence .* ends[\s\S]*held 1 alert, 1 of which would have paged/);
    await sim.forward("10m");
    sim.expectMail("alice", /SEV1.*Database down/);
    expect(await sim.timeline("INC-1")).toEqual(
      expect.arrayContaining([expect.stringMatching(/1 alert waited 1 h. Silenced by silence/)]),
    );
    expect((await sim.alerts())[0]).toMatchObject({ suppressed: null, incident: "INC-1" });
  },
);

story("what resolves while it is silenced declares nothing and says why", async (sim) => {
  await silence(sim, ["service=checkout"], "1h");
  await sim.event({ key: "db" });
  await sim.forward("10m");
  await sim.event({ key: "db", action: "resolve" });
  await sim.forward("2h");
  expect(sim.pagesTo("alice")).toEqual([]);
  expect(await sim.alerts()).toMatchObject([
    { status: "resolved", incident: null, hold: { because: "silenced", until: null } },
  ]);
  expect(await theOnly(sim)).toMatchObject({
    state: "expired",
    holds: 0,
    held: 1,
    wouldHavePaged: 1,
  });
});

story("ending a silence early looks at once at what still fires", async (sim) => {
  const { id } = await silence(sim, ["service=checkout"], "8h");
  await sim.event({ key: "db" });
  await sim.event({ key: "other", service: "refunds", severity: "error" });
  await sim.forward("5m");
  expect(await theOnly(sim)).toMatchObject({ holds: 1, held: 1 });
  await sim.call("bob")(endSilence, { params: { id } });
  sim.expectMail("alice", /SEV1/);
});

story("a silence of others, or of other names, mutes nothing", async (sim) => {
  await silence(sim, ["service=refunds"], "1h");
  await silence(sim, ['title=~"Disk.*"'], "1h");
  await sim.event({ title: "Database down" });
  sim.expectMail("alice", /SEV1/);
});

story(
  "maintenance comes back every week by the wall clock, and its alerts wait for its end",
  async (sim) => {
    await sim.configure(
      object("maintenance", "patching", {
        reason: "patches",
        owner: "carol",
        services: ["checkout"],
        timezone: "Europe/Berlin",
        startsAt: "2026-11-24T02:00",
        duration: "PT1H",
        repeats: "FREQ=WEEKLY;BYDAY=TU",
        until: "2027-01-31T00:00",
      }),
    );
    for (const day of ["2026-11-24", "2026-12-01"]) {
      await sim.forwardTo(`${day}T01:10:00Z`);
      await sim.event({ key: day });
      await sim.forward("30m");
      expect(sim.pagesTo("alice")).toEqual([]);
      await sim.event({ key: day, action: "resolve" });
    }
    await sim.forwardTo("2026-12-08T01:50:00Z");
    await sim.event({ key: "real" });
    await sim.forward("9m");
    expect(sim.pagesTo("alice")).toEqual([]);
    await sim.forward("2m");
    sim.expectMail("alice", /SEV1/);
    expect(sim.mailsTo("carol").filter(({ subject }) => subject.includes("patching"))).toHaveLength(
      3,
    );
  },
);

story("taking a maintenance window out of its file frees what it holds", async (sim) => {
  const body = {
    reason: "long",
    owner: "carol",
    matchers: ["team=payments"],
    timezone: "UTC",
    startsAt: "2026-11-23T09:00",
    duration: "P5D",
  };
  await sim.configure(object("maintenance", "move", body));
  await sim.event({ key: "db" });
  expect(sim.pagesTo("alice")).toEqual([]);
  await sim.remove("maintenance", "move");
  await sim.forward("1s");
  sim.expectMail("alice", /SEV1/);
});

story(
  "a silence that ends while two nodes look at its alerts loses none and pages once",
  async (sim) => {
    const { id } = await silence(sim, ["service=checkout"], "8h");
    const acts = Array.from(
      { length: 8 },
      (_, index) => () => sim.event({ title: `Fault ${index}`, key: `k${index}`, node: index % 2 }),
    );
    await sim.together([...acts, () => sim.call("zoe")(endSilence, { params: { id } })]);
    await sim.forward("1m");
    expect(new Set((await sim.alerts()).map((alert) => alert.incident))).toEqual(
      new Set(["INC-1"]),
    );
    expect(sim.pagesTo("alice")).toHaveLength(1);
  },
  { nodes: 2 },
);
