import { describe, expect, test } from "vitest";
import { fromIso, toIso } from "../../base/instant.ts";
import { readCron, turnAfter } from "./cron.ts";

const at = (text: string) => fromIso(text)!;
const turns = (text: string, zone: string, after: string, count = 1): readonly string[] => {
  const cron = readCron(text);
  if ("problem" in cron) throw new Error(cron.problem);
  const found: string[] = [];
  let from = at(after);
  while (found.length < count) {
    const turn = turnAfter(cron, zone, from)!;
    const words = [turn.from, turn.by].map((each) => toIso(each).slice(0, 16));
    found.push(words[0] === words[1] ? words[0]! : words.join("…"));
    from = turn.from;
  }
  return found;
};

describe("a crontab", () => {
  for (const [promise, text, after, expected] of [
    ["every ten minutes", "*/10 * * * *", "2026-11-26T00:05:00Z", "2026-11-26T00:10"],
    ["on weekdays by name", "0 7 * * mon-fri", "2026-11-27T08:00:00Z", "2026-11-30T07:00"],
    ["7 is Sunday", "0 7 * * 7", "2026-11-26T08:00:00Z", "2026-11-29T07:00"],
    ["either day will do", "0 0 13 * 5", "2026-11-26T08:00:00Z", "2026-11-27T00:00"],
    ["both days where one is a star", "0 0 */2 * 1", "2026-11-26T08:00:00Z", "2026-12-07T00:00"],
    ["by its name", "@monthly", "2026-11-26T08:00:00Z", "2026-12-01T00:00"],
    ["a leap day, years ahead", "0 0 29 2 *", "2026-11-26T08:00:00Z", "2028-02-29T00:00"],
    ["not at its own instant", "0 8 * * *", "2026-11-26T08:00:00Z", "2026-11-27T08:00"],
    ["hours out of order", "5,1 23,4 * * *", "2026-11-26T04:02:00Z", "2026-11-26T04:05"],
    ["from a number on in steps", "20/20 * * * *", "2026-11-26T04:41:00Z", "2026-11-26T05:20"],
  ] as const)
    test(promise, () => expect(turns(text, "UTC", after)).toEqual([expected]));

  for (const text of [
    "",
    "* * * *",
    "60 * * * *",
    "*/0 * * * *",
    "5-1 * * * *",
    "0 0 31 2 *",
    "a * * * *",
  ])
    test(`“${text}” is refused`, () => expect(readCron(text)).toHaveProperty("problem"));
});

describe("at a clock change", () => {
  test("a skipped time has no turn that night: not every daemon runs it", () =>
    expect(turns("30 2 * * *", "Europe/Berlin", "2027-03-27T03:00:00Z", 2)).toEqual([
      "2027-03-29T00:30",
      "2027-03-30T00:30",
    ]));
  test("a doubled time is one turn that lasts until the second", () =>
    expect(turns("30 2 * * *", "Europe/Berlin", "2026-10-24T03:00:00Z", 2)).toEqual([
      "2026-10-25T00:30…2026-10-25T01:30",
      "2026-10-26T01:30",
    ]));
  test("what runs every hour runs in both of them", () =>
    expect(turns("30 * * * *", "Europe/Berlin", "2026-10-24T23:45:00Z", 4)).toEqual([
      "2026-10-25T00:30",
      "2026-10-25T01:30",
      "2026-10-25T02:30",
      "2026-10-25T03:30",
    ]));
  test("half an hour is skipped on Lord Howe Island", () =>
    expect(turns("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z")).toEqual([
      "2026-10-04T15:15",
    ]));
});
