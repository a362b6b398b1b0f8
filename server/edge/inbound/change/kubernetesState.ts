/**
 * What a Kubernetes object that is no workload says of its own state: pods, nodes and jobs.
 * https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
 */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { listAt, textAt, timeAt } from "../paths.ts";
import { type Reading } from "../reading.ts";
import { joinKey, type Status, tell } from "../telling.ts";

export const STATE_KINDS = /^(Pod|Node|Job)$/;

export const STATE_SEVERITIES = {
  "a pod that cannot start": "warning",
  "a pod or job that failed": "error",
  "a node that is not ready": "error",
} satisfies Record<string, AlertSeverity>;

type State = {
  readonly status: Status;
  readonly says: string;
  readonly severity: AlertSeverity;
  /** Where its time stands. */
  readonly since: unknown;
  readonly message: string | null;
};

export function readState(reading: Reading, object: unknown, service: string | null): void {
  const kind = textAt(object, "kind") ?? "";
  const state = kind === "Node" ? ofNode(object) : kind === "Job" ? ofJob(object) : ofPod(object);
  if (state === null)
    return reading.find(0, "status", `a ${kind} on its way: neither well nor ill`);
  const [name, namespace] = [textAt(object, "metadata.name"), textAt(object, "metadata.namespace")];
  tell(reading, 0, {
    status: state.status,
    title: `${kind} ${namespace === null ? "" : `${namespace}/`}${name} ${state.says}`,
    severity: state.severity,
    dedupKey: joinKey("kubernetes", namespace, kind, name, "state"),
    service: service === name ? ownerOf(object, name) : service,
    source: textAt(object, "spec.nodeName") ?? "Kubernetes",
    startedAt: timeAt(reading, 0, state.since, "lastTransitionTime", "startedAt", "startTime"),
    labels: { namespace, kind, node: textAt(object, "spec.nodeName") },
    details: { message: state.message },
  });
}

/** Whose it is: a job of its schedule, a pod of its workload, which a hash tells from older ones. */
function ownerOf(object: unknown, name: string | null): string | null {
  const owner = textAt(object, "metadata.ownerReferences.0.name") ?? name;
  const isSet = textAt(object, "metadata.ownerReferences.0.kind") === "ReplicaSet";
  return isSet ? (owner?.replace(/-[a-f0-9]{7,10}$/, "") ?? null) : owner;
}

const conditionIn = (object: unknown, type: string): unknown =>
  listAt(object, "status.conditions").find((one) => textAt(one, "type") === type);

/** Reasons for which a container will not start by itself, as the kubelet names them. */
const STUCK =
  /^(CrashLoopBackOff|ImagePullBackOff|ImageInspectError|ErrImage(Never)?Pull|InvalidImageName|RegistryUnavailable|SignatureValidationFailed|(Create|Run)(Init)?Container(Config)?Error|P(re(Create|Start)|ostStart)HookError)$/;

function ofPod(object: unknown): State | null {
  const containers = [
    ...listAt(object, "status.initContainerStatuses"),
    ...listAt(object, "status.containerStatuses"),
  ];
  const stuck = containers.find((one) => STUCK.test(textAt(one, "state.waiting.reason") ?? ""));
  const phase = textAt(object, "status.phase");
  const reason = textAt(object, "status.reason");
  if (phase === "Failed") {
    return {
      status: "firing",
      says: `failed${reason === null ? "" : `: ${reason}`}`,
      severity: STATE_SEVERITIES["a pod or job that failed"],
      since: { startTime: textAt(object, "status.startTime") },
      message: textAt(object, "status.message"),
    };
  }
  if (stuck !== undefined) {
    return {
      status: "firing",
      says: `cannot start: ${textAt(stuck, "state.waiting.reason")}`,
      severity: STATE_SEVERITIES["a pod that cannot start"],
      since: { startTime: textAt(object, "status.startTime") },
      message: textAt(stuck, "state.waiting.message"),
    };
  }
  const ready = conditionIn(object, "Ready");
  if (phase !== "Succeeded" && textAt(ready, "status") !== "True") return null;
  return {
    status: "resolved",
    says: phase === "Succeeded" ? "has done its work" : "is ready",
    severity: STATE_SEVERITIES["a pod that cannot start"],
    since: ready,
    message: null,
  };
}

function ofNode(object: unknown): State | null {
  const ready = conditionIn(object, "Ready");
  const status = textAt(ready, "status");
  if (status === null) return null;
  const reason = textAt(ready, "reason");
  return {
    status: status === "True" ? "resolved" : "firing",
    says: status === "True" ? "is ready" : `is not ready${reason === null ? "" : `: ${reason}`}`,
    severity: STATE_SEVERITIES["a node that is not ready"],
    since: ready,
    message: textAt(ready, "message"),
  };
}

function ofJob(object: unknown): State | null {
  const failed = conditionIn(object, "Failed");
  const complete = conditionIn(object, "Complete");
  const isFailed = textAt(failed, "status") === "True";
  if (!isFailed && textAt(complete, "status") !== "True") return null;
  const reason = textAt(failed, "reason");
  return {
    status: isFailed ? "firing" : "resolved",
    says: isFailed ? `failed${reason === null ? "" : `: ${reason}`}` : "is complete",
    severity: STATE_SEVERITIES["a pod or job that failed"],
    since: isFailed ? failed : complete,
    message: textAt(failed, "message"),
  };
}
