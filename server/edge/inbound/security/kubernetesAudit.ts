/**
 * Kubernetes audit events, as the webhook backend posts them and as Azure's diagnostic logs hold them. Most are ordinary work; the table names
 * those that are worth an alert, after the threat matrix for Kubernetes.
 * https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/ Samples: golden/kubernetes-audit.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readItems } from "../items.ts";
import { bodyOf } from "../body.ts";
import { dig, listAt, numberAt, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { recogniseObject, severityBy } from "../telling.ts";
import { tellFinding } from "./finding.ts";

const API = /^audit\.k8s\.io\//;
const isEvent = (one: unknown): boolean =>
  isObject(one) && isObject(one["objectRef"] ?? one["user"]) && typeof one["verb"] === "string";

/** Stores of logs may drop the version; then what an audit event alone has tells. */
const isBare = (body: Json): boolean =>
  body["kind"] === "Event" &&
  !Object.hasOwn(body, "apiVersion") &&
  typeof body["verb"] === "string" &&
  typeof dig(body, "user.username") === "string";

/** Azure's diagnostic logs hold each event as a text. */
function ofAzure(record: unknown): Json | null {
  if (!/^kube-audit(-admin)?$/.test(textAt(record, "category") ?? "")) return null;
  const read = bodyOf(textAt(record, "properties.log") ?? "");
  return read.kind === "body" && isObject(read.body) ? read.body : null;
}

function eventsOf(body: Json): readonly unknown[] | null {
  if (isBare(body)) return [body];
  const records = listAt(body, "records");
  const azure = (records.length > 0 ? records : [body]).map(ofAzure);
  if (azure.every((one) => one !== null)) return azure;
  if (!API.test(textAt(body, "apiVersion") ?? "")) return null;
  if (body["kind"] === "Event") return [body];
  const items = body["items"];
  return body["kind"] === "EventList" && Array.isArray(items) ? items : null;
}

/** What was done to what, by whom: the first line that fits counts. */
const WATCHED: readonly (readonly [what: string, verbs: RegExp, resources: RegExp, by?: RegExp])[] =
  [
    ["Anonymous access was allowed", /^/, /^/, /^system:anonymous$/],
    [
      "Admission webhook changed",
      /^(create|update|patch|delete)$/,
      /^(mutating|validating)webhookconfigurations$/,
    ],
    [
      "Admission policy changed",
      /^(create|update|patch|delete)$/,
      /^(validating|mutating)admissionpolic(y|ies)(bindings)?$/,
    ],
    ["Cluster-wide rights granted", /^(create|update|patch)$/, /^clusterrole(binding)?s$/],
    ["Rights granted", /^(create|update|patch)$/, /^rolebindings$/],
    ["Command run in a pod", /^(create|get)$/, /^pods\/(exec|attach)$/],
    ["Secrets listed", /^list$/, /^secrets$/],
    ["Token issued for a service account", /^create$/, /^serviceaccounts\/token$/],
    ["Impersonation", /^impersonate$/, /^/],
  ];

export const kubernetesAudit: Adapter = {
  about: {
    id: "kubernetes-audit",
    name: "Kubernetes audit log",
    docs: "https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/",
  },
  setUp: {
    steps: [
      "Give the API server an audit policy that keeps Metadata of webhook configurations, role bindings, secrets and pods/exec.",
      "Set --audit-webhook-config-file to a kubeconfig whose cluster has the server {url}.",
    ],
    sample: "kubernetes-audit.event.json",
  },
  severities: {
    "Anonymous access was allowed": "error",
    "Admission webhook changed": "warning",
    "Admission policy changed": "warning",
    "Cluster-wide rights granted": "warning",
    "Rights granted": "info",
    "Command run in a pod": "warning",
    "Secrets listed": "info",
    "Token issued for a service account": "info",
    Impersonation: "warning",
  },
  resendsByContract: false,
  recognise: recogniseObject((body) => eventsOf(body) !== null),
  read: readItems("an Event or EventList of audit.k8s.io", eventsOf, (reading, index, event) => {
    if (!isEvent(event)) return reading.refuse(index, "verb", "a text, beside user and objectRef");
    readEvent(reading, index, event);
  }),
};

function readEvent(reading: Reading, index: number, event: Json): void {
  const by = textAt(event, "user.username") ?? "somebody";
  const verb = textAt(event, "verb") ?? "";
  const kind = [textAt(event, "objectRef.resource"), textAt(event, "objectRef.subresource")]
    .filter((part) => part !== null)
    .join("/");
  const code = numberAt(event, "responseStatus.code") ?? 200;
  const stage = textAt(event, "stage");
  const ordinary = (why: string): void => reading.find(index, "verb", `${why}: no alert`);
  if (code >= 400)
    return ordinary(`${verb.slice(0, 40)} ${kind.slice(0, 80)} was refused by the cluster`);
  if (stage === "RequestReceived") return ordinary("the request has only been received");
  const watched = WATCHED.find(
    ([, verbs, resources, who]) =>
      verbs.test(verb) && resources.test(kind) && (who?.test(by) ?? true),
  );
  // The control plane's own identities bind and issue all day long.
  const byItself = /^system:(kube-|node:|apiserver|serviceaccount:kube-system:)/.test(by);
  if (watched === undefined || byItself)
    return ordinary(`${verb.slice(0, 40)} ${kind.slice(0, 80)} is ordinary work`);
  const name = textAt(event, "objectRef.name", "requestObject.metadata.name");
  const namespace = textAt(event, "objectRef.namespace");
  tellFinding(reading, index, {
    uid: [watched[0], kind, namespace, name, by],
    title: `${watched[0]}: ${verb} ${kind}${name === null ? "" : ` ${name}`} by ${by}`,
    severity: severityBy(kubernetesAudit.severities!, watched[0]),
    status: "open",
    firstSeenAt: timeAt(
      reading,
      index,
      event,
      "requestReceivedTimestamp",
      "stageTimestamp",
      "metadata.creationTimestamp",
    ),
    product: "Kubernetes audit",
    rule: watched[0],
    category: kind,
    resource: name ?? kind,
    service: namespace ?? name,
    user: by,
    sourceIp: textAt(event, "sourceIPs.0"),
    labels: { namespace, verb, cluster: textAt(event, "annotations.cluster") },
    details: {
      auditId: textAt(event, "auditID"),
      uri: textAt(event, "requestURI"),
      userAgent: textAt(event, "userAgent"),
      groups: dig(event, "user.groups"),
    },
  });
}
