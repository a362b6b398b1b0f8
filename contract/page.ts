/** The page ledger as people see it: accepted → decided → due → handed over → receipt → acknowledged. */
import { z } from "zod";
import { IncidentId, InstantText, Slug } from "./ids.ts";
import { page, PageQuery, route, Sentence } from "./route.ts";

export const Attempt = z.object({
  attempt: z.int(),
  startedAt: InstantText,
  endedAt: InstantText.nullable(),
  verdict: z.enum(["in flight", "accepted", "retry", "refused", "unknown"]),
  because: z.string().nullable(),
  mayRepeat: z.boolean(),
});

export const Notification = z.object({
  id: z.uuid(),
  kind: z.enum(["page", "notice"]),
  urgency: z.enum(["high", "low"]),
  subject: z.string(),
  occasion: z.string(),
  incident: IncidentId.nullable(),
  person: Slug.nullable(),
  channel: Slug,
  state: z.enum(["pending", "sending", "accepted", "failed", "dropped"]),
  /** True while a send has been started and its reply has not come. */
  inFlight: z.boolean(),
  mayRepeat: z.boolean(),
  acceptedAt: InstantText.nullable(),
  decidedAt: InstantText,
  dueAt: InstantText,
  /** When it is tried next; null: not waiting. Later than due, it waits for its turn or to be tried again. */
  nextTryAt: InstantText.nullable(),
  handedOverAt: InstantText.nullable(),
  receiptAt: InstantText.nullable(),
  acknowledgedAt: InstantText.nullable(),
  /** Why it ended as it did: "acknowledged", "refused: …"; or why it is due and was not tried yet. */
  because: z.string().nullable(),
  title: z.string(),
});
export type Notification = z.infer<typeof Notification>;

/** Why you, why now, why this way. */
export const Explanation = Notification.extend({
  whyYou: z.string(),
  whyNow: z.string(),
  whyThisWay: z.string(),
  /** What those three are made of. */
  whySaid: z.object({ you: Sentence, now: Sentence, way: Sentence }).optional(),
  attempts: z.array(Attempt),
  /** What the provider told of it after it took it, where it tells anything. */
  delivery: z.object({ said: z.string(), at: InstantText.nullable() }).nullable(),
});
export type Explanation = z.infer<typeof Explanation>;

export const listNotifications = route({
  method: "GET",
  path: "/v1/notifications",
  access: "pages.read",
  tag: "pages",
  summary: "Pages and notices, newest decision first.",
  query: PageQuery.extend({
    incident: IncidentId.optional(),
    person: Slug.optional(),
    kind: z.enum(["page", "notice"]).optional(),
    state: z.enum(["pending", "sending", "accepted", "failed", "dropped"]).optional(),
  }),
  reply: page(Notification),
});

export const explainNotification = route({
  method: "GET",
  path: "/v1/notifications/:id",
  access: "pages.read",
  tag: "pages",
  summary: "One page with every attempt: why you, why now, why this way.",
  params: z.object({ id: z.uuid() }),
  reply: Explanation,
});
