import { describe, expect, test } from "vitest";
import { addDuration, durationMs, isDuration, spoken } from "./duration.ts";
import { DAY, fromIso, HOUR, MINUTE, SECOND, toIso } from "./instant.ts";

describe("durations", () => {
  for (const [text, ms] of [
    ["PT15M", 15 * MINUTE],
    ["P1W", 7 * DAY],
    ["P1DT2H3M4S", DAY + 2 * HOUR + 3 * MINUTE + 4 * SECOND],
    ["PT0S", 0],
    ["PT0.5S", 500],
  ] as const) {
    test(`${text} lasts ${ms} ms`, () => expect(durationMs(text)).toBe(ms));
  }

  for (const text of ["P1M", "P1Y"]) {
    test(`${text} has no fixed length`, () => {
      expect(() => durationMs(text)).toThrow(RangeError);
      expect(isDuration(text)).toBe(true);
    });
  }

  for (const text of ["", "P", "15 min", "PT", "-PT5M", "PT5X"]) {
    test(`“${text}” is none`, () => expect(isDuration(text)).toBe(false));
  }

  for (const [start, text, zone, end] of [
    ["2026-01-31T12:00:00Z", "P1M", "UTC", "2026-02-28T12:00:00.000Z"],
    ["2026-03-28T11:00:00Z", "P1D", "Europe/Berlin", "2026-03-29T10:00:00.000Z"],
    ["2026-03-28T11:00:00Z", "PT24H", "Europe/Berlin", "2026-03-29T11:00:00.000Z"],
  ] as const) {
    test(`${text} after ${start} in ${zone} is ${end}`, () => {
      expect(toIso(addDuration(fromIso(start)!, text, zone))).toBe(end);
    });
  }
});

describe("spoken", () => {
  for (const [ms, words] of [
    [0, "0 s"],
    [-5, "0 s"],
    [499, "0 s"],
    [500, "1 s"],
    [252_000, "4 min 12 s"],
    [3_600_000, "1 h"],
    [3_601_000, "1 h 1 s"],
    [2 * DAY + 3 * HOUR + 4 * MINUTE, "2 d 3 h"],
  ] as const) {
    test(`${ms} ms is “${words}”`, () => expect(spoken(ms)).toBe(words));
  }
});

describe("an instant", () => {
  for (const [text, told] of [
    ["2099-01-01T00:00:00Z", "2099-01-01T00:00:00.000Z"],
    ["9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"],
    // Told with a sign, they would break every list in which they stand.
    ["9999-12-31T23:59:59-01:00", null],
    ["+275760-09-13T00:00:00Z", null],
    ["-000001-01-01T00:00:00Z", null],
    ["0000-00-00", null],
  ] as const)
    test(`${text} is ${told === null ? "none" : "read"}`, () => {
      const at = fromIso(text);
      expect(at === null ? null : toIso(at)).toBe(told);
    });
});
