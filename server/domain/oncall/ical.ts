/** Reads calendars that others wrote (RFC 5545): events within a span, repeated ones counted out. Pure. */
import type ICAL from "ical.js";
import { ical } from "../../base/ical.ts";
import { Refusal } from "../../base/errors.ts";
import { type Instant, instant } from "../../base/instant.ts";
import type { Span } from "./rotation.ts";
import { firstInstantAt } from "./wallclock.ts";

export type CalendarEvent = Span & { readonly uid: string; readonly title: string };

/** More is nobody's calendar. */
const MOST_EVENTS = 5_000;
/** All its repetitions together, about a second of work: ten daily series of ten years. */
const MOST_STEPS = 40_000;

/**
 * Events that touch the span, by their beginning; where two begin at once, as they stand. What is cancelled or has no
 * length is left out. Days and times without a place are those of `zone`, unless the calendar names its own.
 */
export function readCalendar(
  text: string,
  { span, zone }: { readonly span: Span; readonly zone: string },
): readonly CalendarEvent[] {
  const calendars = parsed(text);
  const events = calendars.flatMap((calendar) => eventsOf(calendar, span, zone));
  return events.toSorted((a, b) => a.startsAt - b.startsAt);
}

function parsed(text: string): readonly ICAL.Component[] {
  try {
    const { Component, parse } = ical();
    const read: unknown = parse(text);
    const all = (Array.isArray(read) && Array.isArray(read[0]) ? read : [read]) as unknown[][];
    const calendars = all.map((one) => new Component(one));
    if (calendars.some(({ name }) => name !== "vcalendar"))
      throw new Error("it does not begin with BEGIN:VCALENDAR");
    return calendars;
  } catch (error) {
    throw unreadable(error);
  }
}

const unreadable = (error: unknown): Refusal =>
  error instanceof Refusal
    ? error
    : new Refusal("calendar.unreadable", {
        // Without the line that the reader quotes: a calendar is somebody's private life.
        problem: (error instanceof Error ? error.message : String(error))
          .replace(/ "[^"]*"$/, "")
          .slice(0, 200),
      });

type Place = {
  readonly zone: string;
  readonly own: ReadonlyMap<string, ICAL.Timezone>;
  /** Which names of zones are known, asked once each. */
  readonly known: Map<string, boolean>;
  /** Repetitions that may still be counted. */
  readonly budget: { left: number };
};

function eventsOf(calendar: ICAL.Component, span: Span, zone: string): readonly CalendarEvent[] {
  const all = calendar.getAllSubcomponents("vevent");
  if (all.length > MOST_EVENTS)
    throw new Refusal("calendar.unreadable", { problem: `it has more than ${MOST_EVENTS} events` });
  const named = calendar.getFirstPropertyValue("x-wr-timezone");
  const place: Place = {
    budget: { left: MOST_STEPS },
    known: new Map(),
    zone: typeof named === "string" && isZone(named) ? named : zone,
    own: new Map(
      calendar.getAllSubcomponents("vtimezone").map((component) => {
        const own = new (ical().Timezone)({ component, tzid: "" });
        return [String(component.getFirstPropertyValue("tzid")), own];
      }),
    ),
  };
  const series = Map.groupBy(all, (event) => String(event.getFirstPropertyValue("uid")));
  return [...series.values()].flatMap((components) => {
    const isException = (one: ICAL.Component): boolean => one.hasProperty("recurrence-id");
    const main = components.filter((one) => !isException(one));
    const exceptions = components.filter(isException);
    // What is left of a series whose beginning is not in the file.
    const heads = main.length === 0 ? exceptions : main;
    return heads.flatMap((head) => {
      try {
        return occurrences(head, main.length === 0 ? [] : exceptions, { span, place });
      } catch (error) {
        throw unreadable(error);
      }
    });
  });
}

function occurrences(
  component: ICAL.Component,
  exceptions: readonly ICAL.Component[],
  { span, place }: { readonly span: Span; readonly place: Place },
): readonly CalendarEvent[] {
  if (!component.hasProperty("dtstart")) throw new Error("an event in it has no beginning");
  const event = new (ical().Event)(component, { exceptions: [...exceptions] });
  const found: CalendarEvent[] = [];
  const add = (item: ICAL.Event, start: ICAL.Time, end: ICAL.Time): Instant => {
    const [startsAt, endsAt] = [
      instantOf(item.component, "dtstart", start, place),
      instantOf(item.component, "dtend", end, place),
    ];
    const isCancelled = item.component.getFirstPropertyValue("status") === "CANCELLED";
    if (!isCancelled && startsAt < endsAt && endsAt > span.startsAt && startsAt < span.endsAt)
      found.push({ uid: item.uid, title: (item.summary ?? "").trim(), startsAt, endsAt });
    return startsAt;
  };
  if (!event.isRecurring()) {
    add(event, event.startDate, event.endDate);
    return found;
  }
  const iterator = event.iterator();
  for (;;) {
    if (place.budget.left-- <= 0)
      throw new Refusal("calendar.unreadable", {
        problem: `“${(event.summary ?? "").slice(0, 80)}” repeats too often`,
      });
    const next = iterator.next() as ICAL.Time | undefined;
    if (next === undefined) return found;
    // By the rule, not by the exception that may stand in its place: that may be anywhere.
    if (instantOf(component, "dtstart", next, place) >= span.endsAt) return found;
    const { item, startDate, endDate } = event.getOccurrenceDetails(next);
    add(item, startDate, endDate);
  }
}

/** A reading of the clock of the place that the property names, the file describes, or the calendar is for. */
function instantOf(
  component: ICAL.Component,
  name: "dtstart" | "dtend",
  time: ICAL.Time,
  { zone, own, known }: Place,
): Instant {
  const { year, month, day, hour, minute, second } = time;
  const wall = new Temporal.PlainDateTime(year, month, day, hour, minute, second);
  if (time.isDate) return firstInstantAt(wall, zone);
  if (time.zone === ical().Timezone.utcTimezone)
    return instant(Date.UTC(year, month - 1, day, hour, minute, second));
  const property = component.getFirstProperty(name) ?? component.getFirstProperty("dtstart");
  const tzid = property?.getFirstParameter("tzid");
  if (tzid === undefined || tzid === null) return firstInstantAt(wall, zone);
  if (known.getOrInsertComputed(tzid, isZone)) return firstInstantAt(wall, tzid);
  const described = own.get(tzid);
  if (described === undefined)
    throw new Refusal("calendar.unreadable", { problem: `nobody knows the time zone “${tzid}”` });
  const there = time.clone();
  there.zone = described;
  return instant(there.toUnixTime() * 1_000);
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
