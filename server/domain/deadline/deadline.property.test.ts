import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Calendar } from "../../../contract/deadline.ts";
import { addMs, DAY, HOUR, instant, type Instant } from "../../base/instant.ts";
import { businessTimeBetween } from "./calendar.ts";
import {
  type Deadline,
  type DeadlineSpec,
  dueMarks,
  isSettled,
  pause,
  recompute,
  resume,
  startDeadline,
} from "./deadline.ts";

const anchor = instant(Date.UTC(2026, 2, 2, 9)); // a Monday
const office: Calendar = {
  timezone: "UTC",
  hours: { mon: "09:00-17:00", tue: "09:00-17:00", thu: "09:00-17:00" },
  holidays: [],
};
const spec = (iso: string, unit: DeadlineSpec["length"]["unit"] = "running"): DeadlineSpec => ({
  kind: "acknowledge",
  length: { iso, unit },
  calendarId: unit === "business" ? "office" : null,
  source: "defaults",
});
const start = (iso: string, unit?: DeadlineSpec["length"]["unit"]): Deadline =>
  startDeadline(spec(iso, unit), anchor, office, "UTC");

describe("for any life of a clock", () => {
  const runs = { seed: 20_261_121, numRuns: 300 };
  type Deed = { readonly verb: "pause" | "resume" | "terms" | "look"; readonly wait: number };
  const deeds = fc.array(
    fc.record({
      verb: fc.constantFrom("pause", "resume", "terms", "look", "look"),
      wait: fc.integer({ min: 0, max: 8 * HOUR }),
    }) as fc.Arbitrary<Deed>,
    { maxLength: 25 },
  );
  const length = fc
    .tuple(fc.integer({ min: 0, max: 60 }), fc.constantFrom("running", "business"))
    .map(([hours, unit]) => spec(`PT${hours}H7M`, unit));

  /** Runs the deeds that its state allows; tells the witness of every step. */
  function live(
    first: DeadlineSpec,
    second: DeadlineSpec,
    steps: readonly Deed[],
    witness: (before: Deadline, d: Deadline, now: Instant, deed: Deed) => void,
  ): void {
    let d = startDeadline(first, anchor, office, "UTC");
    let now = anchor;
    for (const deed of steps) {
      now = addMs(now, deed.wait);
      const before = d;
      if (deed.verb === "look") d = dueMarks(d, now).deadline;
      if (deed.verb === "pause" && d.state === "running" && now < d.dueAt) d = pause(d, "x", now);
      if (deed.verb === "resume" && d.state === "paused") d = resume(d, office, now);
      if (deed.verb === "terms")
        d = recompute(d, d.length === first.length ? second : first, office, now);
      witness(before, d, now, deed);
    }
  }

  test("marks stand in order, the last is the due time, and state and columns agree", () =>
    fc.assert(
      fc.property(length, length, deeds, (first, second, steps) =>
        live(first, second, steps, (_before, d, now) => {
          const [risk, high, due] = d.marks.map((mark) => mark.at);
          expect(risk).toBeLessThanOrEqual(high ?? 0);
          expect(high).toBeLessThanOrEqual(due ?? 0);
          expect(due).toBe(d.dueAt);
          expect(d.state === "paused").toBe(d.pausedAt !== null);
          expect(d.state === "breached").toBe(d.breachedAt !== null);
          expect(isSettled(d)).toBe(false);
          if (d.nextMarkAt === null) expect(dueMarks(d, addMs(now, 90 * DAY)).fired).toEqual([]);
        }),
      ),
      runs,
    ));

  test("no mark fires before its time, or while the clock stands still before it", () =>
    fc.assert(
      fc.property(length, length, deeds, (first, second, steps) =>
        live(first, second, steps, (before, d, now, deed) => {
          if (deed.verb !== "look") return;
          for (const mark of dueMarks(before, now).fired)
            expect(mark.at).toBeLessThanOrEqual(before.pausedAt ?? now);
          for (const mark of d.marks)
            if (mark.at <= (before.pausedAt ?? now)) expect(mark.firedAt).not.toBeNull();
        }),
      ),
      runs,
    ));

  test("no mark fires twice under the same terms", () =>
    fc.assert(
      fc.property(length, deeds, (first, steps) => {
        const count = new Map<number, number>();
        live(first, first, steps, (before, _d, now, deed) => {
          if (deed.verb !== "look") return;
          for (const { fraction } of dueMarks(before, now).fired)
            count.set(fraction, (count.get(fraction) ?? 0) + 1);
        });
        expect(Math.max(0, ...count.values())).toBeLessThanOrEqual(1);
      }),
      runs,
    ));

  const lifetime = fc.integer({ min: 1, max: 10 * HOUR });

  test("pausing for x moves the due time by exactly x", () =>
    fc.assert(
      fc.property(lifetime, lifetime, (from, x) => {
        const day = start("PT10H1M");
        const stopped = pause(day, "x", addMs(anchor, from));
        const went = resume(stopped, null, addMs(anchor, from + x));
        expect(went.dueAt).toBe(addMs(day.dueAt, x));
        for (const [index, mark] of went.marks.entries()) {
          const was = day.marks[index]?.at ?? anchor;
          expect(mark.at).toBe(was - anchor > from ? was + x : was);
        }
      }),
      runs,
    ));

  test("a pause leaves as much open time as was left when it began", () =>
    fc.assert(
      fc.property(lifetime, lifetime, (from, x) => {
        const stopped = pause(start("PT30H", "business"), "x", addMs(anchor, from));
        const now = addMs(anchor, from + x);
        const left = businessTimeBetween(office, addMs(anchor, from), stopped.dueAt);
        expect(businessTimeBetween(office, now, resume(stopped, office, now).dueAt)).toBe(left);
      }),
      runs,
    ));

  test("new terms and back again are the old terms", () =>
    fc.assert(
      fc.property(length, length, deeds, (first, second, steps) =>
        live(first, first, steps, (_before, d, now) => {
          const back = recompute(recompute(d, second, office, now), first, office, now);
          expect(back.marks.map((mark) => mark.at)).toEqual(d.marks.map((mark) => mark.at));
        }),
      ),
      runs,
    ));
});
