import { describe, expect, test } from "vitest";
import { Layer } from "../../../contract/oncall.ts";
import { addMs, fromIso, HOUR, type Instant, MINUTE, toIso } from "../../base/instant.ts";
import { explainShift, holdsFrom, shiftAt, silenceAt } from "./rotation.ts";

const at = (iso: string): Instant => fromIso(iso)!;
const layer = (changes: Partial<Layer>): Layer =>
  Layer.parse({
    name: "primary",
    people: ["ada", "bob", "cid"],
    every: "day",
    startsOn: "2020-01-01",
    ...changes,
  });
const told = (of: Layer, zone: string, when: string): string => {
  const shift = shiftAt(of, zone, at(when));
  return shift === null
    ? "nobody"
    : `${shift.person} ${toIso(shift.startsAt).slice(0, 16)} ${toIso(shift.endsAt).slice(0, 16)}`;
};

describe("a shift begins and ends where the wall clock says, in UTC:", () => {
  // A turn is a zone, the day on which ada begins, and the handoff.
  const rows: readonly (readonly [promise: string, turn: string, when: string, shift: string])[] = [
    [
      "Berlin, spring: the night shift lasts 23 hours",
      "Europe/Berlin 2026-03-28 09:00",
      "2026-03-29T00:30Z",
      "ada 2026-03-28T08:00 2026-03-29T07:00",
    ],
    [
      "Berlin, spring: a handoff at 02:30, which is skipped, happens when the clocks jump",
      "Europe/Berlin 2026-03-28 02:30",
      "2026-03-29T01:00Z",
      "bob 2026-03-29T01:00 2026-03-30T00:30",
    ],
    [
      "Berlin, spring: the shift before it ends at that very moment",
      "Europe/Berlin 2026-03-28 02:30",
      "2026-03-29T00:59:59.999Z",
      "ada 2026-03-28T01:30 2026-03-29T01:00",
    ],
    [
      "Berlin, autumn: the night shift lasts 25 hours",
      "Europe/Berlin 2026-10-24 09:00",
      "2026-10-25T02:00Z",
      "ada 2026-10-24T07:00 2026-10-25T08:00",
    ],
    [
      "Berlin, autumn: a handoff at 02:30, which comes twice, happens at the first",
      "Europe/Berlin 2026-10-24 02:30",
      "2026-10-25T00:30Z",
      "bob 2026-10-25T00:30 2026-10-26T01:30",
    ],
    [
      "Berlin, autumn: at the second 02:15 the shift begun at 02:30 goes on",
      "Europe/Berlin 2026-10-24 02:30",
      "2026-10-25T01:15Z",
      "bob 2026-10-25T00:30 2026-10-26T01:30",
    ],
    [
      "New York, spring: a skipped 02:00 is the 03:00 after it",
      "America/New_York 2026-03-07 02:00",
      "2026-03-08T07:00Z",
      "bob 2026-03-08T07:00 2026-03-09T06:00",
    ],
    [
      "New York, autumn: the first 01:00 counts",
      "America/New_York 2026-10-31 01:00",
      "2026-11-01T06:30Z",
      "bob 2026-11-01T05:00 2026-11-02T06:00",
    ],
    [
      "Lord Howe, spring: clocks jump by half an hour, from 02:00 to 02:30",
      "Australia/Lord_Howe 2026-10-03 02:15",
      "2026-10-03T15:30Z",
      "bob 2026-10-03T15:30 2026-10-04T15:15",
    ],
    [
      "Lord Howe, autumn: 01:45 comes twice, half an hour apart",
      "Australia/Lord_Howe 2026-04-04 01:45",
      "2026-04-04T15:10Z",
      "bob 2026-04-04T14:45 2026-04-05T15:15",
    ],
    [
      "Apia 2011: the shift of 29 December runs over the skipped 30th until it is the 31st",
      "Pacific/Apia 2011-12-29 09:00",
      "2011-12-30T09:59Z",
      "ada 2011-12-29T19:00 2011-12-30T10:00",
    ],
    [
      "Apia 2011: the shift of the skipped day begins at the jump and ends at the next handoff",
      "Pacific/Apia 2011-12-29 09:00",
      "2011-12-30T10:00Z",
      "bob 2011-12-30T10:00 2011-12-30T19:00",
    ],
    [
      "Apia 2011: from midnight to midnight the turn of the skipped day is empty, and is counted",
      "Pacific/Apia 2011-12-29 00:00",
      "2011-12-30T10:00Z",
      "cid 2011-12-30T10:00 2011-12-31T10:00",
    ],
    [
      "Casablanca, Ramadan: clocks go back in February and the shift lasts an hour more",
      "Africa/Casablanca 2026-02-14 09:00",
      "2026-02-15T03:00Z",
      "ada 2026-02-14T08:00 2026-02-15T09:00",
    ],
    [
      "Casablanca, after Ramadan: a handoff at 02:30 is skipped",
      "Africa/Casablanca 2026-03-21 02:30",
      "2026-03-22T02:00Z",
      "bob 2026-03-22T02:00 2026-03-23T01:30",
    ],
    [
      "São Paulo 2018: there was no midnight, the day began at one",
      "America/Sao_Paulo 2018-11-03 00:00",
      "2018-11-04T03:00Z",
      "bob 2018-11-04T03:00 2018-11-05T02:00",
    ],
    [
      "São Paulo today: no summer time any more",
      "America/Sao_Paulo 2026-11-01 00:00",
      "2026-11-01T12:00Z",
      "ada 2026-11-01T03:00 2026-11-02T03:00",
    ],
    [
      "St John's 2010: clocks went back one minute after midnight, the new shift goes on",
      "America/St_Johns 2010-11-06 00:00",
      "2010-11-07T03:00Z",
      "bob 2010-11-07T02:30 2010-11-08T03:30",
    ],
    [
      "Troll: clocks jump by two hours",
      "Antarctica/Troll 2026-03-28 02:30",
      "2026-03-29T01:00Z",
      "bob 2026-03-29T01:00 2026-03-30T00:30",
    ],
    [
      "Kathmandu: 5 hours and 45 minutes from Greenwich",
      "Asia/Kathmandu 2026-11-20 09:00",
      "2026-11-21T03:15Z",
      "bob 2026-11-21T03:15 2026-11-22T03:15",
    ],
    [
      "Dublin, whose winter is the exception: 01:30 is skipped in spring",
      "Europe/Dublin 2026-03-28 01:30",
      "2026-03-29T01:00Z",
      "bob 2026-03-29T01:00 2026-03-30T00:30",
    ],
  ];
  for (const [promise, turn, when, shift] of rows) {
    const [zone, startsOn, handoffAt] = turn.split(" ");
    test(promise, () => expect(told(layer({ startsOn, handoffAt }), zone!, when)).toBe(shift));
  }
});

