/**
 * Zenduty's generic integration and its older API integration, for whoever posted to them until now.
 * https://zenduty.com/docs/generic-integration/ Samples: golden/zenduty.*.json
 */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { type Adapter, fingerprint } from "../../../domain/signal/signal.ts";
import { isObject, type Json, Reading, refusedWhole } from "../reading.ts";
import { at, firstText, has, listOf, recogniseObject, severityBy, tell } from "../telling.ts";

const SEVERITIES = {
  critical: "critical",
  error: "error",
  warning: "warning",
  info: "info",
  acknowledged: "warning",
  resolved: "info",
} satisfies Record<string, AlertSeverity>;

const typeOf = (body: Json): string | null => {
  const type = firstText(body["alert_type"])?.toLowerCase() ?? null;
  return type !== null && Object.hasOwn(SEVERITIES, type) ? type : null;
};

export const zenduty: Adapter = {
  about: {
    id: "zenduty",
    name: "Zenduty",
    docs: "https://zenduty.com/docs/generic-integration/",
  },
  setUp: {
    steps: [
      "Leave the tool set up for Zenduty's generic integration, and change only the address to {url}.",
      "Give every event an entity_id, so that what is resolved ends its alert.",
    ],
    sample: "zenduty.critical.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  recognise: recogniseObject((body) =>
    typeOf(body) !== null &&
    typeof body["message"] === "string" &&
    !has(body, "title") &&
    ["entity_id", "summary", "suppressed", "urls"].some((name) => Object.hasOwn(body, name))
      ? 0.8
      : 0,
  ),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object with message and alert_type");
    const title = firstText(body["message"]);
    if (title === null) return refusedWhole("message", "a text");
    const type = typeOf(body);
    if (type === null) {
      return refusedWhole("alert_type", "critical, acknowledged, resolved, error, warning or info");
    }
    const reading = new Reading();
    if (body["suppressed"] === true) {
      reading.find(0, "suppressed", "the tool itself asks that nobody be told: no alert");
      return reading;
    }
    const payload = isObject(body["payload"]) ? body["payload"] : {};
    tell(reading, 0, {
      status: type === "resolved" || type === "acknowledged" ? type : "firing",
      title,
      severity: severityBy(SEVERITIES, type),
      dedupKey: firstText(body["entity_id"]) ?? fingerprint({ title }),
      service: firstText(payload["service"], payload["component"], payload["project"]),
      source: firstText(payload["source"], payload["host"]),
      link: firstText(...listOf(body["urls"]).map((one) => at(one, "link_url"))),
      labels: { ...payload, type },
      details: { summary: body["summary"], payload },
    });
    return reading;
  },
};
