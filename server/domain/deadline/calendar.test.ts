import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Calendar } from "../../../contract/deadline.ts";
import { addMs, DAY, fromIso, HOUR, type Instant, MINUTE, toIso } from "../../base/instant.ts";
import {
  addBusinessDays,
  addBusinessDuration,
  addBusinessTime,
  businessTimeBetween,
  isOpen,
  nextOpening,
} from "./calendar.ts";

const at = (text: string): Instant => {
  const found = fromIso(text);
  if (found === null) throw new Error(`not an instant: ${text}`);
  return found;
};
const isoOf = (instant: Instant | null) => (instant === null ? null : toIso(instant));
const utc = (text: string | null) => (text === null ? null : toIso(at(text)));

const nineToFive = "09:00-17:00";
const workdays = {
  mon: nineToFive,
  tue: nineToFive,
  wed: nineToFive,
  thu: nineToFive,
  fri: nineToFive,
};
const everyDay = (hours: string): Calendar["hours"] =>
  Object.fromEntries(["mon", "tue", "wed", "thu", "fri", "sat", "sun"].map((d) => [d, hours]));
const calendar = (timezone: string, hours: Calendar["hours"], ...holidays: string[]): Calendar => ({
  timezone,
  hours,
  holidays: holidays.map((date) => ({ date, name: "Holiday" })),
});
// 2026-03-02 is a Monday; Berlin's clock goes forward on 2026-03-29 and back on 2026-10-25.
const berlin = calendar("Europe/Berlin", workdays, "2026-03-05");
const closed = calendar("Europe/Berlin", {});
const night = calendar("Europe/Berlin", { mon: "22:00-06:00", tue: "05:00-12:00" });

describe("isOpen", () => {
  for (const [promise, cal, when, open] of [
    ["is open from the first minute", berlin, "2026-03-02T09:00+01:00", true],
    ["is closed at the closing instant", berlin, "2026-03-02T17:00+01:00", false],
    ["is closed before opening", berlin, "2026-03-02T08:59:59.999+01:00", false],
    ["is closed on a free weekday", berlin, "2026-03-07T12:00+01:00", false],
    ["is closed on a holiday", berlin, "2026-03-05T12:00+01:00", false],
    ["follows the wall clock into summer time", berlin, "2026-03-30T09:00+02:00", true],
    [
      "keeps hours that end on the next day open after midnight",
      night,
      "2026-03-03T04:00+01:00",
      true,
    ],
    ["does not open again after hours of another day", night, "2026-03-04T04:00+01:00", false],
    [
      "closes 24:00 at midnight",
      calendar("UTC", { mon: "00:00-24:00" }),
      "2026-03-03T00:00Z",
      false,
    ],
    ["is never open without hours", closed, "2026-03-02T12:00+01:00", false],
  ] as const)
    test(promise, () => expect(isOpen(cal, at(when))).toBe(open));
});

describe("nextOpening", () => {
  for (const [promise, from, opening] of [
    ["is now while open", "2026-03-02T10:00+01:00", "2026-03-02T10:00+01:00"],
    ["is today's opening before it", "2026-03-02T03:00+01:00", "2026-03-02T09:00+01:00"],
    ["is tomorrow's from closing time on", "2026-03-02T17:00+01:00", "2026-03-03T09:00+01:00"],
    ["passes over a holiday", "2026-03-04T20:00+01:00", "2026-03-06T09:00+01:00"],
    [
      "passes over a weekend with a clock change",
      "2026-03-27T18:00+01:00",
      "2026-03-30T09:00+02:00",
    ],
  ] as const)
    test(promise, () => expect(isoOf(nextOpening(berlin, at(from)))).toBe(utc(opening)));
});

