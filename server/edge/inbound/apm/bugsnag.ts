/** BugSnag: errors, spikes, comments and releases by webhook. Samples: golden/bugsnag.*.json */
import { type AlertSeverity } from "../../../../contract/signal.ts";
import { type Adapter } from "../../../domain/signal/signal.ts";
import { changeTold } from "../changeTold.ts";
import { isObject, type Json, Reading, refusedWhole } from "../reading.ts";
import {
  at,
  firstText,
  joinKey,
  recogniseObject,
  severityBy,
  type Status,
  tell,
} from "../telling.ts";
import { momentOf } from "../times.ts";

/** The severity of an error; a spike of a whole project is one too. */
const SEVERITIES = {
  error: "error",
  warning: "warning",
  info: "info",
  projectSpiking: "error",
} satisfies Record<string, AlertSeverity>;

const LIMITS = /^project(SamplingStarted|ApproachingRateLimit)$/;

export const bugsnag: Adapter = {
  about: {
    id: "bugsnag",
    name: "BugSnag",
    docs: "https://docs.bugsnag.com/product/integrations/data-forwarding/webhook/",
  },
  setUp: {
    steps: [
      "Project settings → Integrations → Webhook: URL {url}, for new errors, errors that come back, state changes, spikes and releases.",
    ],
    sample: "bugsnag.first.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  recognise: recogniseObject(
    (body) =>
      isObject(body["trigger"]) &&
      typeof body["trigger"]["type"] === "string" &&
      isObject(body["project"]) &&
      (isObject(body["error"]) || isObject(body["release"]) || isObject(body["account"])),
  ),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object of a webhook");
    const type = firstText(at(body, "trigger", "type"));
    if (type === null) return refusedWhole("trigger.type", "a type such as firstException");
    const reading = new Reading();
    if (isObject(body["release"])) readRelease(reading, body, body["release"]);
    else if (type === "comment" || LIMITS.test(type))
      reading.find(0, "trigger.type", `${type} is no error: no alert`);
    else if (type === "projectSpiking") readSpike(reading, body);
    else if (isObject(body["error"])) readError(reading, body, body["error"], type);
    else reading.refuse(0, "error", "an object");
    return reading;
  },
};

function statusOf(body: Json, error: Json, type: string): Status {
  const word =
    firstText(
      type === "errorStateManualChange" ? at(body, "trigger", "stateChange") : null,
      error["status"],
    ) ?? "";
  if (/^(fixed|resolved|deleted|discarded)$/i.test(word)) return "resolved";
  return /^(ignored|snoozed|in progress)$/i.test(word) ? "acknowledged" : "firing";
}

function readError(reading: Reading, body: Json, error: Json, type: string): void {
  const kind = firstText(error["exceptionClass"], error["errorClass"]);
  const message = firstText(error["message"]);
  const id = firstText(error["errorId"], error["id"]);
  const project = firstText(at(body, "project", "name"));
  if (id === null && kind === null)
    return reading.refuse(0, "error.errorId", "the identity of an error");
  tell(reading, 0, {
    status: statusOf(body, error, type),
    title: [kind, message].filter((part) => part !== null).join(": ") || "BugSnag error",
    severity: severityBy(SEVERITIES, error["severity"] ?? "error"),
    dedupKey: joinKey("error", id ?? `${project ?? ""} ${kind ?? ""}`),
    service: project,
    source: firstText(error["context"], at(error, "device", "hostname")),
    link: firstText(error["url"], at(body, "project", "url")),
    startedAt:
      momentOf(error["firstReceived"]) ??
      momentOf(error["firstSeen"]) ??
      momentOf(error["receivedAt"]),
    labels: {
      trigger: type,
      stage: firstText(error["releaseStage"], at(error, "app", "releaseStage")),
      version: firstText(at(error, "app", "version"), error["appVersion"]),
      occurrences: error["occurrences"],
      users: error["usersAffected"],
    },
    details: {
      message: firstText(at(body, "trigger", "message")),
      request: error["requestUrl"],
      trace: error["stackTrace"],
    },
  });
}

function readSpike(reading: Reading, body: Json): void {
  const project = firstText(at(body, "project", "name"), at(body, "project", "id"));
  if (project === null) return reading.refuse(0, "project.name", "the name of a project");
  const ended = /^(false|ended|resolved)$/i.test(firstText(at(body, "trigger", "spiking")) ?? "");
  tell(reading, 0, {
    status: ended ? "resolved" : "firing",
    title: spikeOf(project, firstText(at(body, "trigger", "message"))),
    severity: SEVERITIES.projectSpiking,
    dedupKey: joinKey("spike", firstText(at(body, "project", "id")) ?? project),
    service: project,
    // The error is an example of those that spike.
    link: firstText(at(body, "error", "url"), at(body, "project", "url")),
    startedAt:
      momentOf(at(body, "trigger", "startedAt")) ?? momentOf(at(body, "error", "receivedAt")),
    labels: { trigger: "projectSpiking", rate: at(body, "trigger", "rate") },
    details: { trigger: body["trigger"], error: body["error"] },
  });
}

const spikeOf = (project: string, message: string | null): string => {
  if (message === null) return `Errors of ${project} spike`;
  return message.includes(project) ? message : `${project}: ${message}`;
};

function readRelease(reading: Reading, body: Json, release: Json): void {
  const project = firstText(at(body, "project", "name"));
  const version = firstText(release["version"], release["appVersion"]);
  reading.change(
    0,
    changeTold({
      kind: "release",
      dedupKey: joinKey("release", firstText(at(body, "project", "id")) ?? project, version),
      title: `${project ?? "A project"} ${version ?? "was released"}`,
      status: "succeeded",
      service: project,
      environment: release["releaseStage"],
      version,
      by: firstText(release["builderName"], release["releasedBy"]),
      link: firstText(release["url"], at(body, "project", "url")),
      at: momentOf(release["releaseTime"]) ?? momentOf(release["createdAt"]),
      labels: { revision: firstText(at(release, "sourceControl", "revision")) },
    }),
  );
}
