/**
 * Azure DevOps' service hooks: builds, runs of pipelines with their stages and jobs, releases and what
 * they deploy, each a change. A build and the run it belongs to are the same one.
 * https://learn.microsoft.com/azure/devops/service-hooks/events Samples: golden/azure-devops.*.json
 */
import { type ChangeKind, type ChangeStatus } from "../../../domain/deployment/deployment.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { authorizedBy, BY_PASSWORD } from "../authorization.ts";
import { readObject } from "../items.ts";
import { dig, textAt, timeAt } from "../paths.ts";
import { isObject, type Json, type Reading } from "../reading.ts";
import { recogniseObject } from "../telling.ts";
import { shortVersion, tellChange } from "./change.ts";

const EVENT =
  /^(build\.complete|ms\.vss-(release|pipelines?|pipelinechecks-events)\.[\w.-]+|(git|tfvc|workitem)\.[\w.-]+)$/;

/** By state while it goes on, by result once it is over. */
const STATUS: Readonly<Record<string, ChangeStatus>> = {
  inprogress: "started",
  running: "started",
  queued: "started",
  succeeded: "succeeded",
  // Some of it failed, so that somebody should look.
  partiallysucceeded: "failed",
  failed: "failed",
  rejected: "failed",
  canceled: "cancelled",
  canceling: "cancelled",
  stopped: "cancelled",
  abandoned: "cancelled",
};

export const azureDevOps: Adapter = {
  about: {
    id: "azure-devops",
    name: "Azure DevOps",
    docs: "https://learn.microsoft.com/azure/devops/service-hooks/events",
  },
  setUp: {
    steps: [
      "Project settings → Service hooks → Create subscription → Web Hooks: trigger “Run state changed” or “Release deployment completed”, URL {url}.",
      "Leave “Resource details to send” at “All”.",
      BY_PASSWORD,
    ],
    sample: "azure-devops.run.json",
  },
  resendsByContract: false,
  verify: authorizedBy,
  recognise: recogniseObject(
    (body) =>
      EVENT.test(textAt(body, "eventType") ?? "") &&
      textAt(body, "publisherId") !== null &&
      isObject(body["resource"]),
  ),
  read: readObject("one JSON object of a service hook", (reading, body) => {
    const event = textAt(body, "eventType");
    const resource = body["resource"];
    if (event === null || !EVENT.test(event))
      return reading.refuse(0, "eventType", "an event such as build.complete");
    if (!isObject(resource)) return reading.refuse(0, "resource", "an object");
    if (event === "build.complete") return readBuild(reading, body, resource);
    if (isObject(resource["run"]) && event.endsWith("-state-changed-event"))
      return readRun(reading, body, resource);
    if (/^ms\.vss-release\.deployment-(started|completed)-event$/.test(event))
      return readDeployment(reading, body, resource);
    if (/^ms\.vss-release\.release-(created|abandoned)-event$/.test(event))
      return readRelease(reading, body, resource);
    reading.find(0, "eventType", `${event.slice(0, 80)} changes nothing that runs: no change`);
  }),
};

/** Numbers of runs and releases are unique in an organisation. */
const organisation = (body: Json): string | null =>
  textAt(body, "resourceContainers.collection.id", "resourceContainers.account.id");

const statusOf = (...words: readonly (string | null)[]): ChangeStatus =>
  words.map((word) => STATUS[word?.toLowerCase() ?? ""]).find((one) => one !== undefined) ?? "told";

/** What is told has its page only in the sentence that people read. */
const linkIn = (body: Json): string | null =>
  /\]\((https?:\/\/[^\s)]{1,2000})\)/.exec(textAt(body, "message.markdown") ?? "")?.[1] ?? null;

