/**
 * GitLab's webhooks: deployments, pipelines, jobs, releases and switched feature flags are changes,
 * vulnerabilities and issues of type incident are alerts. The hooks of a whole server, about projects
 * and people, are told as neither.
 * https://docs.gitlab.com/user/project/integrations/webhook_events/ Samples: golden/gitlab.*.json
 */
import { type ChangeStatus } from "../../../domain/deployment/deployment.ts";
import { MINUTE } from "../../../base/instant.ts";
import { type Adapter, type AdapterInput } from "../../../domain/signal/signal.ts";
import { readObject } from "../items.ts";
import { dig, textAt, timeAt } from "../paths.ts";
import { type Json, type Reading } from "../reading.ts";
import { isStandardSecret, showsSecret, signedByStandard } from "../signatures.ts";
import { joinKey, recogniseObject, severityBy, tell } from "../telling.ts";
import { tellFinding } from "../security/finding.ts";
import { shortVersion, tellChange } from "./change.ts";

const KINDS =
  /^(deployment|pipeline|build|job|release|vulnerability|push|tag_push|merge_request|issue|note|wiki_page|feature_flag|emoji|access_token|milestone|work_item|incident)$/;

/** A server's own hooks name their event, and have no kind. */
const SYSTEM = /^(project|group|subgroup|user|key|repository)_[a-z_]{2,40}$/;

export const gitlab: Adapter = {
  about: {
    id: "gitlab",
    name: "GitLab",
    docs: "https://docs.gitlab.com/user/project/integrations/webhook_events/",
  },
  setUp: {
    steps: [
      "In the project or group open Settings, Webhooks, and add {url} with a secret token.",
      "Choose Deployment events, Pipeline events, Releases events, Feature flag events and Vulnerability events.",
      "Put the secret token, or the signing token that newer releases make (whsec_…, the better proof), into the environment and name it as signedWith in the intake key.",
    ],
    sample: "gitlab.deployment.json",
  },
  severities: {
    critical: "critical",
    high: "error",
    medium: "warning",
    low: "info",
    info: "info",
    unknown: "warning",
  },
  resendsByContract: false,
  recognise: recogniseObject((body, { headers }) =>
    headers["x-gitlab-event"] !== undefined ||
    KINDS.test(textAt(body, "object_kind") ?? "") ||
    isOfServer(body)
      ? 1
      : 0,
  ),
  // Which of the two it is says the secret itself: a signing token begins with whsec_.
  verify: (request, secret) =>
    isStandardSecret(secret)
      ? signedByStandard(request, secret)
      : showsSecret(request.headers["x-gitlab-token"], secret),
  read: readObject("a webhook of GitLab", (reading, body, input) => {
    const kind = textAt(body, "object_kind");
    if (isOfServer(body))
      return reading.find(0, "event_name", "a hook of the whole server: nothing to keep");
    if (kind === null)
      return reading.refuse(
        0,
        "object_kind",
        "deployment, pipeline, build, release or vulnerability",
      );
    const read = READ[kind];
    if (read !== undefined) return read(reading, body);
    if (kind === "feature_flag") return readFlag(reading, body, input);
    if (/^(issue|incident|work_item)$/.test(kind) && isIncident(body))
      return readIncident(reading, body);
    reading.find(
      0,
      "object_kind",
      `“${kind.slice(0, 40)}” neither changes what runs nor warns: nothing to keep`,
    );
  }),
};

const READ: Readonly<Record<string, (reading: Reading, body: Json) => void>> = {
  deployment: readDeployment,
  pipeline: readPipeline,
  build: readJob,
  job: readJob,
  release: readRelease,
  vulnerability: readVulnerability,
};

const STATUS: Readonly<Record<string, ChangeStatus>> = {
  success: "succeeded",
  failed: "failed",
  canceled: "cancelled",
  cancelled: "cancelled",
  skipped: "cancelled",
  created: "started",
  pending: "started",
  preparing: "started",
  running: "started",
  scheduled: "started",
  waiting_for_callback: "started",
  waiting_for_resource: "started",
  canceling: "started",
};
/** A word that is not known, or that waits for a person (blocked, manual), is told and no more. */
const statusOf = (word: string | null): ChangeStatus =>
  word !== null && Object.hasOwn(STATUS, word) ? STATUS[word]! : "told";

