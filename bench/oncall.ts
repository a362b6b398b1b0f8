/**
 * Who is on call for a thousand schedules at one instant, and the final schedule of a year, by the functions that
 * the engine and the calendar ask. Each schedule has a rotation round the clock, one for the nights, one for the
 * business hours of another zone, and overrides. Nothing is warmed up: the first round is the first question of all
 * that a process is asked, of schedules that it has never read, and counts like every other.
 *
 *   node bench/oncall.ts [--schedules 1000] [--rounds 30]
 */
import { Schedule } from "../contract/oncall.ts";
import { addMs, DAY, HOUR, type Instant, instant } from "../server/base/instant.ts";
import { finalShifts, type Override, whoIsOnCall } from "../server/domain/oncall/oncall.ts";
import { print, quantile } from "./sides.ts";
import { optionsOf } from "../test/options.ts";

const values = optionsOf({
  schedules: { type: "string", default: "1000" },
  rounds: { type: "string", default: "30" },
});
const [count, rounds] = [Number(values.schedules), Number(values.rounds)];
const GOAL_MS = 50;
const ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"] as const;
const START = instant(Date.UTC(2026, 0, 5));

const people = (schedule: number, team: string): readonly string[] =>
  Array.from({ length: 6 }, (_, n) => `${team}-${schedule}-${n}`);

const schedules = Array.from({ length: count }, (_, n) => {
  const zone = ZONES[n % ZONES.length]!;
  const body = Schedule.parse({
    name: `Schedule ${n}`,
    timezone: zone,
    layers: [
      { name: "Round the clock", people: people(n, "all"), every: "week", startsOn: "2026-01-05" },
      {
        name: "Nights",
        people: people(n, "night"),
        every: "day",
        startsOn: "2026-01-05",
        handoffAt: "20:00",
        restrictions: [{ from: "20:00", to: "08:00" }],
      },
      {
        name: "Office",
        people: people(n, "office"),
        every: "week",
        startsOn: "2026-01-05",
        timezone: ZONES[(n + 1) % ZONES.length],
        restrictions: [{ days: ["mon", "tue", "wed", "thu", "fri"], from: "09:00", to: "17:00" }],
      },
    ],
  });
  const overrides = Array.from({ length: 12 }, (_, month): Override => {
    const startsAt = addMs(START, month * 30 * DAY + n * HOUR);
    return {
      id: `override-${n}-${month}`,
      person: `all-${n}-0`,
      replaces: null,
      startsAt,
      endsAt: addMs(startsAt, 8 * HOUR),
    };
  });
  return { body, overrides };
});

function timed(work: (at: Instant) => void): readonly number[] {
  return Array.from({ length: rounds }, (_, round) => {
    const at = addMs(START, (2 + round * 11) * DAY + round * HOUR);
    const from = performance.now();
    work(at);
    return performance.now() - from;
  });
}

function report(what: string, times: readonly number[]): void {
  const ms = [times[0]!, quantile(times, 0.5), quantile(times, 0.99)].map((n) => n.toFixed(1));
  const [first, p50, p99] = ms;
  print(
    `${what.padEnd(40)}Tocsin  first ${first} ms   p50 ${p50} ms   p99 ${p99} ms   goal ≤ ${GOAL_MS} ms`,
  );
}

let asked = 0;
report(
  `on call in ${count.toLocaleString("en")} schedules`,
  timed((at) => {
    for (const { body, overrides } of schedules)
      asked += whoIsOnCall(body, overrides, at).person === null ? 0 : 1;
  }),
);
let shifts = 0;
report(
  "final schedule of a year",
  timed((at) => {
    const { body, overrides } = schedules[shifts % schedules.length]!;
    shifts += finalShifts(body, overrides, at, addMs(at, 365 * DAY)).length;
  }),
);
print(`answers read: ${asked} of ${count * rounds} with a person, ${shifts} shifts`);
if (asked !== count * rounds || shifts === 0) process.exitCode = 1;