describe("turns", () => {
  for (const [promise, changes, when, shift] of [
    ["nobody before the first handoff", {}, "2020-01-01T08:59Z", "nobody"],
    ["the first person first", {}, "2020-01-01T09:00Z", "ada 2020-01-01T09:00 2020-01-02T09:00"],
    ["then the others, in order", {}, "2020-01-03T10:00Z", "cid 2020-01-03T09:00 2020-01-04T09:00"],
    ["and round again", {}, "2020-01-04T10:00Z", "ada 2020-01-04T09:00 2020-01-05T09:00"],
    [
      "a week is seven days",
      { every: "week" },
      "2020-01-08T09:00Z",
      "bob 2020-01-08T09:00 2020-01-15T09:00",
    ],
    [
      "two weeks are fourteen",
      { every: "week", count: 2 },
      "2020-01-28T10:00Z",
      "bob 2020-01-15T09:00 2020-01-29T09:00",
    ],
    [
      "three days are three",
      { count: 3 },
      "2020-01-06T10:00Z",
      "bob 2020-01-04T09:00 2020-01-07T09:00",
    ],
    [
      "the last shift is cut at the handoff of endsOn",
      { count: 3, endsOn: "2020-01-06" },
      "2020-01-06T08:59Z",
      "bob 2020-01-04T09:00 2020-01-06T09:00",
    ],
    ["nobody from endsOn on", { endsOn: "2020-01-06" }, "2020-01-06T09:00Z", "nobody"],
    [
      "nobody ever, when it ends before it starts",
      { endsOn: "2019-12-01" },
      "2020-01-05T12:00Z",
      "nobody",
    ],
    [
      "a hundred years later the count still holds",
      { people: ["ada", "bob"] },
      "2119-12-31T12:00Z",
      // 36 523 days after the first: an odd number.
      "bob 2119-12-31T09:00 2120-01-01T09:00",
    ],
    [
      "the layer's own zone wins over the schedule's",
      { timezone: "Asia/Tokyo" },
      "2020-01-01T00:00Z",
      "ada 2020-01-01T00:00 2020-01-02T00:00",
    ],
  ] as const satisfies readonly (readonly [string, Partial<Layer>, string, string])[]) {
    test(promise, () => expect(told(layer(changes), "UTC", when)).toBe(shift));
  }

  test("a layer that ends and one that starts that day meet, even in a skipped hour", () => {
    const day = { handoffAt: "02:30", startsOn: "2026-03-01" };
    const old = layer({ ...day, endsOn: "2026-03-29" });
    const next = layer({ ...day, startsOn: "2026-03-29", people: ["dan"] });
    const jump = at("2026-03-29T01:00Z");
    expect(shiftAt(old, "Europe/Berlin", addMs(jump, -1))?.endsAt).toBe(jump);
    expect(shiftAt(old, "Europe/Berlin", jump)).toBeNull();
    expect(shiftAt(next, "Europe/Berlin", jump)?.startsAt).toBe(jump);
    expect(shiftAt(next, "Europe/Berlin", addMs(jump, -1))).toBeNull();
  });

  test("why a layer is silent is told apart", () => {
    const office = layer({ endsOn: "2020-02-01", restrictions: [{ from: "09:00", to: "17:00" }] });
    expect(silenceAt(office, "UTC", at("2019-12-31T12:00Z"))).toBe("not started");
    expect(silenceAt(office, "UTC", at("2020-01-10T18:00Z"))).toBe("outside its hours");
    expect(silenceAt(office, "UTC", at("2020-02-01T09:00Z"))).toBe("ended");
  });
});

