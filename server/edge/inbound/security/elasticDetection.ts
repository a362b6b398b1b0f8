/**
 * Alerts of Elastic Security's detection rules: documents of the alerts index (nested or with dotted
 * names), hits of a search, the older `signal.*` form, and what a webhook connector sends as `alerts`, also
 * where its template set several alerts side by side without the brackets of a list.
 * https://www.elastic.co/docs/reference/security/fields-and-object-schemas/alert-schema
 * Samples: golden/elastic-detection.*.json
 */
import { type Adapter, type AdapterInput } from "../../../domain/signal/signal.ts";
import { readItems } from "../items.ts";
import { dig, numberAt, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { recogniseObject, severityBy } from "../telling.ts";
import { namesIn, tellFinding } from "./finding.ts";

/** A document, or a hit with its source, or with the fields that a search asked for: each a list. */
function sourceOf(one: unknown): unknown {
  if (isObject(dig(one, "_source"))) return dig(one, "_source");
  const fields = dig(one, "fields");
  if (!isObject(fields) || !Array.isArray(fields["kibana.alert.rule.name"])) return one;
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      Array.isArray(value) && value.length === 1 ? value[0] : value,
    ]),
  );
}

/** A detection has a severity of its own; a few rules of observability have one too, with their type. */
const isDetection = (one: unknown): boolean => {
  const alert = sourceOf(one);
  const type = textAt(alert, "kibana.alert.rule.rule_type_id");
  if (type !== null) return type.startsWith("siem.") || type === "attack-discovery";
  return (
    (dig(alert, "kibana.alert.rule.name") !== undefined &&
      dig(alert, "kibana.alert.severity") !== undefined) ||
    dig(alert, "signal.rule.name") !== undefined
  );
};

function itemsOf(body: Json): readonly unknown[] | null {
  if (isDetection(body)) return [body];
  const list = dig(body, "hits.hits") ?? body["alerts"] ?? dig(body, "context.alerts");
  if (isDetection(list)) return [list];
  return Array.isArray(list) && list.length > 0 && list.every(isDetection) ? list : null;
}

/** A score of risk as Elastic's page of rules draws its words. */
function wordOf(score: number | null): string | null {
  if (score === null) return null;
  if (score >= 74) return "critical";
  if (score >= 48) return "high";
  return score >= 22 ? "medium" : "low";
}

const TEXT_MAX = 256 * 1_024;

/** Kibana writes {{{context.alerts}}} as `{…},{…}` and {{#context.alerts}}{{{.}}} as `{…}{…}`: no JSON yet. */
function bodyOf(body: unknown): Json | null {
  if (isObject(body) && typeof body["ndjson"] !== "string") return body;
  const text = isObject(body) ? String(body["ndjson"]) : body;
  if (typeof text !== "string" || text.length > TEXT_MAX || !text.includes('"kibana')) return null;
  const named = text.indexOf('"alerts":');
  const inner = named === -1 ? text : text.slice(named + 9, text.lastIndexOf("}"));
  try {
    return { alerts: JSON.parse(`[${inner.replaceAll(/\}\s*\{/g, "},{")}]`) as unknown };
  } catch {
    return null;
  }
}

const withBody = (input: AdapterInput): AdapterInput => {
  const body = bodyOf(input.body);
  return body === null || body === input.body ? input : { ...input, body };
};
const recognise = recogniseObject((body) => itemsOf(body) !== null);
const read = readItems("a detection alert of Elastic Security", itemsOf, readAlert);

export const elasticDetection: Adapter = {
  about: {
    id: "elastic-detection",
    name: "Elastic Security",
    docs: "https://www.elastic.co/docs/reference/security/fields-and-object-schemas/alert-schema",
  },
  setUp: {
    steps: [
      "In Kibana make a Webhook connector with the method POST and the address {url}.",
      'Add it as an action of your detection rules with the body {"alerts": [{{{context.alerts}}}]}, for each rule run.',
    ],
    sample: "elastic-detection.alert.json",
  },
  severities: { critical: "critical", high: "error", medium: "warning", low: "info" },
  resendsByContract: false,
  recognise: (input) => recognise(withBody(input)),
  read: (input) => read(withBody(input)),
};

function readAlert(reading: Reading, index: number, item: Json, body: Json): void {
  const alert = sourceOf(item);
  const rule = textAt(alert, "kibana.alert.rule.name", "signal.rule.name");
  if (rule === null) return reading.refuse(index, "kibana.alert.rule.name", "a text");
  const host = textAt(alert, "host.name", "host.hostname", "agent.name");
  const user = textAt(alert, "user.name");
  const id =
    textAt(alert, "kibana.alert.uuid") ?? textAt(item, "_id") ?? textAt(alert, "signal.group.id");
  const workflow = textAt(alert, "kibana.alert.workflow_status", "signal.status");
  const recovered = textAt(alert, "kibana.alert.status") === "recovered";
  const threats =
    dig(alert, "kibana.alert.rule.threat") ??
    dig(alert, "kibana.alert.rule.parameters.threat") ??
    dig(alert, "signal.rule.threat");
  tellFinding(reading, index, {
    uid:
      id === null
        ? [textAt(alert, "kibana.alert.rule.uuid") ?? rule, host, user, textAt(alert, "source.ip")]
        : [id],
    title: textAt(alert, "kibana.alert.attack_discovery.title") ?? rule,
    description: textAt(
      alert,
      "kibana.alert.reason",
      "kibana.alert.attack_discovery.summary_markdown",
      "kibana.alert.rule.description",
      "signal.rule.description",
      "message",
    ),
    severity: severityBy(
      elasticDetection.severities!,
      dig(alert, "kibana.alert.severity") ??
        dig(alert, "signal.rule.severity") ??
        wordOf(numberAt(alert, "kibana.alert.risk_score", "signal.rule.risk_score")),
    ),
    status: workflow === "closed" || recovered ? "resolved" : "open",
    firstSeenAt: timeAt(
      reading,
      index,
      alert,
      "kibana.alert.start",
      "kibana.alert.original_time",
      "@timestamp",
    ),
    product: "Elastic Security",
    link: textAt(alert, "kibana.alert.url") ?? textAt(body, "context.results_link", "results_link"),
    rule:
      textAt(alert, "kibana.alert.rule.uuid", "kibana.alert.rule.rule_id", "signal.rule.id") ??
      rule,
    category: dig(alert, "event.category"),
    host,
    service: textAt(alert, "service.name") ?? host,
    user,
    account: textAt(alert, "cloud.account.id"),
    region: textAt(alert, "cloud.region"),
    sourceIp: textAt(alert, "source.ip", "client.ip"),
    destinationIp: textAt(alert, "destination.ip", "server.ip"),
    tactics: namesIn(threats, "tactic.name"),
    techniques: (Array.isArray(threats) ? threats : []).flatMap((threat) =>
      namesIn(dig(threat, "technique"), "id"),
    ),
    observables: [
      ["sha256", textAt(alert, "file.hash.sha256", "process.hash.sha256")],
      ["md5", textAt(alert, "file.hash.md5", "process.hash.md5")],
      ["domain", textAt(alert, "dns.question.name", "destination.domain", "url.domain")],
      ["url", textAt(alert, "url.full", "url.original")],
      ["file name", textAt(alert, "file.name")],
    ],
    labels: {
      workflow,
      risk_score: textAt(alert, "kibana.alert.risk_score", "signal.rule.risk_score"),
      process: textAt(alert, "process.name"),
      space: textAt(alert, "kibana.space_ids.0"),
    },
  });
}
