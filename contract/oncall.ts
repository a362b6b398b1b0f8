/** Schedules: people in turn by the wall clock of a place. */
import { z } from "zod";
import { Slug, Zone } from "./ids.ts";

const WallTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "a time of day such as 09:00");
export const Weekday = z.enum(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]);
export type Weekday = z.infer<typeof Weekday>;

/** Only inside these hours does a layer hold the pager; outside, the layer below does. */
export const Restriction = z.strictObject({
  days: z.array(Weekday).min(1).optional(),
  from: WallTime,
  /** May be earlier than `from`: then it ends on the next day. Equal means all day. */
  to: WallTime,
});
export type Restriction = z.infer<typeof Restriction>;

export const Layer = z.strictObject({
  name: z.string().min(1).max(80),
  /** In turn, in this order. */
  people: z.array(Slug).min(1).max(100),
  /** A shift lasts this many days (daily) or weeks (weekly), counted on the wall clock. */
  every: z.enum(["day", "week"]),
  count: z.int().min(1).max(52).default(1),
  /** The day the first person's first shift begins. Nobody of this layer is on call before. */
  startsOn: z.iso.date(),
  /** When shifts change, on the wall clock of the schedule (or of the layer). */
  handoffAt: WallTime.default("09:00"),
  /** The layer's own zone, for follow-the-sun; the schedule's when absent. */
  timezone: Zone.optional(),
  restrictions: z.array(Restriction).max(14).default([]),
  /** The day the last shift ends, at the handoff; a layer that starts that day follows at once. */
  endsOn: z.iso.date().optional(),
});
export type Layer = z.infer<typeof Layer>;

export const Schedule = z.strictObject({
  name: z.string().min(1).max(120),
  team: Slug.optional(),
  timezone: Zone,
  /** The last layer that has somebody wins, as a stack seen from above. */
  layers: z.array(Layer).min(1).max(12),
});
export type Schedule = z.infer<typeof Schedule>;
