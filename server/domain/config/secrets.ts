/** Secrets never stand in configuration: only the names of variables, and hashes of keys. */
import type { ConfigKind } from "../../../contract/config.ts";
import { tokenHash } from "../../base/crypto.ts";

const SAMPLE = "sample:";
const HASHED = "sha256:";

/** What is kept of a key: enough to recognise it, useless to whoever reads it. */
export const hashedKey = (key: string): string => `${HASHED}${tokenHash(key).toString("hex")}`;

/** Kinds whose `secret` is shown by whoever sends to them: it is kept as a hash. */
export const hasKeySecret = (kind: ConfigKind): kind is "keys" | "heartbeats" =>
  kind === "keys" || kind === "heartbeats";

/**
 * The body of an intake key with a sample key replaced by its hash, so that no plain key is ever
 * sent or stored; anything else comes back as it is. Null: it holds a sample key and may not.
 */
export function withoutSampleKey(body: unknown, sample: boolean): unknown {
  const secret = (body as { secret?: unknown } | null)?.secret;
  if (typeof secret !== "string" || !secret.startsWith(SAMPLE)) return body;
  if (!sample) return null;
  return { ...(body as object), secret: hashedKey(secret.slice(SAMPLE.length)) };
}

/** For readers: that there is a hash, not which. */
export function maskSecret(secret: unknown): unknown {
  return typeof secret === "string" && secret.startsWith(HASHED) ? `${HASHED}…` : secret;
}

/** The body as somebody may see it who may not change configuration. */
export const masked = <T>(body: T): T =>
  typeof body === "object" && body !== null && "secret" in body
    ? { ...body, secret: maskSecret(body.secret) }
    : body;

const LITERALS: readonly RegExp[] = [
  // A password in an address.
  /[a-z]:\/\/[^/\s:@]*:[^/\s@]+@/i,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  // The beginnings that well-known services give their tokens so that they can be found.
  /\b(xox[abeprs]|xapp)-[\w-]{10,}/,
  /\b(ghp|gho|ghs|github_pat|glpat|sk_live|rk_live)[_-]\w{10,}/,
  /\bAKIA[0-9A-Z]{16}\b/,
];

type Path = readonly (string | number)[];

/** Where in a value something stands that looks like a secret written out. */
export function literalSecrets(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value === "string")
    return LITERALS.some((literal) => literal.test(value)) ? [path] : [];
  if (typeof value !== "object" || value === null) return [];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return entries.flatMap(([key, inner]) => literalSecrets(inner, [...path, key]));
}
