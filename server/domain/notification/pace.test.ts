import { expect, test } from "vitest";
import { addMs, instant, MINUTE, SECOND } from "../../base/instant.ts";
import type { Pace } from "./channel.ts";
import { type PaceState, slotOf } from "./pace.ts";

const T0 = instant(1_800_000_000_000);
const RESTED: PaceState = { freeAt: instant(0), quietUntil: instant(0) };
const fresh = { attempts: 0, attendAt: T0, dueAt: T0 };
const pace: Pace = { perMinute: 30, burst: 3, of: "address" };

/** The seconds after which each of so many that come at once leaves. */
function slots(count: number, state = RESTED, by: Pace | null = pace): readonly number[] {
  let known = state;
  return Array.from({ length: count }, () => {
    const slot = slotOf(fresh, by, known, T0);
    known = slot.state;
    return (slot.at - T0) / SECOND;
  });
}

test("after a rest a burst leaves at once, then one in its time", () => {
  expect(slots(6)).toEqual([0, 0, 0, 2, 4, 6]);
  expect(slots(3, RESTED, { ...pace, burst: 1 })).toEqual([0, 2, 4]);
});

test("in any minute no more leave than the pace and its burst", () => {
  expect(slots(100).filter((at) => at < 60)).toHaveLength(pace.perMinute + pace.burst - 1);
});

test("what was given a slot before keeps it and takes no other", () => {
  const { state } = slotOf(fresh, pace, RESTED, T0);
  const later = addMs(T0, MINUTE);
  const waited = { ...fresh, attendAt: later };
  expect(slotOf(waited, pace, state, later)).toEqual({ at: later, state });
  const tried = { ...fresh, attempts: 1 };
  expect(slotOf(tried, pace, { ...state, freeAt: addMs(T0, MINUTE) }, T0).at).toBe(T0);
});

test("a provider that asks to be left alone is left alone, then spoken to at its pace", () => {
  const quiet = { ...RESTED, quietUntil: addMs(T0, MINUTE) };
  expect(slots(5, quiet)).toEqual([60, 60, 60, 62, 64]);
  expect(slots(2, quiet, null)).toEqual([60, 60]);
  expect(slotOf({ ...fresh, attempts: 2 }, pace, quiet, T0).at).toBe(quiet.quietUntil);
});

test("without a pace nothing waits", () => {
  expect(slots(50, RESTED, null).every((at) => at === 0)).toBe(true);
});
