/**
 * incident.io's alert events, for whoever posted to its HTTP source until now. The same tools, Gatus and
 * Grafana among them, need only another address.
 * https://docs.incident.io/alerts/custom-http-sources Samples: golden/incident-io.*.json
 */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { isObject, type Json, Reading, refusedWhole } from "../reading.ts";
import { priorityOf, PRIORITIES, severityOfWord } from "../severityWords.ts";
import { firstText, has, joinKey, recogniseObject, tell } from "../telling.ts";
import { momentOf } from "../times.ts";

const STATUS = /^(firing|resolved)$/;

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
    ],
    sample: "incident-io.firing.json",
  },
  severities: { ...PRIORITIES, "without one": "error" } satisfies Record<string, AlertSeverity>,
  resendsByContract: false,
  recognise: recogniseObject((body) =>
    STATUS.test(firstText(body["status"]) ?? "") &&
    typeof body["title"] === "string" &&
    !has(body, "alerts") &&
    (has(body, "deduplication_key") || has(body, "alert_source_config_id"))
      ? 0.9
      : 0,
  ),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object with title and status");
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
