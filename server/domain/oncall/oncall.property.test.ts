/**
 * Random schedules laid over every clock jump of 2024–2030 in forty zones, compared slot by slot
 * with the slow calculator of reference.ts. Seeds are fixed: a failure repeats and prints its seed.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Weekday } from "../../../contract/ids.ts";
import { Layer, type Schedule } from "../../../contract/oncall.ts";
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
  nextHandoff,
  type Override,
  whoIsOnCall,
} from "./oncall.ts";
import { marks, referenceAnswer } from "./reference.ts";
import { holdsFrom, shiftAt } from "./rotation.ts";
import { jumpsBetween, wallAt } from "./wallclock.ts";

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
const ZONES = Object.entries(PLACES).flatMap(([area, places]) =>
  places.split(" ").map((place) => `${area}/${place}`),
);
const FROM = fromIso("2024-01-01T00:00Z")!;
const TO = fromIso("2031-01-01T00:00Z")!;
/** All times of the random schedules are whole slots, so a slot has one answer. */
const SLOT_MS = 15 * MINUTE;
const RUNS_PER_JUMP = 3;

const slotText = (slots: number): string => {
  const minutes = (slots % 96) * 15;
  const parts = [Math.floor(minutes / 60), minutes % 60];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
};
/** A time of day, most often within two hours of where the clock jumps. */
const timeNear = (near: number): fc.Arbitrary<string> =>
  fc
    .oneof(
      { weight: 3, arbitrary: fc.integer({ min: near + 88, max: near + 104 }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 95 }) },
    )
    .map(slotText);

const PEOPLE = ["ada", "bob", "cid", "dan"] as const;

/** Every way of taking turns; by days most often, where the clocks matter most. */
const turnsBy = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      every: fc.constantFrom("day" as const, "day" as const, "week" as const),
      count: fc.integer({ min: 1, max: 3 }),
    }),
  },
  fc.record({ every: fc.constant("hour" as const), count: fc.integer({ min: 1, max: 30 }) }),
  fc.record({ every: fc.constant("month" as const), count: fc.integer({ min: 1, max: 2 }) }),
  fc.record({
    every: fc.constant("month" as const),
    count: fc.integer({ min: 1, max: 2 }),
    on: fc.record({
      weekday: fc.constantFrom(...Weekday.options),
      nth: fc.constantFrom(1, 2, 3, 4, -1),
    }),
  }),
  fc.record({ lengths: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 2, maxLength: 4 }) }),
  fc.subarray([...Weekday.options], { minLength: 1 }).map((days) => ({
    rule: `FREQ=WEEKLY;BYDAY=${days.map((day) => day.slice(0, 2).toUpperCase()).join(",")}`,
  })),
);

type Case = { readonly schedule: Schedule; readonly overrides: readonly Override[] };

/** A schedule of `zone` that is under way, begins or ends around a jump. */
function caseAround(zone: string, jumpAt: Instant): fc.Arbitrary<Case> {
  const wall = wallAt(jumpAt, zone);
  const near = wall.hour * 4 + Math.floor(wall.minute / 15);
  const dayAt = (days: number): string => wall.toPlainDate().add({ days }).toString();
  const restriction = fc.record(
    {
      days: fc.subarray(Weekday.options, { minLength: 1 }),
      from: timeNear(near),
      to: timeNear(near),
    },
    { requiredKeys: ["from", "to"] },
  );
  const layer = fc.record(
    {
      people: fc.array(fc.constantFrom(...PEOPLE), { minLength: 1, maxLength: 4 }),
      turns: turnsBy,
      startsOn: fc
        .oneof(fc.integer({ min: -2, max: 2 }), fc.integer({ min: -90, max: -1 }))
        .map(dayAt),
      handoffAt: timeNear(near),
      timezone: fc.constantFrom(zone, "Asia/Kathmandu"),
      restrictions: fc.array(restriction, { maxLength: 3 }),
      endsOn: fc.integer({ min: -1, max: 4 }).map(dayAt),
    },
    { requiredKeys: ["people", "turns", "startsOn", "handoffAt", "restrictions"] },
  );
  const override = fc
    .tuple(
      fc.integer({ min: -160, max: 160 }),
      fc.integer({ min: 1, max: 120 }),
      fc.constantFrom(...PEOPLE, "eve", "fay"),
      fc.constantFrom(null, ...PEOPLE, "eve"),
    )
    .map(([start, length, person, replaces]) => {
      const startsAt = addMs(jumpAt, start * SLOT_MS);
      return { startsAt, endsAt: addMs(startsAt, length * SLOT_MS), person, replaces };
    });
  return fc
    .record({
      layers: fc.array(layer, { minLength: 1, maxLength: 3 }),
      overrides: fc.array(override, { maxLength: 4 }),
    })
    .map(({ layers, overrides }) => ({
      schedule: {
        name: "random",
        timezone: zone,
        layers: layers.map(({ turns, ...of }, index) =>
          Layer.parse({ ...of, ...turns, name: `layer ${index}` }),
        ),
      },
      overrides: overrides.map((of, index) => ({ ...of, id: String(index) })),
    }));
}

