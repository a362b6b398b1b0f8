/**
 * How tools prove that a request is theirs: an HMAC over what they send, or a secret that they show.
 * An empty secret proves nothing.
 */
import { hmacSha256, sameBytes } from "../../base/crypto.ts";
import { type Instant, MINUTE } from "../../base/instant.ts";
import { type SignedRequest } from "../../domain/signal/signal.ts";
import { momentOf } from "./times.ts";

/** Where a tool signs the time too, it may be this far from ours: who sends a request again later is refused. */
const WINDOW_MS = 5 * MINUTE;

/** Whether the time that is signed is near enough to now; what nobody can read is not. */
export const isOfNow = (at: string, now: Instant): boolean => {
  const signedAt = momentOf(at);
  return signedAt !== null && Math.abs(now - signedAt) <= WINDOW_MS;
};

/** Whether the time that is signed is another one; what nobody can read tells nothing. */
export const isOfAnotherTime = (at: string, now: Instant): boolean =>
  momentOf(at) !== null && !isOfNow(at, now);

/** Whether the header is the hex HMAC-SHA256 of the body, after the prefix; of several by commas, one. */
export function signedByHmac(
  request: SignedRequest,
  secret: string,
  { header, prefix = "" }: { readonly header: string; readonly prefix?: string },
): boolean {
  const given = request.headers[header];
  if (given === undefined || secret === "") return false;
  const expected = Buffer.from(hmacSha256(secret, request.rawBody).toString("hex"));
  return given.split(",").some((part) => {
    const text = part.trim();
    return (
      text.startsWith(prefix) &&
      sameBytes(Buffer.from(text.slice(prefix.length).toLowerCase()), expected)
    );
  });
}

/** The same over the instant in another header, a colon and the body, where that header is sent. */
export function signedWithTime(
  request: SignedRequest,
  secret: string,
  { header, time }: { readonly header: string; readonly time: string },
): boolean {
  const at = request.headers[time];
  if (at === undefined) return signedByHmac(request, secret, { header });
  const rawBody = Buffer.concat([Buffer.from(`${at}:`), request.rawBody]);
  return isOfNow(at, request.now) && signedByHmac({ ...request, rawBody }, secret, { header });
}

/** Whether the text is the HMAC-SHA256 of what was sent in base64. */
export function isBase64Hmac(
  given: string | undefined,
  key: string | Buffer,
  sent: readonly (string | Buffer)[],
): boolean {
  if (given === undefined || key.length === 0) return false;
  const signed = Buffer.concat(sent.map((part) => Buffer.from(part)));
  // By what it means: with padding or without, in either alphabet.
  return sameBytes(Buffer.from(given, "base64"), hmacSha256(key, signed));
}

/** Whether the header is the HMAC in base64 of the body and, right behind it, the instant in another header. */
export function signedBeforeTime(
  { headers, rawBody, now }: SignedRequest,
  secret: string,
  { header, time }: { readonly header: string; readonly time: string },
): boolean {
  const at = headers[time] ?? "";
  return isOfNow(at, now) && isBase64Hmac(headers[header], secret, [rawBody, at]);
}

/** What secrets of Standard Webhooks begin with; behind it the key stands in base64. */
const STANDARD = "whsec_";
export const isStandardSecret = (secret: string): boolean => secret.startsWith(STANDARD);

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
export function signedByStandard(
  { headers, rawBody, now }: SignedRequest,
  secret: string,
): boolean {
  const [id = "", at = ""] = [headers["webhook-id"], headers["webhook-timestamp"]];
  if (id === "" || !isOfNow(at, now)) return false;
  const key = Buffer.from(secret.slice(STANDARD.length), "base64");
  return (headers["webhook-signature"] ?? "")
    .split(" ")
    .some(
      (part) =>
        part.startsWith("v1,") && isBase64Hmac(part.slice(3), key, [`${id}.${at}.`, rawBody]),
    );
}

/** Whether the tool shows the secret itself. */
export const showsSecret = (shown: unknown, secret: string): boolean =>
  typeof shown === "string" && secret !== "" && sameBytes(Buffer.from(shown), Buffer.from(secret));
