import { describe, expect, test } from "vitest";
import { Layer, type Schedule } from "../../../contract/oncall.ts";
import { fromIso, type Instant, toIso } from "../../base/instant.ts";
import { finalShifts, gaps, nextHandoff, type Override, whoIsOnCall } from "./oncall.ts";

const at = (iso: string): Instant => fromIso(`${iso}Z`)!;
const text = (when: Instant | null): string => (when === null ? "never" : toIso(when).slice(5, 16));

const layer = (
  name: string,
  people: Readonly<Layer["people"]>,
  changes: Partial<Layer> = {},
): Layer => Layer.parse({ name, people, every: "day", startsOn: "2026-11-01", ...changes });
const stack = (...layers: Layer[]): Schedule => ({ name: "db", timezone: "UTC", layers });
const override = (
  id: string,
  [from, to]: readonly [string, string],
  person: string,
  replaces: string | null = null,
): Override => ({ id, startsAt: at(from), endsAt: at(to), person, replaces });

const daily = layer("daily", ["ada", "bob"]);
const office = layer("office", ["cid"], {
  restrictions: [{ days: ["mon", "tue", "wed", "thu", "fri"], from: "09:00", to: "17:00" }],
});
const always: readonly [string, string] = ["2026-11-01T00:00", "2026-12-01T00:00"];

describe("who is on call", () => {
  // 2026-11-16 is a Monday; from 09:00 on it is bob's day, from the 17th 09:00 on ada's.
  const rows: readonly (readonly [
    promise: string,
    schedule: Schedule,
    overrides: readonly Override[],
    when: string,
    answer: string,
  ])[] = [
    [
      "whose turn it is, until the handoff",
      stack(daily),
      [],
      "2026-11-16T12:00",
      "bob until 11-17T09:00",
    ],
    [
      "nobody before the first turn",
      stack(daily),
      [],
      "2026-10-31T12:00",
      "nobody until 11-01T09:00",
    ],
    [
      "nobody, for ever, after the last layer ended",
      stack(layer("short", ["ada"], { endsOn: "2026-11-05" })),
      [],
      "2026-11-06T00:00",
      "nobody until never",
    ],
    [
      "the last layer that has somebody",
      stack(daily, office),
      [],
      "2026-11-16T12:00",
      "cid until 11-16T17:00",
    ],
    [
      "the layer below outside of its hours, until they begin",
      stack(layer("solo", ["ada"], { every: "week" }), office),
      [],
      "2026-11-16T18:00",
      "ada until 11-17T09:00",
    ],
    [
      "an override of the whole schedule, over all layers and over handoffs",
      stack(daily, office),
      [override("1", ["2026-11-16T10:00", "2026-11-20T10:00"], "eve")],
      "2026-11-16T12:00",
      "eve until 11-20T10:00",
    ],
    [
      "the layers until an override begins",
      stack(daily),
      [override("1", ["2026-11-16T15:00", "2026-11-16T16:00"], "eve")],
      "2026-11-16T12:00",
      "bob until 11-16T15:00",
    ],
    [
      "not before its first and not at its last instant is an override on",
      stack(daily),
      [override("1", ["2026-11-16T11:00", "2026-11-16T12:00"], "eve")],
      "2026-11-16T12:00",
      "bob until 11-17T09:00",
    ],
    [
      "an override fills a gap",
      stack(office),
      [override("1", ["2026-11-14T00:00", "2026-11-15T00:00"], "eve")],
      "2026-11-14T12:00",
      "eve until 11-15T00:00",
    ],
    [
      "who replaces bob is on call in bob's shifts",
      stack(daily),
      [override("1", always, "eve", "bob")],
      "2026-11-16T12:00",
      "eve until 11-17T09:00",
    ],
    [
      "who replaces bob is not on call in ada's",
      stack(daily),
      [override("1", always, "eve", "bob")],
      "2026-11-17T12:00",
      "ada until 11-18T09:00",
    ],
    [
      "who replaces bob does not fill a gap",
      stack(office),
      [override("1", always, "eve", "bob")],
      "2026-11-14T12:00",
      "nobody until 11-16T09:00",
    ],
    [
      "a later override wins over an earlier one",
      stack(daily),
      [override("1", always, "eve"), override("2", always, "fay")],
      "2026-11-16T12:00",
      "fay until 12-01T00:00",
    ],
    [
      "a later override of one person wins over an earlier one of the schedule",
      stack(daily),
      [override("1", always, "eve"), override("2", always, "fay", "bob")],
      "2026-11-16T12:00",
      "fay until 11-17T09:00",
    ],
    [
      "two who replace the same person: the later",
      stack(daily),
      [override("1", always, "eve", "bob"), override("2", always, "fay", "bob")],
      "2026-11-16T12:00",
      "fay until 11-17T09:00",
    ],
    [
      "who replaces the replacement is on call: nobody on leave is paged",
      stack(daily),
      [override("1", always, "eve", "bob"), override("2", always, "fay", "eve")],
      "2026-11-16T12:00",
      "fay until 11-17T09:00",
    ],
    [
      "the earlier override again when the later is over",
      stack(daily),
      [
        override("1", always, "eve"),
        override("2", ["2026-11-16T00:00", "2026-11-16T10:00"], "fay"),
      ],
      "2026-11-16T12:00",
      "eve until 12-01T00:00",
    ],
    [
      "an override for thousands of years, without counting the shifts under it",
      stack(daily),
      [override("1", ["2026-11-01T00:00", "9000-05-05T00:00"], "eve")],
      "2026-11-16T12:00",
      "eve until 05-05T00:00",
    ],
    [
      "an override that ends before it begins is none",
      stack(daily),
      [override("1", ["2026-11-18T00:00", "2026-11-10T00:00"], "eve")],
      "2026-11-16T12:00",
      "bob until 11-17T09:00",
    ],
    [
      "the sun is followed: each layer by its own clock",
      stack(
        layer("Tokyo", ["tom"], {
          timezone: "Asia/Tokyo",
          restrictions: [{ from: "09:00", to: "17:00" }],
        }),
        layer("Berlin", ["ben"], {
          timezone: "Europe/Berlin",
          restrictions: [{ from: "09:00", to: "17:00" }],
        }),
      ),
      [],
      "2026-11-16T07:59",
      "tom until 11-16T08:00",
    ],
  ];
  for (const [promise, schedule, overrides, when, expected] of rows) {
    test(promise, () => {
      const answer = whoIsOnCall(schedule, overrides, at(when));
      expect(`${answer.person ?? "nobody"} until ${text(answer.until)}`).toBe(expected);
    });
  }
});

