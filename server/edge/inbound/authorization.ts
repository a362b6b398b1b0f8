/**
 * How a tool that signs nothing proves itself all the same: it shows the secret in a header that whoever
 * sets it up can choose. What it sends is not bound to it, so that a signature comes first (decisions/0118).
 */
import { type SignedRequest } from "../../domain/signal/signal.ts";
import { showsSecret } from "./signatures.ts";

/** Steps of a set-up page. */
export const BY_HEADER =
  "To have it prove itself, add the header Authorization there with “Bearer ” and a secret of yours; put that into the environment and name it, as env:NAME, in the key's signedWith.";
export const BY_PASSWORD =
  "To have it prove itself, choose basic authentication there with any user name and a secret of yours as the password; put that into the environment and name it, as env:NAME, in the key's signedWith.";

/** Whether Authorization shows the secret: as it is, as a bearer token, or as the password beside any name. */
export function authorizedBy({ headers }: SignedRequest, secret: string): boolean {
  const shown = headers["authorization"] ?? "";
  // The whole header may be the secret, its scheme included: keys of Auth0 and Okta are set up so.
  if (showsSecret(shown, secret)) return true;
  const [, scheme = "", rest = ""] = /^(Bearer|Basic) +(.+)$/i.exec(shown) ?? [];
  if (/^Bearer$/i.test(scheme)) return showsSecret(rest, secret);
  if (!/^Basic$/i.test(scheme)) return false;
  const [, password] = /^[^:]*:(.*)$/s.exec(Buffer.from(rest, "base64").toString("utf8")) ?? [];
  return showsSecret(password, secret);
}
