/**
 * Sysdig Secure's events as its event forwarding posts them: what a policy found at run time, on hosts, in
 * clusters and in clouds' logs. An event happens; it tells no end.
 * https://docs.sysdig.com/en/sysdig-secure/event-forwarding/ Samples: golden/sysdig.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readItems } from "../items.ts";
import { dig, listAt, numberAt, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { has, recogniseObject, severityBy } from "../telling.ts";
import { tellFinding } from "./finding.ts";

const isEvent = (one: unknown): boolean =>
  isObject(one) &&
  has(one, "id", "name", "severity") &&
  isObject(one["content"]) &&
  textAt(one, "content.ruleName") !== null &&
  (has(one, "timestamp") || has(one, "timestampRFC3339Nano"));

/** One event, or what its API lists. */
function itemsOf(body: Json): readonly unknown[] | null {
  if (isEvent(body)) return [body];
  const list = body["data"];
  return Array.isArray(list) && list.length > 0 && list.every(isEvent) ? list : null;
}

export const sysdig: Adapter = {
  about: {
    id: "sysdig",
    name: "Sysdig Secure",
    docs: "https://docs.sysdig.com/en/sysdig-secure/event-forwarding/",
  },
  setUp: {
    steps: [
      "In Sysdig Secure open Settings, Event Forwarding, and add an integration of the type Webhook with the endpoint {url}.",
      "Choose runtime policy events as its data to send. It tells no end: whoever works on the alert resolves it here.",
    ],
    sample: "sysdig.rule.json",
  },
  // The severity of 0 to 7, as its pages group it.
  severities: { "0–3": "error", "4–5": "warning", "6–7": "info" },
  resendsByContract: false,
  recognise: recogniseObject((body) => itemsOf(body) !== null),
  read: readItems("an event with id, severity and content.ruleName", itemsOf, readEvent),
};

function readEvent(reading: Reading, index: number, event: Json): void {
  const rule = textAt(event, "content.ruleName");
  if (rule === null) return reading.refuse(index, "content.ruleName", "the name of a rule");
  const label = (...names: readonly string[]): string | null =>
    textAt(dig(event, "labels"), ...names);
  const field = (name: string): string | null => textAt(dig(event, "content.fields"), name);
  const severity = numberAt(event, "severity") ?? 5;
  const host = label("host.hostName", "gcp.instanceName", "aws.instanceId", "azure.instanceName");
  const pod = label("kubernetes.pod.name");
  const container = field("container.name") ?? textAt(event, "containerId");
  const user = field("user.name");
  const tags = listAt(event, "content.ruleTags").filter((tag) => typeof tag === "string");
  tellFinding(reading, index, {
    uid: [
      rule,
      label("kubernetes.cluster.name", "cloudProvider.account.id"),
      pod ?? host,
      container,
    ],
    title: `${rule}${(pod ?? host) === null ? "" : ` on ${pod ?? host}`}`,
    description: textAt(event, "content.output") ?? textAt(event, "description"),
    severity: severityBy(sysdig.severities!, severity <= 3 ? "0–3" : severity <= 5 ? "4–5" : "6–7"),
    status: "open",
    firstSeenAt: timeAt(reading, index, event, "timestampRFC3339Nano", "timestamp"),
    product: "Sysdig",
    rule,
    category: textAt(event, "category"),
    host,
    resource: pod ?? container ?? host,
    service:
      label("kubernetes.workload.name", "kubernetes.deployment.name") ?? container ?? pod ?? host,
    user,
    account: label("cloudProvider.account.id"),
    region: label("cloudProvider.region"),
    techniques: tags.flatMap((tag) => /^MITRE_(T\d{4}(?:\.\d{3})?)_/.exec(tag)?.[1] ?? []),
    tactics: tags.flatMap((tag) => /^MITRE_TA\d{4}_(\w+)/.exec(tag)?.[1] ?? []),
    observables: [["file name", field("proc.exepath")]],
    labels: {
      policy: textAt(event, "name"),
      source: textAt(event, "source"),
      cluster: label("kubernetes.cluster.name"),
      namespace: label("kubernetes.namespace.name"),
      pod,
      container,
      process: field("proc.name"),
      tool_severity: textAt(event, "severity"),
    },
    details: { id: textAt(event, "id"), fields: dig(event, "content.fields") },
  });
}
