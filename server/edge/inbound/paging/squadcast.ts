/**
 * Squadcast (SolarWinds Incident Response): the bodies of its incident webhook, for whoever posted to
 * it until now, and its own outgoing webhooks in both versions.
 * https://developers.squadcast.com/outgoing-webhooks/payload/
 * Samples: golden/squadcast.*.json
 */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { isObject, type Json, Reading, refusedWhole } from "../reading.ts";
import { PRIORITIES, priorityOf } from "../severityWords.ts";
import {
  at,
  firstText,
  has,
  joinKey,
  recogniseObject,
  severityBy,
  type Status,
  tell,
} from "../telling.ts";
import { momentOf } from "../times.ts";

const STATUS: Readonly<Record<string, Status>> = {
  trigger: "firing",
  triggered: "firing",
  reassigned: "firing",
  acknowledge: "acknowledged",
  acknowledged: "acknowledged",
  resolve: "resolved",
  resolved: "resolved",
  suppressed: "resolved",
};

export const squadcast: Adapter = {
  about: {
    id: "squadcast",
    name: "Squadcast",
    docs: "https://developers.squadcast.com/incoming-webhooks/payload-format/",
  },
  setUp: {
    steps: [
      "Leave the tool set up for Squadcast's incident webhook, and change only the address to {url}.",
      "For Squadcast's own incidents: Settings → Webhooks → add {url}, for triggered, acknowledged and resolved.",
    ],
    sample: "squadcast.trigger.json",
  },
  severities: { ...PRIORITIES, "without one": "error" } satisfies Record<string, AlertSeverity>,
  resendsByContract: false,
  recognise: recogniseObject((body) => {
    if (isOutgoing(body)) return 1;
    return /^(trigger|resolve|acknowledge)$/.test(firstText(body["status"]) ?? "") &&
      has(body, "event_id") &&
      (has(body, "message") || Object.keys(body).length <= 3)
      ? 0.8
      : 0;
  }),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object of a webhook");
    const incident = incidentOf(body);
    const word = firstText(incident["status"]) ?? "trigger";
    const reading = new Reading();
    const type = firstText(at(body, "event", "type"));
    if (type !== null && !/^incident\.(triggered|acknowledged|resolved|reassigned)$/.test(type))
      reading.find(0, "event.type", `${type} is not about the state of an incident: no alert`);
    else if (!Object.hasOwn(STATUS, word))
      return refusedWhole("status", "trigger, acknowledge or resolve");
    else if (firstText(incident["message"], incident["event_id"], incident["id"]) === null)
      return refusedWhole("message", "a text (or event_id)");
    else tellIncident(reading, incident, STATUS[word]!);
    return reading;
  },
};

const isOutgoing = (body: Json): boolean =>
  (has(body, "alert_source") && (firstText(body["event_type"]) ?? "").startsWith("incident_")) ||
  isObject(at(body, "data", "resource_data"));

function incidentOf(body: Json): Json {
  const data = at(body, "data", "resource_data");
  return isObject(data) ? data : body;
}

function tellIncident(reading: Reading, incident: Json, status: Status): void {
  const tags = tagsIn(incident["tags"]);
  const priority = priorityOf(incident["priority"]);
  const severity = firstText(tags["severity"]);
  const id = firstText(incident["event_id"], incident["id"]);
  const source = firstText(at(incident, "alert_source", "type"));
  tell(reading, 0, {
    status,
    title: firstText(incident["message"], id) ?? "Squadcast incident",
    severity:
      priority !== null
        ? PRIORITIES[priority]
        : severity === null
          ? "error"
          : severityBy({}, severity),
    dedupKey: id === null ? null : joinKey(has(incident, "event_id") ? "event" : "incident", id),
    service: firstText(at(incident, "service", "name"), tags["service"]),
    source,
    link: firstText(incident["url"], tags["url"]),
    startedAt: momentOf(incident["created_at"]),
    labels: { ...tags, source, priority },
    details: { description: incident["description"] },
  });
}

/** A tag is a text, or a text with a colour. */
function tagsIn(value: unknown): Json {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, 50)
      .filter(([name]) => name !== "" && name !== "__proto__")
      .map(([name, tag]) => [name, isObject(tag) ? tag["value"] : tag]),
  );
}
