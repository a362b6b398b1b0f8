/**
 * Sentry: the webhooks of its integration platform (issues, issue alerts, metric alerts, errors) and
 * the webhook plugin of before. Everything about an issue shares the issue's identity.
 * Samples: golden/sentry.*.json
 */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter } from "../../domain/signal/signal.ts";
import { isObject, type Json, Reading, refusedWhole } from "./reading.ts";
import { signedByHmac } from "./signatures.ts";
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
  fatal: "critical",
  critical: "critical",
  error: "error",
  warning: "warning",
  info: "info",
  debug: "info",
  sample: "info",
} satisfies Record<string, AlertSeverity>;

const DATA = ["event", "issue", "metric_alert", "error"] as const;

export const sentry: Adapter = {
  about: {
    id: "sentry",
    name: "Sentry",
    docs: "https://docs.sentry.io/organization/integrations/integration-platform/webhooks/",
  },
  setUp: {
    steps: [
      "Settings → Developer settings → New internal integration: webhook URL {url}, “Alert rule action” on, and the issue webhooks.",
      "Put its client secret into the environment and name it in the key's signedWith.",
      "Choose the integration as the action of issue alerts and metric alerts.",
    ],
    sample: "sentry.event-alert.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  verify: (request, secret) => signedByHmac(request, secret, { header: "sentry-hook-signature" }),
  recognise: recogniseObject(
    (body, { headers }) =>
      headers["sentry-hook-resource"] !== undefined || isHook(body) || isPlugin(body),
  ),
  read({ body, headers }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object of a webhook");
    const reading = new Reading();
    const data = isObject(body["data"]) ? body["data"] : {};
    const action = firstText(body["action"]) ?? "";
    if (isObject(data["metric_alert"])) readMetric(reading, data, data["metric_alert"], action);
    else if (isObject(data["issue"])) readIssue(reading, data["issue"], action);
    else if (isObject(data["event"])) readEvent(reading, data["event"], data);
    else if (isObject(data["error"])) readEvent(reading, data["error"], data);
    else if (isPlugin(body)) readPlugin(reading, body);
    else if (
      body["action"] !== undefined &&
      (has(body, "installation") || headers["sentry-hook-resource"] !== undefined)
    ) {
      const about = headers["sentry-hook-resource"] ?? Object.keys(data)[0] ?? "something else";
      reading.find(0, "data", `about ${about}, which is no alert`);
    } else reading.refuse(0, "data", "an object with an event, issue, metric_alert or error");
    return reading;
  },
};

/** An issue of Sentry's by its address, where what stands around it was left away. */
const isBare = (data: Json): boolean =>
  ["issue", "event"].some((name) => {
    const one = data[name];
    return isObject(one) && has(one, "title") && (has(one, "web_url") || has(one, "issue_url"));
  });

const isHook = (body: Json): boolean =>
  typeof body["action"] === "string" &&
  isObject(body["data"]) &&
  (has(body, "installation") || has(body, "actor") || isBare(body["data"])) &&
  (DATA.some((name) => isObject((body["data"] as Json)[name])) ||
    has(body["data"], "installation") ||
    has(body["data"], "comment_id") ||
    // Whatever else its platform tells of, such as a run of Seer.
    (isObject(body["actor"]) && at(body, "installation", "uuid") !== undefined));

const isPlugin = (body: Json): boolean =>
  (has(body, "project", "culprit") || has(body, "project_slug", "message", "url")) &&
  (has(body, "project_slug") || isObject(body["event"]));

function readIssue(reading: Reading, issue: Json, action: string): void {
  const id = firstText(issue["id"]);
  if (id === null) return reading.refuse(0, "data.issue.id", "the identity of an issue");
  const state = firstText(issue["status"])?.toLowerCase();
  const status: Status =
    action === "resolved" || state === "resolved"
      ? "resolved"
      : action === "ignored" || action === "archived" || state === "ignored"
        ? "acknowledged"
        : "firing";
  tell(reading, 0, {
    status,
    title:
      firstText(issue["title"], at(issue, "metadata", "title"), at(issue, "metadata", "value")) ??
      "Sentry issue",
    severity: severityBy(SEVERITIES, issue["level"] ?? "error"),
    dedupKey: joinKey("issue", id),
    service: firstText(at(issue, "project", "slug"), at(issue, "project", "name")),
    source: issue["culprit"],
    link: firstText(issue["web_url"], issue["permalink"], issue["url"]),
    // A regression began anew when it was last seen, not when it was first.
    startedAt:
      (action === "unresolved" || issue["substatus"] === "regressed"
        ? momentOf(issue["lastSeen"])
        : null) ?? momentOf(issue["firstSeen"]),
    labels: {
      action,
      level: issue["level"],
      shortId: issue["shortId"],
      platform: issue["platform"],
      substatus: issue["substatus"],
    },
    details: issue,
  });
}

function readEvent(reading: Reading, event: Json, data: Json): void {
  const issue =
    firstText(event["issue_id"], event["groupID"], event["group_id"]) ??
    issueIn(event["issue_url"]) ??
    issueIn(event["web_url"]);
  const tags = pairs(event["tags"]);
  const title = firstText(event["title"], event["message"], at(event, "metadata", "value"));
  tell(reading, 0, {
    status: "firing",
    title: title ?? "Sentry event",
    severity: severityBy(SEVERITIES, event["level"] ?? tags["level"] ?? "error"),
    dedupKey:
      issue === null
        ? joinKey("event", firstText(...listOf(event["hashes"])) ?? event["event_id"])
        : joinKey("issue", issue),
    service:
      slugIn(event["url"]) ??
      firstText(event["project_slug"], event["project_name"], event["project"]),
    source: firstText(event["culprit"], event["location"]),
    link: firstText(event["web_url"], event["url"]),
    startedAt: momentOf(event["datetime"]) ?? momentOf(event["timestamp"]),
    labels: {
      ...tags,
      level: event["level"],
      rule: data["triggered_rule"],
      environment: event["environment"] ?? tags["environment"],
      release: event["release"],
      platform: event["platform"],
    },
    details: {
      culprit: event["culprit"],
      message: event["message"],
      metadata: event["metadata"],
      alert: data["issue_alert"],
    },
  });
}

function readMetric(reading: Reading, data: Json, alert: Json, action: string): void {
  const status: Status = /^(resolved|closed)$/.test(action) ? "resolved" : "firing";
  const rule = isObject(alert["alert_rule"]) ? alert["alert_rule"] : {};
  const id = firstText(alert["id"], alert["identifier"], rule["id"]);
  if (id === null) return reading.refuse(0, "data.metric_alert.id", "the identity of an alert");
  tell(reading, 0, {
    status,
    title:
      firstText(rule["name"], alert["title"], data["description_title"]) ?? "Sentry metric alert",
    severity: action === "critical" ? "critical" : action === "warning" ? "warning" : "error",
    dedupKey: joinKey("metric", id),
    service: firstText(...listOf(alert["projects"]), ...listOf(rule["projects"])),
    source: rule["query"],
    link: data["web_url"],
    startedAt:
      momentOf(alert["date_started"]) ??
      momentOf(alert["date_detected"]) ??
      momentOf(alert["date_created"]),
    endsAt: status === "resolved" ? momentOf(alert["date_closed"]) : null,
    labels: { action, environment: rule["environment"], dataset: rule["dataset"] },
    details: { text: data["description_text"], title: data["description_title"], rule },
  });
}

function readPlugin(reading: Reading, body: Json): void {
  const event = isObject(body["event"]) ? body["event"] : {};
  const tags = pairs(event["tags"]);
  tell(reading, 0, {
    status: "firing",
    title: firstText(event["title"], body["message"], body["culprit"]) ?? "Sentry event",
    severity: severityBy(SEVERITIES, body["level"] ?? event["level"] ?? "error"),
    dedupKey: joinKey("issue", firstText(body["id"], issueIn(body["url"])) ?? event["event_id"]),
    service: firstText(body["project_slug"], body["project"], body["project_name"]),
    source: body["culprit"],
    link: body["url"],
    startedAt:
      momentOf(event["timestamp"]) ?? momentOf(event["datetime"]) ?? momentOf(event["received"]),
    labels: {
      ...tags,
      level: body["level"],
      logger: body["logger"],
      environment: event["environment"],
    },
    details: { message: body["message"], rules: body["triggering_rules"] },
  });
}

const issueIn = (url: unknown): string | null =>
  typeof url === "string" ? (/\/issues\/(\d+)/.exec(url)?.[1] ?? null) : null;

/** …/api/0/projects/<organisation>/<project>/events/… */
const slugIn = (url: unknown): string | null =>
  typeof url === "string" ? (/\/projects\/[^/]+\/([^/]+)\//.exec(url)?.[1] ?? null) : null;

/** Tags are pairs of name and value, in a list. */
function pairs(value: unknown): Record<string, unknown> {
  const tags: Record<string, unknown> = {};
  for (const pair of listOf(value).slice(0, 50)) {
    const [name, text] = Array.isArray(pair)
      ? pair
      : isObject(pair)
        ? [pair["key"], pair["value"]]
        : [];
    if (typeof name === "string" && name !== "__proto__") tags[name] = text;
  }
  return tags;
}
