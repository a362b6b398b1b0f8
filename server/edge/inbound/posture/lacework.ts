/**
 * Lacework FortiCNAPP's webhook: an alert with its link and a severity of 1 to 5.
 * https://docs.fortinet.com/document/forticnapp/latest/administration-guide/519028/webhook
 * Samples: golden/lacework.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readObject } from "../items.ts";
import { textAt, timeAt } from "../paths.ts";
import { type Json } from "../reading.ts";
import { has, recogniseObject, severityBy } from "../telling.ts";
import { tellFinding } from "../security/finding.ts";

const isEvent = (body: Json): boolean =>
  has(body, "event_id", "event_severity") &&
  (has(body, "lacework_account") || has(body, "event_title"));

export const lacework: Adapter = {
  about: {
    id: "lacework",
    name: "Lacework",
    docs: "https://docs.fortinet.com/document/forticnapp/latest/administration-guide/519028/webhook",
  },
  setUp: {
    steps: [
      "In Lacework open Settings, Alert channels, and add a Webhook with the URL {url}.",
      "Choose it in the alert rules whose alerts should come here. It tells no end.",
    ],
    sample: "lacework.event.json",
  },
  severities: {
    "1": "critical",
    Critical: "critical",
    "2": "error",
    High: "error",
    "3": "warning",
    Medium: "warning",
    "4": "info",
    Low: "info",
    "5": "info",
    Info: "info",
  },
  resendsByContract: false,
  recognise: recogniseObject(isEvent),
  read: readObject("an event with event_id and event_severity", (reading, body) => {
    const id = textAt(body, "event_id");
    if (id === null) return reading.refuse(0, "event_id", "a text");
    const recommendation = textAt(body, "rec_id");
    const title = textAt(body, "event_title", "event_type") ?? "Lacework event";
    tellFinding(reading, 0, {
      uid: [textAt(body, "lacework_account"), id],
      // The title names the kind of event only.
      title: recommendation === null ? title : `${title}: ${recommendation}`,
      description: textAt(body, "event_description"),
      severity: severityBy(lacework.severities!, textAt(body, "event_severity")),
      status: /^(closed|resolved)$/i.test(textAt(body, "event_status", "alert_status") ?? "")
        ? "resolved"
        : "open",
      firstSeenAt: timeAt(reading, 0, body, "event_timestamp", "event_start_time"),
      product: "Lacework",
      link: textAt(body, "event_link"),
      rule: recommendation ?? textAt(body, "event_type"),
      category: textAt(body, "event_type"),
      resource: textAt(body, "event_source"),
      account: textAt(body, "lacework_account"),
    });
  }),
};
