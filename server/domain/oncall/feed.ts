/**
 * Shifts as a calendar. An event keeps its identity as long as the shift does, whenever the calendar is fetched,
 * so that calendar programs move or remove events instead of showing them twice.
 */
import type ICAL from "ical.js";
import { ical } from "../../base/ical.ts";
import { type Instant, toIso } from "../../base/instant.ts";
import type { FinalShift } from "./oncall.ts";

export const CALENDAR_TYPE = "text/calendar; charset=utf-8";

export type FeedShift = FinalShift & {
  readonly scheduleId: string;
  readonly scheduleName: string;
  /** Of everybody who holds it; null in a gap. */
  readonly name: string | null;
  /** Shadowed, not held. */
  readonly isShadow: boolean;
};

export type Feed = {
  readonly name: string;
  readonly host: string;
  /** What the shifts were asked for; those at the edges may reach further. */
  readonly from: Instant;
  readonly to: Instant;
  readonly shifts: readonly FeedShift[];
  /** A person's own calendar says where; a schedule's says who. */
  readonly ofPerson: boolean;
};

/** The text of the calendar. */
export function calendarOf(feed: Feed): string {
  const { Component, Duration } = ical();
  const calendar = new Component("vcalendar");
  calendar.addPropertyWithValue("prodid", "-//Tocsin//On call//EN");
  calendar.addPropertyWithValue("version", "2.0");
  calendar.addPropertyWithValue("calscale", "GREGORIAN");
  calendar.addPropertyWithValue("method", "PUBLISH");
  calendar.addPropertyWithValue("x-wr-calname", feed.name);
  calendar.addPropertyWithValue("refresh-interval", Duration.fromString("PT1H"));
  for (const shift of feed.shifts) calendar.addSubcomponent(eventOf(feed, shift));
  return `${calendar.toString()}\r\n`;
}

function eventOf(feed: Feed, shift: FeedShift): ICAL.Component {
  const event = new (ical().Component)("vevent");
  event.addPropertyWithValue("uid", `${identity(feed, shift)}@${feed.host}`);
  event.addPropertyWithValue("dtstamp", utc(shift.startsAt));
  event.addPropertyWithValue("dtstart", utc(shift.startsAt));
  event.addPropertyWithValue("dtend", utc(shift.endsAt));
  event.addPropertyWithValue("summary", summaryOf(feed, shift));
  const by = shift.overrideId === null ? shift.layer : "an override";
  if (by !== null) event.addPropertyWithValue("description", `${shift.scheduleId}, by ${by}`);
  // An hour on call is no hour in which nobody else may be met.
  event.addPropertyWithValue("transp", "TRANSPARENT");
  return event;
}

/** By the edge that the calendar's own edges do not cut: they move with every fetch. */
function identity({ from, to }: Feed, shift: FeedShift): string {
  const shadow = shift.isShadow ? ".shadow" : "";
  const who = `${shift.scheduleId}${shadow}.${shift.person ?? "nobody"}`;
  if (shift.startsAt > from) return `${who}.${toIso(shift.startsAt)}`;
  return shift.endsAt < to ? `${who}.until.${toIso(shift.endsAt)}` : `${who}.always`;
}

function summaryOf({ ofPerson }: Feed, { name, scheduleName, isShadow }: FeedShift): string {
  if (isShadow) return `Shadowing: ${scheduleName}`;
  if (ofPerson) return `On call: ${scheduleName}`;
  return name === null ? `NOBODY on call: ${scheduleName}` : `${name}: ${scheduleName}`;
}

const utc = (at: Instant): ICAL.Time => ical().Time.fromJSDate(new Date(at), true);
