/**
 * Whether a token was issued for the sender that a key names: what Google signs for a push of Pub/Sub, and Microsoft Entra for
 * a secure webhook or Event Grid. Nothing of the body is bound to it (decisions/0133).
 * https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions
 * https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens
 */
import type { JSONWebKeySet, JWTPayload, JWTVerifyGetKey } from "jose";
import type { SignedBy } from "../../../contract/signal.ts";
import { type Instant, MINUTE, SECOND } from "../../base/instant.ts";
import { whenNeeded } from "../../base/whenNeeded.ts";
import { isObject, type Json } from "./reading.ts";

const library = whenNeeded("jose");

/** Only by a key of which the public half is published: never a shared secret, and never none. */
const ALGORITHMS = ["RS", "PS", "ES"].flatMap((family) =>
  ["256", "384", "512"].map((bits) => `${family}${bits}`),
);
/** How far the provider's clock may be from ours. */
const TOLERANCE_MS = MINUTE;
const GOOGLE = "https://accounts.google.com";

/** The keys that an issuer published, ready to be asked by the head of a token. */
export type IssuerKeys = JWTVerifyGetKey;

/** What a token is worth: why it is none of the sender's, or that its key is not among those known. */
export type Verdict =
  | { readonly kind: "issued" }
  | { readonly kind: "key unknown" }
  | { readonly kind: "refused"; readonly because: string };

const refused = (because: string): Verdict => ({ kind: "refused", because });

/** The bearer token that a request shows; null without one. */
export function shownToken(headers: Readonly<Record<string, string | undefined>>): string | null {
  const [, token] =
    /^Bearer +([\w-]+\.[\w-]+\.[\w-]*)$/i.exec(headers["authorization"] ?? "") ?? [];
  return token ?? null;
}

/**
 * Why a token cannot be the sender's, by what it says alone; null where only its signature is left to be asked. For strangers'
 * tokens nobody is asked for keys.
 */
export function misfit(token: string, signedBy: SignedBy, now: Instant): string | null {
  try {
    const { alg } = library().decodeProtectedHeader(token);
    if (alg === undefined || !ALGORITHMS.includes(alg)) return "alg";
    return claimsMisfit(library().decodeJwt(token), signedBy, now);
  } catch {
    return "no token that can be read";
  }
}

/** Whether the issuer signed it, for this audience and sender, and it counts now. */
export async function judged(
  token: string,
  keys: IssuerKeys,
  signedBy: SignedBy,
  now: Instant,
): Promise<Verdict> {
  const { jwtVerify, errors } = library();
  try {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ALGORITHMS,
      issuer: namesOf(signedBy.issuer),
      audience: signedBy.audience,
      clockTolerance: TOLERANCE_MS / SECOND,
      currentDate: new Date(now),
      requiredClaims: ["exp"],
    });
    const wrong = claimsMisfit(payload, signedBy, now);
    return wrong === null ? { kind: "issued" } : refused(wrong);
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return { kind: "key unknown" };
    return refused(error instanceof errors.JOSEError ? error.code : "its signature");
  }
}

/** Google names itself in both ways. */
const namesOf = (issuer: string): string[] =>
  issuer === GOOGLE ? [GOOGLE, "accounts.google.com"] : [issuer];

/** The name of the first claim that is not as it has to be. */
function claimsMisfit(payload: JWTPayload, signedBy: SignedBy, now: Instant): string | null {
  const holds = (name: string, expected: string): boolean =>
    Object.hasOwn(payload, name) && [payload[name]].flat().includes(expected);
  if (!namesOf(signedBy.issuer).some((name) => payload.iss === name)) return "iss";
  if (!holds("aud", signedBy.audience)) return "aud";
  for (const [name, expected] of Object.entries(signedBy.claims))
    if (!holds(name, expected)) return name;
  // Whoever runs an account may write any address into it, until the provider has seen that it is theirs.
  if (Object.hasOwn(signedBy.claims, "email") && payload["email_verified"] !== true)
    return "email_verified";
  const isPast = (at: unknown): boolean =>
    typeof at === "number" && at * SECOND <= now + TOLERANCE_MS;
  if (typeof payload.exp !== "number" || payload.exp * SECOND + TOLERANCE_MS <= now) return "exp";
  if (payload.nbf !== undefined && !isPast(payload.nbf)) return "nbf";
  if (payload.iat !== undefined && !isPast(payload.iat)) return "iat";
  return null;
}

/** Where the issuer publishes what it is and where its keys lie (OpenID Connect Discovery 1.0, section 4). */
export const discoveryUrl = (issuer: string): string =>
  `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;

/** Where its keys lie, by its discovery document; or what is wrong with that. */
export function keysUrlOf(
  document: unknown,
  issuer: string,
): { readonly url: string } | { readonly because: string } {
  if (!isObject(document)) return { because: "its discovery document is no JSON object" };
  if (document["issuer"] !== issuer)
    return { because: "its discovery document names another issuer" };
  const url = document["jwks_uri"];
  return typeof url === "string" && /^https:\/\//i.test(url)
    ? { url }
    : { because: "its discovery document names no https address of keys" };
}

/** What makes a public key, as texts (RFC 7517, section 4; RFC 7518, section 6); whatever else is published beside is not kept. */
const MEMBERS = ["kty", "use", "alg", "kid", "n", "e", "crv", "x", "y"];
/** Providers publish a handful. */
const KEYS_MAX = 100;

/** The keys of a published set, a hundred at most; null where there is none that could sign for this issuer. */
export function keysIn(document: unknown, issuer: string): IssuerKeys | null {
  const listed = isObject(document) ? document["keys"] : null;
  if (!Array.isArray(listed)) return null;
  const keys = listed
    .filter((key): key is Json => isObject(key) && signsFor(key, issuer))
    .slice(0, KEYS_MAX)
    .map((key) => MEMBERS.flatMap((name) => textIn(key, name)))
    .map((members) => Object.fromEntries(members))
    .filter(({ kty }) => kty === "RSA" || kty === "EC");
  if (keys.length === 0) return null;
  return library().createLocalJWKSet({ keys } as unknown as JSONWebKeySet);
}

const textIn = (key: Json, name: string): readonly (readonly [string, string])[] => {
  const text = key[name];
  return typeof text === "string" ? [[name, text]] : [];
};

const GUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;

/**
 * Entra publishes keys of several tenants in one set; one that names a tenant signs for no other. Most name none:
 * https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-signing-key-issuer
 */
function signsFor(key: Json, issuer: string): boolean {
  const [tenant] = GUID.exec(typeof key["issuer"] === "string" ? key["issuer"] : "") ?? [];
  return tenant === undefined || issuer.toLowerCase().includes(tenant.toLowerCase());
}
