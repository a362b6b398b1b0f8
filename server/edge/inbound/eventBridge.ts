/**
 * Events of AWS services by EventBridge, wherever no adapter of their own knows them better. AWS
 * Health tells what ails a region; pipelines and deployments are changes; the others are told as
 * they are. https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
 * https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_cwe_events.html
 * https://docs.aws.amazon.com/batch/latest/userguide/batch_job_events.html
 * https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html
 * https://docs.aws.amazon.com/ebs/latest/userguide/ebs-cloud-watch-events.html
 * Samples: golden/eventbridge.*.json
 */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type ChangeStatus } from "../../domain/deployment/deployment.ts";
import { type Adapter } from "../../domain/signal/signal.ts";
import { changeTold } from "./changeTold.ts";
import { isObject, type Json, Reading, refusedWhole } from "./reading.ts";
import {
  at,
  firstText,
  has,
  joinKey,
  listOf,
  recogniseObject,
  severityBy,
  tell,
} from "./telling.ts";
import { momentOf } from "./times.ts";

/** The categories of AWS Health, and the states that other services tell. */
const SEVERITIES = {
  issue: "error",
  investigation: "warning",
  scheduledChange: "info",
  accountNotification: "info",
  FAILED: "error",
  FAILURE: "error",
  ERROR: "error",
  STOPPED: "warning",
  WARN: "warning",
  SUCCEEDED: "info",
  OK: "info",
  // Findings of Inspector and Macie, and what an event of one's own says in its detail.
  CRITICAL: "critical",
  HIGH: "error",
  MEDIUM: "warning",
  LOW: "info",
  NON_COMPLIANT: "warning",
  COMPLIANT: "info",
  TIMED_OUT: "error",
  ABORTED: "warning",
  // Categories of a database's events.
  failure: "error",
  "low storage": "error",
  failover: "warning",
  availability: "warning",
} satisfies Record<string, AlertSeverity>;

const OVER =
  /^(ok|running|available|deleted|closed|suppressed|succeeded|resolved|completed|compliant|archived|agent connected|no findings|service_(steady_state|deployment_completed))$/i;

