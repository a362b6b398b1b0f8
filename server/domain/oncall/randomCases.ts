/** Random schedules around a jump of the clocks, for the tests that hold answers against reference.ts. */
import fc from "fast-check";
import { Weekday } from "../../../contract/ids.ts";
import { Layer, type Schedule } from "../../../contract/oncall.ts";
import { addMs, type Instant, MINUTE } from "../../base/instant.ts";
import { type AnyEntry, snapshot } from "../config/config.ts";
import type { Override } from "./oncall.ts";
import { wallAt } from "./wallclock.ts";

/** All times of the random schedules are whole slots, so a slot has one answer. */
export const SLOT_MS = 15 * MINUTE;

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

export const PEOPLE = ["ada", "bob", "cid", "dan"] as const;

/** One person, or sometimes two together. */
const turn = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...PEOPLE) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...PEOPLE), fc.constantFrom("eve", "fay"))
      .map((two) => [...two]),
  },
);

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

export type Case = { readonly schedule: Schedule; readonly overrides: readonly Override[] };

/** A schedule of `zone` that is under way, begins or ends around a jump. */
export function caseAround(zone: string, jumpAt: Instant): fc.Arbitrary<Case> {
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
      people: fc.array(turn, { minLength: 1, maxLength: 4 }),
      turns: turnsBy,
      startsOn: fc
        .oneof(fc.integer({ min: -2, max: 2 }), fc.integer({ min: -90, max: -1 }))
        .map(dayAt),
      handoffAt: timeNear(near),
      timezone: fc.constantFrom(zone, "Asia/Kathmandu"),
      restrictions: fc.array(restriction, { maxLength: 3 }),
      endsOn: fc.integer({ min: -1, max: 4 }).map(dayAt),
      shadow: fc.constantFrom(true, false, false),
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
          Layer.parse({
            ...of,
            ...turns,
            name: `layer ${index}`,
            shadow: index > 0 && of.shadow === true,
          }),
        ),
      },
      overrides: overrides.map((of, index) => ({ ...of, id: String(index) })),
    }));
}

/** What somebody makes of a schedule, and when. */
export type Edit = {
  readonly at: Instant;
  readonly of: (schedule: Schedule) => Schedule;
};

/** Somebody comes, somebody goes, all turns are another length, or everything is new. */
export function editAround(zone: string, jumpAt: Instant): fc.Arbitrary<Edit> {
  const eachLayer =
    (change: (layer: Layer) => Partial<Layer>) =>
    (schedule: Schedule): Schedule => ({
      ...schedule,
      layers: schedule.layers.map((layer) => ({ ...layer, ...change(layer) })),
    });
  const of = fc.oneof(
    fc.constant(eachLayer(({ people }) => ({ people: [...people, "eve"] }))),
    fc.constant(
      eachLayer(({ people }) => ({ people: people.length > 1 ? people.slice(1) : ["fay"] })),
    ),
    fc.constant(eachLayer(({ count }) => ({ count: count + 1 }))),
    caseAround(zone, jumpAt).map(
      ({ schedule }) =>
        () =>
          schedule,
    ),
  );
  return fc
    .tuple(fc.integer({ min: -180, max: 180 }), of)
    .map(([slots, made]) => ({ at: addMs(jumpAt, slots * SLOT_MS), of: made }));
}

/** A company in which all of them are. */
export const everybody = snapshot(
  1,
  [...PEOPLE, "eve", "fay"].map((id) => ({ kind: "people", id, body: {} }) as unknown as AnyEntry),
);
