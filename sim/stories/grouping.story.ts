/** “One fault, forty pages”, and “the grouping ate the page that mattered”. */
import { expect } from "vitest";
import { unmergeIncident } from "../../contract/incident.ts";
import type { Event, Simulation } from "../world.ts";
import { object } from "../company.ts";
import { story } from "../story.ts";

type Rule = Parameters<typeof object<"rules">>[2];
/** A rule that comes before those of the company. */
const rule = (id: string, body: Partial<Rule>, order = 5) =>
  object("rules", id, { when: 'severity == "error"', then: { declare: "SEV2" }, order, ...body });
const error = (sim: Simulation, event: Event = {}) => sim.event({ severity: "error", ...event });
const incidentsOf = async (sim: Simulation) =>
  (await sim.alerts()).map(({ title, incident }) => `${title} ${incident}`).toSorted();

story("a group waits for its others and pages once for all of them", async (sim) => {
  await sim.configure(rule("grouped", { group: { wait: "PT30S" } }));
  for (let index = 0; index < 8; index++) {
    await error(sim, { key: `k${index}`, title: `Pod ${index}` });
    await sim.forward("2s");
  }
  expect(sim.pagesTo("alice")).toEqual([]);
  expect((await sim.alerts())[0]?.hold).toMatchObject({ because: "group wait" });
  await sim.forward("14s");
  expect(sim.pagesTo("alice")).toHaveLength(1);
  expect(new Set((await sim.alerts()).map((alert) => alert.incident))).toEqual(new Set(["INC-1"]));
  expect(await sim.timeline("INC-1")).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/8 alerts waited 30 s. Waiting 30 s for others/),
    ]),
  );
});

story(
  "what is critical passes a waiting group at once, and takes the others along",
  async (sim) => {
    await sim.configure(rule("grouped", { when: "true", group: { wait: "PT5M" } }));
    await error(sim, { key: "a", title: "Slow" });
    await sim.forward("10s");
    expect(sim.pagesTo("alice")).toEqual([]);
    await sim.event({ key: "b", title: "Down" });
    sim.expectMail("alice", /Down/);
    expect(await incidentsOf(sim)).toEqual(["Down INC-1", "Slow INC-1"]);
  },
);

story(
  "what waited for company is in its incident from the start, not an interval later",
  async (sim) => {
    await sim.configure(
      rule("grouped", { when: "true", group: { wait: "PT5M", interval: "PT10M" } }),
    );
    await error(sim, { key: "a", title: "Slow" });
    await error(sim, { key: "b", title: "Slower" });
    await sim.event({ key: "c", title: "Down" });
    expect(await incidentsOf(sim)).toEqual(["Down INC-1", "Slow INC-1", "Slower INC-1"]);
    await sim.as("alice").acknowledge("INC-1");
    await error(sim, { key: "d", title: "Later" });
    await sim.forward("1m");
    expect((await incidentsOf(sim))[1]).toBe("Later null");
  },
);

story("groups by label: one incident for each region, also over services", async (sim) => {
  await sim.configure(
    rule("by-class", { group: { by: ["class"], acrossServices: true, wait: "PT10S" } }),
  );
  await error(sim, { key: "1", title: "A", class: "eu" });
  await error(sim, { key: "2", title: "B", class: "us" });
  await error(sim, { key: "3", title: "C", class: "eu", service: "refunds" });
  await sim.forward("11s");
  expect(await incidentsOf(sim)).toEqual(["A INC-1", "B INC-2", "C INC-1"]);
  expect((await sim.incident("INC-1")).services).toEqual(["checkout", "refunds"]);
  await error(sim, { key: "4", title: "D", class: "us", service: "refunds" });
  expect((await incidentsOf(sim)).at(-1)).toBe("D INC-2");
});

story(
  "an open incident is joined at most once in an interval, and who has it hears of it",
  async (sim) => {
    await sim.configure(rule("grouped", { group: { interval: "PT5M" } }));
    await error(sim, { key: "first" });
    await sim.as("alice").acknowledge("INC-1");
    for (let index = 0; index < 20; index++) {
      await sim.forward("10s");
      await error(sim, { key: `k${index}`, title: `Pod ${index}` });
    }
    expect((await sim.alerts()).filter(({ incident }) => incident === null)).toHaveLength(20);
    await sim.forward("2m");
    expect((await sim.alerts()).filter(({ incident }) => incident === null)).toHaveLength(0);
    sim.expectMail("alice", /20 more alerts joined INC-1/);
    expect(await sim.timeline("INC-1")).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^20 alerts joined, such as: Pod 0, Pod 1, Pod 2/),
      ]),
    );
  },
);

