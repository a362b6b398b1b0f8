import ICAL from "ical.js";
import { expect, test } from "vitest";
import { fromIso } from "../../base/instant.ts";
import { invitation, INVITATION_TYPE, type Meeting } from "./invitation.ts";

const NOW = fromIso("2026-11-21T12:30:00Z")!;
const meeting: Meeting = {
  uid: "INC-7-review-1@tocsin.example",
  at: fromIso("2026-11-24T09:00:00Z")!,
  title: "Review meeting: INC-7 Payments; fail, and\nmore ✓".repeat(3),
  description: "https://tocsin.example/incidents/INC-7/postmortem",
  url: "https://tocsin.example/incidents/INC-7/postmortem",
  organizer: { name: "Ann Ash", email: "ann@acme.example" },
  attendees: [
    { name: "Ann Ash", email: "ann@acme.example" },
    { name: 'Bob "B"; Beech, x:y\r\nATTENDEE:mailto:evil@x.example', email: "bob@acme.example" },
  ],
};

const eventOf = (text: string) => ICAL.Component.fromString(text).getFirstSubcomponent("vevent")!;

test("an invitation is a request with stable identity, an hour long, in UTC", () => {
  const calendar = ICAL.Component.fromString(invitation(meeting, NOW));
  expect(calendar.getFirstPropertyValue("method")).toBe("REQUEST");
  expect(calendar.getFirstPropertyValue("version")).toBe("2.0");
  const event = new ICAL.Event(eventOf(invitation(meeting, NOW)));
  expect(event.uid).toBe(meeting.uid);
  expect(event.startDate.toString()).toBe("2026-11-24T09:00:00Z");
  expect(event.endDate.toString()).toBe("2026-11-24T10:00:00Z");
  expect(event.sequence).toBe(0);
  expect(event.summary).toBe(meeting.title);
  expect(String(event.component.getFirstPropertyValue("dtstamp"))).toBe("2026-11-21T12:30:00Z");
});

test("everybody invited is asked to answer to the organizer", () => {
  const event = eventOf(invitation(meeting, NOW));
  const organizer = event.getFirstProperty("organizer")!;
  expect(organizer.getFirstValue()).toBe("mailto:ann@acme.example");
  const attendees = event.getAllProperties("attendee");
  expect(attendees.map((attendee) => attendee.getFirstValue())).toEqual([
    "mailto:ann@acme.example",
    "mailto:bob@acme.example",
  ]);
  for (const attendee of attendees) {
    expect(attendee.getParameter("rsvp")).toBe("TRUE");
    expect(attendee.getParameter("partstat")).toBe("NEEDS-ACTION");
  }
});

test("a name cannot smuggle in a line of its own", () => {
  const text = invitation(meeting, NOW);
  expect(text.split("\r\n").filter((line) => line.startsWith("ATTENDEE"))).toHaveLength(2);
  expect(eventOf(text).getAllProperties("attendee")[1]?.getParameter("cn")).toBe(
    'Bob "B"; Beech, x:y ATTENDEE:mailto:evil@x.example',
  );
});

test("lines are at most 75 octets and end in CRLF, as mail programs demand", () => {
  const lines = invitation(meeting, NOW).split("\r\n");
  expect(lines.at(-1)).toBe("");
  for (const line of lines) {
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
    expect(line).not.toContain("\n");
  }
});

test("the media type says that it is a request", () => {
  expect(INVITATION_TYPE).toMatch(/^text\/calendar; method=REQUEST/);
});
