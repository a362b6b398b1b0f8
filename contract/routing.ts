/** The dry run of the rules: where an alert would go, and every rule that was looked at on the way. */
import { z } from "zod";
import { IncidentId, InstantText, Severity, Slug } from "./ids.ts";
import { route } from "./route.ts";
import { AlertSeverity } from "./signal.ts";

export const RoutingQuestion = z.strictObject({
  /** The intake key by which it would come; it names the service where nothing else does. */
  key: Slug.optional(),
  service: Slug.optional(),
  title: z.string().max(1_024).default(""),
  severity: AlertSeverity.default("critical"),
  source: z.string().max(1_024).optional(),
  labels: z.record(z.string(), z.string()).default({}),
});

export type RoutingQuestion = z.output<typeof RoutingQuestion>;

const Look = z.object({
  rule: z.string(),
  source: z.string(),
  /** How many rules it stands within. */
  depth: z.int(),
  matches: z.boolean(),
  /** Why it does not match. */
  why: z.string().nullable(),
});

export const RoutingAnswer = z.object({
  looks: z.array(Look),
  rule: z.string().nullable(),
  source: z.string().nullable(),
  outcome: z.enum(["declare", "record"]),
  severity: Severity.nullable(),
  /** The labels with what tables added, and which tables did. */
  labels: z.record(z.string(), z.string()),
  tables: z.array(Slug),
  /** Tables that were asked over HTTP and did not answer: an alert goes on without them. */
  unanswered: z.array(z.object({ table: Slug, because: z.string() })),
  /** What the catalogue knows of the service. */
  service: z.object({
    id: Slug,
    team: Slug.nullable(),
    tier: z.int().nullable(),
    runbook: z.string().nullable(),
    escalation: Slug.nullable(),
  }),
  /** Which alerts are one incident with it, and what it would wait for. */
  group: z.string().nullable(),
  waits: z.array(z.string()),
  suppressed: z.object({ by: z.string(), reason: z.string(), until: InstantText }).nullable(),
  /** The open incident that it would join. */
  joins: IncidentId.nullable(),
});
export type RoutingAnswer = z.infer<typeof RoutingAnswer>;

export const routeAlert = route({
  method: "POST",
  path: "/v1/rules/route",
  access: "config.read",
  tag: "alerts",
  summary: "Where an alert would go now: every rule that is looked at, and what it would wait for.",
  body: RoutingQuestion,
  reply: RoutingAnswer,
});
