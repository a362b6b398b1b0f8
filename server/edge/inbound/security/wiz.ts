/**
 * Wiz: issues as the API gives them and as the template of an automation rule's webhook sends them,
 * detections of threats, findings of cloud configuration rules, and vulnerabilities.
 * https://docs.wiz.io/wiz-docs/docs/webhook-integration Samples: golden/wiz.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readItems } from "../items.ts";
import { dig, listAt, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { has, recogniseObject, severityBy } from "../telling.ts";
import { namesIn, tellFinding } from "./finding.ts";

const isIssue = (one: unknown): boolean =>
  isObject(one) &&
  isObject(one["entitySnapshot"]) &&
  Object.hasOwn(one, "severity") &&
  Object.hasOwn(one, "status");
const isHook = (one: unknown): boolean =>
  isObject(one) &&
  isObject(one["issue"]) &&
  (isObject(one["trigger"]) || isObject(one["control"]) || isObject(one["resource"]));

const isDetection = (one: unknown): boolean =>
  isObject(one) &&
  Object.hasOwn(one, "severity") &&
  (Object.hasOwn(one, "triggeringEvents") || isObject(dig(one, "ruleMatch.rule"))) &&
  (isObject(one["primaryResource"]) || Object.hasOwn(one, "cloudAccounts"));
const isConfiguration = (one: unknown): boolean =>
  isObject(one) && has(one, "rule", "result", "severity") && isObject(one["resource"]);
const isVulnerability = (one: unknown): boolean =>
  isObject(one) && isObject(one["vulnerableAsset"]) && Object.hasOwn(one, "name");
/** Who did what in Wiz's own console: no issue of the cloud that it looks at. */
const isAudit = (one: unknown): boolean =>
  isObject(one) && has(one, "action", "requestId", "actionParameters", "timestamp");
const isFound = (one: unknown): boolean =>
  isDetection(one) || isConfiguration(one) || isVulnerability(one);
const isOne = (one: unknown): boolean =>
  isIssue(one) || isHook(one) || isFound(one) || isAudit(one);

const LISTS = [
  "auditLogEntries",
  "issues",
  "detections",
  "configurationFindings",
  "vulnerabilityFindings",
];

function itemsOf(body: Json): readonly unknown[] | null {
  if (isOne(body)) return [body];
  for (const name of LISTS) {
    const list = dig(body, `data.${name}.nodes`) ?? body[name];
    if (Array.isArray(list) && list.length > 0 && list.every(isOne)) return list;
  }
  return null;
}

const CLOSED = /^(RESOLVED|REJECTED)$/i;

export const wiz: Adapter = {
  about: { id: "wiz", name: "Wiz", docs: "https://docs.wiz.io/wiz-docs/docs/webhook-integration" },
  setUp: {
    steps: [
      "In Wiz open Settings, Integrations, and add a Webhook with the URL {url}.",
      "Make an automation rule for created and updated issues with that webhook as its action; its own template is understood.",
    ],
    sample: "wiz.webhook.json",
  },
  severities: {
    CRITICAL: "critical",
    HIGH: "error",
    MEDIUM: "warning",
    LOW: "info",
    INFORMATIONAL: "info",
  },
  resendsByContract: false,
  recognise: recogniseObject((body) => itemsOf(body) !== null),
  read: readItems("a Wiz issue, or what its webhook sends", itemsOf, (reading, index, item) => {
    if (isAudit(item)) {
      const what = (textAt(item, "action") ?? "").slice(0, 60);
      return reading.find(index, "action", `“${what}” is an entry of the audit log: no alert`);
    }
    return isFound(item) ? readFound(reading, index, item) : readIssue(reading, index, item);
  }),
};

