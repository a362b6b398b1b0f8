/**
 * Random schedules laid over the clock jumps of 2024–2030, and random edits of them, compared slot by slot with the
 * slow calculator of reference.ts. Seeds are fixed: a failure repeats and prints its seed. The short form takes forty
 * zones and every fifth jump; the long form every zone there is and every jump, so that there are 10 000 schedules:
 * some minutes, or in parts, `TOCSIN_PART=1/4` to `4/4`.
 */
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { assert } from "../../base/errors.ts";
import {
  addMs,
  DAY,
  fromIso,
  HOUR,
  type Instant,
  instant,
  MINUTE,
  toIso,
} from "../../base/instant.ts";
import {
  finalShifts,
  type FinalShift,
  gaps,
  holdersOf,
  nextHandoff,
  whoIsOnCall,
} from "./oncall.ts";
import { isLong, isOfPart } from "../../../test/long.ts";
import { EVER } from "../config/config.ts";
import { countsFrom } from "./effective.ts";
import { caseAround, type Case, type Edit, editAround, everybody, SLOT_MS } from "./randomCases.ts";
import { marks, referenceAnswer, type ReferenceAnswer } from "./reference.ts";
import { holdsFrom, shiftAt } from "./rotation.ts";
import { jumpsBetween } from "./wallclock.ts";

/** By area, because the whole list one to a line would be longer than the tests. */
const PLACES = {
  Europe: "Berlin London Dublin Lisbon Athens Chisinau Kyiv",
  Atlantic: "Azores",
  America:
    "New_York Chicago Denver Los_Angeles Anchorage Adak Halifax St_Johns Havana Santiago " +
    "Asuncion Miquelon Nuuk Scoresbysund Port-au-Prince Tijuana",
  Asia: "Beirut Jerusalem Gaza Almaty Nicosia",
  Africa: "Cairo Casablanca El_Aaiun",
  Australia: "Sydney Adelaide Hobart Lord_Howe",
  Pacific: "Auckland Chatham Norfolk Easter",
  Antarctica: "Troll",
};
const CHOSEN = Object.entries(PLACES).flatMap(([area, places]) =>
  places.split(" ").map((place) => `${area}/${place}`),
);
const FROM = fromIso("2024-01-01T00:00Z")!;
const TO = fromIso("2031-01-01T00:00Z")!;
const ZONES = isLong ? Intl.supportedValuesOf("timeZone") : CHOSEN;
const RUNS_PER_JUMP = isLong ? 4 : 1;
/** Where the clocks never jump, an ordinary day of each year is looked at. */
const QUIET = [2024, 2025, 2026, 2027, 2028, 2029, 2030].map((year) =>
  fromIso(`${year}-05-15T01:00Z`)!,
);

const momentsOf = (zone: string): readonly Instant[] => {
  const jumps = jumpsBetween(zone, FROM, TO).map(({ at }) => at);
  if (jumps.length === 0) return QUIET;
  return isLong ? jumps : jumps.filter((_, index) => index % 5 === 0);
};

/** The highest reading of the wall clock up to each slot, by zone. */
type Seen = ReadonlyMap<string, ReadonlyMap<number, number>>;

const textOf = ({ people, layer, overrideId }: ReferenceAnswer): string =>
  `${people.join(" + ") || "nobody"} by ${layer ?? overrideId ?? "none"}`;
const namesOf = (shift: FinalShift): string => textOf({ ...shift, people: holdersOf(shift) });

/** The final shifts, slot by slot; the slots start with the span's first instant. */
function slotsOf(shifts: readonly FinalShift[]): string[] {
  const slots: string[] = [];
  for (const shift of shifts) {
    for (let at: number = shift.startsAt; at < shift.endsAt; at += SLOT_MS)
      slots.push(namesOf(shift));
  }
  return slots;
}

// Asserted by hand, as `expect` takes longer than what it would check here.
function coversExactly(shifts: readonly FinalShift[], from: Instant, to: Instant): void {
  assert(shifts[0]?.startsAt === from, "shifts begin with the span");
  assert(shifts.at(-1)?.endsAt === to, "shifts end with the span");
  for (const [index, shift] of shifts.entries()) {
    assert(shift.startsAt < shift.endsAt, `no shift is empty: ${toIso(shift.startsAt)}`);
    const next = shifts[index + 1];
    if (next === undefined) continue;
    assert(next.startsAt === shift.endsAt, `shifts meet at ${toIso(shift.endsAt)}`);
    assert(namesOf(next) !== namesOf(shift), `neighbours differ at ${toIso(shift.endsAt)}`);
  }
}