describe("addBusinessTime", () => {
  const allDay = calendar("Europe/Berlin", everyDay("00:00-24:00"));
  const early = calendar("Europe/Berlin", { sun: "01:00-05:00" });
  for (const [promise, cal, from, hours, end] of [
    ["counts inside one day", berlin, "2026-03-02T10:00+01:00", 3, "2026-03-02T13:00+01:00"],
    [
      "ends at closing time, not at the next opening",
      berlin,
      "2026-03-02T10:00+01:00",
      7,
      "2026-03-02T17:00+01:00",
    ],
    ["goes on the next working day", berlin, "2026-03-02T16:00+01:00", 2, "2026-03-03T10:00+01:00"],
    ["counts nothing on a holiday", berlin, "2026-03-04T16:00+01:00", 2, "2026-03-06T10:00+01:00"],
    [
      "counts nothing before opening",
      berlin,
      "2026-03-02T01:00+01:00",
      1,
      "2026-03-02T10:00+01:00",
    ],
    [
      "adds nothing as nothing, even while closed",
      berlin,
      "2026-03-07T12:00+01:00",
      0,
      "2026-03-07T12:00+01:00",
    ],
    [
      "counts a day of 23 hours as 23",
      allDay,
      "2026-03-29T00:00+01:00",
      24,
      "2026-03-30T01:00+02:00",
    ],
    [
      "counts a day of 25 hours as 25",
      allDay,
      "2026-10-25T00:00+02:00",
      25,
      "2026-10-26T00:00+01:00",
    ],
    [
      "leaves out the hour the clock skips",
      early,
      "2026-03-29T00:00+01:00",
      3,
      "2026-03-29T05:00+02:00",
    ],
    [
      "counts the hour the clock shows twice",
      early,
      "2026-10-25T00:00+02:00",
      5,
      "2026-10-25T05:00+01:00",
    ],
    ["counts overlapping hours once", night, "2026-03-02T22:00+01:00", 9, "2026-03-03T07:00+01:00"],
    ["has no end in a calendar that never opens", closed, "2026-03-02T10:00+01:00", 1, null],
  ] as const)
    test(promise, () => expect(isoOf(addBusinessTime(cal, at(from), hours * HOUR))).toBe(utc(end)));

  test("gives up on a calendar that is hardly ever open", () => {
    const minute = calendar("UTC", { mon: "09:00-09:01" });
    expect(addBusinessTime(minute, at("2026-03-02T00:00Z"), 40 * HOUR)).toBeNull();
  });
});

describe("addBusinessDays", () => {
  const samoa = calendar("Pacific/Apia", everyDay(nineToFive));
  for (const [promise, cal, from, days, end] of [
    [
      "ends when the second day after closes",
      berlin,
      "2026-03-02T10:00+01:00",
      2,
      "2026-03-04T17:00+01:00",
    ],
    [
      "does not count today even before opening",
      berlin,
      "2026-03-02T00:00+01:00",
      1,
      "2026-03-03T17:00+01:00",
    ],
    [
      "does not count today after closing",
      berlin,
      "2026-03-02T23:00+01:00",
      1,
      "2026-03-03T17:00+01:00",
    ],
    [
      "passes over holiday and weekend",
      berlin,
      "2026-03-04T10:00+01:00",
      2,
      "2026-03-09T17:00+01:00",
    ],
    [
      "counts Monday first from a weekend",
      berlin,
      "2026-03-07T10:00+01:00",
      1,
      "2026-03-09T17:00+01:00",
    ],
    [
      "knows which date it is in its zone",
      berlin,
      "2026-03-01T23:30Z",
      1,
      "2026-03-03T17:00+01:00",
    ],
    [
      "does not count a day whose hours the clock skips",
      calendar("Europe/Berlin", { sun: "02:00-03:00" }),
      "2026-03-28T12:00+01:00",
      1,
      "2026-04-05T03:00+02:00",
    ],
    [
      "does not count a date the zone left out",
      samoa,
      "2011-12-29T12:00-10:00",
      2,
      "2012-01-01T17:00+14:00",
    ],
    ["has no end in a calendar that never opens", closed, "2026-03-02T10:00+01:00", 1, null],
  ] as const)
    test(promise, () => expect(isoOf(addBusinessDays(cal, at(from), days))).toBe(utc(end)));
});

describe("addBusinessDuration", () => {
  for (const [promise, cal, iso, end] of [
    ["reads days as working days", berlin, "P2D", "2026-03-04T17:00+01:00"],
    ["reads hours as open hours", berlin, "PT8H", "2026-03-03T10:00+01:00"],
    ["counts hours after days", berlin, "P1DT30M", "2026-03-04T09:30+01:00"],
    ["reads weeks on the wall clock", berlin, "P1W", "2026-03-09T10:00+01:00"],
    [
      "ends a month at closing time when it ends in closed hours",
      calendar("Europe/Berlin", workdays, "2026-04-02"),
      "P1M",
      "2026-04-03T17:00+02:00",
    ],
    ["adds nothing as nothing", berlin, "PT0S", "2026-03-02T10:00+01:00"],
    ["has no end beyond ten years", berlin, "P20Y", null],
    ["has no end in a calendar that never opens", closed, "P1W", null],
  ] as const)
    test(promise, () => {
      const from = promise.startsWith("ends a month")
        ? "2026-03-02T18:00+01:00"
        : "2026-03-02T10:00+01:00";
      expect(isoOf(addBusinessDuration(cal, at(from), iso))).toBe(utc(end));
    });
});

