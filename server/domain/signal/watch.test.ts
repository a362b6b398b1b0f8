import { describe, expect, test } from "vitest";
import { Rule } from "../../../contract/signal.ts";
import { addMs, DAY, HOUR, instant, type Instant, MINUTE } from "../../base/instant.ts";
import { DEFAULT_RULES } from "../policy/defaultRules.ts";
import type { Sample } from "./condition.ts";
import { conditionText, severityFor } from "./conditionText.ts";
import { pollEveryMs, retryAfterMs } from "./query.ts";
import type { RuleEntry } from "./rules.ts";
import { look, lookNeedsSince, watching, watchRules, type WatchState } from "./watch.ts";

const start = instant(Date.UTC(2026, 10, 21, 9));
const at = (minutes: number): Instant => addMs(start, minutes * MINUTE);
const perMinute = (...values: (number | null)[]): Sample[] =>
  values.flatMap((value, minute) => (value === null ? [] : [{ at: at(minute), value }]));

const rule = (id: string, body: object, condition: object): RuleEntry => ({
  id,
  source: { file: "rules.yaml", line: 3 },
  body: Rule.parse({
    then: { declare: "SEV1" },
    ...body,
    condition: { measure: "error_rate", comparator: ">", threshold: 10, ...condition },
  }),
});
const high = rule("high", {}, { sustained: "PT5M", unit: "%" });
const rules = watchRules([high]);
const state: WatchState = {
  ruleId: "high",
  serviceId: "checkout",
  series: "",
  measure: "error_rate",
  labels: {},
  keyId: "monitoring",
  firingSince: null,
  owes: null,
};
const sick = perMinute(12, 12, 12, 12, 12, 12, 12);

describe("a look", () => {
  for (const [promise, change, samples, now, expected] of [
    [
      "rings when the condition holds",
      {},
      sick,
      addMs(at(5), 1),
      { owes: "ring", firingSince: at(0), verdict: { kind: "holds", value: 12 } },
    ],
    [
      "does not ring while it is only holding, and looks again when it would hold",
      {},
      sick.slice(0, 5),
      at(4),
      { owes: null, firingSince: null, dueAt: addMs(at(5), 1) },
    ],
    [
      "looks again when the samples fall silent before it would hold",
      {},
      sick.slice(0, 2),
      at(1),
      { owes: null, dueAt: addMs(at(3), 1), verdict: { kind: "holding" } },
    ],
    [
      "rings only once",
      { firingSince: at(0) },
      sick,
      at(6),
      { owes: null, firingSince: at(0), verdict: { kind: "holds" } },
    ],
    [
      "says that it is over when the number is healthy",
      { firingSince: at(0) },
      perMinute(12, 12, 3),
      at(2),
      { owes: "resolve", firingSince: null },
    ],
    [
      "owes nothing for health without an alert",
      {},
      perMinute(3),
      at(0),
      { owes: null, firingSince: null, dueAt: addMs(at(2), 1) },
    ],
    [
      "does not ring in a gap",
      {},
      sick,
      at(10),
      { owes: null, firingSince: null, verdict: { kind: "gap", because: "no sample" } },
    ],
    [
      "does not resolve in a gap, however long",
      { firingSince: at(0) },
      [],
      at(600),
      { owes: null, firingSince: at(0), dueAt: addMs(at(600), DAY) },
    ],
    [
      "leaves a firing alert alone when numbers come back sick after a gap",
      { firingSince: at(0) },
      perMinute(12, null, null, null, null, 12),
      at(5),
      { owes: null, firingSince: at(0), verdict: { kind: "holding" } },
    ],
    [
      "looks again when a sample from a clock that is ahead begins to speak",
      {},
      perMinute(3, 12),
      addMs(at(0), 1),
      { dueAt: at(1), verdict: { kind: "healthy" } },
    ],
    [
      "resolves what a vanished rule has opened",
      { ruleId: "gone", firingSince: at(0) },
      sick,
      at(6),
      { owes: "resolve", firingSince: null, verdict: null },
    ],
    [
      "resolves what a rule opened that asks about something else now",
      { measure: "other", firingSince: at(0) },
      sick,
      at(6),
      { owes: "resolve", firingSince: null },
    ],
  ] as const)
    test(promise, () => {
      const seen = look(rules, { ...state, ...change }, samples, now);
      expect(seen).toMatchObject({ kind: "watch", ...expected });
    });

  for (const [promise, change, samples] of [
    ["forgets a series that brought nothing for long", {}, []],
    ["forgets what a vanished rule watched", { ruleId: "gone" }, sick],
  ] as const)
    test(promise, () => {
      const seen = look(rules, { ...state, ...change }, samples, at(600));
      expect(seen).toEqual({ kind: "forget" });
    });
});

describe("of several rules that hold, the first in the order decides", () => {
  const known = rule("known", { then: { record: true }, order: 10 }, { gap: "PT1M" });
  const both = watchRules([{ ...high, body: { ...high.body, order: 20 } }, known]);
  const now = addMs(at(6), 1);

  test("a later one does not ring, and says which one decided", () => {
    expect(look(both, state, sick, now)).toMatchObject({
      owes: null,
      firingSince: null,
      verdict: { kind: "holds", decidedBefore: "known" },
    });
  });
  test("a later one is looked at again as soon as the earlier one can have ended", () => {
    expect(look(both, state, sick, now)).toMatchObject({ dueAt: addMs(at(7), 1) });
    expect(look(both, state, sick, addMs(at(7), 1))).toMatchObject({ owes: "ring" });
  });
  test("the first one rings", () => {
    expect(look(both, { ...state, ruleId: "known" }, sick, now)).toMatchObject({ owes: "ring" });
  });
  test("what rang already is not taken back", () => {
    const firing = { ...state, firingSince: at(0) };
    expect(look(both, firing, sick, now)).toMatchObject({ owes: null, firingSince: at(0) });
  });
});

