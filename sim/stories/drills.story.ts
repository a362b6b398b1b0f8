/** “Drills are counted as incidents”: they try the true path, say what they are, and are kept apart. */
import { expect } from "vitest";
import { listDrills, startDrill } from "../../contract/drill.ts";
import { readNoisyRules, readPageCounts, readTimes } from "../../contract/insights.ts";
import { readOverview } from "../../contract/overview.ts";
import { COMPANY, object } from "../company.ts";
import { story } from "../story.ts";
import type { Simulation } from "../world.ts";

const drill = (more: object = {}) =>
  object("drills", "weekly", { name: "Weekly", service: "checkout", ...more });
const options = { config: [...COMPANY, drill()] };
const start = (sim: Simulation) => sim.call("alice")(startDrill, { params: { id: "weekly" } });
const held = async (sim: Simulation) => (await sim.call("vera")(listDrills, {})).items;

story(
  "drills are counted as incidents: one pages as an incident does, says DRILL, and is counted nowhere",
  async (sim) => {
    await start(sim);
    const mail = sim.expectMail("alice", /^.*DRILL: Weekly/);
    expect(mail.kind).toBe("page");
    expect((await sim.call("vera")(readOverview, {})).burning).toEqual([]);
    await sim.forward("40s");
    await sim.clickLink(mail);
    const [record] = await held(sim);
    expect(record).toMatchObject({
      outcome: "answered",
      acknowledgedBy: "alice",
      service: "checkout",
    });
    expect(record?.pages).toMatchObject([
      { person: "alice", channel: "mail", handedOverAfterMs: 0, acknowledgedAfterMs: 40_000 },
    ]);
    expect(await sim.incident("INC-1")).toMatchObject({
      state: "cancelled",
      cancelledBecause: "drill",
      deadlines: [],
    });
    await sim.forward("1h");
    sim.expectNoMore();
    const ask = sim.call("vera");
    expect((await ask(readTimes, {})).points).toEqual([]);
    expect((await ask(readPageCounts, {})).rows).toEqual([]);
    expect((await ask(readNoisyRules, {})).rows).toEqual([]);
  },
  options,
);

story(
  "nobody answered the drill and nobody was woken twice over it: it climbs the policy, gives up, and says so",
  async (sim) => {
    await sim.configure(drill({ giveUpAfter: "PT12M" }));
    await start(sim);
    await sim.forward("15m");
    for (const person of ["alice", "bob", "carol"]) sim.expectMail(person, /DRILL: Weekly/);
    const [record] = await held(sim);
    expect(record).toMatchObject({ outcome: "unanswered", acknowledgedBy: null });
    await sim.forward("2h");
    sim.expectNoMore();
  },
  options,
);

story(
  "the drill was taken for the outage: a real incident of its service begins by itself and takes nothing in",
  async (sim) => {
    await start(sim);
    sim.expectMail("alice", /DRILL: Weekly/);
    await sim.event();
    sim.expectMail("alice", /Database down/);
    expect((await sim.incident("INC-2")).state).toBe("declared");
    expect((await sim.call("vera")(readOverview, {})).burning.map(({ id }) => id)).toEqual([
      "INC-2",
    ]);
    await sim.as("alice").acknowledge("INC-1");
    expect((await sim.incident("INC-2")).acknowledgedAt).toBeNull();
  },
  options,
);

story(
  "drills came at any hour: they keep to their times, and one that nobody could hold is left out",
  async (sim) => {
    await sim.configure(drill({ cron: "0 11 * * *", timezone: "Europe/Berlin" }));
    await sim.forward("30m");
    // 10:30 in UTC: the time of today was half an hour ago when it was configured.
    sim.expectNoMore("alice");
    await sim.forwardTo("2026-11-24T10:00:00Z");
    await sim.as("alice").acknowledge("INC-1");
    await sim.forwardTo("2026-11-25T09:59:00Z");
    await sim.powerCut("1h");
    await sim.forward("1h");
    expect((await held(sim)).map(({ startedAt }) => startedAt)).toEqual([
      "2026-11-24T10:00:00.000Z",
    ]);
  },
  { config: COMPANY },
);
