/**
 * Messages of an Amazon SNS topic that no other adapter knows: event notifications of RDS, DMS, Auto
 * Scaling, ElastiCache and others, of Systems Manager and S3 also without the topic, and plain text, in which Backup
 * and CloudFormation have forms of their own. Also the topic's own messages about its subscription.
 * https://docs.aws.amazon.com/aws-backup/latest/devguide/backup-notifications.html
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 * Samples: golden/aws-sns.*.json
 */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter, type Envelope, fingerprint } from "../../domain/signal/signal.ts";
import { changeTold } from "./changeTold.ts";
import { readByNames } from "./genericJson.ts";
import { mailStatus, mailSubject } from "./mailSubject.ts";
import { isObject, type Json, Reading } from "./reading.ts";
import { severityOfWord } from "./severityWords.ts";
import { at, firstText, has, joinKey, listOf, tell } from "./telling.ts";
import { momentOf } from "./times.ts";

const SUBSCRIPTION = /^(Subscription|Unsubscribe)Confirmation$/;

/** Topics by which AWS tells of new kinds of findings, features and regions. */
const ANNOUNCED = /:(GuardDuty|SecurityHub)Announcements$/;

/** Words in a notification that has no severity of its own. */
const SEVERITIES = {
  failed: "error",
  failure: "error",
  error: "error",
  stopped: "warning",
  "any other": "warning",
} satisfies Record<string, AlertSeverity>;

export const awsSns: Adapter = {
  about: {
    id: "aws-sns",
    name: "Amazon SNS",
    docs: "https://docs.aws.amazon.com/sns/latest/dg/http-notification-json.html",
  },
  setUp: {
    steps: [
      "Subscribe the HTTPS endpoint {url} to the topic, without raw message delivery.",
      "Tocsin checks the signature of every message and confirms the subscription by itself.",
    ],
    sample: "aws-sns.event.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  recognise({ body, envelope }) {
    if (!isObject(body)) return envelope?.topic.startsWith("arn:") === true ? 0.3 : 0;
    if (SUBSCRIPTION.test(firstText(body["Type"]) ?? "") || isCommand(body) || isObjects(body))
      return 1;
    return envelope?.topic.startsWith("arn:") === true ? 0.3 : 0;
  },
  read({ body, envelope }) {
    const reading = new Reading();
    if (isObject(body) && SUBSCRIPTION.test(firstText(body["Type"]) ?? "")) {
      reading.find(0, "Type", `${String(body["Type"])} is about the subscription: no alert`);
    } else if (isObject(body) && ANNOUNCED.test(envelope?.topic ?? "")) {
      reading.find(0, "TopicArn", "what AWS announces of the service itself: no alert");
    } else if (isObject(body) && isCommand(body)) readCommand(reading, body);
    else if (isObject(body) && isObjects(body)) readObjects(reading, body);
    else if (isObject(body) && Object.keys(body).length > 0) readOther(reading, body, envelope);
    else if (typeof body === "string" && body.trim() !== "") readText(reading, body, envelope);
    else reading.refuse(0, "Message", "a message of a topic, not empty");
    return reading;
  },
};

/** What a service of AWS says in its own names; what anybody else publishes has the usual ones. */
function readOther(reading: Reading, body: Json, envelope: Envelope | undefined): void {
  const [cache] = Object.keys(body);
  if (cache?.startsWith("ElastiCache:") === true) return readCache(reading, body, cache, envelope);
  if (has(body, "Event Source") || has(body, "Event Message") || has(body, "Event ID"))
    return readObject(reading, body, envelope);
  if (has(body, "AutoScalingGroupName") || (has(body, "Service") && has(body, "Time")))
    return readObject(reading, body, envelope);
  reading.find(0, "Message", "of no service that is known: read by the usual names of fields");
  readByNames(reading, body, envelope);
}

