/**
 * New Relic: the webhook of workflows, whose default template is read and what its users make of it,
 * the notification channels of before, and the alerts and deployments of the first years, in forms.
 * Samples: golden/newrelic.*
 */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter } from "../../domain/signal/signal.ts";
import { authorizedBy, BY_HEADER } from "./authorization.ts";
import { changeTold } from "./changeTold.ts";
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
      BY_HEADER,
    ],
    sample: "newrelic.workflow.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  verify: authorizedBy,
  recognise: recogniseObject(
    (body) => isWorkflow(body) || isChannel(body) || isOldest(body) || isDeployment(body),
  ),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object of a webhook");
    const reading = new Reading();
    if (isDeployment(body)) readDeployment(reading, body);
    else if (isOldest(body)) readOldest(reading, body);
    else if (has(body, "current_state") || isChannel(body)) readChannel(reading, body);
    else readWorkflow(reading, body);
    return reading;
  },
};

/** Templates leave away what they like; two of its own names are enough, or one beside a state. */
const isWorkflow = (body: Json): boolean => {
  const own = [
    "issueUrl",
    "issuePageUrl",
    "issueId",
    "impactedEntities",
    "alertConditionNames",
    "alertPolicyNames",
    "workflowName",
  ].filter((name) => has(body, name)).length;
  return own >= 2 || (own === 1 && has(body, "state", "priority"));
};

const isChannel = (body: Json): boolean =>
  (has(body, "condition_name") || has(body, "policy_name")) &&
  (has(body, "current_state")
    ? has(body, "incident_id") || has(body, "account_id") || has(body, "incident_url")
    : has(body, "incident_acknowledge_url", "incident_id"));

const isOldest = (body: Json): boolean =>
  has(body, "short_description", "account_name") &&
  (has(body, "alert_url") || has(body, "long_description"));

const isDeployment = (body: Json): boolean =>
  has(body, "deployment_url", "revision") ||
  has(body, "deployed_by", "revision", "application_name");

function readWorkflow(reading: Reading, body: Json): void {
  const given = firstText(body["state"]);
  if (given === null && isWorkflow(body)) reading.find(0, "state", "absent: taken for ACTIVATED");
  else if (given === null)
    return reading.refuse(0, "state", "CREATED, ACTIVATED, ACKNOWLEDGED, DEACTIVATED or CLOSED");
  const state = given ?? "ACTIVATED";
  const status = statusOf(state, firstText(body["trigger"], body["triggerEvent"]));
  if (status === null) {
    return reading.refuse(0, "state", "CREATED, ACTIVATED, ACKNOWLEDGED, DEACTIVATED or CLOSED");
  }
  const title = firstText(
    body["title"],
    ...listOf(body["title"]),
    body["issueTitle"],
    ...listOf(at(body, "annotations", "title")),
    ...listOf(body["alertConditionNames"]),
    body["condition_name"],
    body["details"],
  );
  const id =
    firstText(body["issueId"], body["issue_id"], body["id"]) ??
    // A template that leaves its identity away has it in the address.
    /\/issues\/([\w-]{6,100})/.exec(firstText(body["issueUrl"], body["issue_url"]) ?? "")?.[1] ??
    null;
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
  const given = firstText(body["current_state"]);
  if (given === null) reading.find(0, "current_state", "absent: taken for open");
  const status = statusOf(given ?? "open", null);
  if (status === null) return reading.refuse(0, "current_state", "open, acknowledged or closed");
  // What a workflow sends in the names of a channel has lists.
  const condition = firstText(body["condition_name"], ...listOf(body["condition_name"]));
  const policy = firstText(body["policy_name"], ...listOf(body["alertPolicyNames"]));
  const targets = listOf(body["targets"]).filter(isObject);
  tell(reading, 0, {
    status,
    title: firstText(body["details"], condition, policy) ?? "New Relic incident",
    severity: severityBy(SEVERITIES, body["severity"]),
    dedupKey: joinKey(body["account_id"], "incident", body["incident_id"] ?? condition),
    service: firstText(
      ...targets.map((target) => target["name"]),
      ...listOf(body["impactedEntities"]),
      condition,
    ),
    source: firstText(body["account_name"]),
    link: firstText(body["incident_url"], body["violation_callback_url"], body["policy_url"]),
    startedAt: momentOf(body["timestamp"]) ?? momentOf(body["createdAt"]),
    labels: { policy, condition, event: body["event_type"], owner: body["owner"] },
    details: {
      runbook: body["runbook_url"],
      chart: body["violation_chart_url"],
      acknowledge: body["incident_acknowledge_url"],
      targets,
    },
  });
}

/** The state is a word in a sentence: “[till] alert opened”. */
function readOldest(reading: Reading, body: Json): void {
  const short = firstText(body["short_description"]) ?? "";
  const status: Status = /\b(closed|ended|recovered|resolved)\b/i.test(short)
    ? "resolved"
    : /\backnowledged\b/i.test(short)
      ? "acknowledged"
      : "firing";
  const name = firstText(body["application_name"], body["server_name"], body["alert_policy_name"]);
  const link = firstText(body["alert_url"]);
  const incident = /\/incidents\/([^/?#]{1,60})/.exec(link ?? "")?.[1];
  tell(reading, 0, {
    status,
    title: [name, firstText(body["message"], short)].filter((part) => part !== null).join(": "),
    severity: severityBy(SEVERITIES, body["severity"]),
    dedupKey: joinKey(body["account_name"], "incident", incident ?? name),
    service: name,
    source: firstText(body["account_name"]),
    link,
    startedAt: momentOf(body["created_at"]),
    labels: { account: body["account_name"], policy: body["alert_policy_name"] },
    details: { short, long: body["long_description"], servers: body["servers"] },
  });
}

function readDeployment(reading: Reading, body: Json): void {
  const name = firstText(body["application_name"]);
  const revision = firstText(body["revision"]);
  const link = firstText(body["deployment_url"]);
  reading.change(
    0,
    changeTold({
      kind: "deployment",
      dedupKey: joinKey("deployment", link ?? name, revision),
      title: `Deployed ${revision ?? "a revision"} of ${name ?? "an application"}`,
      status: "succeeded",
      service: name,
      version: revision,
      by: body["deployed_by"],
      link,
      at: momentOf(body["created_at"]),
      labels: { description: body["description"], changelog: body["changelog"] },
    }),
  );
}

function statusOf(state: string, trigger: string | null): Status | null {
  if (/^(closed|deactivated|resolved)$/i.test(state)) return "resolved";
  if (/^acknowledged$/i.test(state)) return "acknowledged";
  if (!/^(created|activated|open|opened|test)$/i.test(state)) return null;
  return trigger !== null && /(^|[^n])ACKNOWLEDGE/i.test(trigger) && !/^UN/i.test(trigger)
    ? "acknowledged"
    : "firing";
}
