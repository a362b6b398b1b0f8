/**
 * Sysdig Monitor's alerts by its notification channel Webhook, each entity that met the condition an alert
 * of its own.
 * https://docs.sysdig.com/en/configure-a-webhook-channel.html Samples: golden/sysdig-monitor.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { authorizedBy, BY_HEADER } from "../authorization.ts";
import { readItems } from "../items.ts";
import { dig, listAt, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { has, joinKey, recogniseObject, severityBy, tell } from "../telling.ts";

const STATE = /^(active|ok)$/i;
const isNotification = (body: Json): boolean =>
  isObject(body["alert"]) &&
  has(body["alert"], "name", "severity") &&
  STATE.test(textAt(body, "state") ?? "") &&
  (has(body["alert"], "editUrl") || has(body, "timespan") || has(body, "entities"));

const SCOPE_MAX = 4_000;

export const sysdigMonitor: Adapter = {
  about: {
    id: "sysdig-monitor",
    name: "Sysdig Monitor",
    docs: "https://docs.sysdig.com/en/configure-a-webhook-channel.html",
  },
  setUp: {
    steps: [
      "In Sysdig open Settings, Notification Channels, and add a channel of the type Webhook with the URL {url}, which also notifies when alerts are resolved.",
      "Choose the channel in the alerts that should come here.",
      BY_HEADER,
    ],
    sample: "sysdig-monitor.active.json",
  },
  severities: {
    "0": "critical",
    "1": "error",
    "2": "warning",
    "3": "warning",
    "4": "info",
    "5": "info",
    "6": "info",
    "7": "info",
  },
  resendsByContract: false,
  verify: authorizedBy,
  recognise: recogniseObject(isNotification),
  read: readItems(
    "a notification with alert and state",
    (body) => {
      if (!isNotification(body)) return null;
      const entities = listAt(body, "entities").filter(isObject);
      return entities.length === 0 ? [{}] : entities;
    },
    readEntity,
  ),
};

function readEntity(reading: Reading, index: number, entity: Json, body: Json): void {
  const id = textAt(body, "alert.id", "alert.name");
  const name = textAt(body, "alert.name");
  if (id === null || name === null) return reading.refuse(index, "alert.name", "a text");
  const what = textAt(entity, "entity");
  const where = placesIn(what ?? textAt(body, "alert.scope") ?? "");
  const place = (...names: readonly string[]): string | null =>
    names.map((one) => where[one]).find((value) => value !== undefined) ?? null;
  const service = place(
    "kubernetes.workload.name",
    "kube_workload_name",
    "kubernetes.deployment.name",
    "kube_deployment_name",
    "container_name",
    "container.name",
  );
  const host = place("host_hostname", "host.hostName", "host_mac", "host.mac");
  const over = /^ok$/i.test(textAt(body, "state") ?? "") || body["resolved"] === true;
  const metric = listAt(entity, "metricValues")[0];
  tell(reading, index, {
    status: over ? "resolved" : "firing",
    title: `${name}${(service ?? host) === null ? "" : `: ${service ?? host}`}`,
    severity: severityBy(sysdigMonitor.severities!, dig(body, "alert.severity")),
    dedupKey: joinKey("sysdig-monitor", id, what),
    service: service ?? host,
    source: "Sysdig",
    link: textAt(body, "event.url", "alert.editUrl"),
    startedAt: timeAt(reading, index, body, "timestamp"),
    labels: {
      product: "Sysdig",
      host,
      namespace: place("kubernetes.namespace.name", "kube_namespace_name"),
      cluster: place("kubernetes.cluster.name", "kube_cluster_name"),
      metric: textAt(metric, "metric"),
      value: textAt(metric, "value"),
      tool_severity: textAt(body, "alert.severityLabel", "alert.severity"),
    },
    details: {
      description: textAt(body, "alert.description"),
      condition: textAt(body, "condition"),
      entity: what,
      scope: textAt(body, "alert.scope"),
      event: textAt(body, "event.id"),
    },
  });
}

/** The names and values of “host_mac = '…' and container_name = '…'”. */
function placesIn(scope: string): Readonly<Record<string, string>> {
  const places: Record<string, string> = {};
  const pairs = scope.slice(0, SCOPE_MAX).matchAll(/([\w.]{1,100}) ?= ?["']([^"']{0,300})["']/g);
  for (const [, name = "", value = ""] of pairs)
    if (name !== "__proto__" && value !== "") places[name] = value;
  return places;
}
