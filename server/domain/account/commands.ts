/** Tokens, sessions and who a request comes from. */
import type { Grant } from "../../../contract/account.ts";
import type { SignInWay } from "../../../contract/signIn.ts";
import type { Queryable, Tx } from "../../base/db.ts";
import { sameBytes, tokenHash } from "../../base/crypto.ts";
import { Refusal } from "../../base/errors.ts";
import { addMs, DAY, HOUR, type Instant, MINUTE } from "../../base/instant.ts";
import { record } from "../../base/ledger.ts";
import type { World } from "../../base/world.ts";
import type { Snapshot } from "../config/config.ts";
import { type Actor, actorRef, allow, personOf } from "./account.ts";
import { moveDevices } from "./deviceStore.ts";
import {
  findSession,
  findSignInLink,
  findToken,
  insertSession,
  insertSignInLink,
  insertToken,
  revokeSession,
  revokeSessionOf,
  revokeToken,
  type SessionRow,
  spendSignInLink,
  type TokenRow,
} from "./store.ts";

const SESSION_MS = 7 * DAY;
/** Long enough for the outage of an identity provider, not for a habit. */
const BREAK_GLASS_MS = 4 * HOUR;
const LINK_MS = 60 * MINUTE;
const ADMIN: readonly Grant[] = [{ role: "admin" }];

/** The actor of a person, with the roles that configuration gives them now; null when there is none. */
export function actorOfPerson(config: Snapshot, personId: string): Actor | null {
  const person = config.get("people", personId);
  if (person === null) return null;
  return { kind: "person", personId, ref: person.ref, grants: person.body.roles };
}

export const ADMIN_ACTOR: Actor = {
  kind: "token",
  tokenId: "admin",
  label: "admin",
  grants: ADMIN,
};

/** Who presents this bearer token; refuses an unknown one. `adminTokens` come from the operator's machine. */
export async function actorOfToken(
  tx: Queryable,
  config: Snapshot,
  adminTokens: readonly string[],
  token: string,
  now: Instant,
): Promise<Actor> {
  if (adminTokens.some((admin) => sameBytes(Buffer.from(admin), Buffer.from(token))))
    return ADMIN_ACTOR;
  const row = await findToken(tx, tokenHash(token), now);
  const actor = row === null ? null : actorOfRow(config, row);
  if (actor === null) throw new Refusal("access.token_invalid");
  return actor;
}

function actorOfRow(config: Snapshot, row: TokenRow): Actor | null {
  if (row.personId !== null) return actorOfPerson(config, row.personId);
  return { kind: "token", tokenId: row.id, label: row.label, grants: row.grants };
}

const labelOf = ({ how }: SessionRow): string =>
  how === "break-glass" ? "break-glass" : "signed-in admin";

/** Who holds this session cookie, or null. */
export async function actorOfSession(
  tx: Queryable,
  config: Snapshot,
  secret: string,
  now: Instant,
): Promise<Actor | null> {
  const row = await findSession(tx, tokenHash(secret), now);
  if (row === null) return null;
  if (row.personId !== null) return actorOfPerson(config, row.personId);
  return { kind: "token", tokenId: row.id, label: labelOf(row), grants: row.grants };
}

export type NewToken = {
  readonly label: string;
  readonly personId: string | null;
  readonly grants: readonly Grant[];
  readonly expiresAt: Instant | null;
};

/**
 * Makes a token; the secret is returned once and never stored. Whoever may do so may give any role, so
 * the right must count everywhere, not only in a team.
 */
export async function createToken(
  tx: Tx,
  world: World,
  actor: Actor,
  token: NewToken,
  now: Instant,
): Promise<{ readonly row: TokenRow; readonly secret: string }> {
  allow(actor, "tokens.manage", null);
  return newToken(tx, world, actor, token, now);
}

/** One that acts as whoever makes it: no other right is needed, and it has none that they have not. */
export const createOwnToken = (
  tx: Tx,
  world: World,
  actor: Actor,
  token: Omit<NewToken, "grants"> & { readonly personId: string },
  now: Instant,
) => newToken(tx, world, actor, { ...token, grants: [] }, now);

async function newToken(
  tx: Tx,
  world: World,
  actor: Actor,
  token: NewToken,
  now: Instant,
): Promise<{ readonly row: TokenRow; readonly secret: string }> {
  const secret = `tocsin_${world.chance.bytes(24).toString("base64url")}`;
  const row: TokenRow = { ...token, id: world.chance.id(now), createdAt: now, revokedAt: null };
  await insertToken(tx, row, tokenHash(secret));
  await recordAccess(tx, world, actor, "token created", `token:${row.id}`, now);
  return { row, secret };
}

export async function endToken(
  tx: Tx,
  world: World,
  actor: Actor,
  id: string,
  now: Instant,
): Promise<TokenRow> {
  allow(actor, "tokens.manage", null);
  return tokenEnded(tx, world, actor, id, null, now);
}

export const endOwnToken = (
  tx: Tx,
  world: World,
  actor: Actor,
  { id, personId }: { readonly id: string; readonly personId: string },
  now: Instant,
): Promise<TokenRow> => tokenEnded(tx, world, actor, id, personId, now);

