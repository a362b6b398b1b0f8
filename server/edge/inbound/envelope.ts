/**
 * What wraps a tool's message on its way and shows it: Amazon SNS, directly or through a Lambda function, SQS, Kinesis and
 * Data Firehose, a subscription of CloudWatch Logs, and Google Pub/Sub. One may stand in another; the
 * message inside is read as if it had come alone.
 * https://docs.aws.amazon.com/sns/latest/dg/http-notification-json.html
 * https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 * https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
 * https://docs.aws.amazon.com/firehose/latest/dev/httpdeliveryrequestresponse.html
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
 * https://cloud.google.com/pubsub/docs/push
 */
import { gunzipSync } from "node:zlib";
import { type AdapterInput, cleanText, type Envelope } from "../../domain/signal/signal.ts";
import { bodyOf } from "./body.ts";
import { filled, isObject, type Json, scalarText } from "./reading.ts";
import { momentOf } from "./times.ts";

const MESSAGES_MAX = 10_000;
/** An envelope in an envelope, and one more: a log's line, through a stream, behind a topic. */
const DEPTH_MAX = 4;
/** Of what is compressed no more is opened: a small one may be a bomb. */
const PLAIN_BYTES_MAX = 8 * 1_024 * 1_024;

/** The messages of a body, each with what it was wrapped in; the body itself when it is not wrapped. */
export function unwrap(input: AdapterInput, depth = 0): readonly AdapterInput[] {
  const inner = isObject(input.body) && depth < DEPTH_MAX ? innerOf(input, input.body) : null;
  if (inner === null || inner.length === 0 || inner.length > MESSAGES_MAX) return [input];
  return inner.flatMap((one) => unwrap(one, depth + 1));
}

/** Null when the body is no envelope, or one of them that shows no message. */
function innerOf(input: AdapterInput, body: Json): readonly AdapterInput[] | null {
  if (isNotification(body)) return [opened(input, String(body["Message"]), ofTopic(body))];
  if (isPush(body)) return [pushed(input, body["message"] as Json, body["subscription"])];
  if (isPulled(body)) return [pushed(input, body, null)];
  // Eventarc puts the push into an event of its own.
  if (body["type"] === PUBLISHED && isObject(body["data"]) && bringsText(body["data"]))
    return [
      pushed(input, dated(body, body["data"]["message"] as Json), body["data"]["subscription"]),
    ];
  if (isRequest(body)) return [requested(input, body)];
  const lines = linesOf(body);
  if (lines !== null) return all(lines, (line) => opened(input, line));
  const records = body["Records"] ?? body["records"] ?? body["Messages"];
  return Array.isArray(records)
    ? all(records, (record: unknown) => fromRecord(input, record))
    : null;
}

const HEADER = /^(content-type|user-agent|host|accept)$/i;

/** A whole request: its headers beside its body, as gateways, workflow tools and recorders have it. */
const isRequest = (body: Json): boolean =>
  isObject(body["headers"]) &&
  Object.keys(body["headers"])
    .slice(0, 100)
    .some((name) => HEADER.test(name)) &&
  (isObject(body["body"]) || Array.isArray(body["body"]) || filled(body["body"]) !== null);

/** Its headers say what it is, and prove nothing: who sent it was asked of those it came with. */
function requested(input: AdapterInput, request: Json): AdapterInput {
  const { body } = request;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request["headers"] as Json).slice(0, 100)) {
    const text = scalarText(Array.isArray(value) ? value[0] : value);
    if (text !== null && name !== "__proto__") headers[name.toLowerCase()] = text;
  }
  if (typeof body !== "string") return { ...input, headers, body };
  const text = request["isBase64Encoded"] === true ? (fromBase64(body) ?? "") : body;
  const read = bodyOf(text, headers["content-type"]);
  return { ...input, headers, body: read.kind === "body" ? read.body : "" };
}

/** A record of a queue or stream, as a function is given it or as it is fetched. */
function fromRecord(input: AdapterInput, record: unknown): AdapterInput | null {
  if (!isObject(record)) return null;
  const { Sns: sns, kinesis } = record;
  if (isObject(sns)) {
    return isNotification(sns) ? opened(input, String(sns["Message"]), ofTopic(sns)) : null;
  }
  if (typeof record["body"] === "string" && typeof record["messageId"] === "string")
    return opened(input, record["body"]);
  if (typeof record["Body"] === "string" && typeof record["MessageId"] === "string")
    return opened(input, record["Body"]);
  const names = Object.keys(record);
  const data = isObject(kinesis)
    ? kinesis["data"]
    : names.every((name) => OF_FIREHOSE.has(name)) && record["data"];
  const text = typeof data === "string" ? fromBase64(data) : null;
  return text === null ? null : opened(input, text);
}

