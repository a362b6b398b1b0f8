import { describe, expect, test } from "vitest";
import { Layer } from "../../../contract/oncall.ts";
import { minuteOfWall, ruleProblem, turnsOf, wallOfMinute } from "./turns.ts";

const layerOf = (turns: object): Layer =>
  Layer.parse({ name: "layer", people: ["ann", "bob"], startsOn: "2026-01-05", ...turns });
const firstTurns = (turns: object, count = 4): readonly string[] => {
  const { minuteOf } = turnsOf(layerOf(turns));
  return Array.from({ length: count }, (_, index) =>
    wallOfMinute(minuteOf(index)).toString().slice(0, 16),
  );
};

describe("turns begin", () => {
  const rows: readonly [string, object, readonly string[]][] = [
    [
      "every twelve hours",
      { every: "hour", count: 12, handoffAt: "08:00" },
      ["2026-01-05T08:00", "2026-01-05T20:00", "2026-01-06T08:00", "2026-01-06T20:00"],
    ],
    [
      "every month, and in a short one on its last day",
      { every: "month", count: 1, startsOn: "2026-01-31" },
      ["2026-01-31T09:00", "2026-02-28T09:00", "2026-03-31T09:00", "2026-04-30T09:00"],
    ],
    [
      "on the first Monday, from the first one after the start",
      { every: "month", on: { weekday: "mon", nth: 1 }, startsOn: "2026-01-06" },
      ["2026-02-02T09:00", "2026-03-02T09:00", "2026-04-06T09:00", "2026-05-04T09:00"],
    ],
    [
      "on the last Friday of every third month",
      { every: "month", count: 3, on: { weekday: "fri", nth: -1 } },
      ["2026-01-30T09:00", "2026-04-24T09:00", "2026-07-31T09:00", "2026-10-30T09:00"],
    ],
    [
      "for a week's five days and a weekend's two",
      { lengths: [5, 2] },
      ["2026-01-05T09:00", "2026-01-10T09:00", "2026-01-12T09:00", "2026-01-17T09:00"],
    ],
    [
      "on the days of a rule",
      { rule: "FREQ=WEEKLY;BYDAY=MO,TH" },
      ["2026-01-05T09:00", "2026-01-08T09:00", "2026-01-12T09:00", "2026-01-15T09:00"],
    ],
    [
      "on the second Tuesday by a rule",
      { rule: "FREQ=MONTHLY;BYDAY=2TU", handoffAt: "12:30" },
      ["2026-01-13T12:30", "2026-02-10T12:30", "2026-03-10T12:30", "2026-04-14T12:30"],
    ],
  ];
  test.each(rows)("%s", (_, turns, walls) => expect(firstTurns(turns)).toEqual(walls));
});

test("the turn of a reading ten years on is found without walking there", () => {
  const { indexAt, minuteOf } = turnsOf(layerOf({ rule: "FREQ=WEEKLY;BYDAY=MO,TH" }));
  const index = indexAt(minuteOfWall(Temporal.PlainDateTime.from("2036-01-08T09:00")));
  expect(index).toBe(1_044);
  expect(wallOfMinute(minuteOf(index)).toString()).toBe("2036-01-07T09:00:00");
});

test.each([
  ["never comes", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "its days do not come for thirteen years"],
  ["is no rule", "FREQ=WEEKLY;BYDAY=XX", "Invalid BYDAY value: XX"],
  ["has a thirteenth month", "FREQ=YEARLY;BYMONTH=13", "BYMONTH is from 1 to 12, and not 13"],
  ["has a month before the end", "FREQ=YEARLY;BYMONTH=1,-1", "BYMONTH is from 1 to 12, and not -1"],
  [
    "has one day too many",
    "FREQ=MONTHLY;BYMONTHDAY=1,32",
    "BYMONTHDAY is from 1 to 31, or as much before the end, and not 32",
  ],
  [
    "has week nought",
    "FREQ=YEARLY;BYWEEKNO=0",
    "BYWEEKNO is from 1 to 53, or as much before the end, and not 0",
  ],
  ["says a part twice", "FREQ=WEEKLY;INTERVAL=2;INTERVAL=3", "INTERVAL stands twice"],
  ["has a hole in a list", "FREQ=WEEKLY;BYDAY=MO,,TU", "BYDAY has an empty value"],
])("a rule that %s is refused, and says why", (_, rule, why) => {
  expect(ruleProblem(layerOf({ rule }))).toBe(`no recurrence rule that goes on (${why})`);
});

test.each([
  "FREQ=MONTHLY;BYMONTHDAY=-31,+1",
  "FREQ=MONTHLY;BYDAY=MO,FR;BYSETPOS=-1",
  "FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO",
])("%s is one", (rule) => expect(ruleProblem(layerOf({ rule }))).toBeNull());

test.each([
  ["two ways at once", { every: "day", lengths: [5, 2] }, /one of every, lengths and rule/],
  ["no way at all", {}, /one of every, lengths and rule/],
  [
    "a weekday of a day",
    { every: "day", on: { weekday: "mon", nth: 1 } },
    /only with every: month/,
  ],
  ["a rule that ends", { rule: "FREQ=DAILY;COUNT=3" }, /without COUNT/],
])("%s is refused", (_, turns, words) => {
  expect(() => layerOf(turns)).toThrow(words);
});
