/** A webhook of a repository: whether it was signed by somebody who knows the secret. What it says is not read. */
import { hmacSha256, sameBytes } from "../../base/crypto.ts";

type Headers = Readonly<Record<string, string | undefined>>;

/** Any one of the forms that hosts of repositories have; all are compared in constant time. */
export function isSigned(headers: Headers, body: Buffer, secret: string): boolean {
  const signature = Buffer.from(hmacSha256(secret, body).toString("hex"));
  const same = (given: string | undefined, wanted: Buffer): boolean =>
    given !== undefined && sameBytes(Buffer.from(given), wanted);
  return [
    // GitHub.
    same(headers["x-hub-signature-256"]?.replace(/^sha256=/, ""), signature),
    // Gitea and Forgejo.
    same(headers["x-gitea-signature"], signature),
    same(headers["x-forgejo-signature"], signature),
    // GitLab sends the secret itself.
    same(headers["x-gitlab-token"], Buffer.from(secret)),
  ].some(Boolean);
}
