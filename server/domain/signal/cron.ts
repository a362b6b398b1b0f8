/**
 * Times of a crontab on the clock of a zone, read so that no cron daemon is taken for dead at a clock change:
 * they differ in what they do with an hour that is skipped or shown twice.
 */
import { DAY, HOUR, type Instant, instant, MINUTE } from "../../base/instant.ts";
import { readingOf, wallAt } from "../oncall/wallclock.ts";

export type Cron = {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  /** 0 is Sunday. */
  readonly weekdays: ReadonlySet<number>;
  /** Runs in every hour: by elapsed time, in both hours of a doubled one. */
  readonly everyHour: boolean;
  /** Where both are restricted, either of them will do: so does every cron. */
  readonly eitherDay: boolean;
};

/** A turn: the earliest instant at which a job may run for it, and the latest. */
export type Turn = { readonly from: Instant; readonly by: Instant };

const NAMED: Readonly<Record<string, string>> = {
  "@hourly": "0 * * * *",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@weekly": "0 0 * * 0",
  "@monthly": "0 0 1 * *",
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
};
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
/** The 29th of February of one weekday comes again within so many days, even across 2100. */
const MOST_DAYS = 366 * 41;

/** Reads five fields, or a name such as @daily; a text that is neither gives what is wrong with it. */
export function readCron(text: string): Cron | { readonly problem: string } {
  const fields = (NAMED[text.trim().toLowerCase()] ?? text).trim().toLowerCase().split(/\s+/);
  if (fields.length !== 5) return { problem: "five fields: minute hour day month weekday" };
  const [minute, hour, day, month, weekday] = fields as [string, string, string, string, string];
  const read = {
    minute: fieldOf(minute, 0, 59, []),
    hour: fieldOf(hour, 0, 23, []),
    day: fieldOf(day, 1, 31, []),
    month: fieldOf(month, 1, 12, MONTHS),
    weekday: fieldOf(weekday, 0, 7, WEEKDAYS),
  };
  for (const [name, set] of Object.entries(read)) {
    if (set === null) return { problem: `a ${name} such as * or 1-5 or */10` };
  }
  const cron: Cron = {
    minutes: read.minute!,
    hours: read.hour!,
    days: read.day!,
    months: read.month!,
    weekdays: new Set([...read.weekday!].map((each) => each % 7)),
    everyHour: hour.startsWith("*"),
    eitherDay: !day.startsWith("*") && !weekday.startsWith("*"),
  };
  return turnAfter(cron, "UTC", instant(0)) === null ? { problem: "a day that comes" } : cron;
}

/** No zone's clock has been put back by more: readings farther apart than this keep their order. */
const JUMP_MS = 3 * HOUR;

/** The first turn that begins after `after`; null: none ever does. */
export function turnAfter(cron: Cron, zone: string, after: Instant): Turn | null {
  const { year, month, day, hour, minute } = wallAt(after, zone);
  const floor = Date.UTC(year, month - 1, day, hour, minute) - JUMP_MS;
  const first = floor - (((floor % DAY) + DAY) % DAY);
  for (let at = 0; at < MOST_DAYS; at += 1) {
    const midnight = first + at * DAY;
    if (!isDay(cron, new Date(midnight))) continue;
    const turn = turnOfDay(cron, zone, { midnight, floor, after });
    if (turn !== null) return turn;
  }
  return null;
}

function isDay(cron: Cron, date: Date): boolean {
  if (!cron.months.has(date.getUTCMonth() + 1)) return false;
  const byDate = cron.days.has(date.getUTCDate());
  const byWeekday = cron.weekdays.has(date.getUTCDay());
  return cron.eitherDay ? byDate || byWeekday : byDate && byWeekday;
}

type Search = { readonly midnight: number; readonly floor: number; readonly after: Instant };

function turnOfDay(cron: Cron, zone: string, { midnight, floor, after }: Search): Turn | null {
  let best: Turn | null = null;
  let until = Number.POSITIVE_INFINITY;
  for (const hour of cron.hours) {
    for (const minute of cron.minutes) {
      const reading = midnight + (hour * 60 + minute) * MINUTE;
      if (reading < floor) continue;
      if (reading > until) return best;
      for (const turn of turnsAt(cron, zone, reading)) {
        if (turn.from <= after || (best !== null && turn.from >= best.from)) continue;
        best = turn;
        until = Math.min(until, reading + JUMP_MS);
      }
    }
  }
  return best;
}

/** A skipped reading has no turn: some daemons run it after the jump, some never. */
function turnsAt(cron: Cron, zone: string, wallMs: number): readonly Turn[] {
  const wall = Temporal.Instant.fromEpochMilliseconds(wallMs)
    .toZonedDateTimeISO("UTC")
    .toPlainDateTime();
  const reading = readingOf(wall, zone);
  if (reading.kind === "skipped") return [];
  if (reading.kind === "once") return [{ from: reading.at, by: reading.at }];
  if (cron.everyHour)
    return [reading.at, reading.againAt].map((instantOf) => ({ from: instantOf, by: instantOf }));
  return [{ from: reading.at, by: reading.againAt }];
}

/** A list of numbers, names, ranges and steps, or a star; null: none of these. */
function fieldOf(
  text: string,
  least: number,
  most: number,
  names: readonly string[],
): ReadonlySet<number> | null {
  const numberOf = (word: string): number => {
    const named = names.indexOf(word);
    return named >= 0 ? named + least : /^\d{1,2}$/.test(word) ? Number(word) : Number.NaN;
  };
  const found = new Set<number>();
  for (const part of text.split(",")) {
    const [range = "", every = "1", ...more] = part.split("/");
    const [low, high, ...rest] = range.split("-");
    const isOpen = part.includes("/") && high === undefined;
    const from = range === "*" ? least : numberOf(low ?? "");
    const to = range === "*" || isOpen ? most : numberOf(high ?? low ?? "");
    const step = Number(every);
    const isSound =
      Number.isInteger(step) && step >= 1 && from >= least && to <= most && from <= to;
    if (!isSound || more.length > 0 || rest.length > 0) return null;
    for (let each = from; each <= to; each += step) found.add(each);
  }
  return new Set([...found].toSorted((a, b) => a - b));
}
