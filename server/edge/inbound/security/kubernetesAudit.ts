/**
 * Kubernetes audit events, as the webhook backend posts them and as the logs of Azure and of Google hold
 * them. Most are ordinary work; the table names those that are worth an alert, after the threat matrix for
 * Kubernetes.
 * https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/
 * https://cloud.google.com/kubernetes-engine/docs/how-to/audit-logging Samples: golden/kubernetes-audit.*.json
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
  (typeof dig(body, "user.username") === "string" || isObject(body["objectRef"]));

/** Azure's diagnostic logs hold each event as a text. */
function ofAzure(record: unknown): Json | null {
  if (!/^kube-audit(-admin)?$/.test(textAt(record, "category") ?? "")) return null;
  const read = bodyOf(textAt(record, "properties.log") ?? "");
  return read.kind === "body" && isObject(read.body) ? read.body : null;
}

const METHOD = /^io\.k8s\.(?:[\w-]+\.)*?(v\d\w*)\.([\w-]+)(?:\.([\w-]+))?\.(\w+)$/;
const PERMISSION_DENIED = 7;

/** Google's logs hold each event in a form that all of its services share. */
function ofGoogle(record: Json): Json | null {
  const call = record["protoPayload"];
  const method = METHOD.exec(textAt(call, "methodName") ?? "");
  if (method === null || textAt(call, "serviceName") !== "k8s.io") return null;
  const [, version, resource, subresource, verb] = method;
  const path = (textAt(call, "resourceName") ?? "").split("/");
  const at = path.lastIndexOf(resource ?? "");
  const denied =
    dig(call, "authorizationInfo.0.granted") === false ||
    numberAt(call, "status.code") === PERMISSION_DENIED;
  return {
    verb,
    objectRef: {
      apiVersion: version,
      resource,
      subresource,
      name: at < 0 ? null : path[at + 1],
      namespace: path[path.indexOf("namespaces") + 1 || path.length],
    },
    user: { username: textAt(call, "authenticationInfo.principalEmail") },
    sourceIPs: [textAt(call, "requestMetadata.callerIp", "requestMetadata.callerIP")],
    userAgent: textAt(call, "requestMetadata.callerSuppliedUserAgent"),
    responseStatus: { code: denied ? 403 : 200 },
    requestObject: dig(call, "request"),
    requestReceivedTimestamp: textAt(record, "timestamp", "receiveTimestamp"),
    auditID: textAt(record, "insertId"),
    annotations: { cluster: textAt(record, "resource.labels.cluster_name") },
    account: textAt(record, "resource.labels.project_id"),
  };
}

function eventsOf(body: Json): readonly unknown[] | null {
  if (isBare(body)) return [body];
  const google = ofGoogle(body);
  if (google !== null) return [google];
  const records = listAt(body, "records");
  const azure = (records.length > 0 ? records : [body]).map(ofAzure);
  if (azure.every((one) => one !== null)) return azure;
  if (!API.test(textAt(body, "apiVersion") ?? "")) return null;
  if (body["kind"] === "Event") return [body];
  const items = body["items"];
  return body["kind"] === "EventList" && Array.isArray(items) ? items : null;
}

/** Where each kind of object has the description of its pods. */
const podOf = (event: Json): unknown =>
  dig(event, "requestObject.spec.jobTemplate.spec.template.spec") ??
  dig(event, "requestObject.spec.template.spec") ??
  dig(event, "requestObject.spec");

const isPrivileged = (event: Json): boolean =>
  ["containers", "initContainers"].some((name) =>
    listAt(podOf(event), name).some((one) => dig(one, "securityContext.privileged") === true),
  );
const sharesNode = (event: Json): boolean =>
  ["hostNetwork", "hostPID", "hostIPC"].some((name) => dig(podOf(event), name) === true);
const mountsNode = (event: Json): boolean =>
  listAt(podOf(event), "volumes").some((one) => isObject(dig(one, "hostPath")));
const opensNode = (event: Json): boolean => textAt(event, "requestObject.spec.type") === "NodePort";

type Watched = {
  readonly what: string;
  readonly verbs: RegExp;
  readonly resources: RegExp;
  readonly is?: (event: Json) => boolean;
};
const CHANGES = /^(create|update|patch)$/;
const ALSO_ENDS = /^(create|update|patch|delete)$/;
const PODS = /^(pods|deployments|daemonsets|statefulsets|replicasets|jobs|cronjobs)$/;

/** What was done to what, by whom: the first line that fits counts. */
const WATCHED: readonly Watched[] = [
  {
    what: "Anonymous access was allowed",
    verbs: /^/,
    resources: /^/,
    is: (event) => textAt(event, "user.username") === "system:anonymous",
  },
  {
    what: "Admission webhook changed",
    verbs: ALSO_ENDS,
    resources: /^(mutating|validating)webhookconfigurations$/,
  },
  {
    what: "Admission policy changed",
    verbs: ALSO_ENDS,
    resources: /^(validating|mutating)admissionpolic(y|ies)(bindings)?$/,
  },
  {
    what: "Cluster-wide rights granted",
    verbs: CHANGES,
    resources: /^clusterrole(binding)?s$/,
  },
  { what: "Rights granted", verbs: CHANGES, resources: /^rolebindings$/ },
  { what: "Command run in a pod", verbs: /^(create|get)$/, resources: /^pods\/(exec|attach)$/ },
  { what: "Secrets listed", verbs: /^list$/, resources: /^secrets$/ },
  {
    what: "Token issued for a service account",
    verbs: /^create$/,
    resources: /^serviceaccounts\/token$/,
  },
  { what: "Impersonation", verbs: /^impersonate$/, resources: /^/ },
  { what: "Privileged pod", verbs: CHANGES, resources: PODS, is: isPrivileged },
  { what: "Pod in the node's own namespaces", verbs: CHANGES, resources: PODS, is: sharesNode },
  { what: "Pod with the node's files", verbs: CHANGES, resources: PODS, is: mountsNode },
  { what: "Service on every node", verbs: CHANGES, resources: /^services$/, is: opensNode },
  { what: "Cron job changed", verbs: CHANGES, resources: /^cronjobs$/ },
  { what: "Daemon set deployed", verbs: /^create$/, resources: /^daemonsets$/ },
  { what: "Events deleted", verbs: /^delete(collection)?$/, resources: /^events$/ },
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
    "Privileged pod": "warning",
    "Pod in the node's own namespaces": "warning",
    "Pod with the node's files": "info",
    "Service on every node": "info",
    "Cron job changed": "info",
    "Daemon set deployed": "info",
    "Events deleted": "warning",
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
    ({ verbs, resources, is }) => verbs.test(verb) && resources.test(kind) && (is?.(event) ?? true),
  );
  // The control plane's own identities bind and issue all day long.
  const byItself = /^system:(kube-|node:|apiserver|serviceaccount:kube-system:)/.test(by);
  if (watched === undefined || byItself)
    return ordinary(`${verb.slice(0, 40)} ${kind.slice(0, 80)} is ordinary work`);
  const name = textAt(event, "objectRef.name", "requestObject.metadata.name");
  const namespace = textAt(event, "objectRef.namespace");
  tellFinding(reading, index, {
    uid: [watched.what, kind, namespace, name, by],
    title: `${watched.what}: ${verb} ${kind}${name === null ? "" : ` ${name}`} by ${by}`,
    severity: severityBy(kubernetesAudit.severities!, watched.what),
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
    rule: watched.what,
    category: kind,
    resource: name ?? kind,
    service: namespace ?? name,
    user: by,
    account: textAt(event, "account"),
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
