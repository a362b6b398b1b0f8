import { describe, expect, test } from "vitest";
import { fromIso, type Instant } from "../../base/instant.ts";
import { type Duty, loadOf } from "./load.ts";
import { findingsOf } from "./quality.ts";

const at = (iso: string): Instant => fromIso(`${iso}:00Z`)!;
const duty = (person: string, from: string, to: string, schedule = "db"): Duty => ({
  person,
  schedule,
  startsAt: at(from),
  endsAt: at(to),
});

describe("the load of a person", () => {
  const loads = (duties: readonly Duty[], pages: readonly string[] = []) => {
    const [line] = loadOf({
      duties,
      pages: pages.map((iso) => ({ person: "ada", at: at(iso) })),
      zoneOf: () => "Europe/Berlin",
      isHoliday: (_, day) => day === "2026-12-25",
    });
    const { hours, nightHours, weekendHours, holidayHours, shifts } = line!;
    return [hours, nightHours, weekendHours, holidayHours, shifts];
  };
  for (const [promise, duties, expected] of [
    [
      "is a day of 24 hours with eight of night",
      [duty("ada", "2026-11-24T08:00", "2026-11-25T08:00")],
      [24, 8, 0, 0, 1],
    ],
    [
      "is a weekend by the wall clock",
      [duty("ada", "2026-11-27T23:00", "2026-11-29T23:00")],
      [48, 16, 48, 0, 1],
    ],
    [
      "is an hour longer where the clocks go back",
      [duty("ada", "2026-10-24T22:00", "2026-10-25T23:00")],
      [25, 9, 25, 0, 1],
    ],
    [
      "is an hour shorter where they go forward",
      [duty("ada", "2026-03-28T23:00", "2026-03-29T22:00")],
      [23, 7, 23, 0, 1],
    ],
    [
      "is a holiday where the team has one",
      [duty("ada", "2026-12-24T23:00", "2026-12-25T23:00")],
      [24, 8, 0, 24, 1],
    ],
    [
      "counts an hour once that is on call in two schedules",
      [
        duty("ada", "2026-11-24T08:00", "2026-11-24T18:00"),
        duty("ada", "2026-11-24T12:00", "2026-11-24T20:00", "web"),
      ],
      [12, 0, 0, 0, 2],
    ],
  ] as const)
    test(promise, () => expect(loads(duties)).toEqual(expected));

  test("has the pages at which they slept", () => {
    const [line] = loadOf({
      duties: [],
      pages: ["2026-11-24T02:00", "2026-11-24T04:59", "2026-11-24T05:00", "2026-11-24T21:00"].map(
        (iso) => ({ person: "ada", at: at(iso) }),
      ),
      zoneOf: () => "Europe/Berlin",
      isHoliday: () => false,
    });
    expect(line).toMatchObject({ hours: 0, pages: 4, sleepPages: 3 });
  });
});

describe("findings", () => {
  const within = { startsAt: at("2026-11-23T00:00"), endsAt: at("2027-01-18T00:00") };
  const bob = duty("bob", "2026-12-10T08:00", "2026-12-10T09:00");
  for (const [promise, duties, expected] of [
    [
      "name who has more than eight days",
      [duty("ada", "2026-11-23T08:00", "2026-12-02T08:00"), bob],
      ["too long ada db"],
    ],
    ["leave a week alone", [duty("ada", "2026-11-23T08:00", "2026-11-30T08:00"), bob], []],
    [
      "name who has no rest between two shifts",
      [
        duty("ada", "2026-11-23T08:00", "2026-11-23T20:00"),
        duty("ada", "2026-11-24T06:00", "2026-11-24T18:00"),
        bob,
      ],
      ["back to back ada db"],
    ],
    [
      "name who has two schedules at once",
      [
        duty("ada", "2026-11-23T08:00", "2026-11-23T20:00"),
        duty("ada", "2026-11-23T10:00", "2026-11-23T12:00", "web"),
        bob,
        { ...bob, schedule: "web" },
      ],
      ["twice at once bob web", "twice at once ada web"],
    ],
    [
      "name who is alone in a schedule",
      [duty("ada", "2026-11-23T08:00", "2026-11-24T08:00")],
      ["single point of failure ada db"],
    ],
  ] as const)
    test(promise, () =>
      expect(
        findingsOf(duties, within)
          .map(({ kind, person, schedule }) => `${kind} ${person} ${schedule}`)
          .toSorted(),
      ).toEqual([...expected].toSorted()),
    );
});
