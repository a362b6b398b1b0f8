/**
 * What wraps a tool's message on its way: Amazon SNS, directly or through a Lambda function. The
 * message inside is read as if it had come alone.
 * https://docs.aws.amazon.com/sns/latest/dg/http-notification-json.html
 */
import { type AdapterInput, cleanText } from "../../domain/signal/signal.ts";
import { bodyOf } from "./body.ts";
import { filled, isObject, type Json } from "./reading.ts";
import { momentOf } from "./times.ts";

const RECORDS_MAX = 100;

/** The messages of a body, each with what it was wrapped in; the body itself when it is not wrapped. */
export function unwrap(input: AdapterInput): readonly AdapterInput[] {
  const envelopes = envelopesOf(input.body);
  return envelopes === null ? [input] : envelopes.map((envelope) => opened(input, envelope));
}

function envelopesOf(body: unknown): readonly Json[] | null {
  if (!isObject(body)) return null;
  if (isNotification(body)) return [body];
  const records = body["Records"];
  if (!Array.isArray(records) || records.length === 0 || records.length > RECORDS_MAX) return null;
  const inner = records.map((record: unknown) => (isObject(record) ? record["Sns"] : null));
  return inner.every((one): one is Json => isObject(one) && isNotification(one)) ? inner : null;
}

const isNotification = (body: Json): boolean =>
  body["Type"] === "Notification" &&
  typeof body["Message"] === "string" &&
  typeof body["TopicArn"] === "string";

function opened(input: AdapterInput, envelope: Json): AdapterInput {
  const read = bodyOf(String(envelope["Message"]));
  return {
    ...input,
    body: read.kind === "body" ? read.body : "",
    envelope: {
      topic: cleanText(String(envelope["TopicArn"])),
      subject: filled(envelope["Subject"]),
      id: filled(envelope["MessageId"]),
      at: momentOf(envelope["Timestamp"]),
    },
  };
}
