import { describe, expect, test } from "vitest";
import { fromIso, type Instant } from "../../base/instant.ts";
import { distributions, measured, nightOf, quantile, type TimedIncident } from "./distribution.ts";

const at = (time: string): Instant => fromIso(`2026-11-20T${time}:00Z`)!;
const incident = (more: Partial<TimedIncident> = {}): TimedIncident => ({
  number: 1,
  title: "Slow",
  severity: "SEV1",
  detectedAt: at("10:00"),
  declaredAt: at("10:01"),
  acknowledgedAt: at("10:05"),
  mitigatedAt: at("10:30"),
  resolvedAt: at("11:00"),
  ...more,
});
const MINUTE = 60_000;

describe("the times of an incident", () => {
  test("count from when it was detected", () => {
    expect(measured(incident())).toEqual([
      { kind: "acknowledge", state: "known", ms: 5 * MINUTE },
      { kind: "mitigate", state: "known", ms: 30 * MINUTE },
      { kind: "resolve", state: "known", ms: 60 * MINUTE },
    ]);
  });
  for (const [promise, more, states] of [
    ["are open while it burns", { mitigatedAt: null, resolvedAt: null }, ["known", "open", "open"]],
    [
      "take resolved for mitigated where nobody said so",
      { mitigatedAt: null },
      ["known", "known", "known"],
    ],
    [
      "are invalid where the end is before the start",
      { acknowledgedAt: at("09:59") },
      ["invalid", "known", "known"],
    ],
    [
      "are all invalid where it was detected after it was declared",
      { detectedAt: at("10:02") },
      ["invalid", "invalid", "invalid"],
    ],
    [
      "are all invalid from another year",
      { detectedAt: fromIso("1970-01-01T00:00:00Z")! },
      ["invalid", "invalid", "invalid"],
    ],
  ] as const)
    test(promise, () => expect(measured(incident(more)).map(({ state }) => state)).toEqual(states));
});

describe("a distribution", () => {
  test("counts what is invalid and averages nothing of it", () => {
    const [first] = distributions([
      incident(),
      incident({ acknowledgedAt: at("10:15") }),
      incident({ detectedAt: fromIso("1970-01-01T00:00:00Z")! }),
      incident({ acknowledgedAt: null }),
    ]);
    expect(first).toMatchObject({
      kind: "acknowledge",
      severity: "SEV1",
      count: 2,
      medianMs: 10 * MINUTE,
      longestMs: 15 * MINUTE,
      open: 1,
      invalid: 1,
    });
  });
  test("has no median of nothing, and one of an even number between two", () => {
    expect(quantile([], 0.5)).toBeNull();
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([7], 0.9)).toBe(7);
  });
});

describe("a night", () => {
  for (const [time, zone, night] of [
    ["2026-11-20T21:30:00Z", "Europe/Amsterdam", "2026-11-20"],
    ["2026-11-21T02:00:00Z", "Europe/Amsterdam", "2026-11-20"],
    ["2026-11-21T06:30:00Z", "Europe/Amsterdam", null],
    ["2026-11-21T02:00:00Z", "America/New_York", null],
    ["2026-10-25T01:30:00Z", "Europe/Amsterdam", "2026-10-24"],
  ] as const)
    test(`${time} in ${zone}: ${night ?? "by day"}`, () =>
      expect(nightOf(fromIso(time)!, zone)).toBe(night));
});
