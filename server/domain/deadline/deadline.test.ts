import { describe, expect, test } from "vitest";
import { type Calendar } from "../../../contract/deadline.ts";
import { addMs, DAY, fromIso, type Instant, MINUTE, toIso } from "../../base/instant.ts";
import {
  type Deadline,
  type DeadlineSpec,
  dueMarks,
  meet,
  pause,
  recompute,
  resume,
  startDeadline,
  withdraw,
} from "./deadline.ts";

const at = (text: string): Instant => {
  const found = fromIso(text);
  if (found === null) throw new Error(`not an instant: ${text}`);
  return found;
};
const anchor = at("2026-03-02T09:00:00Z"); // a Monday
const after = (minutes: number): Instant => addMs(anchor, minutes * MINUTE);
const office: Calendar = {
  timezone: "UTC",
  hours: { mon: "09:00-17:00", tue: "09:00-17:00", thu: "09:00-17:00" },
  holidays: [],
};
const never: Calendar = { timezone: "UTC", hours: {}, holidays: [] };
const spec = (iso: string, unit: DeadlineSpec["length"]["unit"] = "running"): DeadlineSpec => ({
  kind: "acknowledge",
  length: { iso, unit },
  calendarId: unit === "business" ? "office" : null,
  source: "defaults",
});
const start = (iso: string, unit?: DeadlineSpec["length"]["unit"], zone = "UTC"): Deadline =>
  startDeadline(spec(iso, unit), anchor, office, zone);
const hundred = start("PT1H40M"); // 100 minutes: marks at 75, 90 and 100
const markMinutes = (d: Deadline) => d.marks.map((mark) => (mark.at - anchor) / MINUTE);
const firedFractions = (d: Deadline, now: Instant) =>
  dueMarks(d, now).fired.map((mark) => mark.fraction);
const firedUntil = (d: Deadline, minutes: number) => dueMarks(d, after(minutes)).deadline;

describe("a length", () => {
  for (const [promise, iso, unit, zone, anchorText, due] of [
    ["of minutes is exact", "PT15M", "running", "UTC", "2026-03-02T09:00Z", "2026-03-02T09:15Z"],
    [
      "of 24 hours is exact over a clock change",
      "PT24H",
      "running",
      "Europe/Berlin",
      "2026-03-28T12:00+01:00",
      "2026-03-29T13:00+02:00",
    ],
    [
      "of a week ends at the same time of day",
      "P1W",
      "running",
      "Europe/Berlin",
      "2026-03-28T12:00+01:00",
      "2026-04-04T12:00+02:00",
    ],
    [
      "of a month ends on the same date",
      "P1M",
      "running",
      "Europe/Berlin",
      "2026-02-15T12:00+01:00",
      "2026-03-15T12:00+01:00",
    ],
    [
      "of a month ends on the last date of a shorter one",
      "P1M",
      "running",
      "UTC",
      "2026-01-31T12:00Z",
      "2026-02-28T12:00Z",
    ],
    [
      "of a month is a month of the zone",
      "P1M",
      "running",
      "Asia/Tokyo",
      "2026-01-30T20:00Z",
      "2026-02-27T20:00Z",
    ],
    [
      "of two business days ends when the second closes",
      "P2D",
      "business",
      "UTC",
      "2026-03-02T09:00Z",
      "2026-03-05T17:00Z",
    ],
    [
      "of business hours is open time",
      "PT20H",
      "business",
      "UTC",
      "2026-03-02T09:00Z",
      "2026-03-05T13:00Z",
    ],
  ] as const)
    test(`${promise}: ${iso}`, () => {
      const d = startDeadline(spec(iso, unit), at(anchorText), office, zone);
      expect(toIso(d.dueAt)).toBe(toIso(at(due)));
      expect(d.runningBecause).toBeNull();
    });

  for (const [calendar, because] of [
    [null, "no calendar"],
    [never, "calendar hardly ever open"],
  ] as const)
    test(`in business time with ${because} is counted in running time, by name`, () => {
      const d = startDeadline(spec("P2D", "business"), anchor, calendar, "UTC");
      expect([d.dueAt, d.runningBecause]).toEqual([addMs(anchor, 2 * DAY), because]);
    });

  test("in business time has its marks in business time", () => {
    // 16 open hours: 12 and 14.4 hours in, both on Tuesday.
    const { marks } = start("PT16H", "business");
    expect(marks.map((mark) => toIso(mark.at))).toEqual([
      "2026-03-03T13:00:00.000Z",
      "2026-03-03T15:24:00.000Z",
      "2026-03-03T17:00:00.000Z",
    ]);
  });
});

