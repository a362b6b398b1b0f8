/**
 * Wiz issues: as the API gives them, and as the template of an automation rule's webhook sends them.
 * https://docs.wiz.io/wiz-docs/docs/webhook-integration Samples: golden/wiz.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readItems } from "../items.ts";
import { dig, listAt, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { recogniseObject, severityBy } from "../telling.ts";
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

function itemsOf(body: Json): readonly unknown[] | null {
  if (isIssue(body) || isHook(body)) return [body];
  const list = dig(body, "data.issues.nodes") ?? body["issues"];
  return Array.isArray(list) && list.length > 0 && list.every(isIssue) ? list : null;
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
  read: readItems("a Wiz issue, or what its webhook sends", itemsOf, readIssue),
};

function readIssue(reading: Reading, index: number, item: Json): void {
  const hook = isHook(item);
  const issue = hook ? item["issue"] : item;
  const id = textAt(issue, "id");
  const rule =
    textAt(issue, "sourceRule.name", "control.name") ??
    textAt(item, "control.name", "trigger.ruleName");
  if (id === null) return reading.refuse(index, "id", "a text");
  const resource = textAt(issue, "entitySnapshot.name") ?? textAt(item, "resource.name");
  tellFinding(reading, index, {
    uid: [id],
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
      `https://app.wiz.io/issues#~(issue~'${encodeURIComponent(id)})`,
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
