import { describe, expect, test } from "vitest";
import { at, DAY, HOUR } from "../kit/time.ts";
import {
  bars,
  days,
  localInput,
  midnight,
  ofLocalInput,
  overlaid,
  piecesOf,
  spanOf,
  textFor,
} from "./ribbonView.ts";

const FROM = midnight(Date.UTC(2026, 10, 20, 12));
const iso = (hours: number): string => new Date(FROM + hours * HOUR).toISOString();
const shift = (from: number, to: number, person: string | null = "mara") => ({
  startsAt: iso(from),
  endsAt: iso(to),
  person,
  others: [],
  override: null,
  layer: "weekly",
});

test("bars are cut at the window and tell what is past", () => {
  const placed = bars(
    [shift(-10, 12), shift(12, 30, null), shift(60, 90)],
    FROM,
    FROM + 2 * DAY,
    FROM + 20 * HOUR,
  );
  expect(placed.map(({ left, width, past }) => [left, width, past])).toEqual([
    [0, 25, true],
    [25, 37.5, false],
  ]);
});

test.each([
  [["Ann Ox"], ["Ann Ox", "Ann", "AO"]],
  [
    ["Ann Ox", "Bo Li"],
    ["Ann Ox + Bo Li", "Ann + Bo", "A+B"],
  ],
])("a bar of %s leaves nobody out, however narrow", (names, texts) => {
  expect([20, 6, 3].map((width) => textFor(names, width))).toEqual(texts);
});

test("days fill the window without a hole", () => {
  const shown = days(FROM, FROM + 14 * DAY);
  expect(shown.reduce((sum, { width }) => sum + width, 0)).toBeCloseTo(100);
  expect(shown.filter(({ weekend }) => weekend)).toHaveLength(4);
});

describe("a span drawn with the pointer", () => {
  test("is the same from either end, in whole hours", () => {
    const there = spanOf(0.1, 0.3, FROM, FROM + 10 * HOUR, HOUR);
    expect(there).toEqual({ from: FROM + HOUR, to: FROM + 3 * HOUR });
    expect(spanOf(0.3, 0.1, FROM, FROM + 10 * HOUR, HOUR)).toEqual(there);
  });
  test("is never empty and never outside", () => {
    expect(spanOf(0.5, 0.5, FROM, FROM + 10 * HOUR, HOUR).to).toBe(FROM + 6 * HOUR);
    expect(spanOf(-1, 2, FROM, FROM + 10 * HOUR, HOUR)).toEqual({
      from: FROM,
      to: FROM + 10 * HOUR,
    });
  });
});

test("a field for an instant shows the reader's wall clock", () => {
  expect(new Date(localInput(FROM + 3 * HOUR)).getTime()).toBe(FROM + 3 * HOUR);
});

test("the days of another zone begin at its own midnight, also those that a clock change makes longer or shorter", () => {
  for (const [zone, day, hours] of [
    ["Asia/Tokyo", "2026-11-20T15:00:00Z", 24],
    ["Asia/Kolkata", "2026-11-20T18:30:00Z", 24],
    ["Europe/Berlin", "2026-03-28T23:00:00Z", 23],
    ["Europe/Berlin", "2026-10-24T22:00:00Z", 25],
    ["America/New_York", "2026-11-01T04:00:00Z", 25],
    ["Australia/Lord_Howe", "2027-04-03T13:00:00Z", 24.5],
    ["Australia/Lord_Howe", "2026-10-03T13:30:00Z", 23.5],
  ] as const) {
    const begins = Date.parse(day);
    expect(midnight(begins + 5 * HOUR, zone)).toBe(begins);
    expect(days(begins, begins + hours * HOUR, zone).map((each) => each.hours)).toEqual([hours]);
    expect(localInput(begins, zone)).toMatch(/T00:00$/);
    for (const hour of [0, 1, 6, 20])
      expect(ofLocalInput(localInput(begins + hour * HOUR, zone), zone)).toBe(begins + hour * HOUR);
  }
});

test("a change lies on the shifts as they are: what it touches is cut out, and the rest stays", () => {
  const differences = [
    { startsAt: iso(6), endsAt: iso(18), before: "mara", after: "ann + bob" },
    { startsAt: iso(20), endsAt: iso(30), before: "joe", after: null },
  ];
  const shown = overlaid([shift(0, 12), shift(12, 24, "joe")], differences);
  expect(shown.map((one) => [at(one.startsAt), one.person, one.others, one.instead])).toEqual([
    [FROM, "mara", [], undefined],
    [FROM + 6 * HOUR, "ann", ["bob"], "mara"],
    [FROM + 18 * HOUR, "joe", [], undefined],
    [FROM + 20 * HOUR, null, [], "joe"],
  ]);
});

test("a day has the shifts that touch it, and says which of their ends lie within it", () => {
  const found = piecesOf([shift(-10, 9), shift(9, 30), shift(30, 40)], FROM, FROM + DAY);
  expect(found.map(({ from, to }) => [from, to])).toEqual([
    [null, FROM + 9 * HOUR],
    [FROM + 9 * HOUR, null],
  ]);
});
