/** Who is on call: now, at any instant and why, over a span; and overrides of a schedule. */
import { z } from "zod";
import { InstantText, Slug } from "./ids.ts";
import { page, PageQuery, route, Sentence } from "./route.ts";

/** Longer spans are asked for in parts. */
export const SHIFT_DAYS_MAX = 400;

const ScheduleView = z.object({
  id: Slug,
  name: z.string(),
  team: Slug.nullable(),
  timezone: z.string(),
  layers: z.array(z.string()),
  /** Who holds it now; null is a gap. */
  onCall: Slug.nullable(),
  /** Who holds it together with them, and who shadows it. */
  others: z.array(Slug),
  shadows: z.array(Slug),
  /** When that shift, override or gap ends; null: not as far as is known. */
  until: InstantText.nullable(),
});

/** One line of the stack, seen from above: overrides from the latest, then layers from the last. */
export const OnCallReason = z.object({
  kind: z.enum(["override", "layer holds", "layer silent"]),
  /** `waits`: the person whom an override replaces does not hold the schedule at this instant. */
  /** `shadows`: hears quietly of pages to those who hold the schedule. */
  verdict: z.enum(["wins", "covered", "waits", "silent", "shadows"]),
  layer: z.string().nullable(),
  zone: z.string().nullable(),
  person: Slug.nullable(),
  override: z.uuid().nullable(),
  replaces: Slug.nullable(),
  startsAt: InstantText.nullable(),
  endsAt: InstantText.nullable(),
  /** Why a layer is silent: not started, ended, outside its hours. */
  because: z.string().nullable(),
  text: z.string(),
  /** What the text is made of; people by id. */
  sentences: z.array(Sentence).optional(),
});
export type OnCallReason = z.infer<typeof OnCallReason>;

export const OnCallExplanation = z.object({
  schedule: Slug,
  at: InstantText,
  person: Slug.nullable(),
  /** Who holds it together with them. */
  others: z.array(Slug),
  /** Who is being onboarded: told quietly when those are paged, never alone. */
  shadows: z.array(Slug),
  until: InstantText.nullable(),
  /** The next moment at which somebody else, or nobody, is on call. */
  next: z
    .object({
      at: InstantText,
      person: Slug.nullable(),
      /** Who holds it together with them from then on; a node of an earlier version does not say. */
      others: z.array(Slug).optional(),
    })
    .nullable(),
  reasons: z.array(OnCallReason),
});
export type OnCallExplanation = z.infer<typeof OnCallExplanation>;

const ShiftView = z.object({
  startsAt: InstantText,
  endsAt: InstantText,
  /** Null is a gap: nobody is on call. */
  person: Slug.nullable(),
  /** Who holds it together with them. */
  others: z.array(Slug),
  layer: z.string().nullable(),
  override: z.uuid().nullable(),
});

export const OverrideView = z.object({
  id: z.uuid(),
  schedule: Slug,
  person: Slug,
  replaces: Slug.nullable(),
  startsAt: InstantText,
  endsAt: InstantText,
  reason: z.string().nullable(),
  createdAt: InstantText,
  createdBy: z.record(z.string(), z.unknown()),
});
export type OverrideView = z.infer<typeof OverrideView>;

const ById = z.object({ id: Slug });

export const listSchedules = route({
  method: "GET",
  path: "/v1/schedules",
  access: "oncall.read",
  tag: "on call",
  summary: "Schedules by id, each with who is on call now.",
  query: PageQuery,
  reply: page(ScheduleView),
});

export const explainOnCall = route({
  method: "GET",
  path: "/v1/schedules/:id/who",
  access: "oncall.read",
  tag: "on call",
  summary: "Who is on call at an instant (now unless given), until when, and why, layer by layer.",
  params: ById,
  query: z.object({ at: InstantText.optional() }),
  reply: OnCallExplanation,
});

export const listShifts = route({
  method: "GET",
  path: "/v1/schedules/:id/shifts",
  access: "oncall.read",
  tag: "on call",
  summary: "The final shifts of a span, gaps included; two weeks from now unless given.",
  params: ById,
  query: z.object({ from: InstantText.optional(), to: InstantText.optional() }),
  reply: z.object({ from: InstantText, to: InstantText, items: z.array(ShiftView) }),
});

export const listOverrides = route({
  method: "GET",
  path: "/v1/schedules/:id/overrides",
  access: "oncall.read",
  tag: "on call",
  summary: "Overrides that end after an instant (now unless given), the newest first.",
  params: ById,
  query: PageQuery.extend({ from: InstantText.optional() }),
  reply: page(OverrideView),
});

export const addOverride = route({
  method: "POST",
  path: "/v1/schedules/:id/overrides",
  access: "oncall.override",
  tag: "on call",
  summary:
    "Let a person take the schedule, or one other's shifts. Counts from now on at the earliest.",
  status: 201,
  params: ById,
  body: z.strictObject({
    person: Slug,
    startsAt: InstantText,
    endsAt: InstantText,
    /** Only while this person would hold it; absent: the whole schedule. */
    replaces: Slug.optional(),
    reason: z.string().trim().min(1).max(500).optional(),
  }),
  reply: OverrideView,
});

export const takeShift = route({
  method: "POST",
  path: "/v1/schedules/:id/take",
  access: "oncall.override",
  tag: "on call",
  summary: "“I take it”: from now until the shift under way ends. Whoever had it is told.",
  status: 201,
  params: ById,
  body: z.strictObject({
    /** Who takes it; absent: whoever asks. */
    person: Slug.optional(),
    /** Whose place they take; must be said where several hold it together. */
    replaces: Slug.optional(),
    /** Absent: until the shift ends. */
    endsAt: InstantText.optional(),
    reason: z.string().trim().min(1).max(500).optional(),
  }),
  reply: OverrideView,
});

export const endOverride = route({
  method: "DELETE",
  path: "/v1/overrides/:id",
  access: "oncall.override",
  tag: "on call",
  summary: "Take an override back; one that has begun ends now, its past stays.",
  params: z.object({ id: z.uuid() }),
  reply: OverrideView,
});
