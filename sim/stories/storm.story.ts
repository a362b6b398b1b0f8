/** “It answered 429 when we needed it most”, and “the page came behind two million others”. */
import { expect } from "vitest";
import { all, sql } from "../../server/base/db.ts";
import { createSilence, endSilence, getSilence } from "../../contract/silence.ts";
import { toIso } from "../../server/base/instant.ts";
import { story } from "../story.ts";

/** Loud from the twentieth signal on; there is always room to project. */
const storm = { waiting: -1, backlog: 1_000, quietKey: 20, room: 1_000, portion: 50 };

story(
  "a storm is spooled, is one incident with right counts, and holds up no other service",
  async (sim) => {
    const acts = Array.from(
      { length: 120 },
      (_, index) => () =>
        sim.event({ key: `s${index}`, title: `Pod ${index} is gone`, severity: "error" }),
    );
    await sim.together([
      ...acts,
      () => sim.event({ service: "search", title: "Search is down", severity: "critical" }),
    ]);
    await sim.forward("1m");
    const alerts = await sim.alerts();
    expect(alerts).toHaveLength(121);
    const home = (name: string) => alerts.find(({ title }) => title === name)?.incident;
    const stormed = new Set(
      alerts.filter(({ service }) => service === "checkout").map((alert) => alert.incident),
    );
    expect(stormed.size).toBe(1);
    const [incident] = stormed;
    expect(await sim.incident(incident ?? "")).toMatchObject({
      title: "Alert storm from 1 key",
      alertCount: 120,
    });
    expect(home("Search is down")).not.toBe(incident);
    expect([...sim.pagesTo("dave"), ...sim.pagesTo("erin")]).toHaveLength(1);
    expect(await sim.timeline(incident ?? "")).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^Alert storm: 1 key sends more/),
        expect.stringMatching(/^The storm is over: 120 signals of 1 key .* checkout-key \(120\)/),
      ]),
    );
    const { db } = await sim.scene();
    expect(await all(db, sql`select id from spool order by id limit 1`)).toEqual([]);
  },
  { storm },
);

story(
  "a critical alert of a loud key goes ahead of its storm and pages for itself",
  async (sim) => {
    await sim.together(
      Array.from(
        { length: 120 },
        (_, index) => () =>
          sim.event({ key: `s${index}`, title: `Pod ${index} is gone`, severity: "error" }),
      ),
    );
    await sim.event({ key: "grave", title: "Checkout is down", severity: "critical" });
    await sim.forward("1m");
    const alerts = await sim.alerts();
    expect(alerts).toHaveLength(121);
    const grave = alerts.find(({ title }) => title === "Checkout is down");
    const others = new Set(
      alerts.filter((alert) => alert !== grave).map(({ incident }) => incident),
    );
    expect(others.size).toBe(1);
    expect(others).not.toContain(grave?.incident);
    expect(await sim.incident(grave?.incident ?? "")).toMatchObject({ alertCount: 1 });
  },
  { storm },
);

story(
  "what is silenced in a storm is held where it is decided about, counted, and speaks when the silence ends",
  async (sim) => {
    const silence = await sim.call("alice")(createSilence, {
      body: { matchers: ['title=~"Test .*"'], reason: "load test", endsAt: toIso(sim.after("1h")) },
    });
    const acts = Array.from(
      { length: 120 },
      (_, index) => () =>
        sim.event({
          key: `s${index}`,
          title: `${index % 2 === 0 ? "Test" : "Real"} pod ${index}`,
          severity: "error",
        }),
    );
    await sim.together(acts);
    await sim.forward("1m");
    const held = (await sim.alerts()).filter(({ title }) => title.startsWith("Test"));
    expect(held).toHaveLength(60);
    expect(held.filter(({ hold }) => hold?.because === "silenced")).toHaveLength(60);
    expect(await sim.call("zoe")(getSilence, { params: { id: silence.id } })).toMatchObject({
      holds: 60,
      held: 60,
      wouldHavePaged: 60,
    });
    expect(await sim.incident("INC-1")).toMatchObject({ alertCount: 60 });
    await sim.call("alice")(endSilence, { params: { id: silence.id } });
    await sim.forward("1m");
    expect(await sim.incident("INC-1")).toMatchObject({ alertCount: 120 });
  },
  { storm },
);

story(
  "what is spooled survives the end of its node and keeps trigger before resolve",
  async (sim) => {
    await sim.together(
      Array.from({ length: 60 }, (_, index) => async () => {
        await sim.event({ key: `k${index}`, title: `Fault ${index}`, severity: "error", node: 0 });
        await sim.event({ key: `k${index}`, action: "resolve", node: 0 });
      }),
    );
    sim.replaceNodes();
    await sim.forward("1m");
    const alerts = await sim.alerts();
    expect(alerts).toHaveLength(60);
    expect(alerts.filter(({ status }) => status !== "resolved")).toEqual([]);
  },
  { storm },
);
