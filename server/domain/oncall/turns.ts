/**
 * Ways of taking turns, as arithmetic on the wall clock: at which reading turn number n begins, and which turn a
 * reading belongs to. Places and jumps of clocks are rotation.ts's; here every day has 24 hours.
 */
import type { RRuleTemporal } from "rrule-temporal";
import type { Weekday } from "../../../contract/ids.ts";
import type { Layer } from "../../../contract/oncall.ts";
import { DAY, MINUTE } from "../../base/instant.ts";
import { whenNeeded } from "../../base/whenNeeded.ts";

const rules = whenNeeded("rrule-temporal");

/** A reading of the wall clock: minutes since 1970-01-01T00:00 on a clock that never jumps. */
export type WallMinute = number;

export type Turns = {
  /** The reading at which a turn begins; turn 0 is the first person's first. Grows with the index. */
  minuteOf(index: number): WallMinute;
  /** The last turn that has begun at this reading, or one soon after it; negative before the first. */
  indexAt(minute: WallMinute): number;
};

const DAY_MINUTES = 1_440;

export const WEEKDAYS: readonly Weekday[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** The turns of a layer by contract. A rule that is none, or that ends, throws, here or when it is asked. */
export function turnsOf(layer: Layer): Turns {
  if (layer.rule !== undefined) return byRuleOnce(layer, layer.rule);
  const first = minuteOn(layer.startsOn, layer.handoffAt);
  if (layer.lengths !== undefined) return byLengths(first, layer.lengths);
  switch (layer.every) {
    case "hour":
      return byHours(first, layer.count);
    case "month":
      return layer.on === undefined
        ? byMonths(wallOfMinute(first), layer.count)
        : byWeekdayOfMonth(wallOfMinute(first), layer.count, layer.on);
    default:
      return byDays(first, layer.count * (layer.every === "week" ? 7 : 1));
  }
}

function byHours(start: WallMinute, count: number): Turns {
  const length = count * 60;
  return {
    minuteOf: (index) => start + index * length,
    indexAt: (minute) => Math.floor((minute - start) / length),
  };
}

/** Turns of equal length: nearly every layer there is. */
function byDays(start: WallMinute, days: number): Turns {
  const firstDay = Math.floor(start / DAY_MINUTES);
  return {
    minuteOf: (index) => start + index * days * DAY_MINUTES,
    // By the date: where the handoff is still to come today, this is the turn that it begins.
    indexAt: (minute) => Math.floor((Math.floor(minute / DAY_MINUTES) - firstDay) / days),
  };
}

/** Turns of so many days each, again from the start after the last: five and two for weeks and weekends. */
function byLengths(start: WallMinute, lengths: readonly number[]): Turns {
  const before = lengths.map((_, at) => sumOf(lengths.slice(0, at)));
  const total = sumOf(lengths);
  const firstDay = Math.floor(start / DAY_MINUTES);
  return {
    minuteOf(index) {
      const cycles = Math.floor(index / lengths.length);
      const days = cycles * total + before[index - cycles * lengths.length]!;
      return start + days * DAY_MINUTES;
    },
    indexAt(minute) {
      const passed = Math.floor(minute / DAY_MINUTES) - firstDay;
      const cycles = Math.floor(passed / total);
      const within = passed - cycles * total;
      return cycles * lengths.length + before.findLastIndex((days) => days <= within);
    },
  };
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0);

/** On the day of the month on which it began, or on the month's last day where that comes before. */
function byMonths(first: Temporal.PlainDateTime, count: number): Turns {
  return {
    // Always from the first one, so that a short month shortens no later one.
    minuteOf: (index) => minuteOfWall(first.add({ months: index * count })),
    indexAt: (minute) => Math.floor(monthsBetween(first, minute) / count),
  };
}

/** On the first Monday, the third Friday, the last Sunday of a month. */
function byWeekdayOfMonth(
  first: Temporal.PlainDateTime,
  count: number,
  on: NonNullable<Layer["on"]>,
): Turns {
  const inMonth = (months: number): Temporal.PlainDateTime => {
    const month = first.toPlainDate().with({ day: 1 }).add({ months });
    return nthWeekday(month, on.nth, WEEKDAYS.indexOf(on.weekday) + 1).toPlainDateTime(
      first.toPlainTime(),
    );
  };
  // Nobody is on call before the layer starts: the first handoff is the first of these days from then on.
  const skipped = Temporal.PlainDateTime.compare(inMonth(0), first) < 0 ? 1 : 0;
  return {
    minuteOf: (index) => minuteOfWall(inMonth(skipped + index * count)),
    indexAt: (minute) => Math.floor((monthsBetween(first, minute) - skipped) / count),
  };
}

function monthsBetween(from: Temporal.PlainDateTime, minute: WallMinute): number {
  const { year, month } = wallOfMinute(minute);
  return (year - from.year) * 12 + month - from.month;
}

/** `weekday` from 1 (Monday) to 7; a negative `nth` counts from the end of the month. */
function nthWeekday(month: Temporal.PlainDate, nth: number, weekday: number): Temporal.PlainDate {
  if (nth > 0) {
    const ahead = (weekday - month.dayOfWeek + 7) % 7;
    return month.add({ days: ahead + 7 * (nth - 1) });
  }
  const last = month.with({ day: month.daysInMonth });
  const back = (last.dayOfWeek - weekday + 7) % 7;
  return last.subtract({ days: back + 7 * (-nth - 1) });
}

/** Read so many days at a time. */
const WINDOW_DAYS = 400;
/** A rule without an occurrence for so many windows has come to its end. */
const EMPTY_WINDOWS = 12;

/** Occurrences have no formula: they are read once, as far as anybody asked, and kept with their layer. */
const known = new WeakMap<Layer, Turns>();

function byRuleOnce(layer: Layer, rule: string): Turns {
  let turns = known.get(layer);
  if (turns === undefined) {
    turns = byRule(rule, wallOfMinute(minuteOn(layer.startsOn, layer.handoffAt)));
    known.set(layer, turns);
  }
  return turns;
}

/** By a recurrence rule (RFC 5545): a turn begins on each of its days, at the handoff. */
function byRule(text: string, first: Temporal.PlainDateTime): Turns {
  const rule = ruleFrom(text, first);
  const minutes: WallMinute[] = [];
  let upTo = first;
  const readOn = (): boolean => {
    const from = upTo;
    upTo = from.add({ days: WINDOW_DAYS });
    const found = rule.between(from.toZonedDateTime("UTC"), upTo.toZonedDateTime("UTC"), true);
    for (const each of found) {
      const minute = minuteOfWall(each.toPlainDateTime());
      const last = minutes.at(-1);
      // A window begins where the one before it ended, and both ends count.
      if (last === undefined || minute > last) minutes.push(minute);
    }
    return found.length > 0;
  };
  const readUntil = (enough: () => boolean): void => {
    for (let empty = 0; !enough() && empty < EMPTY_WINDOWS;) empty = readOn() ? 0 : empty + 1;
    if (!enough()) throw new Error("its days do not come for thirteen years");
  };
  return {
    minuteOf(index) {
      if (index < 0) return minuteOfWall(first) + index * DAY_MINUTES;
      readUntil(() => minutes.length > index);
      return minutes[index]!;
    },
    indexAt(minute) {
      readUntil(() => minuteOfWall(upTo) > minute);
      let [low, high] = [0, minutes.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (minutes[middle]! <= minute) low = middle + 1;
        else high = middle;
      }
      return low - 1;
    },
  };
}

/** As if the clock on the wall hung in Greenwich: its jumps are no business of the rule. */
const ruleFrom = (
  text: string,
  first: Temporal.PlainDateTime,
): RRuleTemporal<Temporal.ZonedDateTime> =>
  new (rules().RRuleTemporal)({
    rruleString: `RRULE:${text}`,
    dtstart: first.toZonedDateTime("UTC"),
    tzid: "UTC",
    temporal: Temporal,
    strict: true,
  });

/** RFC 5545, 3.3.10: how far numbers of each part go; those with a sign count from the end too. */
const RANGES: Readonly<Record<string, { readonly most: number; readonly signed: boolean }>> = {
  BYMONTH: { most: 12, signed: false },
  BYMONTHDAY: { most: 31, signed: true },
  BYWEEKNO: { most: 53, signed: true },
  BYYEARDAY: { most: 366, signed: true },
  BYSETPOS: { most: 366, signed: true },
};

/** What the library would pass over in silence: a part that stands twice, a number that no month or year has. */
function passedOver(rule: string): string | null {
  const seen = new Set<string>();
  for (const [part = "", text = ""] of rule.split(";").map((each) => each.split("="))) {
    if (seen.has(part)) return `${part} stands twice`;
    seen.add(part);
    const values = text.split(",");
    if (values.includes("")) return `${part} has an empty value`;
    const range = RANGES[part];
    if (range === undefined) continue;
    const wrong = values.find((value) => {
      const number = Number(value);
      const size = range.signed ? Math.abs(number) : number;
      return !(size >= 1 && size <= range.most);
    });
    if (wrong !== undefined)
      return `${part} is from 1 to ${range.most}${range.signed ? ", or as much before the end" : ""}, and not ${wrong}`;
  }
  return null;
}

/** What is wrong with a rule of turns, or null: it must be one, and go on for ever. */
export function ruleProblem(layer: Layer): string | null {
  if (layer.rule === undefined) return null;
  try {
    const unsaid = passedOver(layer.rule);
    if (unsaid !== null) return `no recurrence rule that goes on (${unsaid})`;
    const turns = turnsOf(layer);
    turns.minuteOf(2);
    return null;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return `no recurrence rule that goes on (${why})`;
  }
}

/** The reading of a time of day ("09:00") on a date ("2026-01-05"). */
export const minuteOn = (date: string, time: string): WallMinute =>
  dayOn(date) * DAY_MINUTES + minutesOf(time);

/** Days since 1970-01-01 of a date; by its digits, as Temporal takes ten times as long over each layer. */
const dayOn = (date: string): number =>
  Date.UTC(Number(date.slice(0, 4)), Number(date.slice(5, 7)) - 1, Number(date.slice(8))) / DAY;

/** Minutes since midnight of a time of day. */
export const minutesOf = (time: string): number =>
  Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

export const minuteOfWall = ({
  year,
  month,
  day,
  hour,
  minute,
}: Temporal.PlainDateTime): WallMinute => Date.UTC(year, month - 1, day, hour, minute) / MINUTE;

export const wallOfMinute = (minute: WallMinute): Temporal.PlainDateTime =>
  Temporal.Instant.fromEpochMilliseconds(minute * MINUTE)
    .toZonedDateTimeISO("UTC")
    .toPlainDateTime();
