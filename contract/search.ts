/** Search over everything that has a name: incidents, alerts, runbooks, people and services. */
import { z } from "zod";
import { InstantText, Severity } from "./ids.ts";
import { route } from "./route.ts";

export const FoundKind = z.enum(["incident", "alert", "runbook", "service", "person", "schedule"]);
export type FoundKind = z.infer<typeof FoundKind>;

export const Found = z.object({
  kind: FoundKind,
  id: z.string(),
  title: z.string(),
  /** What tells it from others of its kind: its state, its service, its team. */
  detail: z.string(),
  /** The line in which the words stand, when that is not the title. */
  excerpt: z.string().nullable(),
  severity: Severity.nullable(),
  /** When it began; null for what has no instant. */
  at: InstantText.nullable(),
});
export type Found = z.infer<typeof Found>;

export const search = route({
  method: "GET",
  path: "/v1/search",
  access: "incidents.read",
  tag: "system",
  summary:
    "Finds incidents, alerts, runbooks, services, people and schedules by words, the best first.",
  query: z.object({
    /** Words that must all stand in it, each from its beginning or in the middle; or an id. */
    q: z.string().trim().min(1).max(200),
    kind: FoundKind.optional(),
    /** At most this many of each kind. */
    limit: z.coerce.number().int().min(1).max(50).default(8),
  }),
  reply: z.object({
    items: z.array(Found),
    /** Kinds of which there is more than is listed. */
    more: z.array(FoundKind),
    /** Closed alerts are looked through back to here; null: all of them. */
    alertsBackTo: InstantText.nullable(),
  }),
});