function layersMeet({ schedule }: Case, from: Instant, to: Instant): void {
  for (const layer of schedule.layers) {
    let lastEndsAt: Instant | null = null;
    for (const hold of holdsFrom({ ...layer, restrictions: [] }, schedule.timezone, from)) {
      const meets = lastEndsAt === null || hold.startsAt === lastEndsAt;
      assert(meets && hold.startsAt < hold.endsAt, `turns meet at ${toIso(hold.startsAt)}`);
      if (hold.endsAt > to) break;
      lastEndsAt = hold.endsAt;
    }
    for (const hold of holdsFrom(layer, schedule.timezone, from)) {
      if (hold.startsAt > to) break;
      for (const at of [hold.startsAt, addMs(hold.endsAt, -1)]) {
        const shift = shiftAt(layer, schedule.timezone, at);
        const isSame = shift?.index === hold.shift.index && shift.person === hold.shift.person;
        assert(isSame, `${layer.name} is held by one shift at ${toIso(at)}`);
      }
    }
  }
}

function overridesStayInside({ schedule, overrides }: Case, from: Instant, to: Instant): void {
  const all = slotsOf(finalShifts(schedule, overrides, from, to));
  for (const override of overrides) {
    const others = overrides.filter((other) => other !== override);
    const without = slotsOf(finalShifts(schedule, others, from, to));
    for (const [index, slot] of without.entries()) {
      const at = addMs(from, index * SLOT_MS);
      const isInside = override.startsAt <= at && at < override.endsAt;
      if (!isInside && all[index] !== slot) expect.fail(`${override.id} is felt at ${toIso(at)}`);
    }
  }
}

function answersAgree({ schedule, overrides }: Case, shifts: readonly FinalShift[]): void {
  const isOfOne = schedule.layers.every(({ people }) => people.every((one) => !Array.isArray(one)));
  for (const [index, shift] of shifts.entries()) {
    const last = addMs(shift.endsAt, -1);
    for (const at of [shift.startsAt, last]) {
      const { person, until, because } = whoIsOnCall(schedule, overrides, at);
      assert(person === shift.person, `${toIso(at)} has one answer`);
      const winners = because.filter((r) => r.kind !== "layer silent" && r.verdict === "wins");
      // Somebody may stand in for a colleague with whom they have the turn anyway: for two reasons then.
      const fewest = person === null ? 0 : 1;
      const rightly = isOfOne ? winners.length === fewest : winners.length >= fewest;
      assert(rightly, `what gives the answer wins at ${toIso(at)}`);
      assert(until === null || until > at, `the answer of ${toIso(at)} lasts`);
      const endsAt = index === shifts.length - 1 ? null : shift.endsAt;
      if (at === last && endsAt !== null) assert(until === endsAt, `until ${toIso(endsAt)}`);
    }
    const next = shifts[index + 1];
    if (next === undefined || String(holdersOf(next)) === String(holdersOf(shift))) continue;
    const handoff = nextHandoff(schedule, overrides, last);
    const isNext = handoff?.from === shift.person && handoff.to === next.person;
    assert(isNext && handoff.at === shift.endsAt, `a handoff at ${toIso(shift.endsAt)}`);
  }
}

function agreesWithReference(
  { schedule, overrides }: Case,
  from: Instant,
  to: Instant,
  seen: Seen,
) {
  const shifts = finalShifts(schedule, overrides, from, to);
  coversExactly(shifts, from, to);
  const holes = gaps(schedule, overrides, from, to);
  for (const [index, slot] of slotsOf(shifts).entries()) {
    const at = addMs(from, index * SLOT_MS);
    const want = referenceAnswer(schedule, overrides, at, (zone) => seen.get(zone)!.get(at)!);
    if (slot !== textOf(want)) expect.fail(`${toIso(at)}: ${slot}, not ${textOf(want)}`);
    const isGap = holes.some((hole) => hole.startsAt <= at && at < hole.endsAt);
    if (isGap !== (want.people.length === 0)) expect.fail(`${toIso(at)}: gap is ${isGap}`);
  }
}

/** An edit counts from one instant on: before it the old text answers, from then on the new one, and now nobody moves. */
function editStaysInside(
  { schedule, overrides }: Case,
  next: Case["schedule"],
  now: Instant,
  { from, to, seen }: { readonly from: Instant; readonly to: Instant; readonly seen: Seen },
): void {
  const before = [{ from: EVER, body: schedule }];
  const edit = { after: everybody, now, atOnce: false };
  const since = countsFrom(before, next, edit);
  assert(since >= now, "an edit does not reach into the past");
  const roster = [...before, { from: since, body: next }];
  const holder = (of: typeof before, at: Instant) => holdersOf(whoIsOnCall(of, [], at)).join();
  const { until, person } = whoIsOnCall(schedule, [], now);
  // Where nobody is on call, nobody is moved.
  if (person !== null && until !== null && !isDeepStrictEqual(schedule.layers, next.layers)) {
    assert(holder(roster, now) === holder(before, now), "nobody is moved now");
    assert(until <= since, "the shift under way ends first");
    const last = addMs(since, -1);
    assert(holder(roster, last) === holder(before, last), "nobody is moved before it counts");
  }
  const shifts = finalShifts(roster, overrides, from, to);
  coversExactly(shifts, from, to);
  for (const [index, slot] of slotsOf(shifts).entries()) {
    const at = addMs(from, index * SLOT_MS);
    const counts = at < since ? schedule : next;
    const want = referenceAnswer(counts, overrides, at, (zone) => seen.get(zone)!.get(at)!);
    if (slot !== textOf(want)) expect.fail(`${toIso(at)}: ${slot}, not ${textOf(want)} (edit)`);
  }
}

