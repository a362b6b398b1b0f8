/**
 * incident.io: its alert events, for whoever posted to its HTTP source until now (the same tools, Gatus and
 * Grafana among them, need only another address), and the webhooks of its incidents.
 * https://docs.incident.io/alerts/custom-http-sources https://api-docs.incident.io/tag/Webhooks/
 * Samples: golden/incident-io.*.json
 */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { authorizedBy } from "../authorization.ts";
import { isObject, type Json, Reading, refusedWhole } from "../reading.ts";
import { priorityOf, PRIORITIES, severityOfWord } from "../severityWords.ts";
import { isStandardSecret, signedByStandard } from "../signatures.ts";
import { at, firstText, has, joinKey, recogniseObject, severityBy, tell } from "../telling.ts";
import { momentOf } from "../times.ts";

const STATUS = /^(firing|resolved)$/;
const EVENT = /^(public|private)_incident\./;

/** Whoever uses incident.io renames these at will; its own three come first. */
const SEVERITIES = { Critical: "critical", Major: "error", Minor: "warning" } satisfies Record<
  string,
  AlertSeverity
>;

export const incidentIo: Adapter = {
  about: {
    id: "incident-io",
    name: "incident.io alert events",
    docs: "https://docs.incident.io/alerts/custom-http-sources",
  },
  setUp: {
    steps: [
      "Leave the tool set up for incident.io's HTTP source, and change only the address to {url}.",
      "Put severity and service into its metadata.",
      "Its bearer token may be a secret of yours that the key's signedWith names.",
      "Incidents: Settings → Webhooks: endpoint {url}, for public incidents created, updated and whose status is updated; name its signing secret (whsec_…) in the key's signedWith.",
    ],
    sample: "incident-io.firing.json",
  },
  severities: { ...PRIORITIES, ...SEVERITIES, "without one": "error" } satisfies Record<
    string,
    AlertSeverity
  >,
  resendsByContract: false,
  verify: (request, secret) =>
    isStandardSecret(secret) ? signedByStandard(request, secret) : authorizedBy(request, secret),
  recognise: recogniseObject((body) =>
    isWebhook(body)
      ? 1
      : STATUS.test(firstText(body["status"]) ?? "") &&
          typeof body["title"] === "string" &&
          !has(body, "alerts") &&
          (has(body, "deduplication_key") || has(body, "alert_source_config_id"))
        ? 0.9
        : 0,
  ),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object with title and status");
    if (isWebhook(body)) return readIncident(body);
    const title = firstText(body["title"]);
    if (title === null) return refusedWhole("title", "a text");
    const status = firstText(body["status"]) ?? "";
    if (!STATUS.test(status)) return refusedWhole("status", "firing or resolved");
    const metadata = isObject(body["metadata"]) ? body["metadata"] : {};
    const reading = new Reading();
    tell(reading, 0, {
      status: status === "resolved" ? "resolved" : "firing",
      title,
      severity: severityOf(metadata),
      // Without a key of their own, events of one title belong together.
      dedupKey: firstText(body["deduplication_key"]) ?? joinKey("title", title),
      service: firstText(metadata["service"], metadata["service_name"], metadata["component"]),
      source: firstText(metadata["source"], metadata["host"]),
      link: body["source_url"],
      startedAt: momentOf(body["created_at"]) ?? momentOf(metadata["timestamp"]),
      labels: { ...metadata, source_config: body["alert_source_config_id"] },
      details: { description: body["description"], metadata },
    });
    return reading;
  },
};

function severityOf(metadata: Json): AlertSeverity {
  const priority = priorityOf(metadata["priority"]);
  if (priority !== null) return PRIORITIES[priority];
  const word = firstText(metadata["severity"]);
  return word === null ? "error" : severityOfWord(word);
}

/** What an event tells stands below its own name. */
const isWebhook = (body: Json): boolean => {
  const event = firstText(body["event_type"]) ?? "";
  return EVENT.test(event) && isObject(body[event]);
};

/** An incident is open while somebody works on it; what is written afterwards does not open it again. */
const OPEN = /^(triage|live|active|paused|investigating|fixing|monitoring)$/i;

function readIncident(body: Json): Reading {
  const reading = new Reading();
  const event = firstText(body["event_type"]) ?? "";
  const told = body[event];
  const incident = isObject(told) && isObject(told["incident"]) ? told["incident"] : told;
  const name = firstText(at(incident, "name"));
  const id = firstText(at(incident, "id"));
  if (id === null || name === null || !isObject(incident)) {
    // Of a private one nothing is told but that there is one.
    reading.find(0, "event_type", `“${event.slice(0, 80)}” tells no incident: no alert`);
    return reading;
  }
  const category = firstText(at(incident, "incident_status", "category"));
  const reference = firstText(incident["reference"]);
  const severity = at(incident, "severity", "name");
  tell(reading, 0, {
    status: category === null || OPEN.test(category) ? "firing" : "resolved",
    title: reference === null ? name : `${reference}: ${name}`,
    severity: firstText(severity) === null ? "error" : severityBy(SEVERITIES, severity),
    dedupKey: joinKey("incident", id),
    source: "incident.io",
    link: incident["permalink"],
    startedAt: momentOf(incident["created_at"]),
    labels: {
      reference,
      status: at(incident, "incident_status", "name"),
      type: at(incident, "incident_type", "name"),
      mode: incident["mode"],
    },
    details: { summary: incident["summary"], message: at(told, "message") },
  });
  return reading;
}