describe("restrictions", () => {
  // 2026-03-27 is a Friday; Berlin jumps forward on Sunday the 29th at 02:00, back on 25 October.
  const held = (restrictions: Layer["restrictions"], from: string, to: string): string[] => {
    const of = layer({ every: "week", startsOn: "2026-01-05", restrictions, endsOn: "2027-01-04" });
    const spans: string[] = [];
    for (const hold of holdsFrom(of, "Europe/Berlin", at(from))) {
      if (hold.startsAt >= at(to)) break;
      spans.push(`${toIso(hold.startsAt).slice(5, 16)} ${toIso(hold.endsAt).slice(5, 16)}`);
    }
    return spans;
  };
  const rows: readonly (readonly [
    promise: string,
    restrictions: Layer["restrictions"],
    span: readonly [string, string],
    holds: readonly string[],
  ])[] = [
    [
      "only on their days, opening at the same wall time before and after a jump",
      [{ days: ["fri", "mon"], from: "09:00", to: "17:00" }],
      ["2026-03-27T00:00Z", "2026-03-31T00:00Z"],
      // The Monday's hours begin with the shift of 09:00.
      ["03-27T08:00 03-27T16:00", "03-30T07:00 03-30T15:00"],
    ],
    [
      "hours over midnight belong to the day on which they begin",
      [{ days: ["sat"], from: "22:00", to: "06:00" }],
      ["2026-03-27T00:00Z", "2026-03-31T00:00Z"],
      ["03-28T21:00 03-29T04:00"],
    ],
    [
      "equal times mean all day, from that time to the next day's",
      [{ days: ["sat"], from: "12:00", to: "12:00" }],
      ["2026-03-27T00:00Z", "2026-03-31T00:00Z"],
      ["03-28T11:00 03-29T10:00"],
    ],
    [
      "hours that lie wholly in a skipped hour are empty",
      [{ days: ["sun"], from: "02:10", to: "02:50" }],
      ["2026-03-28T00:00Z", "2026-04-06T00:00Z"],
      ["04-05T00:10 04-05T00:50"],
    ],
    [
      "hours that begin in a skipped hour begin at the jump",
      [{ days: ["sun"], from: "02:30", to: "08:00" }],
      ["2026-03-28T00:00Z", "2026-03-30T00:00Z"],
      ["03-29T01:00 03-29T06:00"],
    ],
    [
      "hours that end in a doubled hour end at its first occurrence",
      [{ days: ["sat"], from: "22:00", to: "02:30" }],
      ["2026-10-24T00:00Z", "2026-10-26T00:00Z"],
      ["10-24T20:00 10-25T00:30"],
    ],
    [
      "hours that overlap or touch are one",
      [
        { days: ["fri"], from: "09:00", to: "12:00" },
        { days: ["fri"], from: "11:00", to: "15:00" },
        { days: ["fri"], from: "15:00", to: "16:00" },
      ],
      ["2026-03-27T00:00Z", "2026-03-28T00:00Z"],
      ["03-27T08:00 03-27T15:00"],
    ],
    [
      "hours in which a shift changes are two holds that meet",
      [{ days: ["mon"], from: "08:00", to: "10:00" }],
      ["2026-03-30T00:00Z", "2026-03-31T00:00Z"],
      ["03-30T06:00 03-30T07:00", "03-30T07:00 03-30T08:00"],
    ],
  ];
  for (const [promise, restrictions, [from, to], holds] of rows) {
    test(promise, () => expect(held(restrictions, from, to)).toEqual(holds));
  }
});

