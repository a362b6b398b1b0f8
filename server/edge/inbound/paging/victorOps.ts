/**
 * Splunk On-Call (once VictorOps): the bodies of its REST endpoint, for whoever posted to it until now.
 * The fields are those of its glossary of incident fields; Alertmanager and Grafana write them too.
 * Samples: golden/victorops.*.json
 */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { isObject, type Json, Reading, refusedWhole } from "../reading.ts";
import {
  firstText,
  has,
  joinKey,
  recogniseObject,
  severityBy,
  type Status,
  tell,
} from "../telling.ts";
import { momentOf } from "../times.ts";

/** The types of a message that open something; the others say what became of it. */
const SEVERITIES = { CRITICAL: "critical", WARNING: "warning", INFO: "info" } satisfies Record<
  string,
  AlertSeverity
>;

const STATUS: Readonly<Record<string, Status>> = {
  CRITICAL: "firing",
  WARNING: "firing",
  INFO: "firing",
  ACKNOWLEDGEMENT: "acknowledged",
  ACK: "acknowledged",
  RECOVERY: "resolved",
  OK: "resolved",
};

export const victorOps: Adapter = {
  about: {
    id: "victorops",
    name: "Splunk On-Call (VictorOps)",
    docs: "https://help.splunk.com/splunk-observability-cloud/splunk-on-call/integrations-with-splunk-on-call/rest-endpoint-integration-for-splunk-on-call",
  },
  setUp: {
    steps: [
      "Leave the tool set up for the REST endpoint of VictorOps or Splunk On-Call, and change only the address to {url}.",
      "Keep entity_id the same for a CRITICAL and its RECOVERY.",
    ],
    sample: "victorops.critical.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  recognise: recogniseObject(
    (body) =>
      has(STATUS, typeOf(body)) &&
      ["entity_id", "entity_display_name", "state_message", "monitoring_tool"].some((name) =>
        has(body, name),
      ),
  ),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object of the REST endpoint");
    const type = typeOf(body);
    if (!has(STATUS, type))
      return refusedWhole("message_type", "CRITICAL, WARNING, INFO, ACKNOWLEDGEMENT or RECOVERY");
    const reading = new Reading();
    const entity = firstText(body["entity_id"], body["entity_display_name"]);
    const message = firstText(body["state_message"]);
    tell(reading, 0, {
      status: STATUS[type] ?? "firing",
      title: firstText(body["entity_display_name"], message?.split("\n", 1)[0], entity) ?? type,
      severity: severityBy(SEVERITIES, type),
      dedupKey: entity === null ? null : joinKey("entity", entity),
      service: firstText(body["service"], body["service_name"], body["routing_key"], hostOf(body)),
      source: firstText(hostOf(body), body["monitoring_tool"]),
      link: linkOf(body),
      startedAt: momentOf(body["state_start_time"]) ?? momentOf(body["timestamp"]),
      labels: {
        tool: body["monitoring_tool"],
        entity: body["entity_id"],
        routing: body["routing_key"],
        host: hostOf(body),
      },
      details: {
        message,
        acknowledged: firstText(body["ack_author"], body["ack_msg"]),
        fields: body,
      },
    });
    return reading;
  },
};

const typeOf = (body: Json): string => (firstText(body["message_type"]) ?? "").toUpperCase();

const hostOf = (body: Json): string | null =>
  firstText(body["host_name"], body["hostname"], body["host"]);

/** Besides fields of the tool's own, annotations “vo_annotate.u.…” hold addresses. */
function linkOf(body: Json): string | null {
  const own = firstText(body["alert_url"], body["incident_url"], body["url"]);
  if (own !== null) return own;
  const name = Object.keys(body).find((one) => one.startsWith("vo_annotate.u."));
  const text = name === undefined ? null : firstText(body[name]);
  return text !== null && /^https?:\/\//i.test(text) ? text : null;
}