/** One name, that of the event, over the name of a cluster. */
function readCache(
  reading: Reading,
  body: Json,
  name: string,
  envelope: Envelope | undefined,
): void {
  const event = name.slice(name.indexOf(":") + 1);
  const cluster = firstText(body[name]);
  const words = event.replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
  tell(reading, 0, {
    status: /(Complete|Completed|Finished)$/.test(event) ? "resolved" : "firing",
    title: `${cluster ?? "A cache"}: ${words}`,
    severity: severityIn(words),
    // What completes is what began.
    dedupKey: joinKey(
      "sns",
      "ElastiCache",
      cluster,
      event.replace(/(Complete|Completed|Finished|Failed|Started|Scheduled)$/, ""),
    ),
    service: cluster,
    source: envelope?.topic,
    startedAt: envelope?.at ?? null,
    labels: { topic: envelope?.topic, event },
    details: body,
  });
}

/** “Event Source”, “Event Message” and their like, as the notifications of RDS and DMS spell them. */
function readObject(reading: Reading, body: Json, envelope: Envelope | undefined): void {
  const message = firstText(
    body["Event Message"],
    body["Description"],
    body["description"],
    body["message"],
    envelope?.subject,
  );
  const kind = firstText(body["Event Source"], body["Service"], body["source"], envelope?.topic);
  const subject = firstText(body["Source ID"], body["SourceId"], body["AutoScalingGroupName"]);
  const title = message ?? envelope?.subject ?? "Message of an SNS topic";
  tell(reading, 0, {
    status: "firing",
    title,
    severity: severityOf(body, title),
    // What is told of one source is one condition, until it is told of another event.
    dedupKey: joinKey(
      "sns",
      kind,
      subject ?? fingerprint({ title }),
      firstText(body["Event ID"], body["Event"]),
    ),
    service: subject,
    source: kind,
    link: body["Identifier Link"],
    startedAt: momentOf(body["Event Time"]) ?? momentOf(body["Time"]) ?? envelope?.at ?? null,
    labels: { topic: envelope?.topic, subject: envelope?.subject, ...body },
    details: body,
  });
}

/** Auto Scaling names its events; those that say nothing of an error are everyday life. */
function severityOf(body: Json, title: string): AlertSeverity {
  const event = firstText(body["Event"]) ?? "";
  if (!event.startsWith("autoscaling:")) return severityIn(title);
  return event.endsWith("_ERROR") ? SEVERITIES.error : "info";
}

const isCommand = (body: Json): boolean =>
  has(body, "commandId", "documentName", "status") || has(body, "commandId", "detailedStatus");

/** A command of Systems Manager on one instance. */
function readCommand(reading: Reading, body: Json): void {
  const status = firstText(body["status"]) ?? "";
  const name = firstText(body["documentName"]) ?? "A command";
  const instance = firstText(body["instanceId"]);
  tell(reading, 0, {
    status: /^(success|cancelled|inprogress|pending)$/i.test(status) ? "resolved" : "firing",
    title: `${name}${instance === null ? "" : ` on ${instance}`}: ${status}`,
    severity: /^(failed|timedout)$/i.test(status) ? SEVERITIES.failed : SEVERITIES["any other"],
    dedupKey: joinKey("command", name, instance ?? body["commandId"]),
    service: instance ?? name,
    source: instance,
    startedAt: momentOf(body["eventTime"]) ?? momentOf(body["requestedDateTime"]),
    labels: { document: name, instance, status, command: body["commandId"] },
    details: body,
  });
}

const isObjects = (body: Json): boolean =>
  at(listOf(body["Records"])[0], "eventSource") === "aws:s3";

/** Objects of S3 come and go; what could not be replicated, or was lost, is trouble. */
function readObjects(reading: Reading, body: Json): void {
  listOf(body["Records"]).forEach((record, index) => {
    const name = firstText(at(record, "eventName")) ?? "";
    const bucket = firstText(at(record, "s3", "bucket", "name"));
    if (!/fail|lost|missed/i.test(name) || !isObject(record))
      return reading.find(index, "eventName", `${name || "an event"} of a bucket: no alert`);
    const reason = firstText(at(record, "replicationEventData", "failureReason"));
    tell(reading, index, {
      status: "firing",
      title: `${bucket ?? "A bucket"}: ${name}${reason === null ? "" : ` (${reason})`}`,
      severity: SEVERITIES["any other"],
      dedupKey: joinKey("s3", bucket, name),
      service: bucket,
      source: firstText(record["awsRegion"]),
      startedAt: momentOf(record["eventTime"]),
      labels: { bucket, event: name, region: record["awsRegion"] },
      details: record,
    });
  });
}

