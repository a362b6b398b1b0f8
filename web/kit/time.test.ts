import { describe, expect, test } from "vitest";
import {
  countdown,
  dateText,
  DAY,
  HOUR,
  inReadersTime,
  lengthText,
  MINUTE,
  SECOND,
  timeText,
} from "./time.ts";
import { type Language, LANGUAGES } from "../../contract/language.ts";
import { speak } from "./words.ts";

test("a day reads as the platform's own format has it, in each language", () => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const now = Date.UTC(2026, 0, 1, 12);
  for (const language of Object.keys(LANGUAGES) as Language[]) {
    speak(language, {});
    for (let day = 0; day < 366; day++) {
      const then = now + day * DAY;
      expect(dateText(then, { now })).toBe(dateText(then, { now, zone }));
    }
  }
  speak("en", {});
});

describe("a countdown", () => {
  for (const [ms, text] of [
    [0, "0:00"],
    [9 * SECOND, "0:09"],
    [4 * MINUTE + 12 * SECOND, "4:12"],
    [-(3 * MINUTE + 12 * SECOND), "3:12"],
    [59 * MINUTE + 59 * SECOND, "59:59"],
    [HOUR, "1 h"],
    [3 * HOUR + 24 * MINUTE, "3 h 24"],
    [47 * HOUR + 59 * MINUTE, "47 h 59"],
    [2 * DAY + 4 * HOUR + 5 * MINUTE, "2 d 4 h"],
  ] as const)
    test(`of ${ms} ms reads ${text}`, () => expect(countdown(ms)).toBe(text));
});

test("a length below a minute is told in seconds", () => {
  expect([lengthText(35 * SECOND), lengthText(-5), lengthText(12 * MINUTE)]).toEqual([
    "35 s",
    "0 s",
    "12 min",
  ]);
});

describe("times as somebody reads them", () => {
  const now = Date.UTC(2026, 10, 21, 12);
  const berlin = { now, zone: "Europe/Berlin" };
  test("today is a time of day, another day is named, another year as well", () => {
    expect(timeText(now + 9 * MINUTE, berlin)).toBe("13:09");
    expect(timeText(now + 9 * SECOND, { ...berlin, seconds: true })).toBe("13:00:09");
    expect(timeText(Date.UTC(2026, 10, 23, 8), berlin)).toBe("Mon 23 Nov 09:00");
    expect(timeText(Date.UTC(2027, 0, 4, 8), berlin)).toBe("Mon 4 Jan 2027 09:00");
  });
  test("midnight belongs to the reader's day, not to UTC's", () => {
    expect(timeText(Date.UTC(2026, 10, 21, 23, 30), berlin)).toBe("Sun 22 Nov 00:30");
  });
  test("instants inside sentences are told for the reader", () => {
    expect(inReadersTime("due 2026-11-21T12:14:00.000Z.", berlin)).toBe("due 13:14.");
    expect(inReadersTime("due 2026-99-99T12:14:00Z.", berlin)).toBe("due 2026-99-99T12:14:00Z.");
  });
});
