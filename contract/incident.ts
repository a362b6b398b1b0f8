/** Incidents: what they are, and every verb that can be done to one. */
import { z } from "zod";
import { DeadlineView } from "./deadline.ts";
import { Target } from "./escalation.ts";
import { AlertId, IncidentId, IncidentKind, InstantText, Severity, Slug } from "./ids.ts";
import { NoBody, page, PageQuery, route } from "./route.ts";

export const IncidentState = z.enum(["declared", "mitigated", "resolved", "closed", "cancelled"]);
export type IncidentState = z.infer<typeof IncidentState>;

/** Roles beside the commander, who has verbs of their own. */
export const IncidentRole = z.enum([
  "scribe",
  "comms lead",
  "responder",
  "investigation lead",
  "containment lead",
  "development lead",
  "qa",
  "release manager",
  "customer lead",
  "finops",
  "privacy officer",
]);
export type IncidentRole = z.infer<typeof IncidentRole>;

/** What must be shown before an incident may be closed. */
export const AcceptancePiece = z.enum([
  "containment",
  "verification",
  "evidence",
  "stakeholders",
  "root cause",
  "lessons",
]);
export type AcceptancePiece = z.infer<typeof AcceptancePiece>;

const Words = z.string().trim().min(1).max(20_000);
const Reason = z.string().trim().min(1).max(2_000);

export const Impact = z.strictObject({
  customers: z.string().max(2_000).optional(),
  percent: z.number().min(0).max(100).optional(),
  services: z.string().max(2_000).optional(),
  revenue: z.string().max(2_000).optional(),
  data: z.string().max(2_000).optional(),
});
export type Impact = z.infer<typeof Impact>;

export const RootCause = z.strictObject({
  whatHappened: z.string().trim().min(1).max(20_000),
  immediate: z.string().max(20_000).optional(),
  contributing: z.string().max(20_000).optional(),
  underlying: z.string().max(20_000).optional(),
});
export type RootCause = z.infer<typeof RootCause>;

const DeclaredBy = z.object({
  kind: z.enum(["person", "token", "key", "engine"]),
  id: z.string().nullable(),
});

export const Incident = z.object({
  id: IncidentId,
  title: z.string(),
  kind: IncidentKind,
  severity: Severity,
  state: IncidentState,
  service: Slug.nullable(),
  services: z.array(Slug),
  regions: z.array(z.string()),
  team: Slug.nullable(),
  summary: z.string().nullable(),
  commander: Slug.nullable(),
  offeredCommander: Slug.nullable(),
  acknowledgedBy: Slug.nullable(),
  detectedAt: InstantText,
  declaredAt: InstantText,
  acknowledgedAt: InstantText.nullable(),
  mitigatedAt: InstantText.nullable(),
  resolvedAt: InstantText.nullable(),
  closedAt: InstantText.nullable(),
  cancelledBecause: z.string().nullable(),
  mergedInto: IncidentId.nullable(),
  restricted: z.boolean(),
  deferred: z.object({ because: z.string(), incident: IncidentId }).nullable(),
  declaredBy: DeclaredBy,
  /** The rule and its file and line, when no person declared it. */
  rule: z.object({ id: z.string(), source: z.string() }).nullable(),
  impact: Impact,
  rootCause: RootCause.partial(),
});
export type Incident = z.infer<typeof Incident>;

export const Task = z.object({
  id: z.uuid(),
  kind: z.string(),
  title: z.string(),
  owner: Slug.nullable(),
  dueAt: InstantText.nullable(),
  doneAt: InstantText.nullable(),
});

export const Acceptance = z.object({
  piece: AcceptancePiece,
  needed: z.boolean(),
  text: z.string().nullable(),
  overridden: z.boolean(),
  recordedAt: InstantText.nullable(),
});

export const StatusUpdate = z.object({
  id: z.uuid(),
  audiences: z.array(Slug),
  text: z.string(),
  at: InstantText,
});

