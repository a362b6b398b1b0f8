/** A calendar that would be read for ever ends its thread, not the server. */
import { expect, test } from "vitest";
import { fromIso } from "../../base/instant.ts";
import { eventsOf } from "./calendarReading.ts";

const SPAN = { startsAt: fromIso("2026-01-01T00:00Z")!, endsAt: fromIso("2027-01-01T00:00Z")! };
const of = (rule: string) =>
  [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "BEGIN:VEVENT",
    "UID:1",
    "DTSTART:20260228T080000Z",
    "DURATION:PT1H",
    `RRULE:${rule}`,
    "END:VEVENT",
    "END:VCALENDAR",
    "",
  ].join("\r\n");
const read = (rule: string, timeoutMs?: number) =>
  eventsOf(of(rule), { span: SPAN, zone: "UTC" }, timeoutMs);

test("what repeats on a day that no year has is given up", async () => {
  const never = read("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", 1_000);
  await expect(never).rejects.toThrow("it takes too long to read");
});

test("what can be read is read, and what cannot says why", async () => {
  expect(await read("FREQ=YEARLY")).toHaveLength(1);
  await expect(read("FREQ=SECONDLY")).rejects.toThrow("repeats too often");
});