export const eventBridge: Adapter = {
  about: {
    id: "eventbridge",
    name: "Amazon EventBridge",
    docs: "https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html",
  },
  setUp: {
    steps: [
      "Create an API destination with the endpoint {url}, method POST and any API key as its connection.",
      "Point a rule at it; leave the input as “matched event”.",
    ],
    sample: "eventbridge.health.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  // Below 1: services with an adapter of their own send the same form.
  recognise: recogniseObject((body) => (isEvent(body) || isInvocation(body) ? 0.5 : 0)),
  read({ body: told }) {
    const given = isObject(told) && isInvocation(told) ? ofInvocation(told) : told;
    if (!isObject(given) || !isEvent(given)) {
      return refusedWhole(
        "detail-type",
        "a text, beside source and detail, as EventBridge has them",
      );
    }
    // Notifications of the developer tools spell it in another way.
    const body: Json = { "detail-type": given["detailType"], ...given };
    const reading = new Reading();
    const detail = isObject(body["detail"]) ? body["detail"] : {};
    const type = firstText(body["detail-type"]) ?? "";
    if (body["source"] === "aws.health") readHealth(reading, body, detail);
    else if (isInvocation(detail)) readInvocation(reading, body, detail);
    else if (type.endsWith(" via CloudTrail") && has(detail, "eventName"))
      readCall(reading, body, detail);
    else if (/^Code(Pipeline|Build|Deploy) /.test(type)) readChange(reading, body, detail, type);
    else if (type === "Scheduled Event")
      reading.find(0, "detail-type", "the tick of a schedule: no alert");
    else if (body["source"] === "aws.s3")
      reading.find(0, "detail-type", "word that a stored file changed: no alert");
    else if (isMeantToStop(type, detail))
      reading.find(0, "detail.stoppedReason", "a task that was meant to stop: no alert");
    else if (isOnItsWay(type, detail))
      reading.find(0, "detail", "on its way: it has neither failed nor ended, no alert");
    else if (has(detail, "insightId")) readInsight(reading, body, detail, type);
    else readOther(reading, body, detail, type);
    return reading;
  },
};

const isEvent = (body: Json): boolean =>
  typeof (body["detail-type"] ?? body["detailType"]) === "string" && has(body, "source", "detail");

/** What Lambda sends of an invocation to a destination; by EventBridge it is the detail of an event. */
const isInvocation = (body: Json): boolean =>
  typeof at(body, "requestContext", "functionArn") === "string" &&
  has(body, "requestPayload") &&
  has(body, "responseContext");

function ofInvocation(record: Json): Json {
  const worked = at(record, "requestContext", "condition") === "Success";
  return {
    "detail-type": `Lambda Function Invocation Result - ${worked ? "Success" : "Failure"}`,
    source: "lambda",
    time: record["timestamp"],
    detail: record,
  };
}

/** An invocation that worked ends what one of the same function before it began. */
function readInvocation(reading: Reading, body: Json, detail: Json): void {
  const arn = firstText(at(detail, "requestContext", "functionArn")) ?? "";
  const name = /:function:([^:]{1,200})/.exec(arn)?.[1] ?? arn;
  const condition = firstText(at(detail, "requestContext", "condition"));
  const error = firstText(
    at(detail, "responsePayload", "errorMessage"),
    at(detail, "responseContext", "functionError"),
  );
  const worked = condition === "Success";
  tell(reading, 0, {
    status: worked ? "resolved" : "firing",
    title: worked
      ? `Lambda ${name} worked`
      : `Lambda ${name} failed${error === null ? "" : `: ${error}`}`,
    severity: worked ? "info" : "error",
    dedupKey: joinKey("lambda", arn.replace(/(:function:[^:]+):.*$/, "$1")),
    service: name,
    source: firstText(body["account"]),
    startedAt: momentOf(detail["timestamp"]) ?? momentOf(body["time"]),
    labels: { ...commonLabels(body), condition },
    details: { detail },
  });
}

/** A call or sign-in that CloudTrail wrote down, for which somebody made a rule: who did it, and from where. */
function readCall(reading: Reading, body: Json, detail: Json): void {
  const call = firstText(detail["eventName"]) ?? "A call";
  const who = detail["userIdentity"];
  const isRoot = at(who, "type") === "Root";
  const arn = firstText(at(who, "arn"));
  const name = isRoot
    ? "root"
    : (firstText(at(who, "userName"), arn?.split("/").slice(-2).join("/")) ?? "somebody");
  const address = firstText(detail["sourceIPAddress"]);
  const failed = firstText(detail["errorCode"], detail["errorMessage"]);
  tell(reading, 0, {
    status: "firing",
    title: `${call} by ${name}${address === null ? "" : ` from ${address}`}${failed === null ? "" : `: ${failed}`}`,
    severity: isRoot ? "error" : "warning",
    dedupKey: joinKey(detail["eventSource"], call, arn ?? name, body["account"], body["region"]),
    service: firstText(detail["eventSource"])?.replace(/\.amazonaws\.com$/, ""),
    source: firstText(body["account"]),
    startedAt: momentOf(detail["eventTime"]) ?? momentOf(body["time"]),
    labels: { ...commonLabels(body), user: arn ?? name, source_ip: address },
    details: { detail },
  });
}

function readHealth(reading: Reading, body: Json, detail: Json): void {
  const code = firstText(detail["eventTypeCode"]) ?? "AWS Health event";
  const descriptions = Array.isArray(detail["eventDescription"]) ? detail["eventDescription"] : [];
  const region = firstText(detail["eventRegion"], body["region"]);
  const eventArn = firstText(detail["eventArn"]);
  const over =
    OVER.test(firstText(detail["statusCode"]) ?? "") ||
    (momentOf(detail["endTime"]) !== null && detail["eventTypeCategory"] === "issue");
  tell(reading, 0, {
    status: over ? "resolved" : "firing",
    title: region === null ? code : `${code} in ${region}`,
    severity: severityBy(SEVERITIES, detail["eventTypeCategory"] ?? "issue"),
    dedupKey: eventArn ?? joinKey("health", code, region),
    service: detail["service"],
    source: body["account"],
    link:
      eventArn === null
        ? null
        : `https://health.aws.amazon.com/health/home#/account/dashboard/open-issues?eventID=${encodeURIComponent(eventArn.toWellFormed())}`,
    startedAt: momentOf(detail["startTime"]) ?? momentOf(body["time"]),
    labels: {
      ...commonLabels(body),
      service: detail["service"],
      category: detail["eventTypeCategory"],
    },
    details: {
      description: firstText(...descriptions.map((one: unknown) => at(one, "latestDescription"))),
      entities: detail["affectedEntities"],
    },
  });
}

const CHANGE_STATUS: Readonly<Record<string, ChangeStatus>> = {
  STARTED: "started",
  IN_PROGRESS: "started",
  START: "started",
  RESUMED: "started",
  SUCCEEDED: "succeeded",
  SUCCESS: "succeeded",
  FAILED: "failed",
  FAILURE: "failed",
  FAULT: "failed",
  TIMED_OUT: "failed",
  STOPPED: "cancelled",
  STOP: "cancelled",
  CANCELED: "cancelled",
  SUPERSEDED: "cancelled",
};

function readChange(reading: Reading, body: Json, detail: Json, type: string): void {
  const state = firstText(detail["state"], detail["build-status"]) ?? "";
  const name = firstText(detail["pipeline"], detail["project-name"], detail["application"]) ?? type;
  const run = firstText(detail["execution-id"], detail["build-id"], detail["deploymentId"]);
  const status = CHANGE_STATUS[state.toUpperCase()] ?? "told";
  reading.change(
    0,
    changeTold({
      kind: type.startsWith("CodeDeploy") ? "deployment" : "pipeline",
      dedupKey: joinKey(body["source"], name, run ?? body["id"]),
      title: `${name}: ${state.toLowerCase() || type}`,
      status,
      service: name,
      environment: detail["deploymentGroup"],
      version: detail["version"] === "1" ? null : detail["version"],
      link: firstText(at(detail, "additional-information", "logs", "deep-link")),
      at: momentOf(body["time"]),
      labels: commonLabels(body),
    }),
  );
}

/** DevOps Guru: an insight opens, goes on and closes under one identity. */
function readInsight(reading: Reading, body: Json, detail: Json, type: string): void {
  const state = firstText(detail["messageType"]);
  tell(reading, 0, {
    status: /closed/i.test(state ?? type) ? "resolved" : "firing",
    title: firstText(detail["insightName"], detail["insightDescription"]) ?? type,
    severity: severityBy(SEVERITIES, detail["insightSeverity"] ?? "MEDIUM"),
    dedupKey: joinKey(body["source"], "insight", detail["insightId"]),
    service: firstText(
      ...listOf(at(detail, "resourceCollection", "cloudFormation", "stackNames")),
      resourceName(firstText(...listOf(body["resources"]))),
    ),
    source: firstText(body["account"]),
    link: detail["insightUrl"],
    startedAt: momentOf(detail["startTime"]) ?? momentOf(body["time"]),
    endsAt: momentOf(detail["endTime"]),
    labels: { ...commonLabels(body), state, kind: detail["insightType"] },
    details: { description: detail["insightDescription"], anomalies: detail["anomalies"] },
  });
}

/** States from which a job, a machine or a task goes on by itself. */
const ON_ITS_WAY =
  /^(submitted|pending|runnable|starting|created|queued|waiting|provisioning|activating|deactivating|stopping|deprovisioning|shutting-down)$/i;
/** Jobs run before they fail or succeed: that they run again does not end what failed. */
const isJob = (type: string): boolean =>
  /^(Batch|Glue|Backup|Restore|Copy) Job State Change$|^Step Functions Execution/.test(type);

const isOnItsWay = (type: string, detail: Json): boolean => {
  const state = stateOf(detail) ?? "";
  if (!/(State|Status)([ -]c| C)hange/.test(type)) return false;
  return ON_ITS_WAY.test(state) || (isJob(type) && /^running$/i.test(state));
};

/** A task of ECS stops because somebody, a deployment or a smaller number wants it. */
const isMeantToStop = (type: string, detail: Json): boolean =>
  type === "ECS Task State Change" &&
  (firstText(detail["stopCode"]) === "UserInitiated" ||
    (firstText(detail["stoppedReason"]) ?? "").startsWith("Scaling activity initiated by"));

/** What an item of Trusted Advisor is about: a resource, or a limit of a service in a region. */
function itemOf(detail: Json): string | null {
  const resource = firstText(detail["resource_id"]);
  if (resource !== null) return resource;
  const told = detail["check-item-detail"];
  const parts = ["Service", "Limit Name", "Region"].map((name) => firstText(at(told, name)));
  const known = parts.filter((part) => part !== null);
  return known.length === 0 ? null : known.join(" ");
}

/** What a scaling group could not do and then could comes under two names. */
const WORKED = / Successful$/;

function readOther(reading: Reading, body: Json, detail: Json, type: string): void {
  const resources = Array.isArray(body["resources"]) ? body["resources"] : [];
  const resource = resourceOf(detail, resources);
  const state = stateOf(detail);
  const worked = WORKED.test(type);
  const message = firstText(
    detail["Message"],
    detail["message"],
    detail["stoppedReason"],
    detail["StatusMessage"],
    detail["statusMessage"],
    detail["statusReason"],
    detail["reason"],
  );
  const rule = firstText(detail["findingArn"], detail["configRuleName"], detail["check-name"]);
  // Why a task or job stopped is what whoever is woken needs to read.
  const why = state !== null && /^(stopped|failed)$/i.test(state) ? message : null;
  const days = firstText(detail["DaysToExpiry"]);
  const said = [
    resourceName(resource) ?? rule,
    why === null ? (state ?? message) : `${state}: ${why}`,
    days === null ? null : `in ${days} days`,
  ]
    .filter((part) => part !== null)
    .join(" ");
  tell(reading, 0, {
    status: worked || (state !== null && OVER.test(state)) ? "resolved" : "firing",
    title: firstText(detail["title"]) ?? (said === "" ? type : `${type}: ${said}`),
    severity: severityOf(detail, state, type),
    dedupKey: joinKey(
      body["source"],
      worked ? type.replace(WORKED, " Unsuccessful") : type,
      // A database's events tell of unlike things, each by a number of its own.
      [rule, resource, firstText(detail["EventID"])].filter((part) => part !== null).join(" ") ||
        (detail["id"] ?? body["id"]),
    ),
    service: resourceName(resource),
    source: firstText(body["account"]),
    startedAt:
      momentOf(firstText(detail["firstObservedAt"], detail["createdAt"])) ?? momentOf(body["time"]),
    labels: { ...commonLabels(body), state },
    details: { detail, resources, message },
  });
}

/** What is ill, by the names that the services of AWS give it. */
const resourceOf = (detail: Json, resources: readonly unknown[]): string | null =>
  firstText(
    detail["CommonName"],
    detail["instance-id"],
    detail["instance_id"],
    detail["SourceIdentifier"],
    detail["AutoScalingGroupName"],
    // A task on an instance is of its service, not of the instance.
    ...(detail["taskArn"] === undefined ? [] : [detail["group"], detail["taskArn"]]),
    detail["containerInstanceArn"],
    itemOf(detail),
    detail["resourceId"],
    detail["resourceArn"],
    ...listOf(detail["resources"]).map((one) => at(one, "id")),
    detail["jobName"],
    detail["repository-name"],
    detail["group"],
    detail["stateMachineArn"],
    resourceName(firstText(...resources)),
  );

function stateOf(detail: Json): string | null {
  if (typeof detail["agentConnected"] === "boolean")
    return detail["agentConnected"] ? "agent connected" : "agent not connected";
  if (isObject(detail["finding-severity-counts"])) return found(detail["finding-severity-counts"]);
  return firstText(
    detail["state"],
    detail["status"],
    detail["lastStatus"],
    detail["StatusCode"],
    detail["result"],
    at(detail, "newEvaluationResult", "complianceType"),
    detail["eventName"],
    detail["archived"] === true ? "archived" : null,
  );
}

/** “2 critical, 1 high”, of the counts of an image's findings. */
const found = (counts: Json): string =>
  Object.entries(counts)
    .slice(0, 10)
    .filter(([name, count]) => Object.hasOwn(SEVERITIES, name) && Number(count) > 0)
    .map(([name, count]) => `${firstText(count)} ${name.toLowerCase()}`)
    .join(", ") || "no findings";

function severityOf(detail: Json, state: string | null, type: string): AlertSeverity {
  const counts = isObject(detail["finding-severity-counts"])
    ? detail["finding-severity-counts"]
    : {};
  const words = [
    firstText(detail["severity"]),
    firstText(at(detail, "severity", "description")),
    firstText(at(detail, "severity", "label")),
    Object.keys(SEVERITIES).find((name) => Number(counts[name] ?? 0) > 0),
    firstText(detail["eventType"]),
    state,
    ...listOf(detail["EventCategories"]).map((one) => firstText(one)),
  ];
  const word = words.find(
    (one) => one !== null && one !== undefined && Object.hasOwn(NAMES, one.toUpperCase()),
  );
  if (word !== null && word !== undefined) return NAMES[word.toUpperCase()]!;
  // The agent of ECS leaves and comes back several times an hour: its connection is no trouble in itself.
  return /error|fail|interruption|unsuccessful|expir/i.test(type) ? "warning" : "info";
}

const NAMES: Readonly<Record<string, AlertSeverity>> = Object.fromEntries(
  Object.entries(SEVERITIES).map(([name, severity]) => [name.toUpperCase(), severity]),
);

const commonLabels = (body: Json): Json => ({
  source: body["source"],
  "detail-type": body["detail-type"],
  account: body["account"],
  region: body["region"],
});

/** The last part of an ARN: arn:aws:ec2:eu-west-1:1234:instance/i-1 is i-1. */
const resourceName = (arn: string | null): string | null =>
  arn === null ? null : (/[:/]([^:/]+)$/.exec(arn)?.[1] ?? arn);
