/** How tools prove that a request is theirs: an HMAC over the raw body, or a secret that they show. */
import { hmacSha256, sameBytes } from "../../base/crypto.ts";
import { type SignedRequest } from "../../domain/signal/signal.ts";

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
  return signedByHmac({ ...request, rawBody }, secret, { header });
}

/** Whether the tool shows the secret itself. */
export const showsSecret = (shown: unknown, secret: string): boolean =>
  typeof shown === "string" && secret !== "" && sameBytes(Buffer.from(shown), Buffer.from(secret));