async function tokenEnded(
  tx: Tx,
  world: World,
  actor: Actor,
  id: string,
  personId: string | null,
  now: Instant,
): Promise<TokenRow> {
  const row = await revokeToken(tx, id, now, personId);
  if (row === null) throw new Refusal("access.token_unknown", { id });
  await recordAccess(tx, world, actor, "token revoked", `token:${id}`, now);
  return row;
}

/** A one-time link that signs an administrator in; valid for an hour. */
export async function createSignInLink(tx: Tx, world: World, now: Instant): Promise<string> {
  return (await newLink(tx, world, null, now)).url;
}

/** A one-time link that signs a person in: an invitation, or a way back in. Valid for an hour. */
export async function createPersonLink(
  tx: Tx,
  world: World,
  config: Snapshot,
  actor: Actor,
  personId: string,
  now: Instant,
): Promise<NewLink> {
  allow(actor, "tokens.manage", null);
  const person = config.get("people", personId);
  if (person === null) throw new Refusal("incident.unknown_person", { person: personId });
  const link = await newLink(tx, world, personId, now);
  await recordAccess(tx, world, actor, "sign-in link created", `person:${person.ref}`, now);
  return link;
}

export type NewLink = { readonly url: string; readonly expiresAt: Instant };

async function newLink(
  tx: Tx,
  world: World,
  personId: string | null,
  now: Instant,
): Promise<NewLink> {
  const secret = world.chance.bytes(24).toString("base64url");
  const expiresAt = addMs(now, LINK_MS);
  await insertSignInLink(tx, tokenHash(secret), { personId, purpose: "sign in" }, now, expiresAt);
  return { url: `${world.publicUrl}/signin/${secret}`, expiresAt };
}

/** Whom a link would sign in, without spending it; refuses one that no longer works. */
export async function holderOfLink(
  tx: Queryable,
  secret: string,
  now: Instant,
): Promise<string | null> {
  const link = await findSignInLink(tx, tokenHash(secret), "sign in", now);
  if (link === null) throw new Refusal("access.link_spent");
  return link.personId;
}

/** Spends a link and opens a session for whom it was made; returns the cookie's secret. */
export async function signInByLink(
  tx: Tx,
  world: World,
  config: Snapshot,
  secret: string,
  now: Instant,
): Promise<string> {
  const link = await spendSignInLink(tx, tokenHash(secret), "sign in", now);
  const actor =
    link === null
      ? null
      : link.personId === null
        ? ADMIN_ACTOR
        : actorOfPerson(config, link.personId);
  // A link whose person was taken out of configuration since opens nothing.
  if (actor === null) throw new Refusal("access.link_spent");
  return openSession(tx, world, actor, "link", now);
}

/** Opens a session for whoever has shown who they are; returns the cookie's secret. */
export async function openSession(
  tx: Tx,
  world: World,
  actor: Actor,
  how: SignInWay,
  now: Instant,
): Promise<string> {
  const cookie = world.chance.bytes(32).toString("base64url");
  const id = world.chance.id(now);
  const personId = personOf(actor);
  const grants = personId === null ? ADMIN : [];
  const expiresAt = addMs(now, how === "break-glass" ? BREAK_GLASS_MS : SESSION_MS);
  const row = { id, personId, grants, expiresAt, how, signedInAt: now };
  await insertSession(tx, row, tokenHash(cookie), now);
  await recordAccess(tx, world, actor, `signed in by ${how}`, `session:${id}`, now);
  return cookie;
}

/** Gives a session a new cookie, because what it may do or how it was opened has changed. */
export async function renewSession(
  tx: Tx,
  world: World,
  actor: Actor,
  cookie: string,
  now: Instant,
): Promise<string> {
  const row = await findSession(tx, tokenHash(cookie), now);
  if (row === null) throw new Refusal("access.signed_out");
  const [fresh, id] = [world.chance.bytes(32).toString("base64url"), world.chance.id(now)];
  await moveDevices(tx, row.id, id);
  await revokeSession(tx, tokenHash(cookie), now);
  await insertSession(tx, { ...row, id }, tokenHash(fresh), now);
  await recordAccess(tx, world, actor, "session renewed", `session:${id}`, now);
  return fresh;
}

/** Ends the session of a cookie; nothing happens when it has none. */
export async function signOut(
  tx: Tx,
  world: World,
  actor: Actor,
  cookie: string,
  now: Instant,
): Promise<void> {
  const id = await revokeSession(tx, tokenHash(cookie), now);
  if (id !== null) await recordAccess(tx, world, actor, "signed out", `session:${id}`, now);
}

/** Ends one of the actor's own sessions, wherever it is open. */
export async function endSession(
  tx: Tx,
  world: World,
  actor: Actor,
  id: string,
  now: Instant,
): Promise<void> {
  if (!(await revokeSessionOf(tx, personOf(actor), id, now)))
    throw new Refusal("access.session_unknown", { id });
  await recordAccess(tx, world, actor, "session ended", `session:${id}`, now);
}

export async function recordAccess(
  tx: Tx,
  world: World,
  actor: Actor,
  action: string,
  objectRef: string,
  now: Instant,
): Promise<void> {
  await record(tx, world, {
    stream: "access",
    at: now,
    actorRef: actorRef(actor),
    action,
    objectRef,
    payload: null,
  });
}
