/**
 * Whether a message of Amazon SNS is really Amazon's: the text that it signs, the address of the
 * certificate, and the check itself. Fetching the certificate is the caller's.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
 */
import { verify, X509Certificate } from "node:crypto";
import { type Instant } from "../../base/instant.ts";
import { isObject, type Json } from "./reading.ts";
import { momentOf } from "./times.ts";

/** Signed in this order; the subject only where there is one. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  Notification: ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
  SubscriptionConfirmation: [
    "Message",
    "MessageId",
    "SubscribeURL",
    "Timestamp",
    "Token",
    "TopicArn",
    "Type",
  ],
  UnsubscribeConfirmation: [
    "Message",
    "MessageId",
    "SubscribeURL",
    "Timestamp",
    "Token",
    "TopicArn",
    "Type",
  ],
};

/** Only these hosts serve Amazon's certificates; anybody can serve one of his own elsewhere. */
const HOST = /^sns\.[a-z]{2}(-[a-z]+)+-\d\.amazonaws\.com(\.cn)?$/;

export type SnsMessage = Json & { readonly Type: string; readonly TopicArn: string };

/** The body as a message that a topic itself posts; null when it is anything else. */
export const snsMessage = (body: unknown): SnsMessage | null =>
  isObject(body) &&
  typeof body["Type"] === "string" &&
  Object.hasOwn(FIELDS, body["Type"]) &&
  typeof body["TopicArn"] === "string" &&
  typeof body["Message"] === "string"
    ? (body as SnsMessage)
    : null;

/** The address of the certificate, when it is one of Amazon's; null otherwise. */
export function certificateUrl(message: SnsMessage): string | null {
  const given = message["SigningCertURL"] ?? message["SigningCertUrl"];
  const url = amazonUrl(given);
  return url !== null && /^\/SimpleNotificationService-[\w-]+\.pem$/.test(url.pathname)
    ? url.href
    : null;
}

/** Where a subscription is confirmed, when it is one of Amazon's addresses; null otherwise. */
export function subscribeUrl(message: SnsMessage): string | null {
  const url = amazonUrl(message["SubscribeURL"]);
  if (url === null || url.searchParams.get("Action") !== "ConfirmSubscription") return null;
  return url.searchParams.get("TopicArn") === message.TopicArn ? url.href : null;
}

function amazonUrl(given: unknown): URL | null {
  const url = typeof given === "string" ? URL.parse(given) : null;
  if (url === null || url.protocol !== "https:" || url.port !== "" || url.username !== "")
    return null;
  return HOST.test(url.hostname) ? url : null;
}

/** Whether the certificate's key signed the message, and the certificate holds at `now`. */
export function isSignedBy(message: SnsMessage, pem: string, now: Instant): boolean {
  const signature = message["Signature"];
  const version = message["SignatureVersion"];
  if (typeof signature !== "string" || (version !== "1" && version !== "2")) return false;
  try {
    const certificate = new X509Certificate(pem);
    const [from, to] = [momentOf(certificate.validFrom), momentOf(certificate.validTo)];
    if (from === null || to === null || now < from || now > to) return false;
    const text = Buffer.from(signedText(message), "utf8");
    const digest = version === "1" ? "sha1" : "sha256";
    return verify(digest, text, certificate.publicKey, Buffer.from(signature, "base64"));
  } catch {
    return false;
  }
}

function signedText(message: SnsMessage): string {
  return (FIELDS[message.Type] ?? [])
    .filter((name) => typeof message[name] === "string")
    .map((name) => `${name}\n${String(message[name])}\n`)
    .join("");
}
