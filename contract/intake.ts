/** Where tools send to. The paths, bodies and replies of foreign protocols are theirs, not ours. */
import { z } from "zod";
import { InstantText, Slug } from "./ids.ts";
import { route } from "./route.ts";
import { AlertSeverity } from "./signal.ts";

/** So many bytes a request to the intake may have. */
export const INTAKE_BYTES_MAX = 8 * 1024 * 1024;

const Anything = z.unknown();
const Key = z.string().min(4).max(128);

const RefusedItem = z.object({ index: z.int(), field: z.string(), expected: z.string() });

export const enqueuePagerDuty = route({
  method: "POST",
  path: "/v2/enqueue",
  access: "key",
  tag: "intake",
  summary:
    "PagerDuty Events API v2: trigger, acknowledge, resolve. The routing_key is the intake key.",
  status: 202,
  body: Anything,
  reply: z.object({ status: z.string(), message: z.string(), dedup_key: z.string() }),
});

export const postAlertmanagerAlerts = route({
  method: "POST",
  path: "/api/v2/alerts",
  access: "key",
  tag: "intake",
  summary: "Alertmanager's own API, so that a Prometheus can name Tocsin as its Alertmanager.",
  body: Anything,
  reply: z.object({}),
});

export const postAlertmanagerWebhook = route({
  method: "POST",
  path: "/v1/intake/:key/alertmanager",
  access: "key",
  tag: "intake",
  summary: "Alertmanager's webhook, version 4. The key stands in the path.",
  params: z.object({ key: Key }),
  body: Anything,
  reply: z.object({ accepted: z.int(), refused: z.array(RefusedItem) }),
});

const TakenItem = z.object({
  index: z.int(),
  dedupKey: z.string(),
  alert: z.uuid().nullable(),
  what: z.string(),
});
const ReadFinding = z.object({ index: z.int(), field: z.string(), finding: z.string() });

/** What became of a body, item by item. `tool` is the adapter that read it. */
export const Taken = z.object({
  tool: z.string(),
  accepted: z.array(TakenItem),
  refused: z.array(RefusedItem),
  findings: z.array(ReadFinding),
  /** How many changes of what runs, and how many indicators, were kept. */
  changes: z.int(),
  indicators: z.int(),
});

export const postToTool = route({
  method: "POST",
  path: "/v1/intake/:key/:tool",
  access: "key",
  tag: "intake",
  summary:
    "What a tool sends of itself: JSON, lines of JSON, a form or text. The key is in the path.",
  status: 202,
  params: z.object({ key: Key, tool: z.string().min(1).max(60) }),
  body: Anything,
  reply: Taken,
});

export const answerTool = route({
  method: "GET",
  path: "/v1/intake/:key/:tool",
  access: "key",
  tag: "intake",
  summary: "The question by which some tools (Okta) make sure once that an address is ours.",
  params: z.object({ key: Key, tool: z.string().min(1).max(60) }),
  reply: z.object({ verification: z.string() }),
});

const ASKED =
  "The question by which senders of CloudEvents (Azure Event Grid) make sure that an address wants them.";

export const askTool = route({
  method: "OPTIONS",
  path: "/v1/intake/:key/:tool",
  access: "key",
  tag: "intake",
  summary: ASKED,
  params: z.object({ key: Key, tool: z.string().min(1).max(60) }),
  reply: z.literal(""),
});

export const askAnyTool = route({
  method: "OPTIONS",
  path: "/v1/intake/:key",
  access: "key",
  tag: "intake",
  summary: ASKED,
  params: z.object({ key: Key }),
  reply: z.literal(""),
});

export const postToAnyTool = route({
  method: "POST",
  path: "/v1/intake/:key",
  access: "key",
  tag: "intake",
  summary:
    "The same for whatever tool: it is recognised by its body, or read by what it looks like.",
  status: 202,
  params: z.object({ key: Key }),
  body: Anything,
  reply: Taken,
});

const IntakeTool = z.object({
  id: z.string(),
  name: z.string(),
  /** The vendor's page that the reading follows. */
  docs: z.string(),
  url: z.string(),
  steps: z.array(z.string()),
  /** The tool's own words for how bad it is, and ours. */
  severities: z.record(z.string(), AlertSeverity),
  /** Whether it signs, or its steps say how it shows a secret (signedWith of the key). */
  signs: z.boolean(),
  /** Whose tokens it can carry, which the key then describes (signedBy); null: of nobody. */
  tokensOf: z.string().nullable(),
  sample: z.string().nullable(),
});

export const listIntakeTools = route({
  method: "GET",
  path: "/v1/intake/tools",
  access: "signed in",
  tag: "intake",
  summary: "Every tool that can send to Tocsin: its address, how to set it up, its severities.",
  reply: z.object({ tools: z.array(IntakeTool) }),
});

export const listKeyUses = route({
  method: "GET",
  path: "/v1/intake/keys",
  access: "config.read",
  tag: "intake",
  summary: "When something last came in by each key, to the minute, and which tool it was.",
  reply: z.object({
    keys: z.array(z.object({ key: z.string(), tool: z.string(), lastAt: InstantText })),
  }),
});

