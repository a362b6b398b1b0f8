/** What being on call costs whom, and what is wrong with how it is shared. */
import { z } from "zod";
import { InstantText, Slug } from "./ids.ts";
import { route } from "./route.ts";

/** A span of the wall clock that counts as night: whoever is woken in it was asleep. */
export const NIGHT = { from: 22, to: 6 } as const;

const Asked = z.object({
  /** Absent: four weeks before the end. */
  from: InstantText.optional(),
  /** Absent: now. */
  to: InstantText.optional(),
  schedule: Slug.optional(),
});

export const LoadLine = z.object({
  person: Slug,
  /** On call in any of the schedules; an hour in two of them is one hour. */
  hours: z.number(),
  /** Of those, each counted by itself: an hour may be of all three. */
  nightHours: z.number(),
  weekendHours: z.number(),
  holidayHours: z.number(),
  shifts: z.int(),
  /** Pages that were handed over, however many ways each of them went. */
  pages: z.int(),
  sleepPages: z.int(),
});
export type LoadLine = z.infer<typeof LoadLine>;

/** What stands in the way of a schedule that people can bear. */
export const LoadFinding = z.object({
  kind: z.enum(["too long", "back to back", "twice at once", "single point of failure"]),
  schedule: Slug,
  person: Slug.nullable(),
  startsAt: InstantText,
  endsAt: InstantText,
  text: z.string(),
});
export type LoadFinding = z.infer<typeof LoadFinding>;

export const readLoad = route({
  method: "GET",
  path: "/v1/oncall/load",
  access: "oncall.read",
  tag: "on call",
  summary:
    "Hours, nights, weekends, holidays, pages and pages at night of everybody, and the findings of the eight weeks to come.",
  query: Asked,
  reply: z.object({
    from: InstantText,
    to: InstantText,
    people: z.array(LoadLine),
    findings: z.array(LoadFinding),
  }),
});

export const exportLoad = route({
  method: "GET",
  path: "/v1/oncall/load.csv",
  access: "oncall.read",
  tag: "on call",
  summary: "The same hours and pages as CSV, for whoever pays for them.",
  query: Asked,
  reply: z.string(),
});