export const IncidentDetail = Incident.extend({
  /** The policy at work, and its next step; null: none is. */
  escalation: z
    .object({
      policy: z.string(),
      step: z.int(),
      round: z.int(),
      dueAt: InstantText.nullable(),
      /** It waits for business hours, which begin then. */
      heldUntil: InstantText.nullable(),
    })
    .nullable(),
  /** Until when the acknowledge counts; then it pages again. Null: until the end. */
  lease: z.object({ until: InstantText, person: Slug.nullable() }).nullable(),
  /** Who was asked to join, and what they said. */
  requests: z.array(
    z.object({
      person: Slug,
      askedBy: z.string(),
      askedAt: InstantText,
      message: z.string().nullable(),
      answer: z.enum(["joined", "declined", "unanswered", "over"]).nullable(),
      answeredAt: InstantText.nullable(),
    }),
  ),
  roles: z.array(z.object({ role: z.string(), person: Slug })),
  deadlines: z.array(DeadlineView),
  tasks: z.array(Task),
  acceptance: z.array(Acceptance),
  statusUpdates: z.array(StatusUpdate),
  alertCount: z.int(),
  /** The verbs that the state allows now. */
  allowed: z.array(z.string()),
});
export type IncidentDetail = z.infer<typeof IncidentDetail>;

export const TimelineEntry = z.object({
  id: z.uuid(),
  at: InstantText,
  kind: z.string(),
  actor: z.object({ kind: z.string(), id: z.string().nullable() }),
  /** One sentence in the catalogue's words. */
  text: z.string(),
  params: z.record(z.string(), z.unknown()),
});
export type TimelineEntry = z.infer<typeof TimelineEntry>;

const ById = z.object({ id: IncidentId });

export const listIncidents = route({
  method: "GET",
  path: "/v1/incidents",
  access: "incidents.read",
  tag: "incidents",
  summary: "Incidents, newest first.",
  query: PageQuery.extend({
    state: IncidentState.or(z.literal("open")).optional(),
    severity: Severity.optional(),
    service: Slug.optional(),
    commander: Slug.optional(),
  }),
  reply: page(Incident),
});

export const getIncident = route({
  method: "GET",
  path: "/v1/incidents/:id",
  access: "incidents.read",
  tag: "incidents",
  summary: "One incident with its clocks, roles, tasks and acceptance evidence.",
  params: ById,
  reply: IncidentDetail,
});

export const getTimeline = route({
  method: "GET",
  path: "/v1/incidents/:id/timeline",
  access: "incidents.read",
  tag: "incidents",
  summary: "What happened, oldest first; with `end` the newest ones, which nothing follows.",
  params: ById,
  query: PageQuery.extend({ end: z.stringbool().default(false) }),
  reply: page(TimelineEntry),
});

export const declareIncident = route({
  method: "POST",
  path: "/v1/incidents",
  access: "incidents.respond",
  tag: "incidents",
  summary: "Declare an incident by hand.",
  status: 201,
  body: z.strictObject({
    title: z.string().trim().min(1).max(300),
    kind: IncidentKind.default("service"),
    severity: Severity,
    services: z.array(Slug).max(50).default([]),
    regions: z.array(z.string().min(1).max(60)).max(50).default([]),
    summary: Words.optional(),
    detectedAt: InstantText.optional(),
    restricted: z.boolean().default(false),
    readers: z.array(Slug).max(200).default([]),
  }),
  reply: IncidentDetail,
});

/** One verb on one incident: POST /v1/incidents/INC-1/{name}. */
const verb = <B extends z.ZodType>(
  name: string,
  summary: string,
  body: B,
  access: "incidents.respond" | "incidents.restrict" = "incidents.respond",
) =>
  route({
    method: "POST",
    path: `/v1/incidents/:id/${name}`,
    access,
    tag: "incidents",
    summary,
    params: ById,
    body,
    reply: IncidentDetail,
  });

const Empty = z.object({}).loose().nullish();