export const sendSample = route({
  method: "POST",
  path: "/v1/intake/tools/:tool/sample",
  access: "config.write",
  tag: "intake",
  summary:
    "Sends the tool's sample as if it had come with the key. It may page: titles begin with “Sample:”.",
  status: 202,
  params: z.object({ tool: z.string().min(1).max(60) }),
  body: z.strictObject({ key: Slug }),
  reply: Taken,
});

export const createPagerDutyV1 = route({
  method: "POST",
  path: "/generic/2010-04-15/create_event.json",
  access: "key",
  tag: "intake",
  summary: "PagerDuty Events API v1. The service_key is the intake key.",
  body: Anything,
  reply: z.object({ status: z.string(), message: z.string(), incident_key: z.string() }),
});

export const enqueuePagerDutyChange = route({
  method: "POST",
  path: "/v2/change/enqueue",
  access: "key",
  tag: "intake",
  summary: "PagerDuty change events. The routing_key is the intake key.",
  status: 202,
  body: Anything,
  reply: z.object({ status: z.string(), message: z.string() }),
});

/** What Opsgenie answers to everything that it takes. */
const GenieTaken = z.object({ result: z.string(), took: z.number(), requestId: z.string() });
const GenieAlert = z.object({ identifier: z.string().min(1).max(512) });
const GenieKind = z.object({ identifierType: z.enum(["id", "alias", "tiny"]).default("id") });

export const createOpsgenieAlert = route({
  method: "POST",
  path: "/v2/alerts",
  access: "key",
  tag: "intake",
  summary: "Opsgenie's alert API: create. The key stands in Authorization: GenieKey ….",
  status: 202,
  body: Anything,
  reply: GenieTaken,
});

export const actOnOpsgenieAlert = route({
  method: "POST",
  path: "/v2/alerts/:identifier/:action",
  access: "key",
  tag: "intake",
  summary:
    "Opsgenie's alert API: close, acknowledge, notes; what changes nothing here is taken too.",
  status: 202,
  params: GenieAlert.extend({ action: z.string().min(1).max(60) }),
  query: GenieKind,
  body: Anything,
  reply: GenieTaken,
});

export const changeOpsgenieAlert = route({
  method: "PUT",
  path: "/v2/alerts/:identifier/:action",
  access: "key",
  tag: "intake",
  summary:
    "Opsgenie's alert API: a new message, description or priority of an alert; taken, not kept.",
  status: 202,
  params: GenieAlert.extend({ action: z.string().min(1).max(60) }),
  query: GenieKind,
  body: Anything,
  reply: GenieTaken,
});

export const deleteOpsgenieAlert = route({
  method: "DELETE",
  path: "/v2/alerts/:identifier",
  access: "key",
  tag: "intake",
  summary: "Opsgenie's alert API: delete, which ends the alert here.",
  status: 202,
  params: GenieAlert,
  query: GenieKind,
  reply: GenieTaken,
});

const GenieStatus = z.object({
  data: z.object({
    success: z.boolean(),
    action: z.string(),
    processedAt: z.string(),
    isSuccess: z.boolean(),
    status: z.string(),
    alertId: z.string(),
    alias: z.string(),
  }),
  took: z.number(),
  requestId: z.string(),
});

export const getOpsgenieRequest = route({
  method: "GET",
  path: "/v2/alerts/requests/:requestId",
  access: "key",
  tag: "intake",
  summary: "Opsgenie's alert API: what became of a request.",
  params: z.object({ requestId: z.uuid() }),
  reply: GenieStatus,
});

/** What `intake try` shows of one file. */
export const TriedFile = z.object({
  file: z.string(),
  /** Null when there was nothing that anybody could have sent: the findings say why. */
  tool: z.string().nullable(),
  alerts: z.array(
    z.object({
      title: z.string(),
      severity: AlertSeverity.nullable(),
      status: z.enum(["firing", "acknowledged", "resolved"]),
      dedupKey: z.string().nullable(),
      service: z.string().nullable(),
      link: z.string().nullable(),
      startedAt: z.string().nullable(),
    }),
  ),
  indicators: z.array(
    z.object({
      type: z.string(),
      value: z.string(),
      source: z.string(),
      validFrom: z.string().nullable(),
      validUntil: z.string().nullable(),
      labels: z.array(z.string()),
    }),
  ),
  changes: z.array(
    z.object({
      kind: z.string(),
      dedupKey: z.string(),
      title: z.string(),
      status: z.string(),
      service: z.string().nullable(),
      environment: z.string().nullable(),
      version: z.string().nullable(),
      by: z.string().nullable(),
      link: z.string().nullable(),
      at: z.string().nullable(),
      labels: z.record(z.string(), z.string()),
    }),
  ),
  findings: z.array(z.string()),
});
export type TriedFile = z.infer<typeof TriedFile>;

export const postSignals = route({
  method: "POST",
  path: "/v1/signals",
  access: "key",
  tag: "intake",
  summary: "Tocsin's own JSON (one or many) and CloudEvents 1.0.",
  status: 202,
  body: Anything,
  reply: z.object({
    accepted: z.array(TakenItem),
    refused: z.array(RefusedItem),
  }),
});

export const postMeasurements = route({
  method: "POST",
  path: "/v1/measurements",
  access: "key",
  tag: "intake",
  summary: "Numbers over time, judged by sustained conditions.",
  status: 202,
  body: Anything,
  reply: z.object({ accepted: z.int(), refused: z.array(RefusedItem) }),
});
