/**
 * Dash0: issues of its check rules by webhook.
 * https://www.dash0.com/hub/integrations/int_alerting_webhook/overview
 * Samples: golden/dash0.*.json
 */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { isObject, type Json, Reading, refusedWhole } from "../reading.ts";
import { at, firstText, joinKey, listOf, recogniseObject, severityBy, tell } from "../telling.ts";
import { momentOf } from "../times.ts";

/** The status of an issue. */
const SEVERITIES = {
  critical: "critical",
  failed: "critical",
  degraded: "warning",
  ongoing: "error",
  resolved: "info",
} satisfies Record<string, AlertSeverity>;

export const dash0: Adapter = {
  about: {
    id: "dash0",
    name: "Dash0",
    docs: "https://www.dash0.com/hub/integrations/int_alerting_webhook/overview",
  },
  setUp: {
    steps: ["Settings → Notification channels → Webhook: URL {url}; choose it in the check rules."],
    sample: "dash0.ongoing.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  recognise: recogniseObject(
    (body) =>
      /^(alert|test)\./.test(firstText(body["type"]) ?? "") && isObject(at(body, "data", "issue")),
  ),
  read({ body }) {
    const issue = isObject(body) ? at(body, "data", "issue") : null;
    if (!isObject(body) || !isObject(issue))
      return refusedWhole("data.issue", "an object, as the webhook has it");
    const id = firstText(issue["issueIdentifier"], issue["id"]);
    if (id === null) return refusedWhole("data.issue.issueIdentifier", "the identity of an issue");
    const reading = new Reading();
    const type = firstText(body["type"]) ?? "";
    // Another issue of the same identity goes on in its place, and tells of itself.
    if (type === "alert.superseded") {
      reading.find(0, "type", "another issue took the place of this one: no alert");
      return reading;
    }
    const labels = attributesOf(issue["labels"]);
    const status = firstText(issue["status"])?.toLowerCase() ?? "ongoing";
    const over = /^(resolved|closed)$/.test(status) || /^alert\.(resolved|closed)$/.test(type);
    const [rule] = listOf(issue["checkrules"] ?? issue["checkrule"]);
    tell(reading, 0, {
      status: over ? "resolved" : "firing",
      title: firstText(issue["summary"], at(rule, "name")) ?? "Dash0 issue",
      severity: severityBy(SEVERITIES, over ? "ongoing" : status),
      dedupKey: joinKey("issue", id),
      service: firstText(
        labels["service.name"],
        labels["dash0.resource.name"],
        labels["k8s.deployment.name"],
      ),
      source: firstText(labels["host.name"], labels["k8s.pod.name"], issue["dataset"]),
      link: firstText(issue["url"], at(rule, "url")),
      startedAt: momentOf(issue["start"]),
      endsAt: over ? momentOf(issue["end"]) : null,
      labels: { ...labels, rule: at(rule, "name"), dataset: issue["dataset"] },
      details: {
        description: issue["description"],
        annotations: attributesOf(issue["annotations"]),
      },
    });
    return reading;
  },
};

/** OpenTelemetry's pairs, whose values say of what type they are. */
function attributesOf(list: unknown): Json {
  const attributes: Record<string, unknown> = {};
  for (const one of listOf(list).slice(0, 100)) {
    const name = isObject(one) ? firstText(one["key"]) : null;
    if (name === null || name === "__proto__" || !isObject(one)) continue;
    const { value } = one;
    attributes[name] = isObject(value) ? Object.values(value)[0] : value;
  }
  return attributes;
}