story("fewer than the rule asks for declare nothing; enough within the window do", async (sim) => {
  await sim.configure(rule("three", { atLeast: { count: 3, within: "PT5M" } }));
  await error(sim, { key: "a" });
  await sim.forward("4m");
  await error(sim, { key: "b" });
  await sim.forward("4m");
  // The first one's window is over: it counts no more, and says so.
  expect((await sim.alerts())[0]).toMatchObject({
    incident: null,
    hold: { because: "too few", until: null },
  });
  await error(sim, { key: "c" });
  expect(sim.pagesTo("alice")).toEqual([]);
  await sim.forward("10s");
  await error(sim, { key: "d" });
  sim.expectMail("alice", /SEV2/);
  expect(new Set((await sim.alerts()).map((alert) => alert.incident))).toEqual(new Set(["INC-1"]));
});

story("a transient is held back until it is over, and what lasts speaks", async (sim) => {
  await sim.configure(rule("steady", { holdBack: "PT2M" }));
  await error(sim, { key: "blip" });
  await sim.forward("90s");
  await error(sim, { key: "blip", action: "resolve" });
  await sim.forward("10m");
  expect(sim.pagesTo("alice")).toEqual([]);
  expect((await sim.alerts())[0]).toMatchObject({ incident: null, hold: { because: "held back" } });
  await error(sim, { key: "real" });
  await sim.forward("121s");
  sim.expectMail("alice", /SEV2/);
});

story("what flaps waits until it fires without a break", async (sim) => {
  await sim.configure(
    rule("flaps", {
      then: { declare: "SEV2", autoResolve: true },
      flapping: { times: 3, within: "PT1H", steady: "PT10M" },
    }),
  );
  for (let times = 0; times < 6; times++) {
    await error(sim, { key: "link" });
    await sim.forward("12m");
    await error(sim, { key: "link", action: "resolve" });
    await sim.forward("1m");
  }
  // Twice it was taken for real; then it had to last ten minutes each time, which it did.
  const before = sim.pagesTo("alice").length;
  for (let times = 0; times < 6; times++) {
    await error(sim, { key: "link" });
    await sim.forward("2m");
    await error(sim, { key: "link", action: "resolve" });
    await sim.forward("1m");
  }
  expect(sim.pagesTo("alice")).toHaveLength(before);
  expect((await sim.alerts()).at(-1)?.hold).toMatchObject({ because: "flapping" });
});

story("an inhibited alert waits while the other fires, and speaks when it is over", async (sim) => {
  await sim.configure(
    object("inhibitions", "down-mutes-slow", {
      source: ["title=~Down.*"],
      target: ["title=~Slow.*"],
      equal: ["service"],
    }),
  );
  await sim.event({ key: "down", title: "Down: database", severity: "error" });
  await sim.event({ key: "slow", title: "Slow: queries" });
  await sim.event({ key: "other", title: "Slow: search", service: "search" });
  await sim.forward("10m");
  expect(await incidentsOf(sim)).toEqual([
    "Down: database INC-1",
    "Slow: queries null",
    "Slow: search INC-2",
  ]);
  await sim.event({ key: "down", action: "resolve" });
  await sim.forward("61s");
  sim.expectMail("alice", /SEV1.*Slow: queries/);
});

/** Whoever of them has the day. */
const discovery = (sim: Simulation) => [...sim.pagesTo("dave"), ...sim.pagesTo("erin")];
const chain = [
  object("services", "database", { name: "DB", team: "discovery", escalation: "discovery" }),
  object("services", "search", {
    name: "search",
    team: "discovery",
    escalation: "discovery",
    dependsOn: ["database"],
  }),
  object("services", "checkout", {
    name: "checkout",
    team: "payments",
    escalation: "payments",
    tier: 1,
    dependsOn: ["search"],
  }),
  object("keys", "checkout-key", {
    service: "checkout",
    serviceLabel: "class",
    secret: (await import("../../server/domain/config/secrets.ts")).hashedKey("key-of-checkout"),
  }),
];

