import fc from "fast-check";
import { expect, test } from "vitest";
import { Schedule } from "../../../contract/oncall.ts";
import { addMs, HOUR, type Instant, instant } from "../../base/instant.ts";
import { keptWithout } from "./keptOverrides.ts";
import { holdersOf, type Override, whoIsOnCall } from "./oncall.ts";
import type { OverrideRow } from "./store.ts";

const START = instant(Date.UTC(2026, 10, 23));
const at = (hour: number): Instant => addMs(START, hour * HOUR);
type Told = readonly [person: string, replaces: string | null, from: number, to: number];

const rowOf = ([personId, replaces, from, to]: Told, index: number): OverrideRow => ({
  id: String(index),
  scheduleId: "payments",
  personId,
  replaces,
  startsAt: at(from),
  endsAt: at(to),
  createdAt: at(index),
  createdBy: null,
  reason: null,
});
const GONE = ["gwen", "gus"];
const hasLeft = (person: string): boolean => GONE.includes(person);
const left = (rows: readonly Told[], now = 0): readonly Told[] =>
  keptWithout(rows.map(rowOf), hasLeft, at(now)).map(({ row, replaces, startsAt, endsAt }) => [
    row.personId,
    replaces,
    (startsAt - START) / HOUR,
    (endsAt - START) / HOUR,
  ]);

type Row = readonly [promise: string, rows: readonly Told[], kept: readonly Told[], now?: number];
const ROWS: readonly Row[] = [
  ["nobody who stays is changed", [["bob", "ann", 0, 9]], [["bob", "ann", 0, 9]], 4],
  ["theirs end", [["gwen", null, 0, 9]], []],
  [
    "whoever took a part of it has that part, in the place that they had",
    [
      ["gwen", "ann", 0, 9],
      ["bob", "gwen", 3, 6],
    ],
    [["bob", "ann", 3, 6]],
  ],
  [
    "no more than they had of it, and from now on",
    [
      ["gwen", null, 2, 9],
      ["bob", "gwen", 0, 20],
    ],
    [["bob", null, 5, 9]],
    5,
  ],
  ["in the rotation there is nobody to replace", [["bob", "gwen", 0, 9]], []],
  [
    "of a chain the one who stays",
    [
      ["gwen", null, 0, 9],
      ["gus", "gwen", 0, 9],
      ["bob", "gus", 2, 4],
    ],
    [["bob", null, 2, 4]],
  ],
  [
    "one part where they had it by several overrides",
    [
      ["gwen", null, 0, 5],
      ["gwen", null, 4, 9],
      ["gwen", "gwen", 0, 9],
      ["bob", "gwen", 2, 8],
    ],
    [["bob", null, 2, 8]],
  ],
  [
    "where they stood in the order, above what the person replaced took over before",
    [
      ["gwen", "ann", 0, 9],
      ["ann", null, 0, 9],
      ["bob", "gwen", 0, 9],
    ],
    [
      ["ann", null, 0, 9],
      ["bob", "ann", 0, 9],
    ],
  ],
  [
    "an earlier one replaces nobody who came later",
    [
      ["bob", "gwen", 0, 9],
      ["gwen", null, 0, 9],
    ],
    [],
  ],
];
for (const [promise, rows, kept, now] of ROWS)
  test(promise, () => expect(left(rows, now)).toEqual(kept));

test("whoever stays and would be on call is, and nobody who has left", () => {
  const schedule = Schedule.parse({
    name: "Payments",
    timezone: "UTC",
    layers: [
      { name: "First", people: ["ann", ["bob", "cid"]], every: "day", startsOn: "2026-01-05" },
    ],
  });
  // Whoever stands in is of another team, so that a name means one place.
  const others = ["dan", "eve"];
  const told: fc.Arbitrary<Told> = fc
    .tuple(
      fc.oneof(
        fc.tuple(fc.constantFrom(...GONE), fc.constantFrom(null, "ann", "bob", "cid", ...GONE)),
        fc.tuple(fc.constantFrom(...others), fc.constantFrom(null, ...others, ...GONE, ...GONE)),
      ),
      fc.integer({ min: -6, max: 40 }),
      fc.integer({ min: 1, max: 30 }),
    )
    .map(([[person, replaces], from, length]) => [person, replaces, from, from + length]);
  fc.assert(
    fc.property(fc.array(told, { maxLength: 7 }), fc.integer({ min: 0, max: 20 }), (rows, now) => {
      const before = rows.map(rowOf).map((row): Override => ({ ...row, person: row.personId }));
      const after = keptWithout(rows.map(rowOf), hasLeft, at(now)).map(
        ({ row, ...kept }): Override => ({ id: row.id, person: row.personId, ...kept }),
      );
      for (let hour = now; hour < 72; hour++) {
        const was = holdersOf(whoIsOnCall(schedule, before, at(hour)));
        const is = holdersOf(whoIsOnCall(schedule, after, at(hour)));
        if (is.some(hasLeft)) expect.fail(`${String(is)} at ${hour}`);
        const lost = was.filter((person) => !hasLeft(person) && !is.includes(person));
        if (lost.length > 0) expect.fail(`${String(lost)} lost it at ${hour} to ${String(is)}`);
      }
    }),
    { seed: 140, numRuns: 3_000 },
  );
});
