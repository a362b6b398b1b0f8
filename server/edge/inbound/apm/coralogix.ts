/**
 * Coralogix: its generic webhook, whose template names the alert and lists the rest as fields.
 * Samples: golden/coralogix.*.json
 */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { authorizedBy, BY_HEADER } from "../authorization.ts";
import { isObject, type Json, Reading, refusedWhole } from "../reading.ts";
import { PRIORITIES, priorityOf } from "../severityWords.ts";
import { firstText, has, joinKey, listOf, recogniseObject, severityBy, tell } from "../telling.ts";
import { momentOf } from "../times.ts";

/** The severity of an alert; where it has a priority, that counts first. */
const SEVERITIES = {
  ...PRIORITIES,
  CRITICAL: "critical",
  ERROR: "error",
  WARNING: "warning",
  INFO: "info",
} satisfies Record<string, AlertSeverity>;

export const coralogix: Adapter = {
  about: {
    id: "coralogix",
    name: "Coralogix",
    docs: "https://coralogix.com/docs/user-guides/alerting/outbound-webhooks/generic-outbound-webhooks-alert-webhooks/",
  },
  setUp: {
    steps: [
      "Data flow → Outbound webhooks → Generic webhook: URL {url}, method POST, the default body.",
      "Choose the webhook in the alerts, with “Notify when resolved”.",
      BY_HEADER,
    ],
    sample: "coralogix.trigger.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  verify: authorizedBy,
  recognise: recogniseObject(
    (body) => has(body, "alert_action", "alert_id") && Array.isArray(body["fields"]),
  ),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object of the default body");
    const name = firstText(body["name"]);
    const id = firstText(body["alert_id"], body["uuid"], name);
    if (id === null) return refusedWhole("alert_id", "the identity of an alert");
    const reading = new Reading();
    const fields = fieldsOf(body["fields"]);
    const priority = priorityOf(fields["priority"]);
    tell(reading, 0, {
      status: /^resolve/i.test(firstText(body["alert_action"]) ?? "") ? "resolved" : "firing",
      title: name ?? firstText(body["description"]) ?? "Coralogix alert",
      severity:
        priority === null ? severityBy(SEVERITIES, fields["severity"]) : PRIORITIES[priority],
      // Each firing has a key of its own; the alert and what it groups by last.
      dedupKey: joinKey("alert", id, fields["alertGroupByValues"]),
      service: firstText(
        filledIn(body["service"]),
        fields["subsystem"],
        fields["application"],
        name,
      ),
      source: firstText(fields["computer"], fields["subsystem"]),
      link: firstText(body["alert_url"], body["log_url"]),
      startedAt: momentOf(fields["timestampISO"]) ?? momentOf(fields["timestampMs"]),
      labels: {
        application: fields["application"],
        subsystem: fields["subsystem"],
        team: fields["team"],
        severity: fields["severity"],
        priority,
        labels: fields["metaLabels"],
      },
      details: { description: body["description"], text: fields["text"], hits: fields["hitCount"] },
    });
    return reading;
  },
};

/** A variable that stands for nothing stays as it is written: “$SERVICE”, “*insert …*”, “null”. */
function filledIn(value: unknown): string | null {
  const text = firstText(value);
  return text === null || /^(\$[A-Z_0-9]+|\*.{0,200}\*|null)$/.test(text) ? null : text;
}

function fieldsOf(list: unknown): Json {
  const fields: Record<string, unknown> = {};
  for (const one of listOf(list).slice(0, 200)) {
    const name = isObject(one) ? firstText(one["key"]) : null;
    if (name !== null && name !== "__proto__" && isObject(one))
      fields[name] ??= filledIn(one["value"]);
  }
  return fields;
}