const projectOf = (body: Json): string | null =>
  textAt(body, "project.path_with_namespace", "project_name", "project.name");
const serviceOf = (body: Json): string | null =>
  textAt(body, "repository.name", "project.name") ??
  projectOf(body)?.split("/").at(-1)?.trim() ??
  null;

function readDeployment(reading: Reading, body: Json): void {
  const id = textAt(body, "deployment_id");
  if (id === null) return reading.refuse(0, "deployment_id", "a number");
  const environment = textAt(body, "environment");
  const version = textAt(body, "commit_sha", "short_sha", "commit.sha");
  const project = projectOf(body);
  tellChange(reading, 0, {
    kind: "deployment",
    key: ["gitlab", project, "deployment", id],
    title: `${serviceOf(body) ?? "Deployment"} ${textAt(body, "ref") ?? shortVersion(version) ?? ""} to ${environment ?? "an environment"}`,
    status: statusOf(textAt(body, "status")),
    service: serviceOf(body),
    environment,
    version,
    by: textAt(body, "user.username", "user.name"),
    link: textAt(body, "deployable_url", "environment_external_url", "project.web_url"),
    at: timeAt(reading, 0, body, "status_changed_at"),
    labels: { project, tier: textAt(body, "environment_tier"), ref: textAt(body, "ref") },
  });
}

function readPipeline(reading: Reading, body: Json): void {
  const pipeline = body["object_attributes"];
  const id = textAt(pipeline, "id");
  if (id === null) return reading.refuse(0, "object_attributes.id", "a number");
  const project = projectOf(body);
  tellChange(reading, 0, {
    kind: "pipeline",
    key: ["gitlab", project, "pipeline", id],
    title: `Pipeline ${textAt(pipeline, "name") ?? id} on ${textAt(pipeline, "ref") ?? "a branch"} of ${serviceOf(body) ?? "a project"}`,
    status: statusOf(textAt(pipeline, "status")),
    service: serviceOf(body),
    version: textAt(pipeline, "sha"),
    by: textAt(body, "user.username", "user.name"),
    link: textAt(pipeline, "url") ?? pageOf(body, `/-/pipelines/${id}`),
    at: timeAt(reading, 0, pipeline, "finished_at", "created_at"),
    labels: {
      project,
      branch: textAt(pipeline, "ref"),
      source: textAt(pipeline, "source"),
      tag: dig(pipeline, "tag"),
    },
  });
}

function readJob(reading: Reading, body: Json): void {
  const id = textAt(body, "build_id");
  if (id === null) return reading.refuse(0, "build_id", "a number");
  const environment = textAt(body, "environment.name");
  const project = projectOf(body);
  tellChange(reading, 0, {
    kind: environment === null ? "pipeline" : "deployment",
    key: ["gitlab", project, "job", id],
    title: `Job ${textAt(body, "build_name") ?? id} on ${textAt(body, "ref") ?? "a branch"} of ${serviceOf(body) ?? "a project"}`,
    status: statusOf(textAt(body, "build_status")),
    service: serviceOf(body),
    environment,
    version: textAt(body, "sha"),
    by: textAt(body, "user.username", "user.name"),
    link: pageOf(body, `/-/jobs/${id}`),
    at: timeAt(reading, 0, body, "build_finished_at", "build_started_at", "build_created_at"),
    labels: {
      project,
      stage: textAt(body, "build_stage"),
      pipeline: textAt(body, "pipeline_id"),
      branch: textAt(body, "ref"),
    },
  });
}

