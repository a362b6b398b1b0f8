/**
 * Grafana OnCall's “formatted webhook”, archived with it: Zabbix, ElastAlert, Sensu and others were
 * set up for its five fields and need only another address. So are its outgoing webhooks read, which
 * bridge from an OnCall that is still in use. Samples: golden/oncall-formatted.*.json
 */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter, fingerprint, type ReadResult } from "../../domain/signal/signal.ts";
import { isObject, type Json, Reading, refusedWhole } from "./reading.ts";
import {
  at,
  firstText,
  has,
  joinKey,
  recogniseObject,
  severityBy,
  type Status,
  tell,
} from "./telling.ts";
import { momentOf } from "./times.ts";

/** The state; a field “severity” says more where somebody added one. */
const SEVERITIES = { alerting: "error", ok: "info" } satisfies Record<string, AlertSeverity>;

export const oncallFormatted: Adapter = {
  about: {
    id: "oncall-formatted",
    name: "Grafana OnCall's formatted webhook",
    docs: "https://grafana.com/docs/oncall/latest/configure/integrations/references/webhook/",
  },
  setUp: {
    steps: [
      "Leave the tool set up for Grafana OnCall's formatted webhook, and change only the address to {url}.",
    ],
    sample: "oncall-formatted.alerting.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  recognise: recogniseObject(
    (body) =>
      isOutgoing(body) ||
      (has(body, "title", "state") &&
        (has(body, "alert_uid") || has(body, "link_to_upstream_details"))),
  ),
  read({ body }) {
    if (!isObject(body))
      return refusedWhole("body", "one JSON object with alert_uid, title, state, message");
    if (isOutgoing(body)) return readOutgoing(body);
    const title = firstText(body["title"], body["message"]);
    if (title === null) return refusedWhole("title", "a text");
    const reading = new Reading();
    const severity = firstText(body["severity"]);
    tell(reading, 0, {
      status: /^(ok|resolved)$/i.test(firstText(body["state"]) ?? "") ? "resolved" : "firing",
      title,
      severity: severity === null ? SEVERITIES.alerting : severityBy(SEVERITIES, severity),
      dedupKey: firstText(body["alert_uid"]) ?? fingerprint({ title }),
      service: firstText(body["service"], body["host"]),
      source: firstText(body["host"], body["source"]),
      link: body["link_to_upstream_details"],
      startedAt: momentOf(body["timestamp"]) ?? momentOf(body["started_at"]),
      labels: { state: body["state"], severity },
      details: { message: body["message"], image: body["image_url"] },
    });
    return reading;
  },
};

/** https://grafana.com/docs/oncall/latest/configure/outgoing-webhooks/: what became of an alert group. */
const isOutgoing = (body: Json): boolean =>
  isObject(body["event"]) && isObject(body["alert_group"]) && has(body["alert_group"], "id");

const GROUP_STATUS: Readonly<Record<string, Status>> = {
  acknowledged: "acknowledged",
  // Nobody is woken while it is silenced there.
  silenced: "acknowledged",
  resolved: "resolved",
};

function readOutgoing(body: Json): ReadResult {
  const reading = new Reading();
  const group = body["alert_group"] as Json;
  const payload = at(body, "alert_payload");
  const severity = firstText(
    at(group, "labels", "severity"),
    at(payload, "severity"),
    at(payload, "labels", "severity"),
    at(payload, "commonLabels", "severity"),
  );
  tell(reading, 0, {
    status: GROUP_STATUS[firstText(group["state"])?.toLowerCase() ?? ""] ?? "firing",
    title: firstText(group["title"]) ?? "An alert group of Grafana OnCall",
    severity: severity === null ? SEVERITIES.alerting : severityBy(SEVERITIES, severity),
    dedupKey: joinKey("group", group["id"]),
    service: firstText(
      at(group, "labels", "service_name"),
      at(group, "labels", "service"),
      at(payload, "service"),
      at(payload, "labels", "service"),
      at(payload, "commonLabels", "service"),
    ),
    source: firstText(at(body, "integration", "name")),
    link: firstText(at(group, "permalinks", "web")),
    startedAt: momentOf(group["created_at"]) ?? momentOf(at(body, "event", "time")),
    labels: {
      event: firstText(at(body, "event", "type")),
      state: group["state"],
      by: firstText(at(body, "user", "username")),
      team: firstText(at(body, "integration", "team")),
    },
    details: { payload },
  });
  return reading;
}