describe("marks", () => {
  for (const [promise, minutes, fired] of [
    ["do not fire early", 74, []],
    ["fire at their time", 75, [0.75]],
    ["fire together after an absence, in order", 95, [0.75, 0.9]],
    ["end with the breach at the due time", 100, [0.75, 0.9, 1]],
  ] as const)
    test(promise, () => expect(firedFractions(hundred, after(minutes))).toEqual(fired));

  test("fire once", () => expect(firedFractions(firedUntil(hundred, 95), after(95))).toEqual([]));
  test("say when they fired", () =>
    expect(firedUntil(hundred, 80).marks[0]?.firedAt).toBe(after(80)));
  test("name the next one to wait for", () => {
    const waits = [0, 80, 95, 120].map((minutes) => firedUntil(hundred, minutes).nextMarkAt);
    expect(waits).toEqual([after(75), after(90), after(100), null]);
  });
  test("breach at the due time, however late it is noticed", () => {
    const d = firedUntil(hundred, 500);
    expect([d.state, d.breachedAt]).toEqual(["breached", after(100)]);
  });
});

describe("a pause", () => {
  const paused = pause(hundred, "SEV1 INC-7 burns", after(80));

  test("says since when and why", () =>
    expect([paused.state, paused.pausedAt, paused.pausedBecause]).toEqual([
      "paused",
      after(80),
      "SEV1 INC-7 burns",
    ]));
  test("still fires what was due before it, and nothing else", () => {
    expect(firedFractions(paused, after(500))).toEqual([0.75]);
    expect(firedUntil(paused, 500).nextMarkAt).toBeNull();
  });
  test("still fires what was due at its very instant", () => {
    const d = pause(hundred, "deferred", after(75));
    expect([d.nextMarkAt, firedFractions(d, after(76))]).toEqual([after(75), [0.75]]);
  });
  test("carries over what was left and moves the marks ahead", () => {
    const d = resume(paused, null, after(200));
    expect([d.state, d.pausedAt, d.pausedBecause]).toEqual(["running", null, null]);
    expect(markMinutes(d)).toEqual([75, 210, 220]);
    expect(d.pauses).toEqual([{ from: after(80), to: after(200), because: "SEV1 INC-7 burns" }]);
  });
  test("at night costs a business deadline nothing", () => {
    const d = pause(start("PT10H", "business"), "waiting", at("2026-03-02T18:00Z"));
    expect(toIso(resume(d, office, at("2026-03-03T08:00Z")).dueAt)).toBe(
      "2026-03-03T11:00:00.000Z",
    );
  });
  test("over open hours moves a business deadline by them", () => {
    const d = pause(start("PT10H", "business"), "waiting", at("2026-03-02T16:00Z"));
    expect(toIso(resume(d, office, at("2026-03-03T10:00Z")).dueAt)).toBe(
      "2026-03-03T13:00:00.000Z",
    );
  });
  test("does not wait for the breach it would hide", () => {
    expect(() => pause(hundred, "too late", after(100))).toThrow("is breached");
  });
});

describe("meeting", () => {
  for (const [promise, d, minutes, breachedAt] of [
    ["before the due time is in time", hundred, 99, null],
    ["at the due time is late", hundred, 100, after(100)],
    ["is late even before the engine noticed", hundred, 130, after(100)],
    ["a breached one keeps the breach", firedUntil(hundred, 110), 130, after(100)],
    ["while paused is in time", pause(hundred, "deferred", after(99)), 500, null],
  ] as const)
    test(promise, () => {
      const met = meet(d, after(minutes));
      expect([met.state, met.metAt, met.breachedAt]).toEqual(["met", after(minutes), breachedAt]);
      expect([met.pausedAt, met.nextMarkAt, dueMarks(met, after(900)).fired]).toEqual([
        null,
        null,
        [],
      ]);
    });
});

describe("withdrawing", () => {
  test("says when and why, and fires nothing any more", () => {
    const d = withdraw(hundred, "false alarm", after(10));
    expect([d.state, d.withdrawnAt, d.withdrawnBecause]).toEqual([
      "withdrawn",
      after(10),
      "false alarm",
    ]);
    expect(dueMarks(d, after(900)).fired).toEqual([]);
  });
  test("keeps a breach that happened", () => {
    const d = withdraw(firedUntil(hundred, 100), "duplicate", after(110));
    expect([d.state, d.breachedAt]).toEqual(["withdrawn", after(100)]);
  });
});

