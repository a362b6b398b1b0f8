/** Schedules: people in turn by the wall clock of a place. */
import { z } from "zod";
import { Place, Slug, WallTime, Weekday, Zone } from "./ids.ts";

/** Only inside these hours does a layer hold the pager; outside, the layer below does. */
export const Restriction = z.strictObject({
  days: z.array(Weekday).min(1).optional(),
  from: WallTime,
  /** May be earlier than `from`: then it ends on the next day. Equal means all day. */
  to: WallTime,
});
export type Restriction = z.infer<typeof Restriction>;

/** Parts that would end the turns or move the handoff; `endsOn` and `handoffAt` say those. */
const RULE =
  /^FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)(;(INTERVAL|BYDAY|BYMONTHDAY|BYMONTH|BYSETPOS|BYWEEKNO|BYYEARDAY|WKST)=[A-Z0-9,+-]+)*$/;

/** Several people who have one turn together; the first is asked where only one can be. */
const Together = z.array(Slug).min(2).max(10);

const LayerShape = z.strictObject({
  name: z.string().min(1).max(80),
  /** In turn, in this order; a list within the list has one turn together. */
  people: z
    .array(z.union([Slug, Together]))
    .min(1)
    .max(100),
  /** A shift lasts `count` of these, counted on the wall clock. One of `every`, `lengths` and `rule` is given. */
  every: z.enum(["hour", "day", "week", "month"]).optional(),
  count: z.int().min(1).max(366).default(1),
  /** Of `every: month`: shifts change on this day of it, such as the first Monday or the last Friday. */
  on: z
    .strictObject({ weekday: Weekday, nth: z.union([z.int().min(1).max(4), z.literal(-1)]) })
    .optional(),
  /** Shifts of so many days, one after the other and again from the start: [5, 2] for weeks and weekends. */
  lengths: z.array(z.int().min(1).max(366)).min(2).max(31).optional(),
  /** A recurrence rule (RFC 5545): a shift begins on each of its days. */
  rule: z
    .string()
    .max(300)
    .regex(RULE, "a recurrence rule such as FREQ=WEEKLY;BYDAY=MO,TH, without COUNT, UNTIL or times")
    .optional(),
  /** The day the first person's first shift begins. Nobody of this layer is on call before. */
  startsOn: z.iso.date(),
  /** When shifts change, on the wall clock of the schedule (or of the layer). */
  handoffAt: WallTime.default("09:00"),
  /** The layer's own zone, for follow-the-sun; the schedule's when absent. */
  timezone: Zone.optional(),
  restrictions: z.array(Restriction).max(14).default([]),
  /** Its people learn: told quietly when those who hold the schedule are paged, never alone, never instead. */
  shadow: z.boolean().optional(),
  /** The day the last shift ends, at the handoff; a layer that starts that day follows at once. */
  endsOn: z.iso.date().optional(),
});

export const Layer = LayerShape.superRefine((layer, context) => {
  const ways = [layer.every, layer.lengths, layer.rule].filter((way) => way !== undefined);
  const wrong = (path: string, message: string): void =>
    context.addIssue({ code: "custom", path: [path], message });
  if (ways.length !== 1) wrong("every", "one of every, lengths and rule");
  if (layer.on !== undefined && layer.every !== "month") wrong("on", "only with every: month");
});
export type Layer = z.infer<typeof Layer>;

const WallMoment = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d$/, "a wall-clock moment: 2026-12-01T09:00")
  .refine((text) => z.iso.date().safeParse(text.slice(0, 10)).success, "a day of the calendar");

export const Schedule = z.strictObject({
  name: z.string().min(1).max(120),
  team: Slug.optional(),
  timezone: Zone,
  /** Whose public holidays its people have who name no country of their own. */
  country: Place.optional(),
  /** Nobody on call at some hours is meant so: it is shown, but no finding. */
  gaps: z.literal("allowed").optional(),
  /**
   * When a change of this text begins to count, on the wall clock of the schedule. Absent or over: when the
   * turns that it touches have ended, so that nobody is moved in the middle of one.
   */
  effectiveFrom: WallMoment.optional(),
  /** Who comes is told what is open, and who goes what was. */
  handoffNotes: z.boolean().optional(),
  /** The last layer that has somebody wins, as a stack seen from above. */
  layers: z
    .array(Layer)
    .min(1)
    .max(12)
    .refine(
      (layers) => layers.some(({ shadow }) => shadow !== true),
      "a layer that is no shadow: shadows are never alone",
    ),
});
export type Schedule = z.infer<typeof Schedule>;

/** Everybody of a layer, each once. */
export const peopleOfLayer = ({ people }: Pick<Layer, "people">): readonly string[] => [
  ...new Set(people.flat()),
];
