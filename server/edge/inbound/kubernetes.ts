/**
 * Kubernetes: events as exporters and watchers post them, alone, in a list, or in a watch.
 * Samples: golden/kubernetes.*.json
 */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter } from "../../domain/signal/signal.ts";
import { isObject, type Json, Reading, refusedWhole } from "./reading.ts";
import { at, firstText, joinKey, recogniseObject, severityBy, tell } from "./telling.ts";
import { isFlux } from "./change/flux.ts";
import { momentOf } from "./times.ts";

/** Reasons of warnings that mean more than others; a warning by itself is one. */
const SEVERITIES = {
  Warning: "warning",
  Normal: "info",
  NodeNotReady: "error",
  SystemOOM: "error",
  OOMKilling: "error",
  Evicted: "error",
  FailedScheduling: "error",
  FailedMount: "error",
  FailedCreate: "error",
  BackoffLimitExceeded: "error",
} satisfies Record<string, AlertSeverity>;

export const kubernetes: Adapter = {
  about: {
    id: "kubernetes",
    name: "Kubernetes events",
    docs: "https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/",
  },
  setUp: {
    steps: [
      "Let an event exporter or watcher post events as JSON to {url}; warnings become alerts.",
    ],
    sample: "kubernetes.warning.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  recognise: recogniseObject((body) => {
    const [first] = objectsOf(body);
    return isObject(first) && isEvent(first);
  }),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object of the Kubernetes API");
    const objects = objectsOf(body);
    if (objects.length === 0) return refusedWhole("items", "at least one object");
    const reading = new Reading();
    objects.forEach((object, index) => {
      if (isObject(object) && isEvent(object)) readEvent(reading, index, object);
      else reading.refuse(index, "kind", "Event, with involvedObject (or regarding) and reason");
    });
    return reading;
  },
};

/** A list, the object of a watch, or the object itself. */
function objectsOf(body: Json): readonly unknown[] {
  if (Array.isArray(body["items"]) && (firstText(body["kind"]) ?? "").endsWith("List"))
    return body["items"];
  if (isObject(body["object"]) && /^(ADDED|MODIFIED|DELETED)$/.test(firstText(body["type"]) ?? ""))
    return [body["object"]];
  return [body];
}

/** Flux tells of the same objects in almost the same names. */
const isEvent = (object: Json): boolean =>
  !isFlux(object) &&
  (object["kind"] === "Event" || object["kind"] === undefined) &&
  aboutOf(object) !== null &&
  typeof object["reason"] === "string";

const aboutOf = (event: Json): Json | null =>
  [event["involvedObject"], event["regarding"]].find((one): one is Json => isObject(one)) ?? null;

function readEvent(reading: Reading, index: number, event: Json): void {
  const about = aboutOf(event)!;
  const type = firstText(event["type"]) ?? "Normal";
  const reason = firstText(event["reason"]) ?? "Event";
  // Whether a node is ready is told as something normal.
  const ready = reason === "NodeReady";
  if (type !== "Warning" && !ready && !Object.hasOwn(SEVERITIES, reason))
    return reading.find(index, "type", `${type} (${reason}) is no warning: no alert`);
  const name = firstText(about["name"]) ?? "";
  const namespace = firstText(about["namespace"], at(event, "metadata", "namespace"));
  // Events of a node lie in a namespace; the node does not.
  const inNamespace = namespace === null || about["kind"] === "Node" ? "" : `${namespace}/`;
  const labels = at(about, "labels");
  tell(reading, index, {
    status: ready ? "resolved" : "firing",
    title: `${firstText(about["kind"]) ?? "Object"} ${inNamespace}${name}: ${reason}`,
    severity: Object.hasOwn(SEVERITIES, reason)
      ? severityBy(SEVERITIES, reason)
      : SEVERITIES.Warning,
    dedupKey: joinKey(
      event["clusterName"],
      namespace,
      about["kind"],
      name,
      ready ? "NodeNotReady" : reason,
    ),
    service:
      firstText(
        at(labels, "app.kubernetes.io/name"),
        // Exporters that write to Elasticsearch leave no dots in names.
        at(labels, "app_kubernetes_io/name"),
        at(labels, "app"),
      ) ?? workloadOf(firstText(about["kind"]), name),
    source: firstText(
      at(event, "source", "component"),
      event["reportingComponent"],
      event["reportingController"],
    ),
    startedAt:
      momentOf(event["firstTimestamp"]) ??
      momentOf(event["deprecatedFirstTimestamp"]) ??
      momentOf(event["eventTime"]) ??
      momentOf(event["lastTimestamp"]) ??
      momentOf(at(event, "metadata", "creationTimestamp")),
    labels: {
      namespace,
      kind: about["kind"],
      name,
      reason,
      node: at(event, "source", "host"),
      count: event["count"] ?? at(event, "series", "count"),
    },
    details: {
      message: firstText(event["message"], event["note"]),
      lastSeen: event["lastTimestamp"],
    },
  });
}

/** Pods and replica sets carry the name of their workload and hashes after it. */
function workloadOf(kind: string | null, name: string): string {
  if (kind === "Pod") return name.replace(/(-[a-f0-9]{7,10})?-[a-z0-9]{5}$/, "");
  return kind === "ReplicaSet" ? name.replace(/-[a-f0-9]{7,10}$/, "") : name;
}