describe("the reasons", () => {
  const told = (schedule: Schedule, overrides: readonly Override[], when: string): string[] =>
    whoIsOnCall(schedule, overrides, at(when)).because.map((reason) => {
      switch (reason.kind) {
        case "override":
          return `${reason.verdict}: override ${reason.override.id}`;
        case "layer holds": {
          const { person, startsAt, endsAt } = reason.shift;
          const shift = `${person} ${text(startsAt)} ${text(endsAt)} ${reason.zone}`;
          return `${reason.verdict}: ${reason.layer} ${shift}`;
        }
        case "layer silent":
          return `${reason.because}: ${reason.layer} until ${text(reason.until)}`;
      }
    });

  test("stand layer by layer as seen from above, with what would have applied", () => {
    const later = layer("later", ["dan"], { startsOn: "2026-12-24" });
    const over = layer("over", ["dan"], { endsOn: "2026-11-03" });
    expect(told(stack(daily, office, later, over), [], "2026-11-16T12:00")).toEqual([
      "ended: over until never",
      "not started: later until 12-24T09:00",
      "wins: office cid 11-16T09:00 11-17T09:00 UTC",
      "covered: daily bob 11-16T09:00 11-17T09:00 UTC",
    ]);
  });

  test("name the hours a layer waits for", () => {
    expect(told(stack(daily, office), [], "2026-11-14T12:00")).toEqual([
      "outside its hours: office until 11-16T09:00",
      "wins: daily bob 11-14T09:00 11-15T09:00 UTC",
    ]);
  });

  test("name every override of that instant, and why it does not win", () => {
    const overrides = [
      override("first", always, "eve"),
      override("of bob", always, "fay", "bob"),
      override("of cid", always, "gus", "cid"),
      override("past", ["2026-11-01T00:00", "2026-11-16T00:00"], "eve"),
    ];
    expect(told(stack(daily), overrides, "2026-11-16T12:00")).toEqual([
      "waits: override of cid",
      "wins: override of bob",
      "covered: override first",
      "covered: daily bob 11-16T09:00 11-17T09:00 UTC",
    ]);
  });
});

