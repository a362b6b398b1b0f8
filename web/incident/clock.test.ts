import { describe, expect, test } from "vitest";
import type { DeadlineKind, DeadlineView } from "../../contract/deadline.ts";
import { HOUR, MINUTE } from "../kit/time.ts";
import { clockFace, nextClock, tabTitle } from "./clock.ts";

const START = Date.UTC(2026, 9, 24, 2);
const iso = (ms: number): string => new Date(ms).toISOString();
const clock = (
  kind: DeadlineKind,
  dueInMs: number,
  change: Partial<DeadlineView> = {},
): DeadlineView => ({
  id: "0199c0de-0000-7000-8000-000000000000",
  kind,
  state: "running",
  anchorAt: iso(START),
  dueAt: iso(START + dueInMs),
  atRisk: false,
  metAt: null,
  pausedBecause: null,
  source: "defaults",
  ...change,
});

describe("how a clock stands", () => {
  const mitigate = clock("mitigate", HOUR);
  for (const [promise, deadline, afterMs, standing, time] of [
    ["it runs", mitigate, 10 * MINUTE, "running", "50:00"],
    ["from three quarters on it is at risk", mitigate, 45 * MINUTE, "at risk", "15:00"],
    ["from its due time on it is over", mitigate, 63 * MINUTE + 12_000, "over", "3:12"],
    [
      "paused, it does not count",
      { ...mitigate, state: "paused" },
      50 * MINUTE,
      "paused",
      "paused",
    ],
    [
      "kept in time",
      clock("acknowledge", 15 * MINUTE, { state: "met", metAt: iso(START + 4 * MINUTE) }),
      HOUR,
      "kept",
      "4 min of 15 min",
    ],
    [
      "kept, but late",
      clock("acknowledge", 15 * MINUTE, { state: "met", metAt: iso(START + 16 * MINUTE) }),
      HOUR,
      "late",
      "16 min of 15 min",
    ],
  ] as const)
    test(promise, () => {
      const face = clockFace(deadline as DeadlineView, START + afterMs);
      expect([face.standing, face.time]).toEqual([standing, time]);
    });
});

describe("the next clock", () => {
  test("is the soonest that is not kept, and a missed one stays", () => {
    const missed = clock("acknowledge", 15 * MINUTE, { state: "breached" });
    const update = clock("status update", 30 * MINUTE);
    expect(nextClock([update, clock("resolve", 4 * HOUR), missed])).toBe(missed);
    expect(nextClock([update, { ...missed, state: "met", metAt: iso(START) }])).toBe(update);
  });
  test("is never paperwork while something burns, nor one that is paused or taken back", () => {
    const postmortem = clock("postmortem", MINUTE, { state: "breached" });
    const resolve = clock("resolve", HOUR);
    expect(nextClock([postmortem, resolve])).toBe(resolve);
    expect(nextClock([postmortem])).toBe(postmortem);
    expect(
      nextClock([
        { ...resolve, state: "paused" },
        { ...resolve, state: "withdrawn" },
      ]),
    ).toBe(null);
  });
  test("stands in the title of the tab", () => {
    const update = clock("status update", 30 * MINUTE);
    expect(tabTitle([update], START + 25 * MINUTE)).toBe("5:00 update");
    expect(tabTitle([update], START + 33 * MINUTE)).toBe("+3:00 update");
    expect(tabTitle([], START)).toBe("");
  });
});
