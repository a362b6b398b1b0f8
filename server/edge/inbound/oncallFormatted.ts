/**
 * Grafana OnCall's “formatted webhook”, archived with it: Zabbix, ElastAlert, Sensu and others were
 * set up for its five fields and need only another address. Samples: golden/oncall-formatted.*.json
 */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter, fingerprint } from "../../domain/signal/signal.ts";
import { isObject, Reading, refusedWhole } from "./reading.ts";
import { firstText, has, recogniseObject, severityBy, tell } from "./telling.ts";
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
      has(body, "title", "state") &&
      (has(body, "alert_uid") || has(body, "link_to_upstream_details")),
  ),
  read({ body }) {
    if (!isObject(body))
      return refusedWhole("body", "one JSON object with alert_uid, title, state, message");
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
