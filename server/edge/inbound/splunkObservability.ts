/**
 * Splunk Observability Cloud (once SignalFx): detectors by webhook.
 * https://dev.splunk.com/observability/docs/integrations/webhook_integration_overview/
 * Samples: golden/splunk-observability.*.json
 */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter } from "../../domain/signal/signal.ts";
import { isObject, Reading, refusedWhole } from "./reading.ts";
import { isBase64Hmac } from "./signatures.ts";
import { firstText, has, joinKey, recogniseObject, severityBy, tell } from "./telling.ts";
import { momentOf } from "./times.ts";

const SEVERITIES = {
  Critical: "critical",
  Major: "error",
  Minor: "warning",
  Warning: "warning",
  Info: "info",
} satisfies Record<string, AlertSeverity>;

export const splunkObservability: Adapter = {
  about: {
    id: "splunk-observability",
    name: "Splunk Observability Cloud",
    docs: "https://docs.splunk.com/observability/en/admin/notif-services/webhook.html",
  },
  setUp: {
    steps: [
      "Data management → Webhook: add an integration with the URL {url}.",
      "Give it a shared secret, put that into the environment and name it in the key's signedWith.",
      "Choose it as a recipient of the detector's rules.",
    ],
    sample: "splunk-observability.anomalous.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  verify: ({ rawBody, headers }, secret) =>
    isBase64Hmac(headers["x-sfx-signature"], secret, [rawBody]),
  recognise: recogniseObject(
    (body) =>
      has(body, "detector", "incidentId") && (has(body, "detectorId") || has(body, "detectorUrl")),
  ),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object of a webhook");
    const id = firstText(body["incidentId"], body["detectorId"]);
    if (id === null) return refusedWhole("incidentId", "the identity of an incident");
    const reading = new Reading();
    const dimensions = isObject(body["dimensions"]) ? body["dimensions"] : {};
    const status = firstText(body["statusExtended"], body["status"]) ?? "anomalous";
    tell(reading, 0, {
      status: /^(ok|manually resolved|stopped|auto[ -]?resolved)$/i.test(status)
        ? "resolved"
        : "firing",
      title: firstText(body["messageTitle"], body["rule"], body["detector"]) ?? "Detector",
      severity: severityBy(SEVERITIES, body["severity"]),
      dedupKey: joinKey("incident", id),
      service: firstText(
        dimensions["sf_service"],
        dimensions["service"],
        dimensions["service.name"],
        body["detector"],
      ),
      source: firstText(dimensions["host"], dimensions["host.name"]),
      link: firstText(body["detectorUrl"], body["runbookUrl"]),
      startedAt: momentOf(body["timestampISO8601"]) ?? momentOf(body["timestamp"]),
      labels: { ...dimensions, detector: body["detector"], rule: body["rule"], status },
      details: {
        message: body["messageBody"],
        description: body["description"],
        inputs: body["inputs"],
        tip: body["tip"],
        runbook: body["runbookUrl"],
      },
    });
    return reading;
  },
};