const OF_FIREHOSE = new Set([
  "data",
  "recordId",
  "approximateArrivalTimestamp",
  "kinesisRecordMetadata",
]);

/** The lines of a log group, compressed as a function is given them, or opened already. */
function linesOf(body: Json): readonly string[] | null {
  if (isObject(body["awslogs"]) && typeof body["awslogs"]["data"] === "string") {
    const plain = bodyOf(fromBase64(body["awslogs"]["data"]) ?? "");
    return plain.kind === "body" && isObject(plain.body) ? linesOf(plain.body) : null;
  }
  const events = body["logEvents"];
  if (!Array.isArray(events) || typeof body["logGroup"] !== "string") return null;
  return all(events, (event: unknown) =>
    isObject(event) && typeof event["message"] === "string" ? event["message"] : null,
  );
}

const GZIP = Buffer.from([0x1f, 0x8b]);

/** The text behind base64, which may be compressed below it; null when it cannot be opened. */
function fromBase64(data: string): string | null {
  const bytes = Buffer.from(data, "base64");
  if (!bytes.subarray(0, 2).equals(GZIP)) return bytes.toString("utf8");
  try {
    return gunzipSync(bytes, { maxOutputLength: PLAIN_BYTES_MAX }).toString("utf8");
  } catch {
    return null;
  }
}

/** What became of every item; null when one of them is not of the kind. */
export function all<T, R>(items: readonly T[], each: (item: T) => R | null): readonly R[] | null {
  const made: R[] = [];
  for (const item of items) {
    const one = each(item);
    if (one === null) return null;
    made.push(one);
  }
  return made;
}

/** Whether the body is a topic's notification, whose signature can be checked. */
export const isNotification = (body: Json): boolean =>
  body["Type"] === "Notification" &&
  typeof body["Message"] === "string" &&
  typeof body["TopicArn"] === "string";

/** The same input with the message in its place; what held it before stays when nothing new does. */
export function opened(input: AdapterInput, message: string, envelope?: Envelope): AdapterInput {
  const read = bodyOf(message);
  const body = read.kind === "body" ? read.body : "";
  return { ...input, body, ...(envelope !== undefined && { envelope }) };
}

const ofTopic = (body: Json): Envelope => ({
  topic: cleanText(String(body["TopicArn"])),
  subject: filled(body["Subject"]),
  id: filled(body["MessageId"]),
  at: momentOf(body["Timestamp"]),
  attributes: attributesOf(body["MessageAttributes"], "Value"),
});

/** As Pub/Sub pushes it, or as somebody pulled it and passed it on. */
const isPush = (body: Json): boolean =>
  (typeof body["subscription"] === "string" || typeof body["ackId"] === "string") &&
  bringsText(body);

const bringsText = (body: Json): boolean =>
  isObject(body["message"]) && typeof body["message"]["data"] === "string";

const PUBLISHED = "google.cloud.pubsub.topic.v1.messagePublished";

/** The event says when, where its message does not. */
const dated = (event: Json, message: Json): Json => ({ publishTime: event["time"], ...message });

/** The message of Pub/Sub alone, as a function is given it, which may be told its type alone. */
const isPulled = (body: Json): boolean =>
  typeof body["data"] === "string" &&
  (body["@type"] === "type.googleapis.com/google.pubsub.v1.PubsubMessage" || isDated(body));

const isDated = (body: Json): boolean =>
  typeof (body["messageId"] ?? body["message_id"]) === "string" &&
  typeof (body["publishTime"] ?? body["publish_time"]) === "string";

function pushed(input: AdapterInput, message: Json, subscription: unknown): AdapterInput {
  return opened(input, fromBase64(String(message["data"])) ?? "", {
    topic: cleanText(typeof subscription === "string" ? subscription : ""),
    subject: null,
    id: filled(message["messageId"] ?? message["message_id"]),
    at: momentOf(message["publishTime"] ?? message["publish_time"]),
    attributes: attributesOf(message["attributes"], null),
  });
}

function attributesOf(value: unknown, field: string | null): Record<string, string> {
  const attributes: Record<string, string> = {};
  if (!isObject(value)) return attributes;
  for (const [name, one] of Object.entries(value).slice(0, 50)) {
    const text = scalarText(field === null ? one : isObject(one) ? one[field] : null);
    if (text !== null && name !== "__proto__") attributes[cleanText(name)] = text;
  }
  return attributes;
}