/** Each zone that this part takes, with its place in the list: its seeds are that times a thousand, and one more a jump. */
const taken = [...ZONES.entries()].filter(([index]) => isOfPart(index, ZONES.length));
let schedules = 0;
afterAll(() => {
  const [first, last] = [taken.at(0), taken.at(-1)].map((zone) => zone?.[0] ?? 0);
  process.stderr.write(
    `${schedules} random schedules agreed with the reference: ${taken.length} of ${ZONES.length} zones, ` +
      `seeds ${first! * 1_000} to ${last! * 1_000 + 999}\n`,
  );
});

test("all parts of the long form together are more than 10 000 schedules", ({ skip }) => {
  if (!isLong) skip("a long form: npm run test:long");
  const planned = ZONES.reduce((sum, zone) => sum + momentsOf(zone).length * RUNS_PER_JUMP, 0);
  process.stderr.write(`${planned} schedules in all parts\n`);
  expect(planned).toBeGreaterThanOrEqual(10_000);
});

describe("around the clock jumps of 2024–2030", () => {
  for (const [zoneIndex, zone] of taken) {
    test(
      `${zone}: one answer a slot, the reference's; shifts meet, overrides and edits stay inside`,
      { timeout: isLong ? 120_000 : 10_000 },
      () => {
        for (const [momentIndex, moment] of momentsOf(zone).entries()) {
          const [from, to] = [addMs(moment, -2 * DAY), addMs(moment, 2 * DAY)];
          // Two days more, so that the reference has seen every reading that could come twice.
          const seen = new Map(
            [zone, "Asia/Kathmandu"].map((of) => [of, marks(of, from - 2 * DAY, to, SLOT_MS)]),
          );
          const holdsFor = (one: Case, edit: Edit): void => {
            const { schedule, overrides } = one;
            agreesWithReference(one, from, to, seen);
            editStaysInside(one, edit.of(schedule), edit.at, { from, to, seen });
            layersMeet(one, from, to);
            overridesStayInside(one, from, to);
            const nearest = [addMs(moment, -6 * HOUR), addMs(moment, 6 * HOUR)] as const;
            answersAgree(one, finalShifts(schedule, overrides, ...nearest));
            schedules++;
          };
          fc.assert(fc.property(caseAround(zone, moment), editAround(zone, moment), holdsFor), {
            seed: zoneIndex * 1_000 + momentIndex,
            numRuns: RUNS_PER_JUMP,
          });
        }
      },
    );
  }
});

test("a day skipped whole and a midnight that came twice agree with the reference", () => {
  for (const [zone, near] of [
    ["Pacific/Apia", "2011-12-20T00:00Z"],
    ["Pacific/Kwajalein", "1993-08-10T00:00Z"],
    ["America/St_Johns", "2010-11-01T00:00Z"],
  ] as const) {
    const start = fromIso(near)!;
    const [jump] = jumpsBetween(zone, start, addMs(start, 30 * DAY));
    const from = addMs(jump!.at, -2 * DAY);
    const to = addMs(jump!.at, 2 * DAY);
    // Every minute here: St John's jumped one minute after midnight.
    const step = zone === "America/St_Johns" ? MINUTE : SLOT_MS;
    const seen = new Map(
      [zone, "Asia/Kathmandu"].map((of) => [of, marks(of, from - 2 * DAY, to, step)]),
    );
    const holdsFor = ({ schedule, overrides }: Case): void => {
      for (const shift of finalShifts(schedule, overrides, from, to)) {
        for (let at: number = shift.startsAt; at < shift.endsAt; at += step) {
          const markIn = (of: string): number => seen.get(of)!.get(at)!;
          const want = referenceAnswer(schedule, overrides, instant(at), markIn);
          if (namesOf(shift) !== textOf(want)) expect.fail(`${zone} ${at}: ${textOf(want)}`);
        }
      }
    };
    fc.assert(fc.property(caseAround(zone, jump!.at), holdsFor), {
      seed: 7,
      numRuns: isLong ? 60 : 8,
    });
  }
});