describe("an explanation", () => {
  const explained = (changes: Partial<Layer>, zone: string, when: string) => {
    const of = layer(changes);
    return explainShift(of, zone, shiftAt(of, zone, at(when))!);
  };

  test("of an ordinary shift has no note", () => {
    expect(
      explained({ every: "week", startsOn: "2026-11-16" }, "Europe/Berlin", "2026-11-20T12:00Z"),
    ).toEqual({
      zone: "Europe/Berlin",
      startsWall: "2026-11-16T09:00",
      endsWall: "2026-11-23T09:00",
      lengthMs: 168 * HOUR,
      usualMs: 168 * HOUR,
      notes: [],
    });
  });

  test("of a handoff that does not exist says when it happens instead", () => {
    const jump = at("2026-03-29T01:00Z");
    const skipped = {
      kind: "skipped",
      wall: "2026-03-29T02:30",
      at: jump,
      shown: "2026-03-29T03:00",
    };
    const ends = explained({ handoffAt: "02:30" }, "Europe/Berlin", "2026-03-29T00:00Z");
    expect(ends).toMatchObject({ endsWall: "2026-03-29T03:00", lengthMs: 23.5 * HOUR });
    expect(ends.notes).toEqual([
      { ...skipped, edge: "shift end" },
      { kind: "clocks jump", at: jump, byMs: HOUR },
    ]);
    const starts = explained({ handoffAt: "02:30" }, "Europe/Berlin", "2026-03-29T12:00Z");
    expect(starts.notes).toEqual([{ ...skipped, edge: "shift start" }]);
    expect(starts.lengthMs).toBe(23.5 * HOUR);
  });

  test("of a handoff that comes twice says that the first counts", () => {
    const first = at("2026-10-25T00:30Z");
    const starts = explained({ handoffAt: "02:30" }, "Europe/Berlin", "2026-10-25T12:00Z");
    expect(starts.notes).toEqual([
      {
        kind: "doubled",
        edge: "shift start",
        wall: "2026-10-25T02:30",
        at: first,
        againAt: addMs(first, HOUR),
      },
      { kind: "clocks jump", at: at("2026-10-25T01:00Z"), byMs: -HOUR },
    ]);
    expect(starts).toMatchObject({ lengthMs: 25 * HOUR, usualMs: 24 * HOUR });
  });

  test("of a shift around a jump says that the clocks jump, and by how much", () => {
    const week = { every: "week", startsOn: "2026-03-30" } as const;
    const { notes, lengthMs } = explained(week, "Australia/Lord_Howe", "2026-04-03T00:00Z");
    expect(notes).toEqual([
      { kind: "clocks jump", at: at("2026-04-04T15:00Z"), byMs: -30 * MINUTE },
    ]);
    expect(lengthMs).toBe(168.5 * HOUR);
  });

  test("notes hours that open or close in a skipped hour", () => {
    const night = { days: ["sat" as const], from: "22:00", to: "02:30" };
    const week = { every: "week", startsOn: "2026-03-23", restrictions: [night] } as const;
    const { notes } = explained(
      { ...week, restrictions: [night] },
      "Europe/Berlin",
      "2026-03-28T22:00Z",
    );
    expect(notes).toMatchObject([
      { kind: "clocks jump" },
      { kind: "skipped", edge: "hours end", wall: "2026-03-29T02:30", shown: "2026-03-29T03:00" },
    ]);
  });

  test("of the last shift ends where the layer ends", () => {
    const last = { every: "week", startsOn: "2026-03-02", endsOn: "2026-03-05" } as const;
    expect(explained(last, "UTC", "2026-03-04T00:00Z")).toMatchObject({
      endsWall: "2026-03-05T09:00",
      lengthMs: 72 * HOUR,
      usualMs: 168 * HOUR,
      notes: [],
    });
  });
});
