/** ThousandEyes: alert notifications by webhook, one or several at once. Samples: golden/thousandeyes.*.json */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter } from "../../domain/signal/signal.ts";
import { authorizedBy, BY_PASSWORD } from "./authorization.ts";
import { isObject, type Json, Reading, refusedWhole } from "./reading.ts";
import { firstText, has, joinKey, listOf, recogniseObject, severityBy, tell } from "./telling.ts";
import { momentOf } from "./times.ts";

const SEVERITIES = {
  Critical: "critical",
  Major: "error",
  Minor: "warning",
  Info: "info",
} satisfies Record<string, AlertSeverity>;

export const thousandEyes: Adapter = {
  about: {
    id: "thousandeyes",
    name: "ThousandEyes",
    docs: "https://docs.thousandeyes.com/product-documentation/alerts/webhooks",
  },
  setUp: {
    steps: ["Alert rules → Notifications → Webhooks: add {url}.", BY_PASSWORD],
    sample: "thousandeyes.trigger.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  verify: authorizedBy,
  recognise: recogniseObject(
    (body) =>
      (typeof body["eventType"] === "string" &&
        alertOf(body) !== null &&
        has(alertOf(body)!, "ruleName")) ||
      body["eventType"] === "WEBHOOK_TEST",
  ),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object of a notification");
    const reading = new Reading();
    const type = firstText(body["eventType"]) ?? "";
    const alert = alertOf(body);
    if (/TEST/.test(type)) reading.find(0, "eventType", "a test of the webhook: no alert");
    else if (alert === null) reading.refuse(0, "alert", "an object");
    else readAlert(reading, alert, type, body);
    return reading;
  },
};

const alertOf = (body: Json): Json | null =>
  [body["alert"], body["agentAlert"]].find((one): one is Json => isObject(one)) ?? null;

function readAlert(reading: Reading, alert: Json, type: string, body: Json): void {
  const id = firstText(alert["alertId"], body["eventId"]);
  if (id === null) return reading.refuse(0, "alert.alertId", "the identity of an alert");
  const over = /CLEAR/.test(type) || (type === "" && firstText(alert["active"]) === "0");
  const rule = firstText(alert["ruleName"]);
  const test = firstText(alert["testName"], alert["agentName"], alert["hostname"]);
  tell(reading, 0, {
    status: over ? "resolved" : "firing",
    title: [rule, test].filter((part) => part !== null).join(": ") || "ThousandEyes alert",
    severity: severityBy(SEVERITIES, alert["severity"] ?? "Minor"),
    dedupKey: joinKey("alert", id),
    service: test,
    source: firstText(
      ...listOf(alert["testTargetsDescription"]),
      alert["hostname"],
      alert["ipAddress"],
    ),
    link: alert["permalink"],
    startedAt: momentOf(alert["dateStartZoned"]) ?? momentOf(alert["dateStart"]),
    endsAt: over ? (momentOf(alert["dateEndZoned"]) ?? momentOf(alert["dateEnd"])) : null,
    labels: {
      rule,
      type: alert["type"],
      test: alert["testId"],
      violations: alert["violationCount"],
    },
    details: {
      expression: alert["ruleExpression"],
      agents: alert["agents"],
      labels: alert["testLabels"],
    },
  });
}