function readRelease(reading: Reading, body: Json): void {
  const tag = textAt(body, "tag", "name");
  if (tag === null) return reading.refuse(0, "tag", "a text");
  if (textAt(body, "action") === "delete")
    return reading.find(0, "action", "a release was deleted: nothing went out");
  tellChange(reading, 0, {
    kind: "release",
    key: ["gitlab", projectOf(body), "release", tag],
    title: `${serviceOf(body) ?? "Release"} ${textAt(body, "name") ?? tag}`,
    status: "succeeded",
    service: serviceOf(body),
    version: tag,
    by: textAt(body, "commit.author.name"),
    link: textAt(body, "url"),
    at: timeAt(reading, 0, body, "released_at", "created_at"),
    labels: { project: projectOf(body) },
  });
}

/** A flag tells neither when nor how often it was switched: the delivery says which time this is. */
function readFlag(reading: Reading, body: Json, { headers, now }: AdapterInput): void {
  const flag = body["object_attributes"];
  const name = textAt(flag, "name");
  if (name === null) return reading.refuse(0, "object_attributes.name", "a text");
  const time = headers["idempotency-key"] ?? headers["x-gitlab-event-uuid"];
  tellChange(reading, 0, {
    kind: "configuration",
    key: ["gitlab", projectOf(body), "flag", name, time ?? Math.floor(now / MINUTE)],
    title: `Feature flag ${name} of ${serviceOf(body) ?? "a project"} turned ${dig(flag, "active") === false ? "off" : "on"}`,
    status: "succeeded",
    service: serviceOf(body),
    by: textAt(body, "user.username", "user.name"),
    link: pageOf(body, "/-/feature_flags"),
    at: null,
    labels: { project: projectOf(body), flag: name },
  });
}

function readVulnerability(reading: Reading, body: Json): void {
  const one = body["object_attributes"];
  const title = textAt(one, "title");
  if (title === null) return reading.refuse(0, "object_attributes.title", "a text");
  const link = textAt(one, "url");
  tellFinding(reading, 0, {
    uid: ["gitlab", "vulnerability", link ?? title],
    title,
    severity: severityBy(gitlab.severities!, dig(one, "severity")),
    status: /^(resolved|dismissed)$/.test(textAt(one, "state") ?? "") ? "resolved" : "open",
    firstSeenAt: timeAt(reading, 0, one, "created_at", "confirmed_at"),
    product: "GitLab",
    link,
    rule: textAt(one, "identifiers.0.external_id", "identifiers.0.name"),
    category: textAt(one, "report_type"),
    resource: serviceOf(body),
    labels: {
      project: projectOf(body),
      tool_status: textAt(one, "state"),
      path: textAt(one, "location.file"),
    },
  });
}

const isOfServer = (body: Json): boolean =>
  !Object.hasOwn(body, "object_kind") &&
  SYSTEM.test(textAt(body, "event_name") ?? "") &&
  ["project_id", "group_id", "user_id", "id"].some((name) => textAt(body, name) !== null);

const isIncident = (body: Json): boolean =>
  /^incident$/i.test(textAt(body, "object_attributes.type") ?? "");

function readIncident(reading: Reading, body: Json): void {
  const one = body["object_attributes"];
  const id = textAt(one, "iid", "id");
  if (id === null) return reading.refuse(0, "object_attributes.iid", "a number");
  const project = projectOf(body);
  const escalation = textAt(one, "escalation_status");
  tell(reading, 0, {
    status:
      textAt(one, "state") === "closed" || escalation === "resolved"
        ? "resolved"
        : escalation === "acknowledged" || escalation === "ignored"
          ? "acknowledged"
          : "firing",
    title: textAt(one, "title") ?? `Incident ${id}`,
    severity: severityBy(gitlab.severities!, textAt(one, "severity") ?? "unknown"),
    dedupKey: joinKey("gitlab", project, "incident", id),
    service: serviceOf(body),
    source: project,
    link: textAt(one, "url"),
    startedAt: timeAt(reading, 0, one, "created_at"),
    labels: { project, severity: textAt(one, "severity"), state: textAt(one, "state") },
    details: { description: dig(one, "description") ?? null },
  });
}

const pageOf = (body: Json, path: string): string | null => {
  const page = textAt(body, "project.web_url", "repository.homepage");
  return page === null ? null : `${page}${path}`;
};
