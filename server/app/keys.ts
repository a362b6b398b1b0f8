/** Finds the intake key that a request presents. Keys are compared by hash and never logged. */
import { tokenHash } from "../base/crypto.ts";
import type { World } from "../base/world.ts";
import type { Entry, Snapshot } from "../domain/config/config.ts";

type Kind = "keys" | "heartbeats";

/** Keys of one snapshot by the hash of their secret; made once per snapshot. */
export const keyFinder = (world: Pick<World, "secret">) => finderOf(world, "keys");

/** The same for heartbeats, whose secret stands in the address that is pinged. */
export const heartbeatFinder = (world: Pick<World, "secret">) => finderOf(world, "heartbeats");

function finderOf<K extends Kind>(
  world: Pick<World, "secret">,
  kind: K,
): (config: Snapshot, secret: string) => Entry<K> | null {
  type Table = {
    readonly byHash: ReadonlyMap<string, Entry<K>>;
    /** Secrets that were right, so that a tool's thousands of requests are hashed once. */
    readonly seen: Map<string, Entry<K>>;
  };
  const tables = new WeakMap<Snapshot, Table>();
  return (config, secret) => {
    let table = tables.get(config);
    if (table === undefined) {
      const byHash = new Map(
        config.all(kind).flatMap((entry) => {
          const hash = hashOf(world, (entry as Entry<Kind>).body.secret);
          return hash === null ? [] : [[hash, entry] as const];
        }),
      );
      table = { byHash, seen: new Map() };
      tables.set(config, table);
    }
    const seen = table.seen.get(secret);
    if (seen !== undefined) return seen;
    const key = table.byHash.get(tokenHash(secret).toString("hex")) ?? null;
    if (key !== null) table.seen.set(secret, key);
    return key;
  };
}

/** Null when the environment variable that holds the secret is not set: the key is not usable. */
function hashOf(world: Pick<World, "secret">, reference: string): string | null {
  if (reference.startsWith("sha256:")) return reference.slice("sha256:".length);
  const value = world.secret(reference);
  return value === null ? null : tokenHash(value).toString("hex");
}

/**
 * The secret in the headers: a bearer token, the password of basic authentication, X-Tocsin-Key, or
 * what tools set up for Opsgenie present.
 */
export function presentedKey(headers: Readonly<Record<string, string | undefined>>): string | null {
  const authorization = headers["authorization"] ?? "";
  const bearer = /^(?:Bearer|GenieKey) +(\S+)$/i.exec(authorization);
  if (bearer?.[1] !== undefined) return bearer[1];
  const basic = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(authorization);
  if (basic?.[1] !== undefined) {
    const pair = Buffer.from(basic[1], "base64").toString("utf8");
    return pair.slice(pair.indexOf(":") + 1);
  }
  return headers["x-tocsin-key"] ?? null;
}
