/** Calendars from outside: leave of people, and schedules that stand in one. Nothing of them moves a shift by itself. */
import { z } from "zod";
import { InstantText, Place, Slug } from "./ids.ts";
import { route } from "./route.ts";

/** The text of an iCalendar file (RFC 5545). */
const CalendarText = z.string().min(1).max(1_000_000);

const Leave = z.object({ person: Slug, startsAt: InstantText, endsAt: InstantText });

export const putLeave = route({
  method: "PUT",
  path: "/v1/people/:id/leave",
  access: "signed in",
  tag: "on call",
  summary:
    "When somebody is away, as events of a calendar: replaces what was said before. Only when is kept, never why.",
  params: z.object({ id: Slug }),
  body: z.strictObject({
    calendar: CalendarText,
    /** Only events with this word in their title, such as “leave”; absent: all. */
    only: z.string().trim().min(1).max(100).optional(),
  }),
  reply: z.object({ items: z.array(Leave) }),
});

export const Conflict = z.object({
  schedule: Slug,
  person: Slug,
  /** The part of their shift in which they are away. */
  startsAt: InstantText,
  endsAt: InstantText,
  /** The public holiday that it is where they live; null: their leave. */
  holiday: z.string().nullable(),
  /** Who could take it: not away and not on call elsewhere then; who has the fewest hours first. */
  proposals: z.array(z.object({ person: Slug, hours: z.number() })),
});
export type Conflict = z.infer<typeof Conflict>;

export const listConflicts = route({
  method: "GET",
  path: "/v1/oncall/conflicts",
  access: "oncall.read",
  tag: "on call",
  summary:
    "Shifts of the eight weeks to come whose people have leave or a public holiday then, each with who could take it.",
  query: z.object({ schedule: Slug.optional() }),
  reply: z.object({ items: z.array(Conflict) }),
});

export const listHolidays = route({
  method: "GET",
  path: "/v1/oncall/holidays",
  access: "oncall.read",
  tag: "on call",
  summary:
    "Public holidays of the countries that people and schedules name, and whose they are; eight weeks from now unless given.",
  query: z.object({ from: InstantText.optional(), to: InstantText.optional() }),
  reply: z.object({
    items: z.array(
      z.object({
        date: z.iso.date(),
        name: z.string(),
        country: Place,
        /** Everybody whose holiday it is. */
        people: z.array(Slug),
      }),
    ),
    /** Countries and regions of which no holidays are known. */
    unknown: z.array(Place),
  }),
});

export const importCalendar = route({
  method: "POST",
  path: "/v1/schedules/:id/calendar",
  access: "oncall.override",
  tag: "on call",
  summary:
    "Reads shifts from a calendar and shows where they differ from the schedule; saved as overrides only when asked.",
  params: z.object({ id: Slug }),
  body: z.strictObject({
    calendar: CalendarText,
    /** From now on, unless given, for eight weeks. */
    from: InstantText.optional(),
    to: InstantText.optional(),
    /** Who is meant by a title that is neither an id, a name nor an address: { "Bernard D.": "bernard" }. */
    people: z.record(z.string(), Slug).default({}),
    dryRun: z.boolean().default(true),
  }),
  reply: z.object({
    dryRun: z.boolean(),
    /** Shifts that the calendar has in the span. */
    shifts: z.int(),
    /** Titles of which nobody knows who is meant; while there are any, nothing is saved. */
    unknown: z.array(z.string()),
    /** Where two people have the same hour, the later event counts. */
    differences: z.array(
      z.object({
        startsAt: InstantText,
        endsAt: InstantText,
        before: Slug.nullable(),
        after: Slug,
      }),
    ),
  }),
});
