/**
 * A Kubernetes workload or configuration as a watcher sends it when it changed: the object, or below
 * `object` of a watch event or `obj` of Robusta. The change, and whether the workload is available; of
 * a pod, a node or a job its state.
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status
 * Samples: golden/kubernetes-object.*.json
 */
import { type ChangeStatus } from "../../../domain/deployment/deployment.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readObject } from "../items.ts";
import { dig, listAt, numberAt, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { joinKey, recogniseObject, tell } from "../telling.ts";
import { tellChange } from "./change.ts";
import { readState, STATE_KINDS, STATE_SEVERITIES } from "./kubernetesState.ts";

const KINDS =
  /^(Deployment|StatefulSet|DaemonSet|ConfigMap|Secret|Ingress|HorizontalPodAutoscaler)$/;

const objectIn = (body: Json): unknown =>
  isObject(body["object"]) ? body["object"] : isObject(body["obj"]) ? body["obj"] : body;
const isState = (object: unknown): boolean =>
  STATE_KINDS.test(textAt(object, "kind") ?? "") && isObject(dig(object, "status"));
const isKnown = (object: unknown): boolean =>
  (KINDS.test(textAt(object, "kind") ?? "") || isState(object)) &&
  textAt(object, "apiVersion") !== null &&
  textAt(object, "metadata.name") !== null;

export const kubernetesObject: Adapter = {
  about: {
    id: "kubernetes-object",
    name: "Kubernetes objects that changed",
    docs: "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status",
  },
  setUp: {
    steps: [
      "Have a watcher (Robusta, kubewatch, an operator) post the changed object as JSON to {url}.",
    ],
    sample: "kubernetes-object.deployment.json",
  },
  severities: { "not available": "warning", ...STATE_SEVERITIES },
  resendsByContract: false,
  recognise: recogniseObject((body) => (isKnown(objectIn(body)) ? 1 : 0)),
  read: readObject("a Kubernetes object with kind and metadata", (reading, body) => {
    const object = objectIn(body);
    if (!isKnown(object))
      return reading.refuse(0, "kind", "Deployment, StatefulSet, DaemonSet, ConfigMap or alike");
    if (isState(object)) return readState(reading, object, serviceOf(object));
    readChange(reading, body, object);
    readAvailability(reading, object);
  }),
};

const conditionOf = (object: unknown, type: string): unknown =>
  listAt(object, "status.conditions").find((one) => textAt(one, "type") === type);

const serviceOf = (object: unknown): string | null =>
  textAt(
    object,
    "metadata.labels.app.kubernetes.io/name",
    "metadata.labels.app",
    "metadata.labels.k8s-app",
    "metadata.name",
  );

function readChange(reading: Reading, body: Json, object: unknown): void {
  const [kind, name, namespace] = [
    textAt(object, "kind"),
    textAt(object, "metadata.name"),
    textAt(object, "metadata.namespace"),
  ];
  const workload = /^(Deployment|StatefulSet|DaemonSet)$/.test(kind ?? "");
  const images = listAt(object, "spec.template.spec.containers")
    .map((one) => textAt(one, "image"))
    .filter((one) => one !== null);
  tellChange(reading, 0, {
    kind: workload ? "deployment" : "configuration",
    key: [
      "kubernetes",
      namespace,
      kind,
      name,
      textAt(object, "metadata.generation", "metadata.resourceVersion"),
    ],
    title: `${kind} ${namespace === null ? "" : `${namespace}/`}${name} ${body["type"] === "DELETED" ? "was deleted" : "changed"}`,
    status: workload ? rolledOut(object) : "succeeded",
    service: serviceOf(object),
    environment: namespace,
    version: [...new Set(images)].slice(0, 5).join(", "),
    by: textAt(
      object,
      "metadata.managedFields.0.manager",
      "metadata.annotations.kubernetes.io/change-cause",
    ),
    at: timeAt(
      reading,
      0,
      { object, progress: conditionOf(object, "Progressing") },
      "progress.lastUpdateTime",
      "object.spec.template.metadata.annotations.kubectl.kubernetes.io/restartedAt",
      "object.metadata.creationTimestamp",
    ),
    labels: {
      kind,
      namespace,
      revision: textAt(object, "metadata.annotations.deployment.kubernetes.io/revision"),
    },
  });
}

function rolledOut(object: unknown): ChangeStatus {
  const reason = textAt(conditionOf(object, "Progressing"), "reason");
  if (reason === "ProgressDeadlineExceeded") return "failed";
  const behind =
    (numberAt(object, "status.observedGeneration") ?? 0) <
    (numberAt(object, "metadata.generation") ?? 0);
  return !behind && reason === "NewReplicaSetAvailable" ? "succeeded" : "started";
}

/** A Deployment says itself whether enough of it runs. */
function readAvailability(reading: Reading, object: unknown): void {
  const available = conditionOf(object, "Available");
  const status = textAt(available, "status");
  if (status !== "True" && status !== "False") return;
  const [name, namespace] = [textAt(object, "metadata.name"), textAt(object, "metadata.namespace")];
  tell(reading, 0, {
    status: status === "True" ? "resolved" : "firing",
    title: `${textAt(object, "kind")} ${namespace === null ? "" : `${namespace}/`}${name} is ${status === "True" ? "available again" : "not available"}`,
    severity: kubernetesObject.severities!["not available"]!,
    dedupKey: joinKey("kubernetes", namespace, textAt(object, "kind"), name, "available"),
    service: serviceOf(object),
    source: "Kubernetes",
    startedAt: timeAt(reading, 0, available, "lastTransitionTime", "lastUpdateTime"),
    labels: { namespace, kind: textAt(object, "kind"), reason: textAt(available, "reason") },
    details: {
      message: textAt(available, "message"),
      unavailable: dig(object, "status.unavailableReplicas") ?? null,
    },
  });
}
