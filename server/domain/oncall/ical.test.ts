import { readdir, readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { fromIso, type Instant, toIso } from "../../base/instant.ts";
import { readCalendar } from "./ical.ts";

const at = (iso: string): Instant => fromIso(`${iso}:00Z`)!;
const SPAN = { startsAt: at("2026-03-20T00:00"), endsAt: at("2026-04-10T00:00") };

const calendar = (events: string, more = ""): string =>
  ["BEGIN:VCALENDAR", "VERSION:2.0", more, events, "END:VCALENDAR", ""]
    .filter((line) => line !== "")
    .join("\r\n");
const event = (...lines: readonly string[]): string =>
  ["BEGIN:VEVENT", "UID:1", "SUMMARY:Ada", ...lines, "END:VEVENT"].join("\r\n");
const read = (text: string): readonly string[] =>
  readCalendar(text, { span: SPAN, zone: "Europe/Berlin" }).map(
    ({ title, startsAt, endsAt }) =>
      `${title} ${toIso(startsAt).slice(5, 16)} ${toIso(endsAt).slice(5, 16)}`,
  );

const OWN_ZONE = [
  "BEGIN:VTIMEZONE",
  "TZID:Our Office",
  "BEGIN:STANDARD",
  "DTSTART:19700101T000000",
  "TZOFFSETFROM:+0200",
  "TZOFFSETTO:+0200",
  "END:STANDARD",
  "END:VTIMEZONE",
].join("\r\n");

describe("a calendar from outside", () => {
  for (const [promise, text, events] of [
    [
      "has events by UTC",
      calendar(event("DTSTART:20260325T080000Z", "DTEND:20260325T160000Z")),
      ["Ada 03-25T08:00 03-25T16:00"],
    ],
    [
      "has whole days of its own place",
      calendar(
        event("DTSTART;VALUE=DATE:20260325", "DTEND;VALUE=DATE:20260327"),
        "X-WR-TIMEZONE:America/New_York",
      ),
      ["Ada 03-25T04:00 03-27T04:00"],
    ],
    [
      "has whole days of the schedule's place where it names none",
      calendar(event("DTSTART;VALUE=DATE:20260329", "DTEND;VALUE=DATE:20260330")),
      ["Ada 03-28T23:00 03-29T22:00"],
    ],
    [
      "repeats by the wall clock, over a clock change",
      calendar(
        event(
          "DTSTART;TZID=Europe/Berlin:20260328T090000",
          "DURATION:PT8H",
          "RRULE:FREQ=DAILY;COUNT=2",
        ),
      ),
      ["Ada 03-28T08:00 03-28T16:00", "Ada 03-29T07:00 03-29T15:00"],
    ],
    [
      "leaves out what is cancelled, excepted or over",
      calendar(
        [
          event(
            "DTSTART:20260325T080000Z",
            "DTEND:20260325T160000Z",
            "RRULE:FREQ=DAILY;COUNT=2",
            "EXDATE:20260326T080000Z",
          ),
          event("DTSTART:20260327T080000Z", "DTEND:20260327T160000Z", "STATUS:CANCELLED").replace(
            "UID:1",
            "UID:2",
          ),
          event("DTSTART:20250327T080000Z", "DTEND:20250327T160000Z").replace("UID:1", "UID:3"),
        ].join("\r\n"),
      ),
      ["Ada 03-25T08:00 03-25T16:00"],
    ],
    [
      "reads a place that it describes itself",
      calendar(
        event("DTSTART;TZID=Our Office:20260325T080000", "DTEND;TZID=Our Office:20260325T160000"),
        OWN_ZONE,
      ),
      ["Ada 03-25T06:00 03-25T14:00"],
    ],
  ] as const)
    test(promise, () => expect(read(text)).toEqual(events));

  for (const [promise, text, problem] of [
    ["is refused when it is no calendar", "hello", /calendar/],
    [
      "is refused when it names a place that nobody knows",
      calendar(event("DTSTART;TZID=Nowhere:20260325T080000", "DTEND;TZID=Nowhere:20260325T160000")),
      /Nowhere/,
    ],
    [
      "is refused when it would be counted for ever",
      calendar(event("DTSTART:20260101T080000Z", "DURATION:PT1S", "RRULE:FREQ=SECONDLY")),
      /too often/,
    ],
    [
      "is refused when an event begins at no time",
      calendar(event("DTEND:20260325T160000Z")),
      /no beginning/,
    ],
  ] as const)
    test(promise, () => expect(() => read(text)).toThrow(problem));
});

const CORPUS = new URL("../../../../shared/corpus/alerts/", import.meta.url);
const samples = await readdir(CORPUS).then(
  (files) => files.filter((file) => file.startsWith("oncall-calendar")),
  () => [],
);

describe("calendars as people have them", () => {
  test("are read with every person, day and exception", async (context) => {
    if (samples.length === 0) return context.skip("no corpus beside this checkout");
    const span = { startsAt: at("2021-01-24T00:00"), endsAt: at("2021-01-30T00:00") };
    const told = await Promise.all(
      samples.toSorted().map(async (file) => {
        const text = await readFile(new URL(file, CORPUS), "utf8");
        const events = readCalendar(text, { span, zone: "UTC" });
        return events.map(({ title, startsAt }) => `${toIso(startsAt).slice(8, 16)} ${title}`);
      }),
    );
    const bernard = ["24", "25", "26", "27", "28", "29"].map(
      (day) => `${day}T08:00 @Bernard Desruisseaux`,
    );
    expect(told[0]).toEqual(bernard);
    const replaced = bernard.map((line) => (line.startsWith("27") ? "27T08:00 @Bob" : line));
    expect(told[1]?.toSorted()).toEqual(
      ["26T19:00 @Alex", "26T19:00 @Alice", ...replaced].toSorted(),
    );
  });
});
