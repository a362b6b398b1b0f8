/**
 * PagerDuty's webhooks about its own incidents: version 3, and versions 2 and 1 before it.
 * Samples: golden/pagerduty-webhook.*.json
 */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter } from "../../domain/signal/signal.ts";
import { isObject, type Json, Reading, refusedWhole } from "./reading.ts";
import { PRIORITIES, priorityOf } from "./severityWords.ts";
import { signedByHmac } from "./signatures.ts";
import {
  at,
  firstText,
  joinKey,
  listOf,
  recogniseObject,
  severityBy,
  type Status,
  tell,
} from "./telling.ts";
import { momentOf } from "./times.ts";

/** The priority of an incident counts first, then its urgency. */
const SEVERITIES = { ...PRIORITIES, high: "error", low: "info" } satisfies Record<
  string,
  AlertSeverity
>;

const STATUS: Readonly<Record<string, Status>> = {
  triggered: "firing",
  open: "firing",
  acknowledged: "acknowledged",
  resolved: "resolved",
};

const DONE: Readonly<Record<string, Status>> = {
  trigger: "firing",
  acknowledge: "acknowledged",
  resolve: "resolved",
};

export const pagerDutyWebhook: Adapter = {
  about: {
    id: "pagerduty-webhook",
    name: "PagerDuty's webhooks",
    docs: "https://developer.pagerduty.com/docs/webhooks-overview",
  },
  setUp: {
    steps: [
      "Integrations → Generic Webhooks (v3): webhook URL {url}, events of incidents.",
      "Put its signing secret into the environment and name it in the key's signedWith.",
    ],
    sample: "pagerduty-webhook.v3.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  verify: (request, secret) =>
    signedByHmac(request, secret, { header: "x-pagerduty-signature", prefix: "v1=" }),
  recognise: recogniseObject((body) => {
    if (isObject(body["event"]))
      return /^(incident|service|pagey|responder)\./.test(
        firstText(body["event"]["event_type"]) ?? "",
      );
    const [first] = listOf(body["messages"]);
    return (
      isObject(first) && (firstText(first["event"], first["type"]) ?? "").startsWith("incident.")
    );
  }),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object of a webhook");
    const reading = new Reading();
    if (isObject(body["event"])) readEvent(reading, body["event"]);
    else if (Array.isArray(body["messages"]) && body["messages"].length > 0) {
      body["messages"].forEach((message: unknown, index: number) =>
        readMessage(reading, index, message),
      );
    } else reading.refuse(0, "event", "an object, as version 3 has it (or messages)");
    return reading;
  },
};

function readEvent(reading: Reading, event: Json): void {
  const type = firstText(event["event_type"]);
  const data = isObject(event["data"]) ? event["data"] : {};
  if (type === null)
    return reading.refuse(
      0,
      "event.event_type",
      "the type of an event, such as incident.triggered",
    );
  const verb = /^incident\.(\w+)$/.exec(type)?.[1] ?? "";
  // Notes, responders and workflows of an incident are events of their own types.
  if ((firstText(data["type"]) ?? (Object.hasOwn(STATUS, verb) ? "incident" : "")) !== "incident") {
    return reading.find(
      0,
      "event.event_type",
      `${type} is not about the state of an incident: no alert`,
    );
  }
  // What happened says when; the incident of version 3 has no time but that of its beginning.
  tellIncident(
    reading,
    0,
    { ...data, resolved_at: data["resolved_at"] ?? event["occurred_at"] },
    type,
  );
}

function readMessage(reading: Reading, index: number, message: unknown): void {
  if (!isObject(message)) return reading.refuse(index, "messages", "an object");
  const incident = [message["incident"], at(message, "data", "incident")].find(isObject);
  const type = firstText(message["event"], message["type"]) ?? "";
  if (incident === undefined) return reading.refuse(index, "incident", "an object");
  tellIncident(reading, index, incident, type);
}

function tellIncident(reading: Reading, index: number, incident: Json, type: string): void {
  const id = firstText(incident["id"], incident["incident_key"]);
  const verb = /^incident\.(\w+)/.exec(type)?.[1] ?? "";
  // The oldest webhooks say what was done by the type, and the state that was before it in the incident.
  const status = DONE[verb] ?? STATUS[firstText(incident["status"]) ?? ""] ?? STATUS[verb];
  if (id === null) return reading.refuse(index, "incident.id", "the identity of an incident");
  if (status === undefined)
    return reading.refuse(index, "incident.status", "triggered, acknowledged or resolved");
  const priority = priorityOf(
    firstText(at(incident, "priority", "summary"), at(incident, "priority", "name")),
  );
  tell(reading, index, {
    status,
    title:
      firstText(
        incident["title"],
        incident["description"],
        incident["summary"],
        at(incident, "trigger_summary_data", "subject"),
        at(incident, "trigger_summary_data", "description"),
        incident["incident_key"],
      ) ?? "PagerDuty incident",
    severity:
      priority === null
        ? severityBy(SEVERITIES, incident["urgency"] ?? "high")
        : SEVERITIES[priority],
    dedupKey: joinKey("incident", id),
    service: firstText(at(incident, "service", "summary"), at(incident, "service", "name")),
    source: firstText(at(incident, "service", "id")),
    link: firstText(incident["html_url"], incident["incident_url"]),
    startedAt: momentOf(incident["created_at"]) ?? momentOf(incident["created_on"]),
    endsAt: status === "resolved" ? momentOf(incident["resolved_at"]) : null,
    labels: {
      event: type,
      urgency: incident["urgency"],
      priority,
      number: incident["number"] ?? incident["incident_number"],
      policy: at(incident, "escalation_policy", "summary"),
      key: incident["incident_key"],
    },
    details: {
      assignees: incident["assignees"] ?? incident["assignments"],
      teams: incident["teams"],
    },
  });
}
