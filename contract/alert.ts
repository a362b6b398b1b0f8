/** Alerts: lasting conditions on a service, with the decision that each of them led to. */
import { z } from "zod";
import { AlertId, IncidentId, InstantText, Slug } from "./ids.ts";
import { IndicatorMatch } from "./indicator.ts";
import { page, PageQuery, route, Sentence } from "./route.ts";
import { AlertSeverity } from "./signal.ts";

export const AlertStatus = z.enum(["firing", "acknowledged", "resolved"]);
export type AlertStatus = z.infer<typeof AlertStatus>;

export const Decision = z.object({
  /** The rule that decided, or null when none matched. */
  rule: z.string().nullable(),
  /** "rules.yaml:12", "defaults" or "API". */
  source: z.string().nullable(),
  outcome: z.enum(["declare", "record"]),
  because: z.string(),
});

export const Alert = z.object({
  id: AlertId,
  key: Slug,
  dedupKey: z.string(),
  status: AlertStatus,
  title: z.string(),
  severity: AlertSeverity,
  service: Slug,
  source: z.string().nullable(),
  labels: z.record(z.string(), z.string()),
  details: z.unknown(),
  link: z.string().nullable(),
  count: z.int(),
  startedAt: InstantText,
  firstReceivedAt: InstantText,
  lastReceivedAt: InstantText,
  closedAt: InstantText.nullable(),
  closedBecause: z.string().nullable(),
  decision: Decision,
  /** What mutes it now; the alert itself stays in every list. */
  suppressed: z
    .object({
      by: z.string(),
      id: z.string(),
      reason: z.string(),
      owner: z.string(),
      until: InstantText,
    })
    .nullable(),
  /** Why it waits or waited before it spoke; `until` is null once it has, or never will. */
  hold: z
    .object({
      because: z.string(),
      by: z.string(),
      text: z.string(),
      textSaid: Sentence.optional(),
      since: InstantText,
      until: InstantText.nullable(),
    })
    .nullable(),
  incident: IncidentId.nullable(),
});
export type Alert = z.infer<typeof Alert>;

export const SignalView = z.object({
  id: z.uuid(),
  receivedAt: InstantText,
  adapter: z.string(),
  action: z.enum(["trigger", "acknowledge", "resolve"]),
  decision: Decision.extend({ outcome: z.string() }),
});

const Nothing = z.literal("-");

export const listAlerts = route({
  method: "GET",
  path: "/v1/alerts",
  access: "alerts.read",
  tag: "alerts",
  summary: "Alerts, newest first.",
  query: PageQuery.extend({
    status: z.enum(["firing", "acknowledged", "resolved", "open"]).optional(),
    service: Slug.optional(),
    severity: AlertSeverity.optional(),
    /** The rule that decided; “-”: none matched. */
    rule: Slug.or(Nothing).optional(),
    /** “-”: those that belong to no incident. */
    incident: IncidentId.or(Nothing).optional(),
    dedupKey: z.string().max(255).optional(),
    /** The intake key by which they came. */
    key: Slug.optional(),
  }),
  reply: page(Alert),
});

export const AlertGroupBy = z.enum(["service", "rule", "incident"]);
export type AlertGroupBy = z.infer<typeof AlertGroupBy>;

export const AlertGroup = z.object({
  /** The service, the rule or the incident; null: of those that have none. */
  key: z.string().nullable(),
  /** The incident's. */
  title: z.string().nullable(),
  /** The gravest in it. */
  severity: AlertSeverity,
  alerts: z.int(),
  firing: z.int(),
  acknowledged: z.int(),
  signals: z.int(),
  /** When the newest of them was first received. */
  newestAt: InstantText,
});
export type AlertGroup = z.infer<typeof AlertGroup>;

export const listAlertGroups = route({
  method: "GET",
  path: "/v1/alerts/groups",
  access: "alerts.read",
  tag: "alerts",
  summary: "Open alerts counted by service, rule or incident, the group with the newest first.",
  query: PageQuery.extend({
    by: AlertGroupBy,
    status: z.enum(["firing", "acknowledged", "open"]).default("open"),
    service: Slug.optional(),
    severity: AlertSeverity.optional(),
    rule: Slug.or(Nothing).optional(),
    incident: IncidentId.or(Nothing).optional(),
  }),
  reply: page(AlertGroup),
});

export const listAlertSignals = route({
  method: "GET",
  path: "/v1/alerts/:id/signals",
  access: "alerts.read",
  tag: "alerts",
  summary: "Every signal of an alert, newest first; repeats that change nothing are only counted.",
  params: z.object({ id: AlertId }),
  query: PageQuery,
  reply: page(SignalView),
});

export const getAlert = route({
  method: "GET",
  path: "/v1/alerts/:id",
  access: "alerts.read",
  tag: "alerts",
  summary: "One alert with its latest signals.",
  params: z.object({ id: AlertId }),
  reply: Alert.extend({ signals: z.array(SignalView), indicators: z.array(IndicatorMatch) }),
});