export const acknowledgeIncident = verb("acknowledge", "“I have it”: stops escalation.", Empty);
export const escalateIncident = verb(
  "escalate",
  "Page the next step now; whoever has it no longer has.",
  z.strictObject({ because: Reason.optional() }).nullish(),
);
export const ReassignTo = z.union([Target, z.strictObject({ policy: Slug })]);
export type ReassignTo = z.infer<typeof ReassignTo>;
export const reassignIncident = verb(
  "reassign",
  "Give it to others: they are paged, and its own policy begins when they do not answer.",
  z.strictObject({ to: ReassignTo, because: Reason.optional() }),
);
export const notMine = verb(
  "not-mine",
  "“Not mine”: no further page of it comes to you; the next step pages if nobody else was paged.",
  z.strictObject({ because: Reason.optional() }).nullish(),
);
export const renewIncident = verb(
  "renew",
  "“Still on it”: the acknowledge counts for its whole length again.",
  Empty,
);
export const addResponders = verb(
  "add-responders",
  "Ask more people to join: each is paged until they answer.",
  z.strictObject({ to: z.array(Target).min(1).max(20), message: Reason.optional() }),
);
export const joinIncident = verb("join", "Yes to a request: you become a responder.", Empty);
export const declineIncident = verb(
  "decline",
  "No to a request: whoever asked hears it.",
  z.strictObject({ because: Reason.optional() }).nullish(),
);
export const deferIncident = verb(
  "defer",
  "Put a SEV3 or SEV4 off while a higher severity burns.",
  z.strictObject({ because: Reason, incident: IncidentId.optional() }),
);
export const changeSeverity = verb(
  "severity",
  "Change the severity; all clocks are computed again.",
  z.strictObject({ severity: Severity, because: Reason }),
);
export const assignRole = verb(
  "role",
  "Give somebody a role.",
  z.strictObject({ role: IncidentRole, person: Slug }),
);
export const releaseRole = verb(
  "release-role",
  "Take a role back.",
  z.strictObject({ role: IncidentRole, person: Slug }),
);
export const handOver = verb(
  "hand-over",
  "Offer the command to somebody else.",
  z.strictObject({ to: Slug }),
);
export const acceptCommand = verb("accept-command", "Take the command that was offered.", Empty);
export const declineCommand = verb("decline-command", "Leave the command where it is.", Empty);
export const addNote = verb(
  "note",
  "Write something on the timeline.",
  z.strictObject({ text: Words }),
);
export const addTask = verb(
  "task",
  "Add a task.",
  z.strictObject({
    title: z.string().trim().min(1).max(300),
    owner: Slug.optional(),
    dueAt: InstantText.optional(),
  }),
);
export const finishTask = verb("finish-task", "Finish a task.", z.strictObject({ task: z.uuid() }));
export const postUpdate = verb(
  "update",
  "Tell stakeholders where it stands.",
  z.strictObject({ text: Words, audiences: z.array(Slug).max(20).default([]) }),
);
export const attachAlert = verb("attach", "Attach an alert.", z.strictObject({ alert: AlertId }));
export const setImpact = verb("impact", "State who and what was hurt.", Impact);
export const setRootCause = verb("root-cause", "Document the root cause.", RootCause);
export const recordPiece = verb(
  "record",
  "Record a piece of acceptance evidence: verification, notification, evidence, an explained breach.",
  z.strictObject({ piece: AcceptancePiece, text: Words }),
);
export const mergeIncident = verb(
  "merge",
  "Merge into another incident.",
  z.strictObject({ into: IncidentId }),
);
export const unmergeIncident = verb(
  "unmerge",
  "Take a merge back: the incident is open again with its alerts.",
  NoBody,
);
export const mitigateIncident = verb(
  "mitigate",
  "Users no longer hurt.",
  z.strictObject({ text: Words.optional() }).nullish(),
);
export const resolveIncident = verb(
  "resolve",
  "The cause is gone.",
  z.strictObject({ text: Words.optional() }).nullish(),
);
export const reopenIncident = verb(
  "reopen",
  "It is not over.",
  z.strictObject({ because: Reason }),
);
export const closeIncident = verb(
  "close",
  "Paperwork done; missing evidence is named.",
  z.strictObject({ override: z.strictObject({ because: Reason }).optional() }).nullish(),
);
export const cancelIncident = verb(
  "cancel",
  "A false alarm or a duplicate: owes nothing.",
  z.strictObject({
    reason: z.enum(["false alarm", "duplicate"]),
    of: IncidentId.optional(),
    note: Words.optional(),
  }),
);
export const restrictIncident = verb(
  "restrict",
  "Let only named people see it, or open it again.",
  z.strictObject({ restricted: z.boolean(), readers: z.array(Slug).max(200).default([]) }),
  "incidents.restrict",
);
