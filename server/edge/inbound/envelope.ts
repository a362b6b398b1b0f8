/**
 * What wraps a tool's message on its way: Amazon SNS, directly or through a Lambda function, and
 * Google Pub/Sub's push. The message inside is read as if it had come alone.
 * https://docs.aws.amazon.com/sns/latest/dg/http-notification-json.html
 * https://cloud.google.com/pubsub/docs/push
 */
import { type AdapterInput, cleanText, type Envelope } from "../../domain/signal/signal.ts";
import { bodyOf } from "./body.ts";
import { filled, isObject, type Json, scalarText } from "./reading.ts";
import { momentOf } from "./times.ts";

const RECORDS_MAX = 100;

/** The messages of a body, each with what it was wrapped in; the body itself when it is not wrapped. */
export function unwrap(input: AdapterInput): readonly AdapterInput[] {
  const { body } = input;
  if (!isObject(body)) return [input];
  if (isNotification(body)) return [opened(input, String(body["Message"]), ofTopic(body))];
  if (isPush(body)) return [pushed(input, body)];
  const records = body["Records"];
  if (!Array.isArray(records) || records.length === 0 || records.length > RECORDS_MAX)
    return [input];
  const inner = records.map((record: unknown) => (isObject(record) ? record["Sns"] : null));
  return inner.every((one): one is Json => isObject(one) && isNotification(one))
    ? inner.map((one) => opened(input, String(one["Message"]), ofTopic(one)))
    : [input];
}

/** Whether the body is a topic's notification, whose signature can be checked. */
export const isNotification = (body: Json): boolean =>
  body["Type"] === "Notification" &&
  typeof body["Message"] === "string" &&
  typeof body["TopicArn"] === "string";

function opened(input: AdapterInput, message: string, envelope: Envelope): AdapterInput {
  const read = bodyOf(message);
  return { ...input, body: read.kind === "body" ? read.body : "", envelope };
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
  isObject(body["message"]) &&
  typeof body["message"]["data"] === "string";

function pushed(input: AdapterInput, body: Json): AdapterInput {
  const message = body["message"] as Json;
  const text = Buffer.from(String(message["data"]), "base64").toString("utf8");
  return opened(input, text, {
    topic: cleanText(typeof body["subscription"] === "string" ? body["subscription"] : ""),
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