const namesOf = ({ person, layer, overrideId }: Omit<FinalShift, "startsAt" | "endsAt">): string =>
  `${person ?? "nobody"} by ${layer ?? overrideId ?? "none"}`;

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
  for (const [index, shift] of shifts.entries()) {
    const last = addMs(shift.endsAt, -1);
    for (const at of [shift.startsAt, last]) {
      const { person, until, because } = whoIsOnCall(schedule, overrides, at);
      assert(person === shift.person, `${toIso(at)} has one answer`);
      const winners = because.filter((r) => r.kind !== "layer silent" && r.verdict === "wins");
      assert(winners.length === (person === null ? 0 : 1), `one reason wins at ${toIso(at)}`);
      assert(until === null || until > at, `the answer of ${toIso(at)} lasts`);
      const endsAt = index === shifts.length - 1 ? null : shift.endsAt;
      if (at === last && endsAt !== null) assert(until === endsAt, `until ${toIso(endsAt)}`);
    }
    const next = shifts[index + 1];
    if (next === undefined || next.person === shift.person) continue;
    const handoff = nextHandoff(schedule, overrides, last);
    const isNext = handoff?.from === shift.person && handoff.to === next.person;
    assert(isNext && handoff.at === shift.endsAt, `a handoff at ${toIso(shift.endsAt)}`);
  }
}

describe("around every clock jump of 2024–2030", () => {
  for (const [zoneIndex, zone] of ZONES.entries()) {
    test(`${zone}: one answer a slot, the reference's; shifts meet, overrides stay inside`, () => {
      const jumps = jumpsBetween(zone, FROM, TO);
      expect(jumps.length).toBeGreaterThan(0);
      for (const [jumpIndex, jump] of jumps.entries()) {
        const from = addMs(jump.at, -2 * DAY);
        const to = addMs(jump.at, 2 * DAY);
        // Two days more, so that the reference has seen every reading that could come twice.
        const seen = new Map(
          [zone, "Asia/Kathmandu"].map((of) => [of, marks(of, from - 2 * DAY, to, SLOT_MS)]),
        );
        const holdsFor = (one: Case): void => {
          const { schedule, overrides } = one;
          const shifts = finalShifts(schedule, overrides, from, to);
          coversExactly(shifts, from, to);
          const holes = gaps(schedule, overrides, from, to);
          for (const [index, slot] of slotsOf(shifts).entries()) {
            const at = addMs(from, index * SLOT_MS);
            const markIn = (of: string): number => seen.get(of)!.get(at)!;
            const want = referenceAnswer(schedule, overrides, at, markIn);
            if (slot !== namesOf(want)) expect.fail(`${toIso(at)}: ${slot}, not ${namesOf(want)}`);
            const isGap = holes.some((hole) => hole.startsAt <= at && at < hole.endsAt);
            if (isGap !== (want.person === null)) expect.fail(`${toIso(at)}: gap is ${isGap}`);
          }
          layersMeet(one, from, to);
          overridesStayInside(one, from, to);
          const nearest = [addMs(jump.at, -6 * HOUR), addMs(jump.at, 6 * HOUR)] as const;
          answersAgree(one, finalShifts(schedule, overrides, ...nearest));
        };
        const seed = zoneIndex * 1_000 + jumpIndex;
        fc.assert(fc.property(caseAround(zone, jump.at), holdsFor), {
          seed,
          numRuns: RUNS_PER_JUMP,
        });
      }
    });
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
          if (namesOf(shift) !== namesOf(want)) expect.fail(`${zone} ${at}: ${namesOf(want)}`);
        }
      }
    };
    fc.assert(fc.property(caseAround(zone, jump!.at), holdsFor), { seed: 7, numRuns: 60 });
  }
});