/** A detection, a configuration that is not as its rule wants it, or a vulnerability of an asset. */
function readFound(reading: Reading, index: number, item: Json): void {
  const id = textAt(item, "id");
  if (id === null) return reading.refuse(index, "id", "a text");
  const resource = textAt(item, "primaryResource.name", "resource.name", "vulnerableAsset.name");
  const name = textAt(item, "ruleMatch.rule.name", "title", "name", "rule.name", "description");
  const status = `${textAt(item, "status") ?? ""} ${textAt(item, "result") ?? ""}`;
  const events = [...listAt(item, "triggeringEvents.nodes"), ...listAt(item, "triggeringEvents")];
  tellFinding(reading, index, {
    uid: [id],
    title: `${name ?? "Wiz finding"}${resource === null ? "" : `: ${resource}`}`,
    description: textAt(item, "description", "rule.description", "CVEDescription"),
    severity: severityBy(
      wiz.severities!,
      textAt(item, "severity", "vendorSeverity", "CVSSSeverity"),
    ),
    status: /\b(RESOLVED|REJECTED|PASS)\b/i.test(status) ? "resolved" : "open",
    firstSeenAt: timeAt(
      reading,
      index,
      item,
      "createdAt",
      "firstSeenAt",
      "firstDetectedAt",
      "analyzedAt",
    ),
    product: "Wiz",
    link: textAt(item, "url", "threatURL", "detectionURL", "portalUrl"),
    rule: textAt(item, "ruleMatch.rule.id", "rule.shortId", "rule.id"),
    category: textAt(item, "type", "resource.type", "vulnerableAsset.type"),
    resource,
    account: textAt(
      item,
      "cloudAccounts.0.externalId",
      "resource.subscription.externalId",
      "vulnerableAsset.subscriptionExternalId",
    ),
    region: textAt(item, "primaryResource.region", "resource.region", "vulnerableAsset.region"),
    user: textAt(item, "primaryActor.name"),
    tactics: dig(item, "mitreTactics"),
    techniques:
      dig(item, "mitreTechniques") ??
      namesIn(dig(item, "ruleMatch.rule.securitySubCategories"), "title"),
    observables: events.map((event) => ["ip", dig(event, "actorIP")] as const),
    labels: {
      tool_status: status.trim(),
      cve: name?.startsWith("CVE-") === true ? name : null,
      platform: textAt(
        item,
        "cloudAccounts.0.cloudProvider",
        "cloudAccounts.0.cloudPlatform",
        "resource.subscription.cloudProvider",
        "vulnerableAsset.cloudPlatform",
      ),
    },
    details: { remediation: textAt(item, "remediation", "rule.remediationInstructions") },
  });
}

function readIssue(reading: Reading, index: number, item: Json): void {
  const hook = isHook(item);
  const issue = hook ? item["issue"] : item;
  const id = textAt(issue, "id");
  const rule =
    textAt(issue, "sourceRule.name", "control.name") ??
    textAt(item, "control.name", "trigger.ruleName");
  const resource = textAt(issue, "entitySnapshot.name") ?? textAt(item, "resource.name");
  if (id === null && rule === null) return reading.refuse(index, "id", "a text");
  tellFinding(reading, index, {
    // A template that leaves the identity away still says what is wrong where.
    uid: id === null ? [rule, resource] : [id],
    title: `${rule ?? "Wiz issue"}${resource === null ? "" : `: ${resource}`}`,
    description:
      textAt(
        issue,
        "sourceRule.controlDescription",
        "sourceRule.cloudEventRuleDescription",
        "sourceRule.description",
        "description",
      ) ?? textAt(item, "control.description"),
    severity: severityBy(wiz.severities!, dig(issue, "severity")),
    status: CLOSED.test(textAt(issue, "status") ?? "") ? "resolved" : "open",
    firstSeenAt: timeAt(reading, index, issue, "createdAt", "created", "statusChangedAt"),
    product: "Wiz",
    link:
      textAt(issue, "url", "link") ??
      (id === null ? null : `https://app.wiz.io/issues#~(issue~'${encodeURIComponent(id)})`),
    rule: textAt(issue, "sourceRule.id") ?? textAt(item, "control.id", "trigger.ruleId"),
    category: textAt(issue, "type", "entitySnapshot.type") ?? textAt(item, "resource.type"),
    resource,
    service: textAt(issue, "projects.0.slug", "projects.0.name") ?? resource,
    account:
      textAt(issue, "entitySnapshot.subscriptionExternalId") ??
      textAt(item, "resource.subscriptionId"),
    region: textAt(issue, "entitySnapshot.region") ?? textAt(item, "resource.region"),
    techniques: namesIn(dig(issue, "sourceRule.securitySubCategories"), "title"),
    labels: {
      tool_status: textAt(issue, "status"),
      platform:
        textAt(issue, "entitySnapshot.cloudPlatform") ?? textAt(item, "resource.cloudPlatform"),
      native_type: textAt(issue, "entitySnapshot.nativeType"),
      project: textAt(issue, "projects.0.name"),
    },
    details: {
      recommendation:
        textAt(issue, "sourceRule.resolutionRecommendation") ??
        textAt(item, "control.resolutionRecommendation"),
      tickets: namesIn(listAt(issue, "serviceTickets"), "url", "externalId"),
      dueAt: textAt(issue, "dueAt"),
    },
  });
}
