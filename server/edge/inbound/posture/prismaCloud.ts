/**
 * Prisma Cloud's webhook: a list of policy violations, each an alert of the console, also when it was
 * resolved or dismissed; and the same alerts as its API lists them, with policy and resource as objects.
 * https://docs.prismacloud.io/en/enterprise-edition/content-collections/administration/configure-external-integrations-on-prisma-cloud/integrate-prisma-cloud-with-webhooks
 * Samples: golden/prisma-cloud.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { authorizedBy, BY_HEADER } from "../authorization.ts";
import { readItems } from "../items.ts";
import { textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { has, recogniseObject, severityBy } from "../telling.ts";
import { tellFinding } from "../security/finding.ts";

const isHook = (one: unknown): boolean =>
  isObject(one) &&
  has(one, "alertId") &&
  (has(one, "policyName") || has(one, "policyId")) &&
  ["alertRuleName", "callbackUrl", "cloudType", "resourceName", "alertStatus"].some((name) =>
    has(one, name),
  );

const isListed = (one: unknown): boolean =>
  isObject(one) &&
  /^[A-Z]{1,3}-\d+$/.test(textAt(one, "id") ?? "") &&
  has(one, "status") &&
  isObject(one["policy"]) &&
  isObject(one["resource"]);
const isAlert = (one: unknown): boolean => isHook(one) || isListed(one);

/** A payload of one's own writes alert_id as often as alertId. */
const inCamels = (one: unknown): unknown =>
  isObject(one) && has(one, "alert_id") && (has(one, "policy_name") || has(one, "policy_id"))
    ? Object.fromEntries(
        Object.entries(one).map(([name, value]) => [
          name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
          value,
        ]),
      )
    : one;

function itemsOf(body: Json): readonly unknown[] | null {
  const alone = inCamels(body);
  if (isAlert(alone)) return [alone];
  const list = Array.isArray(body["items"]) ? body["items"].map(inCamels) : [];
  return list.length > 0 && list.every(isAlert) ? list : null;
}

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
      BY_HEADER,
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
  verify: authorizedBy,
  recognise: recogniseObject((body) => itemsOf(body) !== null),
  read: readItems("an alert with alertId and policyName", itemsOf, readAlert),
};

function readAlert(reading: Reading, index: number, alert: Json): void {
  const id = textAt(alert, "alertId", "id");
  const policy = textAt(alert, "policyName", "policy.name", "policyId");
  if (id === null) return reading.refuse(index, "alertId", "a text such as P-123");
  const resource = textAt(alert, "resourceName", "resourceId", "resource.name", "resource.id");
  const status = textAt(alert, "alertStatus", "status", "reason");
  tellFinding(reading, index, {
    uid: [id],
    title: `${policy ?? "Policy"}${resource === null ? "" : `: ${resource}`}`,
    description: textAt(alert, "policyDescription", "policy.description"),
    severity: severityBy(prismaCloud.severities!, textAt(alert, "severity", "policy.severity")),
    status: /resolved|dismissed|snoozed/i.test(status ?? "") ? "resolved" : "open",
    firstSeenAt: timeAt(reading, index, alert, "firstSeen", "alertTs", "alertTime", "lastSeen"),
    product: "Prisma Cloud",
    link: textAt(alert, "callbackUrl"),
    rule: policy,
    category: textAt(alert, "policyType", "policy.policyType", "resourceCloudService"),
    resource,
    account: textAt(alert, "accountName", "accountId", "resource.account", "resource.accountId"),
    region: textAt(alert, "resourceRegion", "resourceRegionId", "resource.region"),
    labels: {
      tool_status: status,
      platform: textAt(alert, "cloudType", "resource.cloudType"),
      resource_type: textAt(alert, "resourceType", "resource.resourceType"),
      alert_rule: textAt(alert, "alertRuleName"),
    },
    details: {
      recommendation: textAt(alert, "policyRecommendation", "policy.recommendation"),
      reason: textAt(alert, "reason"),
    },
  });
}
