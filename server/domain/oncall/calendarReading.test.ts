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
  eventsOf(of(rule), { span: SPAN, zone: "UTC" }, { ...(timeoutMs && { timeoutMs }) });

test("what repeats on a day that no year has is given up", async () => {
  const never = read("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", 1_000);
  await expect(never).rejects.toThrow("it takes too long to read");
});

test("a crowd of calendars is a line: one is read at a time, and whoever comes on top is asked to send it again", async () => {
  const never = "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30";
  const first = read(never, 500);
  const waiting = Array.from({ length: 4 }, () => read("FREQ=YEARLY"));
  await expect(read("FREQ=YEARLY")).rejects.toMatchObject({
    code: "calendar.busy",
    message: "Several calendars wait to be read just now. Send this one again in 10 s.",
  });
  // The engine's own is read behind them, not refused.
  const own = eventsOf(of("FREQ=YEARLY"), { span: SPAN, zone: "UTC" }, { isPatient: true });
  await expect(first).rejects.toThrow("it takes too long to read");
  for (const events of await Promise.all([...waiting, own])) expect(events).toHaveLength(1);
});

test("what can be read is read, and what cannot says why", async () => {
  expect(await read("FREQ=YEARLY")).toHaveLength(1);
  await expect(read("FREQ=SECONDLY")).rejects.toThrow("repeats too often");
});
