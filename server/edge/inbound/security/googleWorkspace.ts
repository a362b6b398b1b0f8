/**
 * Google Workspace's alert center, by Pub/Sub or as its API lists alerts.
 * https://developers.google.com/workspace/admin/alertcenter/reference/rest/v1beta1/alerts
 * Samples: golden/google-workspace.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { BY_GOOGLE } from "../authorization.ts";
import { readItems } from "../items.ts";
import { dig, listAt, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { has, recogniseObject, severityBy } from "../telling.ts";
import { tellFinding } from "./finding.ts";

const isAlert = (one: unknown): boolean =>
  isObject(one) &&
  has(one, "alertId", "type", "source") &&
  (has(one, "customerId") || /alertcenter/.test(textAt(one, "data.@type") ?? ""));

function itemsOf(body: Json): readonly unknown[] | null {
  if (isAlert(body)) return [body];
  const list = body["alerts"];
  return Array.isArray(list) && list.length > 0 && list.every(isAlert) ? list : null;
}

export const googleWorkspace: Adapter = {
  about: {
    id: "google-workspace",
    name: "Google Workspace",
    docs: "https://developers.google.com/workspace/admin/alertcenter/reference/rest/v1beta1/alerts",
  },
  setUp: {
    steps: [
      "Let the alert center publish to a Pub/Sub topic (settings.notifications of its API).",
      "Give the topic a push subscription with the endpoint {url}.",
      BY_GOOGLE,
    ],
    sample: "google-workspace.alert.json",
  },
  severities: { HIGH: "error", MEDIUM: "warning", LOW: "info" },
  resendsByContract: false,
  tokensOf: "Google",
  recognise: recogniseObject((body) => itemsOf(body) !== null),
  read: readItems("an alert of the alert center", itemsOf, readAlert),
};

function readAlert(reading: Reading, index: number, alert: Json): void {
  const id = textAt(alert, "alertId");
  const type = textAt(alert, "type") ?? "Alert";
  if (id === null) return reading.refuse(index, "alertId", "a text");
  const data = dig(alert, "data");
  const user = textAt(
    data,
    "email",
    "actorEmail",
    "ruleViolationInfo.triggeringUserEmail",
    "maliciousEntity.entity.emailAddress",
    "affectedUserEmails.0",
  );
  const outage = textAt(data, "status");
  const over =
    dig(alert, "deleted") === true ||
    textAt(alert, "metadata.status") === "CLOSED" ||
    /^(RESOLVED|FALSE_POSITIVE)$/.test(outage ?? "");
  const domain = textAt(data, "domainId.customerPrimaryDomain", "domain");
  const name = textAt(data, "displayName", "title", "ruleViolationInfo.ruleInfo.displayName");
  tellFinding(reading, index, {
    uid: [id],
    title: `${type}${name === null ? "" : `: ${name}`}${user === null ? "" : ` for ${user}`}`,
    description: textAt(data, "description"),
    severity: severityBy(googleWorkspace.severities!, textAt(alert, "metadata.severity")),
    status: over ? "resolved" : "open",
    firstSeenAt: timeAt(reading, index, alert, "startTime", "createTime"),
    product: "Google Workspace",
    link: `https://admin.google.com/ac/ac/alertcenter/${encodeURIComponent(id)}`,
    rule: type,
    category: textAt(alert, "source"),
    resource: domain ?? textAt(alert, "source"),
    user,
    account: textAt(alert, "customerId"),
    sourceIp: textAt(data, "sourceIp", "loginDetails.ipAddress"),
    observables: listAt(data, "messages")
      .slice(0, 20)
      .map((message) => ["sha256", dig(message, "attachmentsSha256Hash")] as const),
    labels: { tool_status: textAt(alert, "metadata.status"), domain },
  });
}