describe("what a state does not allow is refused by name", () => {
  const states = {
    running: hundred,
    paused: pause(hundred, "deferred", after(1)),
    breached: firedUntil(hundred, 100),
    met: meet(hundred, after(1)),
    withdrawn: withdraw(hundred, "false alarm", after(1)),
  };
  const verbs = {
    paused: (d: Deadline) => pause(d, "again", after(2)),
    resumed: (d: Deadline) => resume(d, null, after(2)),
    met: (d: Deadline) => meet(d, after(2)),
    withdrawn: (d: Deadline) => withdraw(d, "false alarm", after(2)),
  };
  const refused: Record<keyof typeof verbs, readonly string[]> = {
    paused: ["paused", "breached", "met", "withdrawn"],
    resumed: ["running", "breached", "met", "withdrawn"],
    met: ["met", "withdrawn"],
    withdrawn: ["met", "withdrawn"],
  };
  for (const [verb, run] of Object.entries(verbs))
    for (const [state, d] of Object.entries(states)) {
      const refuses = refused[verb as keyof typeof verbs].includes(state);
      test(`a ${state} clock ${refuses ? "cannot" : "can"} be ${verb}`, () => {
        if (refuses)
          expect(() => run(d)).toThrow(
            `The acknowledge clock is ${state}, so it cannot be ${verb}.`,
          );
        else expect(run(d).state).toBe(verb === "resumed" ? "running" : verb);
      });
    }
});

describe("new terms", () => {
  const toHour = (d: Deadline, minutes: number) => recompute(d, spec("PT1H"), null, after(minutes));
  const toTenHours = (d: Deadline, minutes: number) =>
    recompute(d, spec("PT10H"), null, after(minutes));

  test("count from the same anchor and name their own source", () => {
    const d = recompute(hundred, { ...spec("PT1H"), source: "policy.yaml:7" }, null, after(10));
    expect([markMinutes(d), d.anchorAt, d.source]).toEqual([[45, 54, 60], anchor, "policy.yaml:7"]);
  });
  test("leave out the pauses", () => {
    const resumed = resume(pause(hundred, "deferred", after(30)), null, after(50));
    expect(markMinutes(toHour(resumed, 55))).toEqual([65, 74, 80]);
  });
  test("leave out a pause only where the clock was still ahead of it", () => {
    const resumed = resume(pause(hundred, "deferred", after(50)), null, after(70));
    expect(markMinutes(toHour(resumed, 75))).toEqual([45, 74, 80]);
  });
  test("that are stricter and already over breach at the next look", () => {
    const d = toHour(hundred, 70);
    expect([d.state, d.nextMarkAt, firedFractions(d, after(70))]).toEqual([
      "running",
      after(45),
      [0.75, 0.9, 1],
    ]);
    expect(firedUntil(d, 70).breachedAt).toBe(after(60));
  });
  test("do not repeat a warning that is still behind", () => {
    const d = toHour(firedUntil(hundred, 80), 80);
    expect(firedFractions(d, after(80))).toEqual([0.9, 1]);
  });
  test("warn again where the warning is ahead again", () => {
    const d = toTenHours(firedUntil(hundred, 95), 95);
    expect([firedFractions(d, after(449)), firedFractions(d, after(450))]).toEqual([[], [0.75]]);
  });
  test("set a breached clock running when it is due later again", () => {
    const d = toTenHours(firedUntil(hundred, 100), 110);
    expect([d.state, d.breachedAt, d.nextMarkAt]).toEqual(["running", null, after(450)]);
    expect(firedUntil(d, 600).breachedAt).toBe(after(600));
  });
  test("keep a breached clock breached, at its new due time", () => {
    const d = toHour(firedUntil(hundred, 100), 110);
    expect([d.state, d.breachedAt, dueMarks(d, after(900)).fired]).toEqual([
      "breached",
      after(60),
      [],
    ]);
  });
  test("that were over before a pause breach in spite of it", () => {
    const d = toHour(pause(hundred, "deferred", after(70)), 80);
    expect(d.nextMarkAt).toBe(after(45));
    const breached = firedUntil(d, 80);
    expect([breached.state, breached.breachedAt, breached.pausedAt]).toEqual([
      "breached",
      after(60),
      null,
    ]);
  });
  test("keep a paused clock paused", () => {
    const d = toTenHours(pause(hundred, "deferred", after(70)), 80);
    expect([d.state, d.pausedBecause, markMinutes(d)]).toEqual([
      "paused",
      "deferred",
      [450, 540, 600],
    ]);
  });
  for (const d of [meet(hundred, after(90)), withdraw(hundred, "false alarm", after(90))])
    test(`do not touch what is ${d.state}`, () => expect(toHour(d, 95)).toBe(d));
});
