import { describe, expect, test } from "vitest";
import { addMs, instant, MINUTE } from "../../base/instant.ts";
import { snapshot } from "../config/config.ts";
import { NO_TERMS } from "../signal/waiting.ts";
import type { AlertRow } from "./alert.ts";
import { type CalmFacts, holdOf } from "./calm.ts";
import type { Hold } from "./hold.ts";

const now = instant(1_000_000_000_000);
const ago = (minutes: number) => addMs(now, -minutes * MINUTE);
const ahead = (minutes: number) => addMs(now, minutes * MINUTE);

const alert: AlertRow = {
  id: "a",
  keyId: "k",
  dedupKey: "d",
  serviceId: "checkout",
  title: "Slow",
  severity: "error",
  status: "firing",
  source: null,
  labels: { zone: "eu" },
  details: null,
  link: null,
  adapter: "x",
  startedAt: now,
  firstReceivedAt: now,
  lastReceivedAt: now,
  count: 1,
  ruleId: "r",
  ruleFile: null,
  ruleLine: null,
  outcome: "declare",
  because: "rule matched",
  declareSeverity: "SEV2",
  autoResolve: false,
  incidentNumber: null,
  hold: null,
  closedAt: null,
  closedBecause: null,
};
const group = {
  ref: "group:r:1",
  rule: "r",
  waitsUntil: null,
  seen: 1,
  incident: null,
  firings: new Map<string, number>(),
};
const calm: CalmFacts = {
  config: snapshot(7, []),
  now,
  mutes: [],
  inhibitors: [],
  terms: NO_TERMS,
  group,
};
const terms = (change: Partial<CalmFacts["terms"]>) => ({ terms: { ...NO_TERMS, ...change } });
const grouped = (change: Partial<CalmFacts["terms"]["group"]>) =>
  terms({ group: { ...NO_TERMS.group, ...change } });
const seen = (change: Partial<CalmFacts["group"]>) => ({ group: { ...group, ...change } });
const waiting = (change: Partial<Hold>): Hold => ({
  because: "group wait",
  by: "group:r:1",
  params: {},
  since: ago(1),
  until: now,
  config: 7,
  ...change,
});
const mute = (until: number) => ({
  mute: {
    ref: `silence:${until}`,
    kind: "silence" as const,
    id: `${until}`,
    matchers: ["zone=eu"],
    services: [],
    reason: "r",
    owner: "o",
    startsAt: ago(9),
    endsAt: ahead(until),
    recurs: null,
    source: "API",
  },
  span: { from: ago(9), to: ahead(until) },
});
const incident = { id: "INC-1", severity: "SEV2", joinedAt: ago(1) };
const sev1 = { declareSeverity: "SEV1" } as const;
const critical = { severity: "critical" } as const;
const flaps = { times: 3, withinMs: 60 * MINUTE, steadyMs: 5 * MINUTE };