/** Key='value', one a line, as CloudFormation tells what becomes of a stack and its parts. */
function stackIn(text: string): Json | null {
  if (!text.startsWith("StackId='")) return null;
  const fields: Record<string, string> = {};
  for (const line of text.split("\n", 50)) {
    const [, name, value] = /^([A-Za-z]{1,60})='(.{0,2000})'$/.exec(line.trimEnd()) ?? [];
    if (name !== undefined && value !== undefined) fields[name] = value;
  }
  return has(fields, "StackName", "ResourceStatus") ? fields : null;
}

function readStack(reading: Reading, fields: Json): void {
  const state = firstText(fields["ResourceStatus"]) ?? "";
  const stack = firstText(fields["StackName"]);
  if (fields["ResourceType"] !== "AWS::CloudFormation::Stack")
    return reading.find(0, "ResourceType", `a part of the stack ${stack ?? ""}: its end is told`);
  reading.change(
    0,
    changeTold({
      kind: "deployment",
      dedupKey: joinKey("stack", firstText(fields["StackId"]) ?? stack),
      title: `Stack ${stack ?? ""}: ${state.toLowerCase().replaceAll("_", " ")}`,
      status: state.endsWith("_IN_PROGRESS")
        ? "started"
        : /ROLLBACK|FAILED/.test(state)
          ? "failed"
          : "succeeded",
      service: stack,
      by: "cloudformation",
      at: momentOf(fields["Timestamp"]),
      labels: { reason: fields["ResourceStatusReason"], account: fields["Namespace"] },
    }),
  );
}

/** Backup says it in a sentence, and in the message's attributes what it was. */
function readBackup(reading: Reading, text: string, envelope: Envelope): void {
  const state = firstText(envelope.attributes["State"]) ?? "";
  const resource = /Resource ARN *: *(arn:\S{1,400}?)\.?(?:\s|$)/.exec(text)?.[1] ?? null;
  tell(reading, 0, {
    status: /^(completed|running|created|pending)$/i.test(state) ? "resolved" : "firing",
    title: text.split(". ", 1)[0] ?? text,
    severity: SEVERITIES.failed,
    dedupKey: joinKey("backup", resource ?? envelope.topic, envelope.attributes["EventType"]),
    service: resource === null ? null : resource.slice(resource.lastIndexOf("/") + 1),
    source: envelope.topic,
    startedAt: momentOf(envelope.attributes["StartTime"]) ?? envelope.at,
    labels: { topic: envelope.topic, ...envelope.attributes },
    details: { message: text },
  });
}

function readText(reading: Reading, text: string, envelope: Envelope | undefined): void {
  const stack = stackIn(text);
  if (stack !== null) return readStack(reading, stack);
  if (envelope?.attributes["EventType"]?.endsWith("_JOB") === true)
    return readBackup(reading, text, envelope);
  const [first = ""] = text.trim().split("\n", 1);
  const title = envelope?.subject ?? first;
  reading.find(0, "Message", "of no service that is known: read as text");
  tell(reading, 0, {
    status: mailStatus(title),
    title,
    severity: severityIn(title),
    // Its subject is the one of the mail that the topic sends too: the end has the words of the beginning.
    dedupKey: joinKey("sns", envelope?.topic, fingerprint({ title: mailSubject(title) || title })),
    source: envelope?.topic,
    startedAt: envelope?.at ?? null,
    labels: { topic: envelope?.topic, ...envelope?.attributes },
    details: { message: text },
  });
}

function severityIn(text: string): AlertSeverity {
  const word = /\b(failed|failure|error|stopped|critical|warning)\b/i
    .exec(text)?.[1]
    ?.toLowerCase();
  if (word === undefined) return SEVERITIES["any other"];
  return Object.hasOwn(SEVERITIES, word)
    ? SEVERITIES[word as keyof typeof SEVERITIES]
    : severityOfWord(word);
}
