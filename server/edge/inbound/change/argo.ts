/**
 * Argo CD applications and Argo Rollouts: the object itself, or below `app` or `rollout`, as a
 * notification template sends it. A sync or rollout is a change; a degraded application is an alert.
 * https://argo-cd.readthedocs.io/en/stable/operator-manual/notifications/services/webhook/
 * Samples: golden/argo.*.json
 */
import { type ChangeStatus } from "../../../domain/deployment/deployment.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { authorizedBy, BY_HEADER } from "../authorization.ts";
import { readObject } from "../items.ts";
import { dig, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { joinKey, recogniseObject, severityBy, tell } from "../telling.ts";
import { tellChange } from "./change.ts";

const objectIn = (body: Json): unknown =>
  isObject(body["app"]) ? body["app"] : isObject(body["rollout"]) ? body["rollout"] : body;
const kindOf = (body: Json): "Application" | "Rollout" | "Workflow" | null => {
  const object = objectIn(body);
  if (!(textAt(object, "apiVersion") ?? "argoproj.io/v1alpha1").startsWith("argoproj.io/"))
    return null;
  const kind = textAt(object, "kind");
  if (kind === "Application" || (isObject(body["app"]) && dig(object, "status.sync") !== undefined))
    return "Application";
  if (kind === "Workflow" && textAt(object, "apiVersion") !== null) return "Workflow";
  return kind === "Rollout" ||
    (isObject(body["rollout"]) && dig(object, "status.phase") !== undefined)
    ? "Rollout"
    : null;
};

export const argo: Adapter = {
  about: {
    id: "argo",
    name: "Argo CD and Argo Rollouts",
    docs: "https://argo-cd.readthedocs.io/en/stable/operator-manual/notifications/services/webhook/",
  },
  setUp: {
    steps: [
      "In argocd-notifications-cm add `service.webhook.tocsin: { url: {url}, headers: [{ name: Content-Type, value: application/json }] }`.",
      'Give a template `webhook: { tocsin: { method: POST, body: "{{ toJson . }}" } }`, so that the application is sent below “app”.',
      "Subscribe to on-sync-running, on-deployed, on-sync-failed and on-health-degraded. Rollouts: the same with “rollout”.",
      BY_HEADER,
    ],
    sample: "argo.synced.json",
  },
  severities: { Degraded: "error", Missing: "warning" },
  resendsByContract: false,
  verify: authorizedBy,
  recognise: recogniseObject((body) => isCommitStatus(body) || kindOf(body) !== null),
  read: readObject("an Application, Rollout or Workflow of Argo", (reading, body) => {
    if (isCommitStatus(body)) return readCommitStatus(reading, body);
    const kind = kindOf(body);
    if (kind === null) return reading.refuse(0, "kind", "Application, Rollout or Workflow");
    const object = objectIn(body);
    const name = textAt(object, "metadata.name");
    if (name === null) return reading.refuse(0, "metadata.name", "a text");
    if (kind === "Rollout") readRollout(reading, object, name);
    else if (kind === "Workflow") readWorkflow(reading, object, name);
    else readApplication(reading, body, object, name);
  }),
};

const PHASE: Readonly<Record<string, ChangeStatus>> = {
  Running: "started",
  Terminating: "started",
  Progressing: "started",
  Paused: "started",
  Succeeded: "succeeded",
  Healthy: "succeeded",
  Failed: "failed",
  Error: "failed",
  Degraded: "failed",
};

/** The one template that its page shows: what GitHub takes as a commit's status. It tells a sync, and neither revision nor time. */
const CONTEXT = /^continuous-delivery\/(.+)$/;
const COMMIT_STATE: Readonly<Record<string, ChangeStatus>> = {
  pending: "started",
  success: "succeeded",
  error: "failed",
  failure: "failed",
};
const isCommitStatus = (body: Json): boolean =>
  /^argo ?cd$/i.test(textAt(body, "description") ?? "") &&
  CONTEXT.test(textAt(body, "context") ?? "");

function readCommitStatus(reading: Reading, body: Json): void {
  const [, name = ""] = CONTEXT.exec(textAt(body, "context") ?? "") ?? [];
  const state = textAt(body, "state");
  tellChange(reading, 0, {
    kind: "deployment",
    key: ["argo", "application", name, "status"],
    title: `Sync of ${name}${state === null ? "" : `: ${state.toLowerCase()}`}`,
    status: COMMIT_STATE[state ?? ""] ?? "told",
    service: name,
    by: "argo",
    link: textAt(body, "target_url"),
    at: null,
  });
}

function readApplication(reading: Reading, body: Json, app: unknown, name: string): void {
  const phase = textAt(app, "status.operationState.phase");
  const revision = textAt(
    app,
    "status.operationState.syncResult.revision",
    "status.sync.revision",
    "status.operationState.syncResult.revisions.0",
    "status.sync.revisions.0",
  );
  const namespace = textAt(app, "spec.destination.namespace");
  const url = textAt(body, "context.argocdUrl", "argocdUrl");
  const link = url === null ? null : `${url}/applications/${encodeURIComponent(name)}`;
  const startedAt = textAt(app, "status.operationState.startedAt");
  tellChange(reading, 0, {
    kind: "deployment",
    key: ["argo", "application", textAt(app, "metadata.namespace"), name, revision, startedAt],
    title: `Sync of ${name}${phase === null ? "" : `: ${phase.toLowerCase()}`}`,
    status: phase === null ? "told" : (PHASE[phase] ?? "told"),
    service: textAt(app, "metadata.labels.app.kubernetes.io/name") ?? name,
    environment: namespace ?? textAt(app, "spec.destination.name", "spec.destination.server"),
    version: revision,
    by: textAt(app, "status.operationState.operation.initiatedBy.username") ?? "argo",
    link: link ?? textAt(app, "status.summary.externalURLs.0"),
    at: timeAt(
      reading,
      0,
      app,
      "status.operationState.finishedAt",
      "status.operationState.startedAt",
      "status.reconciledAt",
    ),
    labels: {
      project: textAt(app, "spec.project"),
      namespace,
      repository: textAt(app, "spec.source.repoURL", "spec.sources.0.repoURL"),
      sync: textAt(app, "status.sync.status"),
    },
  });
  const health = textAt(app, "status.health.status");
  if (health === null || !/^(Degraded|Missing|Healthy)$/.test(health)) return;
  tell(reading, 0, {
    status: health === "Healthy" ? "resolved" : "firing",
    title: `Application ${name} is ${health.toLowerCase()}`,
    severity: health === "Healthy" ? "info" : severityBy(argo.severities!, health),
    dedupKey: joinKey("argo", textAt(app, "metadata.namespace"), name, "health"),
    service: name,
    source: "Argo CD",
    link,
    startedAt: timeAt(reading, 0, app, "status.health.lastTransitionTime", "status.reconciledAt"),
    labels: { product: "Argo CD", application: name, namespace, health },
    details: {
      message: textAt(app, "status.health.message", "status.operationState.message") ?? null,
    },
  });
}

function readRollout(reading: Reading, rollout: unknown, name: string): void {
  const phase = textAt(rollout, "status.phase");
  const version = textAt(rollout, "spec.template.spec.containers.0.image");
  tellChange(reading, 0, {
    kind: "deployment",
    key: [
      "argo",
      "rollout",
      textAt(rollout, "metadata.namespace"),
      name,
      textAt(rollout, "metadata.annotations.rollout.argoproj.io/revision", "metadata.generation"),
    ],
    title: `Rollout of ${name}${phase === null ? "" : `: ${phase.toLowerCase()}`}`,
    status:
      dig(rollout, "status.abort") === true
        ? "cancelled"
        : phase === null
          ? "told"
          : (PHASE[phase] ?? "told"),
    service:
      textAt(rollout, "metadata.labels.app.kubernetes.io/name", "metadata.labels.app") ?? name,
    environment: textAt(rollout, "metadata.namespace"),
    version,
    by: "argo",
    at: timeAt(
      reading,
      0,
      rollout,
      "status.abortedAt",
      "status.conditions.0.lastUpdateTime",
      "metadata.creationTimestamp",
    ),
    labels: {
      namespace: textAt(rollout, "metadata.namespace"),
      message: textAt(rollout, "status.message"),
    },
  });
  if (phase !== "Degraded" && phase !== "Healthy") return;
  tell(reading, 0, {
    status: phase === "Healthy" ? "resolved" : "firing",
    title: `Rollout ${name} is ${phase.toLowerCase()}`,
    severity: phase === "Healthy" ? "info" : severityBy(argo.severities!, phase),
    dedupKey: joinKey("argo", textAt(rollout, "metadata.namespace"), name, "rollout"),
    service:
      textAt(rollout, "metadata.labels.app.kubernetes.io/name", "metadata.labels.app") ?? name,
    source: "Argo Rollouts",
    startedAt: timeAt(
      reading,
      0,
      rollout,
      "status.abortedAt",
      "status.conditions.0.lastUpdateTime",
    ),
    labels: { product: "Argo Rollouts", namespace: textAt(rollout, "metadata.namespace") },
    details: { message: textAt(rollout, "status.message") },
  });
}

/** A run of Argo Workflows, or of a CronWorkflow's child. */
function readWorkflow(reading: Reading, workflow: unknown, name: string): void {
  const phase = textAt(workflow, "status.phase");
  const namespace = textAt(workflow, "metadata.namespace");
  tellChange(reading, 0, {
    kind: "pipeline",
    key: ["argo", "workflow", namespace, textAt(workflow, "metadata.uid") ?? name],
    title: `Workflow ${name}${phase === null ? "" : `: ${phase.toLowerCase()}`}`,
    status: phase === null ? "told" : (PHASE[phase] ?? "told"),
    service:
      textAt(
        workflow,
        "metadata.labels.app.kubernetes.io/name",
        "metadata.labels.workflows.argoproj.io/workflow-template",
        "spec.workflowTemplateRef.name",
        "metadata.generateName",
      )?.replace(/-$/, "") ?? name,
    environment: namespace,
    by: textAt(workflow, "metadata.labels.workflows.argoproj.io/creator") ?? "argo",
    at: timeAt(
      reading,
      0,
      workflow,
      "status.finishedAt",
      "status.startedAt",
      "metadata.creationTimestamp",
    ),
    labels: { namespace, message: textAt(workflow, "status.message") },
  });
}
