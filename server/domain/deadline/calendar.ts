/**
 * Business time: when a calendar is open, and instants counted in its open hours only.
 *
 * Hours are wall-clock rules, so an opening over a clock change is as long as it really was:
 * 00:00-24:00 is 23 or 25 hours on those days. A time the clock skips is the instant it jumps to; a
 * time it shows twice is the first of the two. Hours that end at or before their start end on the
 * next day (as in schedules) and belong to the day they begin on, which is the day a holiday frees.
 *
 * What would search for ever answers null: a calendar that is never, or hardly ever, open. The
 * caller then counts in running time and says so (see `runningBecause` of a deadline).
 */
import { type Calendar } from "../../../contract/deadline.ts";
import { assert } from "../../base/errors.ts";
import { addMs, DAY, instant, type Instant, SECOND } from "../../base/instant.ts";

/** Ten years: longer waits for an opening are a mistake in the calendar, not a deadline. */
const SEARCH_DAYS = 3_653;

const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

type Hours = { readonly from: string; readonly to: string; readonly daysLater: 0 | 1 };

/** One working day's open time; windows come in order and never overlap. */
type Opening = {
  readonly date: Temporal.PlainDate;
  readonly openAt: Instant;
  readonly closeAt: Instant;
};

/** True inside open hours; the closing instant itself is closed. */
export function isOpen(calendar: Calendar, at: Instant): boolean {
  for (const { openAt, closeAt } of openings(calendar, at, at))
    if (openAt <= at && at < closeAt) return true;
  return false;
}

/** The first open instant from `at` on: `at` itself while open. Null: never within ten years. */
export function nextOpening(calendar: Calendar, at: Instant): Instant | null {
  const opening = currentOrNext(calendar, at);
  return opening === null ? null : latest(opening.openAt, at);
}

/** When open hours begin or end next after `at`; null: never within ten years. */
export function nextTurn(calendar: Calendar, at: Instant): Instant | null {
  const opening = currentOrNext(calendar, at);
  if (opening === null) return null;
  return opening.openAt > at ? opening.openAt : opening.closeAt;
}

/** The open milliseconds between two instants; 0 when `to` is not after `from`. */
export function businessTimeBetween(calendar: Calendar, from: Instant, to: Instant): number {
  let total = 0;
  for (const { openAt, closeAt } of openings(calendar, from, to))
    total += Math.max(0, Math.min(closeAt, to) - Math.max(openAt, from));
  return total;
}

/**
 * The earliest instant with `ms` of open time between `from` and it: a span that is used up at
 * closing time ends then, not at the next opening. Null: not within ten years.
 */
export function addBusinessTime(calendar: Calendar, from: Instant, ms: number): Instant | null {
  assert(ms >= 0, "business time is added, never taken away");
  if (ms === 0) return from;
  let rest = ms;
  for (const { openAt, closeAt } of openings(calendar, from, searchEnd(from))) {
    const start = latest(openAt, from);
    if (closeAt - start >= rest) return addMs(start, rest);
    rest -= Math.max(0, closeAt - start);
  }
  return null;
}

/**
 * The closing time of the `days`-th working day after the date of `from` in the calendar's zone.
 * That date itself never counts, even when `from` is before its opening: two business days from
 * any time on Monday end when Wednesday closes. Null: not within ten years.
 */
export function addBusinessDays(calendar: Calendar, from: Instant, days: number): Instant | null {
  assert(Number.isInteger(days) && days >= 1, "business days are counted in whole days from 1");
  const today = dateIn(calendar, from);
  let left = days;
  for (const { date, closeAt } of openings(calendar, from, searchEnd(from))) {
    if (Temporal.PlainDate.compare(date, today) <= 0) continue;
    left -= 1;
    if (left === 0) return closeAt;
  }
  return null;
}

/**
 * An ISO 8601 duration counted in business time, largest unit first. Years, months and weeks move
 * the wall clock; days are working days ({@link addBusinessDays}); hours and smaller are open time.
 * A length of years, months or weeks alone that ends in closed hours ends at the next closing time.
 * Null: not within ten years.
 */
export function addBusinessDuration(
  calendar: Calendar,
  from: Instant,
  iso: string,
): Instant | null {
  const { years, months, weeks, days, hours, minutes, seconds } = Temporal.Duration.from(iso);
  if (currentOrNext(calendar, from) === null) return null;
  const moved = zoned(calendar, from).add({ years, months, weeks }).epochMilliseconds;
  if (moved > searchEnd(from)) return null;
  let at: Instant | null = instant(moved);
  if (days === 0 && hours === 0 && minutes === 0 && seconds === 0)
    return moved === from || isOpen(calendar, at)
      ? at
      : (currentOrNext(calendar, at)?.closeAt ?? null);
  if (days > 0) at = addBusinessDays(calendar, at, days);
  const openMs = ((hours * 60 + minutes) * 60 + seconds) * SECOND;
  return at === null ? null : addBusinessTime(calendar, at, openMs);
}

function currentOrNext(calendar: Calendar, at: Instant): Opening | null {
  for (const opening of openings(calendar, at, searchEnd(at)))
    if (opening.closeAt > at) return opening;
  return null;
}

/** Openings that may touch [from, to], in order; where two overlap, they meet at the seam. */
function* openings(calendar: Calendar, from: Instant, to: Instant): Generator<Opening> {
  const week = WEEKDAYS.map((day) => readHours(calendar.hours[day]));
  if (to < from || week.every((hours) => hours === null)) return;
  const holidays = new Set(calendar.holidays.map((holiday) => holiday.date));
  const last = dateIn(calendar, to);
  // Yesterday's hours may reach into today.
  let date = dateIn(calendar, from).subtract({ days: 1 });
  let seam: Instant | null = null;
  for (; Temporal.PlainDate.compare(date, last) <= 0; date = date.add({ days: 1 })) {
    const hours = week[date.dayOfWeek - 1] ?? null;
    if (hours === null || holidays.has(date.toString())) continue;
    const begins = wallClock(calendar, date, hours.from);
    const openAt: Instant = seam === null ? begins : latest(begins, seam);
    const closeAt = wallClock(calendar, date.add({ days: hours.daysLater }), hours.to);
    // Empty when the clock skips the hours, or the whole date as Samoa did in 2011.
    if (closeAt <= openAt) continue;
    seam = closeAt;
    yield { date, openAt, closeAt };
  }
}

function readHours(text: string | undefined): Hours | null {
  const [from, to] = text?.split("-") ?? [];
  if (from === undefined || to === undefined) return null;
  if (to === "24:00") return { from, to: "00:00", daysLater: 1 };
  return { from, to, daysLater: to > from ? 0 : 1 };
}

function wallClock(calendar: Calendar, date: Temporal.PlainDate, time: string): Instant {
  const at = date.toZonedDateTime({ timeZone: calendar.timezone, plainTime: time });
  return instant(at.epochMilliseconds);
}

const zoned = (calendar: Calendar, at: Instant): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(calendar.timezone);

const dateIn = (calendar: Calendar, at: Instant): Temporal.PlainDate =>
  zoned(calendar, at).toPlainDate();

const searchEnd = (from: Instant): Instant => addMs(from, SEARCH_DAYS * DAY);

const latest = (a: Instant, b: Instant): Instant => (a > b ? a : b);
