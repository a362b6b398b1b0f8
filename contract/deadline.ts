/** Calendars of working hours and holidays, and the deadlines that people see. */
import { z } from "zod";
import { InstantText, Zone } from "./ids.ts";

const Hours = z
  .string()
  .regex(
    /^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/,
    "working hours such as 09:00-17:30",
  );

export const Calendar = z.strictObject({
  timezone: Zone,
  /** Working hours by weekday; a weekday that is absent is free. */
  hours: z
    .strictObject({
      mon: Hours.optional(),
      tue: Hours.optional(),
      wed: Hours.optional(),
      thu: Hours.optional(),
      fri: Hours.optional(),
      sat: Hours.optional(),
      sun: Hours.optional(),
    })
    .default({}),
  holidays: z
    .array(z.strictObject({ date: z.iso.date(), name: z.string().min(1).max(120) }))
    .default([]),
});
export type Calendar = z.infer<typeof Calendar>;

export const DeadlineKind = z.enum([
  "acknowledge",
  "mitigate",
  "resolve",
  "status update",
  "postmortem",
  "action item",
  "action item review",
  "runbook step",
  "runbook phase",
  "runbook review",
]);
export type DeadlineKind = z.infer<typeof DeadlineKind>;

export const DeadlineView = z.object({
  id: z.uuid(),
  kind: DeadlineKind,
  state: z.enum(["running", "paused", "met", "breached", "withdrawn"]),
  anchorAt: InstantText,
  dueAt: InstantText,
  atRisk: z.boolean(),
  metAt: InstantText.nullable(),
  /** Why the clock stands still, while it does. */
  pausedBecause: z.string().nullable(),
  /** Where the length comes from: a file and line, or the defaults. */
  source: z.string(),
});
export type DeadlineView = z.infer<typeof DeadlineView>;