describe("final shifts", () => {
  const told = (schedule: Schedule, overrides: readonly Override[], from: string, to: string) =>
    finalShifts(schedule, overrides, at(from), at(to)).map(
      ({ startsAt, endsAt, person, layer: of, overrideId }) =>
        `${text(startsAt)} ${text(endsAt)} ${person ?? "nobody"} ${of ?? overrideId ?? "-"}`,
    );

  test("cover the span exactly, cut at both ends", () => {
    const overrides = [override("swap", ["2026-11-16T20:00", "2026-11-16T22:00"], "eve")];
    expect(told(stack(daily, office), overrides, "2026-11-16T08:00", "2026-11-17T10:00")).toEqual([
      "11-16T08:00 11-16T09:00 ada daily",
      "11-16T09:00 11-16T17:00 cid office",
      "11-16T17:00 11-16T20:00 bob daily",
      "11-16T20:00 11-16T22:00 eve swap",
      "11-16T22:00 11-17T09:00 bob daily",
      "11-17T09:00 11-17T10:00 cid office",
    ]);
  });

  test("of one person in a row are one", () => {
    const solo = stack(layer("solo", ["ada"]));
    expect(told(solo, [], "2026-11-02T00:00", "2026-11-30T00:00")).toEqual([
      "11-02T00:00 11-30T00:00 ada solo",
    ]);
  });

  test("of an empty span are none, and of a span turned round are refused", () => {
    expect(told(stack(daily), [], "2026-11-02T00:00", "2026-11-02T00:00")).toEqual([]);
    expect(() => told(stack(daily), [], "2026-11-02T00:01", "2026-11-02T00:00")).toThrow();
  });

  test("without a person are the gaps", () => {
    const found = gaps(stack(office), [], at("2026-11-13T12:00"), at("2026-11-17T12:00"));
    expect(found.map(({ startsAt, endsAt }) => `${text(startsAt)} ${text(endsAt)}`)).toEqual([
      "11-13T17:00 11-16T09:00",
      "11-16T17:00 11-17T09:00",
    ]);
  });
});

describe("the next handoff", () => {
  for (const [promise, schedule, overrides, handoff] of [
    [
      "is the next change of person",
      stack(daily),
      [],
      { at: at("2026-11-17T09:00"), from: "bob", to: "ada", toOthers: [] },
    ],
    [
      "names everybody of a turn that several have together",
      stack(layer("pairs", ["ada", ["bob", "cid"]], { startsOn: "2026-11-16" })),
      [],
      { at: at("2026-11-17T09:00"), from: "ada", to: "bob", toOthers: ["cid"] },
    ],
    [
      "is not the end of a shift whose next is the same person's",
      stack(layer("twice", ["ada", "bob", "bob", "bob"])),
      [],
      { at: at("2026-11-17T09:00"), from: "bob", to: "ada", toOthers: [] },
    ],
    [
      "may be from or to nobody",
      stack(office),
      [],
      { at: at("2026-11-16T17:00"), from: "cid", to: null, toOthers: [] },
    ],
    [
      "may be an override's beginning",
      stack(daily),
      [override("1", ["2026-11-16T13:00", "2026-11-16T14:00"], "eve")],
      { at: at("2026-11-16T13:00"), from: "bob", to: "eve", toOthers: [] },
    ],
    ["is none where one person is alone", stack(layer("solo", ["ada"])), [], null],
    [
      "is none where nothing follows",
      stack(layer("short", ["ada"], { endsOn: "2026-11-02" })),
      [],
      null,
    ],
    [
      "is none within three years under an override for ever",
      stack(daily),
      [override("1", ["2026-11-01T00:00", "9000-01-01T00:00"], "eve")],
      null,
    ],
  ] as const satisfies readonly (readonly [string, Schedule, readonly Override[], unknown])[]) {
    test(promise, () => {
      expect(nextHandoff(schedule, overrides, at("2026-11-16T12:00"))).toEqual(handoff);
    });
  }
});