/** refs/heads/main, or in older builds LG:refs/heads/main:600c52d… */
const branchOf = (ref: string | null): string | null =>
  ref
    ?.replace(/^LG:/, "")
    .replace(/:[\da-f]{7,64}$/i, "")
    .replace(/^refs\/(heads|tags)\//, "") ?? null;

type Read = {
  readonly kind: ChangeKind;
  readonly key: readonly unknown[];
  readonly title: string;
  readonly status: ChangeStatus;
  readonly service: string | null;
  readonly at: readonly string[];
  readonly of: unknown;
};

function told(reading: Reading, body: Json, read: Read, more: Json): void {
  const { of, at, key, ...change } = read;
  const { environment, version, by, link, ...labels } = more;
  tellChange(reading, 0, {
    ...change,
    key: ["azure-devops", organisation(body), ...key],
    environment,
    version,
    by,
    link: link ?? linkIn(body),
    at: timeAt(reading, 0, of, ...at) ?? timeAt(reading, 0, body, "createdDate"),
    labels: { event: textAt(body, "eventType"), ...labels },
  });
}

function readBuild(reading: Reading, body: Json, build: Json): void {
  const id = textAt(build, "id");
  if (id === null) return reading.refuse(0, "resource.id", "the number of a build");
  const pipeline = textAt(build, "definition.name") ?? "A build";
  const branch = branchOf(textAt(build, "sourceBranch", "sourceGetVersion"));
  const commit = /[\da-f]{40}$/i.exec(
    textAt(build, "sourceVersion", "sourceGetVersion") ?? "",
  )?.[0];
  told(
    reading,
    body,
    {
      kind: "pipeline",
      key: ["run", id],
      title: `${pipeline}${branch === null ? "" : ` on ${branch}`}`,
      status: statusOf(textAt(build, "result"), textAt(build, "status")),
      service: pipeline,
      at: ["finishTime", "startTime"],
      of: build,
    },
    {
      version: shortVersion(commit ?? textAt(build, "buildNumber")),
      by: textAt(
        build,
        "requestedFor.displayName",
        "requests.0.requestedFor.displayName",
        "lastChangedBy.displayName",
      ),
      link: textAt(build, "_links.web.href"),
      branch,
      reason: textAt(build, "reason"),
      project: textAt(build, "project.name"),
    },
  );
}

function readRun(reading: Reading, body: Json, resource: Json): void {
  const run = resource["run"];
  const id = textAt(run, "id");
  if (id === null) return reading.refuse(0, "resource.run.id", "the number of a run");
  const pipeline = textAt(resource, "pipeline.name", "run.pipeline.name") ?? "A pipeline";
  const [stage, job] = [resource["stage"], resource["job"]];
  const one = job ?? stage ?? run;
  const state = textAt(one, "state");
  if (state !== null && /^(notStarted|waiting)$/i.test(state))
    return reading.find(0, "resource.state", "it waits for its turn: no change yet");
  // A pipeline that names no stages has one that is called so.
  const names = [stage, job].map((part) => textAt(part, "displayName", "name"));
  const said = names.filter((name) => name !== null && name !== "__default").join(", ");
  told(
    reading,
    body,
    {
      kind: "pipeline",
      key: ["run", id, ...names.filter((name) => name !== null)],
      title: `${pipeline}${said === "" ? "" : `, ${said}`} (${textAt(run, "name") ?? id})`,
      status: statusOf(textAt(one, "result"), state),
      service: pipeline,
      at: ["finishTime", "finishedDate", "startTime", "createdDate"],
      of: one,
    },
    {
      version: shortVersion(textAt(resource, "repositories.0.version")),
      by: textAt(resource, "repositories.0.change.author.name"),
      link: textAt(one, "_links.web.href") ?? textAt(run, "_links.web.href"),
      pipeline,
      stage: names[0],
      job: names[1],
    },
  );
}

function readDeployment(reading: Reading, body: Json, resource: Json): void {
  const release = textAt(resource, "environment.release.id", "deployment.release.id", "release.id");
  if (release === null)
    return reading.refuse(0, "resource.environment.release.id", "the number of a release");
  const environment = textAt(resource, "environment.name");
  const name = textAt(resource, "environment.release.name", "deployment.release.name");
  const definition = textAt(
    resource,
    "environment.releaseDefinition.name",
    "deployment.releaseDefinition.name",
    "release.releaseDefinition.name",
  );
  const service = definition ?? textAt(resource, "project.name");
  const isStart = /started/.test(textAt(body, "eventType") ?? "");
  told(
    reading,
    body,
    {
      kind: "deployment",
      key: ["release", release, textAt(resource, "environment.id") ?? environment],
      title: `${service ?? "A release"} ${name ?? release} to ${environment ?? "an environment"}`,
      status: isStart ? "started" : statusOf(textAt(resource, "environment.status")),
      service,
      at: ["completedOn", "startedOn"],
      of: dig(resource, "deployment"),
    },
    {
      environment,
      version: name,
      by: textAt(resource, "deployment.requestedFor.displayName", "environment.owner.displayName"),
      link: textAt(resource, "environment.release._links.web.href"),
      project: textAt(resource, "project.name"),
    },
  );
}

function readRelease(reading: Reading, body: Json, resource: Json): void {
  const id = textAt(resource, "release.id");
  if (id === null) return reading.refuse(0, "resource.release.id", "the number of a release");
  const name = textAt(resource, "release.name") ?? id;
  const service = textAt(resource, "release.releaseDefinition.name", "project.name");
  told(
    reading,
    body,
    {
      kind: "release",
      key: ["release", id],
      title: `${service ?? "A release"} ${name}`,
      status: statusOf(textAt(resource, "release.status")),
      service,
      at: ["modifiedOn", "createdOn"],
      of: resource["release"],
    },
    {
      version: name,
      by: textAt(resource, "release.createdBy.displayName"),
      project: textAt(resource, "project.name"),
    },
  );
}