describe("an alert that a rule declares", () => {
  for (const [promise, change, facts, expected] of [
    ["speaks where nothing holds it", {}, {}, null],
    ["waits for the end of a silence that means it", {}, { mutes: [mute(5)] }, ["silenced", 5]],
    ["waits for the last of several", {}, { mutes: [mute(5), mute(9), mute(7)] }, ["silenced", 9]],
    [
      "waits for a silence though it is a SEV1: a person said so",
      sev1,
      { mutes: [mute(5)] },
      ["silenced", 5],
    ],
    [
      "speaks where the silence means others",
      { labels: { zone: "us" } },
      { mutes: [mute(5)] },
      null,
    ],
    [
      "is held back until it has fired so long",
      {},
      terms({ holdBackMs: 2 * MINUTE }),
      ["held back", 2],
    ],
    [
      "is held back from its first signal on",
      { firstReceivedAt: ago(1) },
      terms({ holdBackMs: 2 * MINUTE }),
      ["held back", 1],
    ],
    [
      "speaks when it has fired so long",
      { firstReceivedAt: ago(2) },
      terms({ holdBackMs: 2 * MINUTE }),
      null,
    ],
    ["waits for company", {}, grouped({ waitMs: 3 * MINUTE }), ["group wait", 3]],
    [
      "waits no longer than the first of its group",
      {},
      { ...grouped({ waitMs: 3 * MINUTE }), ...seen({ waitsUntil: ahead(1) }) },
      ["group wait", 1],
    ],
    [
      "speaks when its own wait is over",
      { hold: waiting({}) },
      grouped({ waitMs: 3 * MINUTE }),
      null,
    ],
    [
      "waits for company anew after a silence",
      { hold: waiting({ because: "silenced", by: "silence:1" }) },
      grouped({ waitMs: 3 * MINUTE }),
      ["group wait", 3],
    ],
    [
      "does not wait for company where its incident is open",
      {},
      { ...grouped({ waitMs: MINUTE }), ...seen({ incident }) },
      null,
    ],
    ["does not wait for company as a SEV1", sev1, grouped({ waitMs: MINUTE }), null],
    ["does not wait for company when it is critical", critical, grouped({ waitMs: MINUTE }), null],
    [
      "joins an open incident at most so often",
      {},
      { ...grouped({ intervalMs: 5 * MINUTE }), ...seen({ incident }) },
      ["group interval", 4],
    ],
    [
      "joins when the interval is over",
      {},
      { ...grouped({ intervalMs: MINUTE }), ...seen({ incident }) },
      null,
    ],
    [
      "joins at once when it is worse than its incident",
      {},
      {
        ...grouped({ intervalMs: 5 * MINUTE }),
        ...seen({ incident: { ...incident, severity: "SEV3" } }),
      },
      null,
    ],
    [
      "joins at once when it is critical",
      critical,
      { ...grouped({ intervalMs: 5 * MINUTE }), ...seen({ incident }) },
      null,
    ],
    [
      "waits while its group is too few",
      {},
      terms({ atLeast: { count: 3, withinMs: 5 * MINUTE } }),
      ["too few", 5],
    ],
    [
      "is let go when its window has passed",
      { firstReceivedAt: ago(5) },
      terms({ atLeast: { count: 3, withinMs: 5 * MINUTE } }),
      ["too few", null],
    ],
    [
      "speaks when its group is enough",
      {},
      { ...terms({ atLeast: { count: 3, withinMs: 5 * MINUTE } }), ...seen({ seen: 3 }) },
      null,
    ],
    [
      "joins what was enough once",
      {},
      { ...terms({ atLeast: { count: 3, withinMs: 5 * MINUTE } }), ...seen({ incident }) },
      null,
    ],
    [
      "that flaps waits until it is steady",
      {},
      { ...terms({ flapping: flaps }), ...seen({ firings: new Map([["a", 3]]) }) },
      ["flapping", 5],
    ],
    [
      "that flaps speaks when it is steady",
      { firstReceivedAt: ago(5) },
      { ...terms({ flapping: flaps }), ...seen({ firings: new Map([["a", 3]]) }) },
      null,
    ],
    [
      "does not flap yet",
      {},
      { ...terms({ flapping: flaps }), ...seen({ firings: new Map([["a", 2]]) }) },
      null,
    ],
    [
      "that flaps speaks when it is critical",
      critical,
      { ...terms({ flapping: flaps }), ...seen({ firings: new Map([["a", 9]]) }) },
      null,
    ],
  ] as const satisfies readonly (readonly [
    string,
    Partial<AlertRow>,
    Partial<CalmFacts>,
    readonly [string, number | null] | null,
  ])[])
    test(promise, () => {
      const hold = holdOf({ ...alert, ...change }, { ...calm, ...facts });
      if (expected === null) return expect(hold).toBeNull();
      const [because, minutes] = expected;
      expect(hold).toMatchObject({
        because,
        until: minutes === null ? null : ahead(minutes),
        config: 7,
      });
    });

  test("keeps since when it waits, whatever it waits for next", () => {
    const before = waiting({ because: "held back", since: ago(30) });
    expect(holdOf({ ...alert, hold: before }, { ...calm, mutes: [mute(5)] })?.since).toBe(ago(30));
  });
});
