/** Drills: pages that try the way to people, marked as such and kept apart from what really burnt. */
import { z } from "zod";
import { PositiveDuration } from "./duration.ts";
import { IncidentId, InstantText, Slug, Zone } from "./ids.ts";
import { page, PageQuery, route } from "./route.ts";

export const Drill = z
  .strictObject({
    name: z.string().min(1).max(120).optional(),
    /** Whose escalation policy is tried. */
    service: Slug,
    /** When, as in a crontab; absent: only when somebody starts it. */
    cron: z.string().min(1).max(200).optional(),
    timezone: Zone.optional(),
    /** It ends after so long when nobody answered. */
    giveUpAfter: PositiveDuration.default("PT30M"),
    description: z.string().max(500).optional(),
  })
  .refine(({ cron, timezone }) => (cron === undefined) === (timezone === undefined), {
    path: ["timezone"],
    message: "an IANA time zone, together with cron",
  });
export type Drill = z.infer<typeof Drill>;

const DrillOutcome = z.enum(["running", "answered", "unanswered"]);

/** One page of a drill: who, by which way, and how fast. */
const DrillPage = z.object({
  person: Slug,
  channel: Slug,
  state: z.string(),
  pagedAt: InstantText,
  handedOverAt: InstantText.nullable(),
  acknowledgedAt: InstantText.nullable(),
  /** From the start of the drill. */
  handedOverAfterMs: z.int().nullable(),
  acknowledgedAfterMs: z.int().nullable(),
  because: z.string().nullable(),
});

export const DrillRecord = z.object({
  id: z.uuid(),
  drill: Slug,
  service: Slug,
  incident: IncidentId,
  outcome: DrillOutcome,
  because: z.string(),
  startedAt: InstantText,
  endedAt: InstantText.nullable(),
  acknowledgedBy: Slug.nullable(),
  pages: z.array(DrillPage),
});
export type DrillRecord = z.infer<typeof DrillRecord>;

export const listDrills = route({
  method: "GET",
  path: "/v1/drills",
  access: "oncall.read",
  tag: "on call",
  summary:
    "Drills that were held for services that you may see, the newest first: who was reached how fast.",
  query: PageQuery.extend({ drill: Slug.optional() }),
  reply: page(DrillRecord),
});

export const getDrill = route({
  method: "GET",
  path: "/v1/drills/:id",
  access: "oncall.read",
  tag: "on call",
  summary: "One drill that was held.",
  params: z.object({ id: z.uuid() }),
  reply: DrillRecord,
});

export const startDrill = route({
  method: "POST",
  path: "/v1/drills/:id/start",
  access: "oncall.override",
  tag: "on call",
  summary: "Hold a configured drill now: it pages by the policy of its service, marked DRILL.",
  status: 201,
  params: z.object({ id: Slug }),
  reply: DrillRecord,
});
