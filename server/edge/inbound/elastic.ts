/**
 * Elastic: documents of Kibana's alerts as an index or a webhook connector writes them, the default
 * history of rules, and Watcher. Detections of Elastic Security have an adapter of their own.
 * https://www.elastic.co/guide/en/kibana/current/rule-action-variables.html
 * https://www.elastic.co/guide/en/elasticsearch/reference/current/actions-webhook.html
 * Samples: golden/elastic.*.json
 */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter } from "../../domain/signal/signal.ts";
import { authorizedBy, BY_HEADER } from "./authorization.ts";
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

/** Rules have no severity unless their action writes one: a text of the rule's tags or of the template. */
const SEVERITIES = {
  critical: "critical",
  high: "error",
  medium: "warning",
  low: "info",
  "without one": "error",
} satisfies Record<string, AlertSeverity>;

export const elastic: Adapter = {
  about: {
    id: "elastic",
    name: "Elastic and Kibana",
    docs: "https://www.elastic.co/guide/en/kibana/current/rule-action-variables.html",
  },
  setUp: {
    steps: [
      "Stack Management → Connectors: add a webhook with the URL {url}, method POST.",
      'Body of the rule\'s actions: {"rule_id":"{{rule.id}}","rule_name":"{{rule.name}}","alert_id":"{{alert.id}}","alert_action_group":"{{alert.actionGroup}}","reason":"{{context.reason}}","rule_url":"{{rule.url}}","tags":"{{rule.tags}}","date":"{{date}}"}',
      "Add the action for each alert, and once more for the action group “Recovered”.",
      BY_HEADER,
    ],
    sample: "elastic.rule.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  verify: authorizedBy,
  recognise: recogniseObject((given) => {
    const body = inNewWords(given);
    const flat = flatOf(body);
    if (isSecurity(flat)) return 0;
    if (has(flat, "kibana.alert.rule.name") || has(flat, "kibana.alert.uuid")) return 1;
    if (isHistory(body) || isWatch(body)) return 1;
    if (isVariables(body) || isSummary(body)) return true;
    return (
      has(body, "rule_id", "rule_name") &&
      (has(body, "alert_id") || has(body, "alert_action_group"))
    );
  }),
  read({ body: given }) {
    if (!isObject(given)) return refusedWhole("body", "one JSON object of an alert");
    const body = inNewWords(given);
    const reading = new Reading();
    if (isWatch(body)) readWatch(reading, body);
    else if (isSummary(body)) readSummary(reading, body);
    else readAlert(reading, body);
    return reading;
  },
};

/** The variables of an action had other names before 7.11, and templates still have them; or camels. */
function inNewWords(body: Json): Json {
  // The legacy rules of Grafana have an id and a name of these names too.
  if (has(body, "ruleId", "ruleName") && (has(body, "alertId") || has(body, "alertActionGroup")))
    return {
      ...body,
      rule_id: body["ruleId"],
      rule_name: body["ruleName"],
      alert_id: body["alertId"],
      alert_action_group: body["alertActionGroup"] ?? body["actionGroup"],
      rule_url: body["ruleUrl"],
      space_id: body["spaceId"],
    };
  if (!has(body, "alertId", "alertName")) return body;
  if (!has(body, "alertInstanceId") && !has(body, "alertActionGroup") && !has(body, "spaceId"))
    return body;
  return {
    ...body,
    rule_id: body["alertId"],
    rule_name: body["alertName"],
    alert_id: body["alertInstanceId"],
    alert_action_group: body["alertActionGroup"],
    space_id: body["spaceId"],
  };
}

/** Names with dots, whether they were written nested or flat; only what an alert holds. */
function flatOf(body: Json): Json {
  const alert = at(body, "kibana", "alert");
  if (!isObject(alert)) return body;
  const flat: Record<string, unknown> = { ...body };
  const walk = (value: Json, prefix: string, depth: number): void => {
    for (const [name, inner] of Object.entries(value).slice(0, 200)) {
      const path = `${prefix}.${name}`;
      flat[path] ??= inner;
      if (isObject(inner) && depth < 4) walk(inner, path, depth + 1);
    }
  };
  walk(alert, "kibana.alert", 0);
  return flat;
}

const isSecurity = (flat: Json): boolean =>
  flat["kibana.alert.rule.producer"] === "siem" ||
  (firstText(flat["kibana.alert.rule.rule_type_id"]) ?? "").startsWith("siem.") ||
  has(flat, "kibana.alert.risk_score") ||
  (has(flat, "kibana.alert.severity") && !has(flat, "kibana.alert.rule.rule_type_id")) ||
  has(flat, "signal");

/** Kibana's preconfigured “alert history” connector. */
const isHistory = (body: Json): boolean =>
  isObject(body["rule"]) &&
  isObject(at(body, "kibana", "alert")) &&
  has(body["rule"], "id", "name");

/** The variables of an action as their objects: what a template of {{{rule}}}, {{{alert}}} and {{{context}}} gives. */
const isVariables = (body: Json): boolean =>
  isObject(body["rule"]) &&
  has(body["rule"], "id", "name") &&
  isObject(body["alert"]) &&
  (has(body["alert"], "actionGroup") || (has(body["alert"], "id") && isObject(body["context"])));

/** What an action with a summary of alerts says of them, by what became of each. */
const GROUPS = ["new", "ongoing", "recovered"] as const;

const isSummary = (body: Json): boolean =>
  (isObject(body["rule"]) || has(body, "rule_id")) &&
  isObject(body["alerts"]) &&
  GROUPS.some((group) => Array.isArray(at(body, "alerts", group, "data"))) &&
  // All are of one rule: the first says whose they are.
  !summed(body)
    .slice(0, 1)
    .some(({ alert }) => isObject(alert) && isSecurity(flatOf(alert)));

const summed = (body: Json): readonly { group: (typeof GROUPS)[number]; alert: unknown }[] =>
  GROUPS.flatMap((group) =>
    listOf(at(body, "alerts", group, "data")).map((alert) => ({ group, alert })),
  );

function readSummary(reading: Reading, body: Json): void {
  const alerts = summed(body);
  if (alerts.length === 0) reading.find(0, "alerts", "a summary of none: no alert");
  alerts.forEach(({ group, alert }, index) => {
    if (!isObject(alert)) return reading.refuse(index, `alerts.${group}.data`, "objects");
    const told = group === "recovered" ? { "kibana.alert.status": "recovered" } : {};
    const { alerts: _, ...about } = body;
    readAlert(reading, { ...about, ...alert, ...told }, index);
  });
}

const isWatch = (body: Json): boolean =>
  has(body, "watch_id") && (has(body, "trigger") || has(body, "payload") || has(body, "metadata"));

function readAlert(reading: Reading, body: Json, index = 0): void {
  const flat = flatOf(body);
  const rule = isObject(body["rule"]) ? body["rule"] : {};
  const ruleId = firstText(body["rule_id"], flat["kibana.alert.rule.uuid"], rule["id"]);
  const name = firstText(body["rule_name"], flat["kibana.alert.rule.name"], rule["name"]);
  if (ruleId === null && name === null) {
    return reading.refuse(index, "rule_name", "the name of a rule (or kibana.alert.rule.name)");
  }
  const group =
    firstText(
      flat["kibana.alert.status"],
      body["alert_action_group"],
      at(body, "alert", "actionGroup"),
      body["alert_status"],
      body["status"],
      flat["kibana.alert.actionGroup"],
      flat["kibana.alert.action_group"],
    ) ?? "";
  const status: Status =
    /^(recovered|resolved|untracked|ok)$/i.test(group) ||
    flat["kibana.alert.action_group"] === "recovered"
      ? "resolved"
      : "firing";
  const instance = firstText(
    flat["kibana.alert.instance.id"],
    body["alert_id"],
    at(body, "alert", "id"),
    flat["kibana.alert.id"],
    flat["kibana.alert.uuid"],
  );
  const severity = firstText(
    flat["kibana.alert.severity"],
    body["severity"],
    ...listOf(body["tags"] ?? rule["tags"]).map(severityTag),
  );
  const reason = firstText(
    flat["kibana.alert.reason"],
    body["reason"],
    body["context_message"],
    at(body, "context", "reason"),
    at(body, "context", "message"),
    at(body, "context", "title"),
    body["message"],
  );
  tell(reading, index, {
    status,
    title: name ?? reason ?? "Kibana rule",
    severity: severity === null ? SEVERITIES["without one"] : severityBy(SEVERITIES, severity),
    dedupKey: joinKey("rule", ruleId ?? name, instance),
    service: firstText(
      flat["service.name"],
      at(body, "service", "name"),
      body["service"],
      at(flat["kibana.alert.context"], "service", "name"),
    ),
    source: firstText(flat["host.name"], at(body, "host", "name"), instance),
    link: firstText(
      flat["kibana.alert.url"],
      body["rule_url"],
      rule["url"],
      at(body, "context", "viewInAppUrl"),
      at(body, "context", "alertDetailsUrl"),
      at(body, "context", "link"),
      body["alert_url"],
      body["url"],
    ),
    startedAt:
      momentOf(flat["kibana.alert.start"]) ??
      momentOf(body["date"]) ??
      momentOf(body["@timestamp"]) ??
      momentOf(body["timestamp"]),
    labels: {
      group,
      instance,
      space: firstText(...listOf(flat["kibana.space_ids"]), body["space_id"], rule["spaceId"]),
      type: firstText(flat["kibana.alert.rule.rule_type_id"], rule["type"]),
    },
    details: {
      reason,
      tags: body["tags"] ?? flat["kibana.alert.rule.tags"] ?? rule["tags"],
      context: flat["kibana.alert.context"],
      value: flat["kibana.alert.evaluation.value"],
      threshold: flat["kibana.alert.evaluation.threshold"],
    },
  });
}

/** A tag “severity:high”, which teams give their rules. */
const severityTag = (tag: unknown): string | null =>
  typeof tag === "string" ? (/severity[:=] *(\w+)/i.exec(tag)?.[1] ?? null) : null;

function readWatch(reading: Reading, body: Json): void {
  const watch = firstText(body["watch_id"]);
  if (watch === null) return reading.refuse(0, "watch_id", "the id of a watch");
  const metadata = isObject(body["metadata"]) ? body["metadata"] : {};
  const severity = firstText(metadata["severity"], body["severity"]);
  tell(reading, 0, {
    status: "firing",
    title: firstText(metadata["name"], body["message"]) ?? watch,
    severity: severity === null ? SEVERITIES["without one"] : severityBy(SEVERITIES, severity),
    dedupKey: joinKey("watch", watch),
    service: firstText(metadata["service"]),
    link: metadata["url"],
    startedAt:
      momentOf(at(body, "trigger", "triggered_time")) ??
      momentOf(body["execution_time"]) ??
      momentOf(body["@timestamp"]),
    labels: { watch, ...metadata },
    details: body,
  });
}