describe("for any calendar", () => {
  const runs = { seed: 20_261_121, numRuns: 150 };
  const hour = fc.integer({ min: 4, max: 21 });
  const text = (from: number, to: number) =>
    [from, to].map((h) => `${h < 10 ? 0 : ""}${h}:00`).join("-");
  const dayHours = fc.tuple(hour, hour).map(([a, b]) => text(Math.min(a, b), Math.max(a, b) + 1));
  const anyHours = fc.oneof(
    dayHours,
    fc.tuple(hour, hour).map(([a, b]) => text(a, b)),
    fc.constant("00:00-24:00"),
  );
  const start = at("2026-03-20T00:00Z");
  const someInstant = fc.integer({ min: 0, max: 300 * DAY }).map((ms) => addMs(start, ms));
  const zone = fc.constantFrom(
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "Asia/Kolkata",
  );
  const freeDays = fc.uniqueArray(fc.integer({ min: 0, max: 300 }), { maxLength: 20 });
  const calendarOf = (hours: fc.Arbitrary<string>) =>
    fc
      .tuple(
        zone,
        hours,
        fc.array(fc.option(hours, { nil: undefined }), { maxLength: 6 }),
        freeDays,
      )
      .map(([timezone, mon, [tue, wed, thu, fri, sat, sun], holidays]): Calendar => {
        const dates = holidays.map((n) => toIso(addMs(start, n * DAY)).slice(0, 10));
        return calendar(timezone, { mon, tue, wed, thu, fri, sat, sun }, ...dates);
      });
  const someCalendar = calendarOf(anyHours);
  const dayCalendar = calendarOf(dayHours);
  const span = fc.integer({ min: 1, max: 200 * HOUR });

  test("adding n hours passes exactly n open hours, however it is cut", () =>
    fc.assert(
      fc.property(someCalendar, someInstant, span, span, (cal, from, a, b) => {
        const middle = addBusinessTime(cal, from, a);
        if (middle === null) throw new Error("every one of these calendars opens");
        const end = addBusinessTime(cal, middle, b);
        expect(end).toBe(addBusinessTime(cal, from, a + b));
        expect(businessTimeBetween(cal, from, middle)).toBe(a);
        expect(businessTimeBetween(cal, addMs(middle, -1), middle)).toBe(1);
      }),
      runs,
    ));

  test("time between is additive and never more than real time", () =>
    fc.assert(
      fc.property(someCalendar, someInstant, span, span, (cal, from, a, b) => {
        const [middle, end] = [addMs(from, a), addMs(from, a + b)];
        const whole = businessTimeBetween(cal, from, end);
        const parts = [
          [from, middle],
          [middle, end],
        ] as const;
        expect(parts.reduce((sum, [x, y]) => sum + businessTimeBetween(cal, x, y), 0)).toBe(whole);
        expect(whole).toBeLessThanOrEqual(a + b);
        expect(businessTimeBetween(cal, end, from)).toBe(0);
      }),
      runs,
    ));

  test("the next opening is open, and nothing before it is", () =>
    fc.assert(
      fc.property(someCalendar, someInstant, (cal, from) => {
        const opening = nextOpening(cal, from);
        if (opening === null) throw new Error("every one of these calendars opens");
        expect(isOpen(cal, opening)).toBe(true);
        expect(businessTimeBetween(cal, from, opening)).toBe(0);
        expect(opening === from).toBe(isOpen(cal, from));
      }),
      runs,
    ));

  test("n business days are n times one business day", () =>
    fc.assert(
      fc.property(dayCalendar, someInstant, fc.integer({ min: 1, max: 12 }), (cal, from, n) => {
        // Day calendars close on the date they opened, so each count begins on the right date.
        let end: Instant | null = from;
        for (let day = 0; day < n && end !== null; day += 1) end = addBusinessDays(cal, end, 1);
        expect(addBusinessDays(cal, from, n)).toBe(end);
      }),
      runs,
    ));

  test("is open when a wall clock shows open hours", () =>
    fc.assert(
      fc.property(dayCalendar, someInstant, (cal, from) => {
        const minute = addMs(from, -(from % MINUTE));
        expect(isOpen(cal, minute)).toBe(shownOpen(cal, minute));
      }),
      { ...runs, numRuns: 600 },
    ));
});

/** The same question asked of Intl, which shares nothing with the calendar's own arithmetic. */
function shownOpen(cal: Calendar, when: Instant): boolean {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: cal.timezone,
    weekday: "short",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  });
  const shown = Object.fromEntries(format.formatToParts(when).map((p) => [p.type, p.value]));
  const date = `${shown["year"]}-${shown["month"]}-${shown["day"]}`;
  const weekday = (shown["weekday"] ?? "").toLowerCase();
  const hours = Object.entries(cal.hours).find(([day]) => day === weekday)?.[1];
  const time = `${shown["hour"]}:${shown["minute"]}`;
  if (hours === undefined || cal.holidays.some((holiday) => holiday.date === date)) return false;
  return hours.slice(0, 5) <= time && time < hours.slice(6);
}
