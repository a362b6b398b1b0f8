/**
 * GitHub's webhooks at one address: deployments, workflow runs, jobs, checks, statuses of commits and
 * releases are changes; code scanning, secret scanning, Dependabot and vulnerability alerts are alerts.
 * Everything else is told as such.
 * https://docs.github.com/en/webhooks/webhook-events-and-payloads Samples: golden/github.*.json
 */
import { type ChangeStatus } from "../../../domain/deployment/deployment.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readObject } from "../items.ts";
import { dig, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { has, recogniseObject } from "../telling.ts";
import { signedByHmac } from "../signatures.ts";
import { shortVersion, tellChange } from "./change.ts";
import {
  GITHUB_SEVERITIES,
  readAdvisory,
  readSecurityAlert,
  repositoryOf,
} from "./githubAlerts.ts";
import { nameOf, readJob, readStatus, readSuite, statusOf } from "./githubChecks.ts";

const EVENT_HEADER = "x-github-event";
/** Objects that events are named after: those that are read first, then those that tell what else it is. */
const NAMES = [
  "deployment_status",
  // What waits for a deployment names it too.
  "workflow_job",
  "workflow_run",
  "deployment",
  "release",
  "repository_advisory",
  "security_advisory",
  "check_run",
  "check_suite",
  "pull_request",
  "issue",
  "discussion",
  "package",
  "merge_group",
  "milestone",
];

/** What the body is: the header says it, and without one the fields do. */
function eventOf(body: Json, header: string | undefined): string | null {
  if (header !== undefined && /^[a-z_]{3,60}$/.test(header)) return header;
  if (isObject(body["alert"]) && typeof body["action"] === "string") return "alert";
  const name = NAMES.find((one) => isObject(body[one]));
  if (name !== undefined) return name;
  if (has(body, "sha", "state", "context")) return "status";
  if (has(body, "ref", "commits") || has(body, "ref", "pusher_type")) return "push";
  return typeof body["zen"] === "string" && Object.hasOwn(body, "hook_id") ? "ping" : null;
}

/**
 * A repository in GitHub's spelling, or who did it. A server of one's own has addresses of its own, and
 * people cut what they pass on.
 */
const isGitHub = (body: Json): boolean =>
  /^[\w.-]+\/[\w.-]+$/.test(textAt(body, "repository.full_name") ?? "") ||
  textAt(body, "sender.login", "organization.login") !== null ||
  (textAt(body, "security_advisory.ghsa_id") ?? "").startsWith("GHSA-") ||
  (isObject(body["alert"]) && has(body["alert"], "affected_package_name", "external_identifier"));

/** Any other of GitHub's seventy events: each names who caused it, as an account of GitHub. */
const isOther = (body: Json): boolean =>
  textAt(body, "sender.login") !== null &&
  /^(User|Bot|Organization|Mannequin)$/.test(textAt(body, "sender.type") ?? "") &&
  has(body["sender"] as Json, "id", "url", "site_admin");

/** GraphQL spells a Dependabot alert in its own way: the same in the words of the events. */
function inRestWords(body: Json): Json {
  if (!has(body, "securityVulnerability", "number", "createdAt")) return body;
  const { securityAdvisory: told, securityVulnerability: weak } = body;
  const [owner, name] = [textAt(body, "repository.owner.login"), textAt(body, "repository.name")];
  const page = textAt(body, "repository.url");
  return {
    number: body["number"],
    state: textAt(body, "state")?.toLowerCase(),
    created_at: body["createdAt"],
    dismissed_reason: body["dismissReason"],
    html_url: page === null ? null : `${page}/security/dependabot/${textAt(body, "number") ?? ""}`,
    repository: { name, full_name: `${owner ?? ""}/${name ?? ""}`, owner: { login: owner } },
    dependency: {
      package: dig(weak, "package"),
      manifest_path: body["vulnerableManifestPath"],
    },
    security_advisory: {
      ghsa_id: textAt(told, "ghsaId"),
      summary: textAt(told, "summary"),
      description: textAt(told, "description"),
      severity: textAt(told, "severity") ?? textAt(weak, "severity"),
    },
    security_vulnerability: {
      first_patched_version: { identifier: textAt(weak, "firstPatchedVersion.identifier") },
    },
  };
}

/** What the REST API lists comes without the event around it: it is put there. */
function asEvent(given: Json): Json {
  const body = inRestWords(given);
  const event = { repository: body["repository"] };
  if (has(body, "run_number", "head_sha", "conclusion")) return { ...event, workflow_run: body };
  if (has(body, "statuses_url", "task", "environment")) return { ...event, deployment: body };
  const isAlert =
    has(body, "number", "state", "created_at") &&
    (has(body, "security_advisory", "dependency") ||
      has(body, "secret_type") ||
      has(body, "rule", "tool"));
  return isAlert ? { ...event, action: textAt(body, "state"), alert: body } : body;
}

export const github: Adapter = {
  about: {
    id: "github",
    name: "GitHub",
    docs: "https://docs.github.com/en/webhooks/webhook-events-and-payloads",
  },
  setUp: {
    steps: [
      "In the repository or organisation open Settings, Webhooks, and add {url} with the content type application/json and a secret.",
      "Choose Deployments, Deployment statuses, Workflow runs (or Check suites, or Statuses), Releases, Code scanning alerts, Secret scanning alerts and Dependabot alerts.",
      "Put the secret into the environment and name it as signedWith in the intake key: unsigned requests are then refused.",
    ],
    sample: "github.deployment-status.json",
  },
  severities: GITHUB_SEVERITIES,
  resendsByContract: false,
  recognise: recogniseObject((body, { headers }) => {
    if (headers[EVENT_HEADER] !== undefined && headers["x-github-delivery"] !== undefined) return 1;
    const event = asEvent(body);
    if (event !== body || (isGitHub(body) && eventOf(body, undefined) !== null)) return 1;
    return isOther(body) ? 0.5 : 0;
  }),
  verify: (request, secret) =>
    signedByHmac(request, secret, { header: "x-hub-signature-256", prefix: "sha256=" }),
  read: readObject("a webhook of GitHub", (reading, given, { headers }) => {
    const body = asEvent(given);
    const event = eventOf(body, headers[EVENT_HEADER]);
    if (event === null && isOther(body))
      return reading.find(0, "event", "neither changes what runs nor warns: nothing to keep");
    if (event === null)
      return reading.refuse(0, "body", "a known event: deployment, workflow_run, an alert …");
    if (event === "deployment" || event === "deployment_status")
      return readDeployment(reading, body);
    if (event === "workflow_run") return readRun(reading, body);
    if (event === "workflow_job" || event === "check_run") return readJob(reading, body, event);
    if (event === "check_suite") return readSuite(reading, body);
    if (event === "status") return readStatus(reading, body);
    if (event === "release") return readRelease(reading, body);
    if (event.endsWith("_advisory")) return readAdvisory(reading, body, event);
    if (/alert(_location)?$/.test(event)) return readSecurityAlert(reading, body, event);
    reading.find(0, "event", `“${event}” neither changes what runs nor warns: nothing to keep`);
  }),
};

const STATUS: Readonly<Record<string, ChangeStatus>> = {
  success: "succeeded",
  failure: "failed",
  error: "failed",
  inactive: "told",
};

function readDeployment(reading: Reading, body: Json): void {
  const deployment = body["deployment"];
  const id = textAt(deployment, "id");
  if (id === null) return reading.refuse(0, "deployment.id", "a number");
  const state = textAt(body, "deployment_status.state");
  const environment = textAt(body, "deployment_status.environment", "deployment.environment");
  const ref = textAt(deployment, "ref");
  const repository = repositoryOf(body);
  const page = textAt(body, "repository.html_url");
  tellChange(reading, 0, {
    kind: "deployment",
    key: ["github", repository, "deployment", id],
    title: `${nameOf(body) ?? "Deployment"} ${ref ?? shortVersion(textAt(deployment, "sha")) ?? ""} to ${environment ?? "an environment"}`,
    status: state === null ? "started" : (STATUS[state] ?? "started"),
    service: nameOf(body),
    environment,
    version: textAt(deployment, "sha"),
    by: textAt(deployment, "creator.login") ?? textAt(body, "sender.login"),
    link:
      textAt(body, "deployment_status.log_url", "deployment_status.target_url") ??
      (page === null ? null : `${page}/deployments`),
    at: timeAt(reading, 0, body, "deployment_status.created_at", "deployment.created_at"),
    labels: { repository, ref, task: textAt(deployment, "task"), state },
  });
}

function readRun(reading: Reading, body: Json): void {
  const run = body["workflow_run"];
  const id = textAt(run, "id");
  if (id === null) return reading.refuse(0, "workflow_run.id", "a number");
  const conclusion = textAt(run, "conclusion");
  const repository = repositoryOf(body) ?? textAt(run, "repository.full_name");
  tellChange(reading, 0, {
    kind: "pipeline",
    key: ["github", repository, "run", id],
    title: `${textAt(run, "name") ?? textAt(body, "workflow.name") ?? "Workflow"} on ${textAt(run, "head_branch") ?? "a branch"} of ${nameOf(body) ?? repository ?? "a repository"}`,
    status: statusOf(conclusion),
    service: nameOf(body) ?? textAt(run, "repository.name"),
    version: textAt(run, "head_sha"),
    by:
      textAt(run, "actor.login", "triggering_actor.login", "head_commit.author.name") ??
      textAt(body, "sender.login"),
    link: textAt(run, "html_url"),
    at: timeAt(reading, 0, run, "updated_at", "run_started_at", "created_at"),
    labels: {
      repository,
      branch: textAt(run, "head_branch"),
      event: textAt(run, "event"),
      conclusion,
      number: textAt(run, "run_number"),
    },
  });
}

function readRelease(reading: Reading, body: Json): void {
  const release = body["release"];
  const action = textAt(body, "action");
  if (action !== null && !/^(published|released|created|prereleased)$/.test(action)) {
    return reading.find(0, "action", `a release was ${action.slice(0, 30)}: nothing went out`);
  }
  if (dig(release, "draft") === true)
    return reading.find(0, "release.draft", "a draft: nothing went out");
  tellChange(reading, 0, {
    kind: "release",
    key: ["github", repositoryOf(body), "release", textAt(release, "id", "tag_name")],
    title: `${nameOf(body) ?? "Release"} ${textAt(release, "name", "tag_name") ?? ""}`,
    status: "succeeded",
    service: nameOf(body),
    version: textAt(release, "tag_name"),
    by: textAt(release, "author.login"),
    link: textAt(release, "html_url"),
    at: timeAt(reading, 0, release, "published_at", "created_at"),
    labels: { repository: repositoryOf(body), prerelease: dig(release, "prerelease") },
  });
}