describe("a rule watches", () => {
  const subject = {
    measure: "error_rate",
    serviceId: "checkout",
    keyId: "k",
    labels: { zone: "a" },
  };
  for (const [promise, body, watches] of [
    ["every series of its measure when it names nothing", {}, true],
    ["the services that it names", { services: ["checkout", "search"] }, true],
    ["no other service", { services: ["search"] }, false],
    ["the keys that it names", { keys: ["k"] }, true],
    ["no other key", { keys: ["other"] }, false],
    ["series with its labels", { labels: { zone: "a" } }, true],
    ["no series with another label", { labels: { zone: "b" } }, false],
    ["no series without its label", { labels: { toString: "x" } }, false],
  ] as const)
    test(promise, () => {
      const found = watching(watchRules([rule("r", body, {})]), subject);
      expect(found.map(({ id }) => id)).toEqual(watches ? ["r"] : []);
    });

  test("nothing of another measure", () => {
    expect(watching(rules, { ...subject, measure: "p95_seconds" })).toEqual([]);
  });
});

describe("queries", () => {
  const promql = { server: "http://prom:9090", query: "errors" };
  const asks = { measure: undefined, promql };
  const on = (services: readonly string[], more: object = {}) => ({ services, ...more });

  test("are polled once for all who ask the same, as often as the shortest gap wants", () => {
    const { queries, byMeasure } = watchRules([
      rule("a", on(["checkout"]), asks),
      rule("b", on(["checkout"]), { ...asks, threshold: 5, gap: "PT1M" }),
    ]);
    const [query] = queries.values();
    expect(queries.size).toBe(1);
    expect(query).toMatchObject({ ...promql, serviceId: "checkout", everyMs: 15_000 });
    expect(byMeasure.get(query?.measure ?? "")?.map(({ id }) => id)).toEqual(["a", "b"]);
  });

  for (const [promise, body] of [
    ["of no service are a finding", {}],
    ["of two services are a finding", on(["checkout", "search"])],
    ["of a key are a finding", on(["checkout"], { keys: ["k"] })],
  ] as const)
    test(promise, () => {
      const made = watchRules([rule("r", body, asks)]);
      expect(made.findings.map(({ ruleId }) => ruleId)).toEqual(["r"]);
      expect([made.byId.size, made.queries.size]).toEqual([0, 0]);
    });

  for (const [gapMs, everyMs] of [
    [30_000, 15_000],
    [2 * MINUTE, 30_000],
    [HOUR, MINUTE],
  ] as const)
    test(`with a gap of ${gapMs} ms are asked every ${everyMs} ms`, () => {
      expect(pollEveryMs(gapMs)).toBe(everyMs);
    });

  test("are asked again after 15, 30, then every 60 seconds while they fail", () => {
    expect([1, 2, 3, 4, 5_000].map(retryAfterMs)).toEqual([15_000, 30_000, 60_000, 60_000, 60_000]);
  });
});

describe("the rules together", () => {
  test("keep samples for a day, or as long as the longest baseline needs", () => {
    expect(rules.keepMs).toBe(DAY);
    const week = watchRules([rule("w", {}, { baseline: "P1W", sustained: "PT1H" })]);
    expect(week.keepMs).toBeGreaterThan(7 * DAY + HOUR);
    expect(lookNeedsSince(week, { ...state, ruleId: "w" }, start)).toBe(start - week.keepMs);
  });
  test("take a team's own rule in the place of a default of the same name", () => {
    const own = rule("default-error-rate-high", {}, { threshold: 20 });
    const made = watchRules([own, ...DEFAULT_RULES]);
    expect(made.byId.get(own.id)?.condition.threshold).toBe(20);
  });
});

describe("titles", () => {
  const texts = new Map(
    [...watchRules(DEFAULT_RULES).byId.values()].map((each) => [each.id, conditionText(each)]),
  );
  for (const [id, text] of [
    ["default-error-rate-high", "error_rate > 10 % for more than 5 min"],
    ["default-error-rate-raised", "error_rate 5–10 % for more than 15 min"],
    ["default-slow-responses", "p95_seconds > 5 s for more than 10 min"],
    ["default-availability", "availability < 95 % for more than 15 min"],
    ["default-payment-failures", "payment_failure_rate > 1 %"],
    ["default-support-tickets", "support_tickets > 3 × its mean over 7 d"],
  ] as const)
    test(`${id} reads “${text}”`, () => expect(texts.get(id)).toBe(text));

  test("name a query by its rule", () => {
    const promql = { server: "http://prom", query: "x" };
    const named = rule("r", { name: "Errors", services: ["a"] }, { measure: undefined, promql });
    const [made] = watchRules([named]).byId.values();
    expect(made === undefined ? "" : conditionText(made)).toBe("Errors > 10");
  });
});

test("severities of alerts follow the declared ones", () => {
  const of = (severity: "SEV1" | "SEV2" | "SEV3" | "SEV4") =>
    severityFor({ kind: "declare", severity, autoResolve: false });
  expect([of("SEV1"), of("SEV2"), of("SEV3"), of("SEV4"), severityFor({ kind: "record" })]).toEqual(
    ["critical", "error", "warning", "info", "info"],
  );
});
