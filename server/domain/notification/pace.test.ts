import { describe, expect, test } from "vitest";
import { addMs, instant, MINUTE, SECOND } from "../../base/instant.ts";
import type { Pace } from "./channel.ts";
import { type Held, noticesWaitUntil, type PaceState, slotOf, turnOf } from "./pace.ts";

const T0 = instant(1_800_000_000_000);
const NEVER = instant(0);
const RESTED: PaceState = {
  freeAt: NEVER,
  quietUntil: NEVER,
  pagesFreeAt: NEVER,
  pagesQuietUntil: NEVER,
};
const fresh = { attempts: 0, attendAt: T0, dueAt: T0 };
const pace: Pace = { perMinute: 30, burst: 3, of: "address" };

/** The seconds after which each of so many that come at once leaves. */
function slots(count: number, state = RESTED, by: Pace | null = pace): readonly number[] {
  let known = state;
  return Array.from({ length: count }, () => {
    const slot = slotOf(fresh, by, known, T0);
    known = { ...known, freeAt: slot.freeAt };
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
  const { freeAt } = slotOf(fresh, pace, RESTED, T0);
  const state = { ...RESTED, freeAt };
  const later = addMs(T0, MINUTE);
  const waited = { ...fresh, attendAt: later };
  expect(slotOf(waited, pace, state, later)).toEqual({ at: later, freeAt });
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

describe("pages that a provider refuses for being too many", () => {
  const way = { pagesPace: { ...pace, perMinute: 60 } };
  const minute = addMs(T0, MINUTE);
  const refused = { ...RESTED, pagesQuietUntil: minute };

  /** The seconds after which each of so many has its turn. */
  function turns(count: number, held: Held, by: typeof way | { pagesPace: null } = way) {
    let known = held;
    return Array.from({ length: count }, () => {
      const turn = turnOf(fresh, by, known, T0);
      known = turn?.held ?? known;
      return turn === null ? 0 : (turn.at - T0) / SECOND;
    });
  }

  test("leave at once where none was refused, whatever notices wait for", () => {
    const noticesWait = { ...RESTED, freeAt: minute, quietUntil: minute };
    expect(turns(3, {})).toEqual([0, 0, 0]);
    expect(turns(3, { channel: noticesWait, address: noticesWait })).toEqual([0, 0, 0]);
  });

  test("take turns when the provider wants to be spoken to again, at its pace", () => {
    expect(turns(4, { address: refused })).toEqual([60, 61, 62, 63]);
    expect(turns(3, { channel: refused }, { pagesPace: { ...pace, of: "channel" } })).toEqual([
      60, 62, 64,
    ]);
    expect(turns(3, { channel: refused, address: RESTED })).toEqual([60, 60.1, 60.2]);
  });

  test("do not overtake those that wait, and keep the turn that they have", () => {
    const waited = { channel: { ...RESTED, pagesFreeAt: minute } };
    expect(turns(1, waited)).toEqual([60]);
    const tried = { ...fresh, attempts: 1 };
    expect(turnOf(tried, way, waited, T0)).toBeNull();
    expect(turnOf(tried, way, { channel: refused }, T0)?.at).toBe(minute);
  });

  test("notices come after the last of them", () => {
    const until = noticesWaitUntil({
      channel: { ...RESTED, pagesFreeAt: minute },
      address: RESTED,
    });
    expect(Math.max(...until)).toBe(minute);
  });
});
