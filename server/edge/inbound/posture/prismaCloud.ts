/**
 * Prisma Cloud's webhook: a list of policy violations, each an alert of the console, also when it was
 * resolved or dismissed.
 * https://docs.prismacloud.io/en/enterprise-edition/content-collections/administration/configure-external-integrations-on-prisma-cloud/integrate-prisma-cloud-with-webhooks
 * Samples: golden/prisma-cloud.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readItems } from "../items.ts";
import { textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { has, recogniseObject, severityBy } from "../telling.ts";
import { tellFinding } from "../security/finding.ts";

const isAlert = (one: unknown): boolean =>
  isObject(one) &&
  has(one, "alertId") &&
  (has(one, "policyName") || has(one, "policyId")) &&
  ["alertRuleName", "callbackUrl", "cloudType", "resourceName", "alertStatus"].some((name) =>
    has(one, name),
  );

export const prismaCloud: Adapter = {
  about: {
    id: "prisma-cloud",
    name: "Prisma Cloud",
    docs: "https://docs.prismacloud.io/en/enterprise-edition/content-collections/administration/configure-external-integrations-on-prisma-cloud/integrate-prisma-cloud-with-webhooks",
  },
  setUp: {
    steps: [
      "In Prisma Cloud open Settings, Integrations, add a Webhook with the URL {url}; its own payload is understood.",
      "Choose it in an alert rule, and let the rule tell resolved and dismissed alerts too.",
    ],
    sample: "prisma-cloud.alert.json",
  },
  severities: {
    critical: "critical",
    high: "error",
    medium: "warning",
    low: "info",
    informational: "info",
  },
  resendsByContract: false,
  recognise: recogniseObject(isAlert),
  read: readItems(
    "an alert with alertId and policyName",
    (body) => (isAlert(body) ? [body] : null),
    readAlert,
  ),
};

function readAlert(reading: Reading, index: number, alert: Json): void {
  const id = textAt(alert, "alertId");
  const policy = textAt(alert, "policyName", "policyId");
  if (id === null) return reading.refuse(index, "alertId", "a text such as P-123");
  const resource = textAt(alert, "resourceName", "resourceId", "resource.name");
  const status = textAt(alert, "alertStatus", "status", "reason");
  tellFinding(reading, index, {
    uid: [id],
    title: `${policy ?? "Policy"}${resource === null ? "" : `: ${resource}`}`,
    description: textAt(alert, "policyDescription"),
    severity: severityBy(prismaCloud.severities!, textAt(alert, "severity", "policy.severity")),
    status: /resolved|dismissed|snoozed/i.test(status ?? "") ? "resolved" : "open",
    firstSeenAt: timeAt(reading, index, alert, "firstSeen", "alertTs", "alertTime", "lastSeen"),
    product: "Prisma Cloud",
    link: textAt(alert, "callbackUrl"),
    rule: policy,
    category: textAt(alert, "policyType", "resourceCloudService"),
    resource,
    account: textAt(alert, "accountName", "accountId"),
    region: textAt(alert, "resourceRegion", "resourceRegionId"),
    labels: {
      tool_status: status,
      platform: textAt(alert, "cloudType"),
      resource_type: textAt(alert, "resourceType"),
      alert_rule: textAt(alert, "alertRuleName"),
    },
    details: {
      recommendation: textAt(alert, "policyRecommendation"),
      reason: textAt(alert, "reason"),
    },
  });
}
