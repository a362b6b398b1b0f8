/**
 * New Relic: the webhook of workflows, whose default template is read, and the notification channels
 * of before. Samples: golden/newrelic.*.json
 */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter } from "../../domain/signal/signal.ts";
import { isObject, type Json, Reading, refusedWhole } from "./reading.ts";
import {
  at,
  firstText,
  has,
  joinKey,
  listOf,
  recogniseObject,
  severityBy,
  type Status,
  tell,
} from "./telling.ts";
import { momentOf } from "./times.ts";

const SEVERITIES = {
  CRITICAL: "critical",
  HIGH: "error",
  MEDIUM: "warning",
  WARNING: "warning",
  LOW: "info",
  INFO: "info",
} satisfies Record<string, AlertSeverity>;

export const newRelic: Adapter = {
  about: {
    id: "newrelic",
    name: "New Relic",
    docs: "https://docs.newrelic.com/docs/alerts/get-notified/notification-integrations/#webhook",
  },
  setUp: {
    steps: [
      "Alerts → Destinations: add a webhook with the endpoint URL {url}.",
      "Alerts → Workflows: notify the webhook, with the default payload template, also when an issue is acknowledged and closed.",
    ],
    sample: "newrelic.workflow.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  recognise: recogniseObject((body) => isWorkflow(body) || isChannel(body)),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object of a webhook");
    const reading = new Reading();
    if (has(body, "current_state") || has(body, "condition_name")) readChannel(reading, body);
    else readWorkflow(reading, body);
    return reading;
  },
};

const isWorkflow = (body: Json): boolean =>
  has(body, "state", "priority") &&
  [
    "issueUrl",
    "issuePageUrl",
    "issueId",
    "impactedEntities",
    "alertConditionNames",
    "workflowName",
  ].filter((name) => has(body, name)).length >= 2;

const isChannel = (body: Json): boolean =>
  has(body, "current_state") &&
  (has(body, "condition_name") || has(body, "policy_name")) &&
  (has(body, "incident_id") || has(body, "account_id"));

function readWorkflow(reading: Reading, body: Json): void {
  const state = firstText(body["state"]);
  const status =
    state === null ? null : statusOf(state, firstText(body["trigger"], body["triggerEvent"]));
  if (status === null) {
    return reading.refuse(0, "state", "CREATED, ACTIVATED, ACKNOWLEDGED, DEACTIVATED or CLOSED");
  }
  const title = firstText(
    body["title"],
    ...listOf(body["title"]),
    body["issueTitle"],
    ...listOf(at(body, "annotations", "title")),
    ...listOf(body["alertConditionNames"]),
  );
  const id = firstText(body["issueId"], body["issue_id"], body["id"]);
  tell(reading, 0, {
    status,
    title: title ?? "New Relic issue",
    severity: severityBy(SEVERITIES, body["priority"]),
    dedupKey: id ?? joinKey("issue", title),
    service: firstText(
      body["service"],
      ...listOf(body["impactedEntities"]).map((one) => (isObject(one) ? one["name"] : one)),
    ),
    source: firstText(...listOf(body["sources"])),
    link: firstText(
      body["issueUrl"],
      body["issuePageUrl"],
      body["issue_url"],
      body["violationChartUrl"],
    ),
    startedAt:
      momentOf(body["createdAt"]) ?? momentOf(body["activatedAt"]) ?? momentOf(body["updatedAt"]),
    endsAt: status === "resolved" ? momentOf(body["closedAt"]) : null,
    labels: {
      state,
      workflow: body["workflowName"],
      policy: firstText(...listOf(body["alertPolicyNames"])),
      condition: firstText(...listOf(body["alertConditionNames"])),
    },
    details: body,
  });
}

function readChannel(reading: Reading, body: Json): void {
  const state = firstText(body["current_state"]);
  const status = state === null ? null : statusOf(state, null);
  if (status === null) return reading.refuse(0, "current_state", "open, acknowledged or closed");
  const condition = firstText(body["condition_name"]);
  const policy = firstText(body["policy_name"]);
  const targets = listOf(body["targets"]).filter(isObject);
  tell(reading, 0, {
    status,
    title: firstText(body["details"], condition, policy) ?? "New Relic incident",
    severity: severityBy(SEVERITIES, body["severity"]),
    dedupKey: joinKey(body["account_id"], "incident", body["incident_id"] ?? condition),
    service: firstText(...targets.map((target) => target["name"]), condition),
    source: firstText(body["account_name"]),
    link: firstText(body["incident_url"], body["violation_callback_url"], body["policy_url"]),
    startedAt: momentOf(body["timestamp"]),
    labels: { policy, condition, event: body["event_type"], owner: body["owner"] },
    details: {
      runbook: body["runbook_url"],
      chart: body["violation_chart_url"],
      acknowledge: body["incident_acknowledge_url"],
      targets,
    },
  });
}

function statusOf(state: string, trigger: string | null): Status | null {
  if (/^(closed|deactivated|resolved)$/i.test(state)) return "resolved";
  if (/^acknowledged$/i.test(state)) return "acknowledged";
  if (!/^(created|activated|open|opened|test)$/i.test(state)) return null;
  return trigger !== null && /(^|[^n])ACKNOWLEDGE/i.test(trigger) && !/^UN/i.test(trigger)
    ? "acknowledged"
    : "firing";
}
