/** The calendar invitation to a review meeting (RFC 5545, RFC 5546 REQUEST). */
import type ICAL from "ical.js";
import { ical } from "../../base/ical.ts";
import type { Instant } from "../../base/instant.ts";
import { meetingEnd } from "./postmortem.ts";

export type Attendee = { readonly name: string; readonly email: string };

export type Meeting = {
  /** The same for every copy, so that calendars show one event. */
  readonly uid: string;
  readonly at: Instant;
  readonly title: string;
  readonly description: string;
  readonly url: string;
  readonly organizer: Attendee;
  readonly attendees: readonly Attendee[];
};

/** The media type that makes mail programs offer “accept”. */
export const INVITATION_TYPE = "text/calendar; method=REQUEST; charset=utf-8";

/** The text of the .ics file. */
export function invitation(meeting: Meeting, now: Instant): string {
  const { Component } = ical();
  const calendar = new Component("vcalendar");
  calendar.addPropertyWithValue("prodid", "-//Tocsin//Incident response//EN");
  calendar.addPropertyWithValue("version", "2.0");
  calendar.addPropertyWithValue("calscale", "GREGORIAN");
  calendar.addPropertyWithValue("method", "REQUEST");
  const event = new Component("vevent");
  event.addPropertyWithValue("uid", meeting.uid);
  event.addPropertyWithValue("dtstamp", utc(now));
  event.addPropertyWithValue("dtstart", utc(meeting.at));
  event.addPropertyWithValue("dtend", utc(meetingEnd(meeting.at)));
  event.addPropertyWithValue("sequence", 0);
  event.addPropertyWithValue("status", "CONFIRMED");
  event.addPropertyWithValue("summary", meeting.title);
  event.addPropertyWithValue("description", meeting.description);
  event.addPropertyWithValue("url", meeting.url);
  addPerson(event, "organizer", meeting.organizer);
  for (const attendee of meeting.attendees) {
    const property = addPerson(event, "attendee", attendee);
    property.setParameter("role", "REQ-PARTICIPANT");
    property.setParameter("partstat", "NEEDS-ACTION");
    property.setParameter("rsvp", "TRUE");
  }
  calendar.addSubcomponent(event);
  return `${calendar.toString()}\r\n`;
}

const utc = (at: Instant): ICAL.Time => ical().Time.fromJSDate(new Date(at), true);

function addPerson(
  event: ICAL.Component,
  kind: "organizer" | "attendee",
  { name, email }: Attendee,
): ICAL.Property {
  const property = event.addPropertyWithValue(kind, `mailto:${email}`);
  // A parameter holds no control characters, not even in quotes.
  property.setParameter("cn", name.replace(/\p{Cc}+/gu, " "));
  return property;
}
