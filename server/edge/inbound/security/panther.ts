/**
 * Panther's custom webhook: an alert of a rule, a policy or a scheduled query.
 * https://docs.panther.com/alerts/destinations/custom_webhook Samples: golden/panther.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readObject } from "../items.ts";
import { dig, textAt, timeAt } from "../paths.ts";
import { type Json } from "../reading.ts";
import { has, recogniseObject, severityBy } from "../telling.ts";
import { tellFinding } from "./finding.ts";

const TYPE =
  /^(RULE|RULE_ERROR|POLICY|SCHEDULED_RULE|SCHEDULED_RULE_ERROR|SCHEDULED_QUERY|SIGNAL|CORRELATION_RULE|SYSTEM_ERROR)$/;
const isAlert = (body: Json): boolean =>
  TYPE.test(textAt(body, "type") ?? "") &&
  has(body, "severity", "title") &&
  (has(body, "alertId") || has(body, "link"));

export const panther: Adapter = {
  about: {
    id: "panther",
    name: "Panther",
    docs: "https://docs.panther.com/alerts/destinations/custom_webhook",
  },
  setUp: {
    steps: [
      "In Panther open Configure, Alert destinations, and add a Custom Webhook with the URL {url}.",
      "It tells no end: whoever works on the alert resolves it here.",
    ],
    sample: "panther.alert.json",
  },
  severities: { CRITICAL: "critical", HIGH: "error", MEDIUM: "warning", LOW: "info", INFO: "info" },
  resendsByContract: false,
  recognise: recogniseObject(isAlert),
  read: readObject("an alert with type, severity and title", (reading, body) => {
    const rule = textAt(body, "id", "name");
    const title = textAt(body, "title", "name");
    if (title === null) return reading.refuse(0, "title", "a text");
    const type = textAt(body, "type");
    // A policy's alert may have no identity of its own: the policy fails, or it does not.
    const id =
      textAt(body, "alertId") ??
      (type === "POLICY" ? rule : [rule, textAt(body, "createdAt")].join(" "));
    tellFinding(reading, 0, {
      uid: [id],
      title: title.replace(/^(New Alert|Policy Failure|\[Re-sent\]): /, ""),
      description: textAt(body, "description"),
      severity: severityBy(panther.severities!, textAt(body, "severity")),
      status: "open",
      firstSeenAt: timeAt(reading, 0, body, "createdAt"),
      product: "Panther",
      link: textAt(body, "link"),
      rule,
      category: type,
      service: textAt(body, "logTypes.0", "resourceTypes.0") ?? rule,
      labels: { log_source: textAt(body, "alertContext.p_source_label") },
      details: {
        tags: dig(body, "tags"),
        runbook: textAt(body, "runbook"),
        context: dig(body, "alertContext"),
      },
    });
  }),
};