story(
  "the cause takes in what depends on it, whichever came first, and can give it back",
  async (sim) => {
    await sim.configure(...chain, rule("causal", { group: { causes: "PT30M" } }));
    await error(sim, { key: "c", title: "Checkout fails" });
    expect(sim.pagesTo("alice")).toHaveLength(1);
    await sim.forward("1m");
    // The database's incident swallows the one that stood.
    await error(sim, { key: "d", title: "Database down", class: "database" });
    expect(await incidentsOf(sim)).toEqual(["Checkout fails INC-2", "Database down INC-2"]);
    expect((await sim.incident("INC-1")).mergedInto).toBe("INC-2");
    expect(discovery(sim)).toHaveLength(1);
    // And what comes later goes there at once: its own people are not woken.
    await sim.forward("1m");
    await error(sim, { key: "s", title: "Search fails", class: "search" });
    expect((await incidentsOf(sim))[2]).toBe("Search fails INC-2");
    expect(discovery(sim)).toHaveLength(1);
    await sim.forward("20m");
    expect(sim.pagesTo("bob")).toEqual([]);
    await sim.call("alice")(unmergeIncident, { params: { id: "INC-1" } });
    expect(await incidentsOf(sim)).toEqual([
      "Checkout fails INC-1",
      "Database down INC-2",
      "Search fails INC-2",
    ]);
    expect(await sim.incident("INC-1")).toMatchObject({ state: "declared", mergedInto: null });
    expect(sim.pagesTo("alice")).toHaveLength(2);
    expect((await sim.incident("INC-2")).services).not.toContain("checkout");
  },
);

story(
  "an incident of the cause that took in a dependant is none of its own dependants",
  async (sim) => {
    await sim.configure(...chain, rule("causal", { group: { causes: "PT30M" } }));
    await sim.event({ key: "h", title: "Host down", class: "database" });
    await error(sim, { key: "c", title: "Checkout fails" });
    await error(sim, { key: "d", title: "Database down", class: "database" });
    await error(sim, { key: "s", title: "Search fails", class: "search" });
    expect(await incidentsOf(sim)).toEqual([
      "Checkout fails INC-1",
      "Database down INC-3",
      "Host down INC-1",
      "Search fails INC-1",
    ]);
  },
);

story("a worse dependant raises the incident of its cause", async (sim) => {
  await sim.configure(
    ...chain,
    rule("causal", { when: "true", then: { declare: "SEV3" }, group: { causes: "PT30M" } }),
    rule("worst", { within: "causal", when: 'severity == "critical"', then: { declare: "SEV1" } }),
  );
  await error(sim, { key: "d", title: "Database slow", class: "database" });
  await sim.event({ key: "c", title: "Checkout down" });
  expect(await sim.incident("INC-1")).toMatchObject({ severity: "SEV1" });
  expect((await sim.alerts()).map(({ incident }) => incident)).toEqual(["INC-1", "INC-1"]);
  expect(discovery(sim).map(({ subject }) => subject)).toContainEqual(
    expect.stringMatching(/SEV1.*INC-1/),
  );
});

story(
  "two nodes make one incident of a group, and what waits survives the end of a node",
  async (sim) => {
    await sim.configure(
      rule("grouped", { group: { by: ["class"], acrossServices: true, wait: "PT1M" } }),
    );
    const acts = Array.from({ length: 12 }, (_, index) => () => {
      const service = index % 3 === 0 ? "refunds" : "checkout";
      return error(sim, { title: `Fault ${index}`, class: "eu", service, node: index % 2 });
    });
    await sim.together(acts);
    await sim.forward("30s");
    sim.replaceNodes();
    await sim.forward("31s");
    expect(new Set((await sim.alerts()).map((alert) => alert.incident))).toEqual(
      new Set(["INC-1"]),
    );
    expect(sim.pagesTo("alice")).toHaveLength(1);
  },
  { nodes: 2 },
);

story(
  "rules within rules: the first inside that matches decides, else the outer one",
  async (sim) => {
    await sim.configure(
      rule("payments", {
        when: undefined,
        services: ["checkout", "refunds"],
        then: { record: true },
      }),
      rule("cards", {
        within: "payments",
        when: 'title.contains("card")',
        then: { declare: "SEV2" },
      }),
      rule("gold", {
        within: "cards",
        when: 'labels["class"] == "gold"',
        then: { declare: "SEV1" },
      }),
    );
    await sim.event({ key: "1", title: "noise" });
    await sim.event({ key: "2", title: "a card fails", service: "refunds" });
    await sim.event({ key: "3", title: "a card fails", class: "gold" });
    await sim.event({ key: "4", title: "elsewhere", service: "search", severity: "error" });
    const decided = (await sim.alerts()).map(
      ({ decision }) => `${decision.rule} ${decision.outcome}`,
    );
    expect(decided).toEqual([
      "payments record",
      "cards declare",
      "gold declare",
      "error-is-sev2 declare",
    ]);
  },
);
