/** The ways in: each verb shows who somebody is, or changes what a person shows it with. */
import type { Queryable, Tx } from "../../base/db.ts";
import { tokenHash } from "../../base/crypto.ts";
import { Refusal } from "../../base/errors.ts";
import { addMs, HOUR, type Instant, MINUTE } from "../../base/instant.ts";
import { checkPassword, hashPassword } from "../../base/passwords.ts";
import type { World } from "../../base/world.ts";
import type { Snapshot } from "../config/config.ts";
import { type Actor, allow, personOf } from "./account.ts";
import { actorOfPerson, ADMIN_ACTOR, openSession, recordAccess, renewSession } from "./commands.ts";
import { weaknessOf } from "./password.ts";
import {
  findSession,
  findSignInLink,
  insertSignInLink,
  revokeBreakGlassSessions,
  revokeSessionsOf,
  revokeTokensOf,
  type SessionRow,
  spendSignInLink,
} from "./store.ts";
import {
  type BreakGlassRow,
  deleteCredentials,
  deletePassword,
  findPassword,
  insertBreakGlass,
  rehashPassword,
  revokeBreakGlass,
  savePassword,
  spendBreakGlass,
} from "./waysStore.ts";

/** So long after signing in a session may change how its person signs in. */
export const FRESH_MS = 15 * MINUTE;
const PASSWORD_LINK_MS = HOUR;

/** The one person with an address; null when nobody or more than one has it. */
export function personOfEmail(config: Snapshot, email: string): string | null {
  const wanted = email.trim().toLowerCase();
  const found = config.all("people").filter(({ body }) => body.email.toLowerCase() === wanted);
  return found.length === 1 ? (found[0]?.id ?? null) : null;
}

/**
 * Whose password that is; null when it is nobody's. Takes as long whether or not there is such a person
 * and whether or not they have a password.
 */
export async function personOfPassword(
  world: World,
  config: Snapshot,
  email: string,
  password: string,
): Promise<string | null> {
  const personId = personOfEmail(config, email);
  const row = await findPassword(world.db, personId ?? "");
  const { right, outdated } = await checkPassword(password, row?.hash ?? null);
  if (!right || row === null) return null;
  if (outdated)
    await rehashPassword(
      world.db,
      personId ?? "",
      row.hash,
      await hashPassword(password, world.chance),
    );
  return personId;
}

/** Opens a session for a person of configuration; a person who is gone opens nothing. */
export async function signInPerson(
  tx: Tx,
  world: World,
  config: Snapshot,
  personId: string,
  how: SessionRow["how"] & string,
  now: Instant,
): Promise<string> {
  const actor = actorOfPerson(config, personId);
  if (actor === null) throw new Refusal("access.signed_out");
  return openSession(tx, world, actor, how, now);
}

/** The session behind a cookie, if its person has shown who they are a short while ago; refuses it else. */
export async function freshSession(
  tx: Queryable,
  actor: Actor,
  cookie: string | null,
  now: Instant,
): Promise<{ readonly row: SessionRow; readonly personId: string; readonly cookie: string }> {
  const personId = personOf(actor);
  const row = cookie === null ? null : await findSession(tx, tokenHash(cookie), now);
  if (cookie === null || row === null || personId === null || row.personId !== personId)
    throw new Refusal("access.browser_only");
  if (addMs(row.signedInAt, FRESH_MS) < now)
    throw new Refusal("access.sign_in_again", { minutes: FRESH_MS / MINUTE });
  return { row, personId, cookie };
}

/** Made before the transaction: working a hash out takes longer than a lock should be held. */
export async function newPasswordHash(
  world: World,
  config: Snapshot,
  personId: string,
  password: string,
): Promise<string> {
  const person = config.get("people", personId)?.body;
  const own = person === undefined ? [] : [person.name, person.email, ...person.name.split(/\s+/)];
  const problem = await weaknessOf(password, [...own, personId]);
  if (problem !== null) throw new Refusal("access.password_weak", { problem });
  return hashPassword(password, world.chance);
}

/** Sets the password, ends the person's other sessions and renews this one; returns its new cookie. */
export async function changePassword(
  tx: Tx,
  world: World,
  actor: Actor,
  change: { readonly cookie: string | null; readonly hash: string | null },
  now: Instant,
): Promise<string> {
  const { row, personId, cookie } = await freshSession(tx, actor, change.cookie, now);
  if (change.hash === null) await deletePassword(tx, personId);
  else await savePassword(tx, personId, change.hash, now);
  await revokeSessionsOf(tx, personId, row.id, now);
  const action = change.hash === null ? "password removed" : "password set";
  await recordAccess(tx, world, actor, action, `session:${row.id}`, now);
  return renewSession(tx, world, actor, cookie, now);
}

/** The id of a link that sets a password; what opens is the id with its signature, which no row holds. */
export async function createPasswordLink(
  tx: Tx,
  world: World,
  personId: string,
  now: Instant,
): Promise<string> {
  const id = world.chance.id(now);
  await insertSignInLink(
    tx,
    tokenHash(passwordToken(world, id)),
    { personId, purpose: "password" },
    now,
    addMs(now, PASSWORD_LINK_MS),
  );
  return id;
}

export const PASSWORD_LINK = "password link";
const passwordToken = (world: World, id: string): string =>
  `${id}.${world.keys.sign(PASSWORD_LINK, id)}`;

/** Whose password a link sets, without spending it. */
export async function holderOfPasswordLink(
  tx: Queryable,
  token: string,
  now: Instant,
): Promise<string> {
  const link = await findSignInLink(tx, tokenHash(token), "password", now);
  if (link?.personId == null) throw new Refusal("access.link_spent");
  return link.personId;
}

/** Spends the link, sets the password, ends every session of the person and opens one; its cookie. */
export async function resetPassword(
  tx: Tx,
  world: World,
  config: Snapshot,
  { token, hash }: { readonly token: string; readonly hash: string },
  now: Instant,
): Promise<string> {
  const link = await spendSignInLink(tx, tokenHash(token), "password", now);
  const actor = link?.personId == null ? null : actorOfPerson(config, link.personId);
  if (link?.personId == null || actor === null) throw new Refusal("access.link_spent");
  await savePassword(tx, link.personId, hash, now);
  await revokeSessionsOf(tx, link.personId, null, now);
  await recordAccess(
    tx,
    world,
    actor,
    "password set by a mailed link",
    actorMark(config, link),
    now,
  );
  return openSession(tx, world, actor, "password", now);
}

const actorMark = (config: Snapshot, { personId }: { readonly personId: string | null }): string =>
  `person:${config.get("people", personId ?? "")?.ref ?? "gone"}`;

/** Takes away all that a person signs in with, and ends their sessions and what acts as them: somebody else may have made it. */
export async function forgetCredentials(
  tx: Tx,
  world: World,
  config: Snapshot,
  actor: Actor,
  personId: string,
  now: Instant,
): Promise<void> {
  allow(actor, "tokens.manage", null);
  if (config.get("people", personId) === null)
    throw new Refusal("incident.unknown_person", { person: personId });
  await deleteCredentials(tx, personId);
  await revokeSessionsOf(tx, personId, null, now);
  await revokeTokensOf(tx, personId, now);
  const mark = actorMark(config, { personId });
  await recordAccess(tx, world, actor, "credentials taken away", mark, now);
}

/** Letters and digits that nobody mistakes for each other when they are read from paper. */
const CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
const CODE_LENGTH = 20;

/** As it was made, however it was typed. */
const codeHash = (code: string): Buffer =>
  tokenHash(`break-glass:${code.toUpperCase().replace(/[^0-9A-Z]/g, "")}`);

/** Makes codes of 99 bits each; they are shown this once. */
export async function createBreakGlass(
  tx: Tx,
  world: World,
  actor: Actor,
  { label, count }: { readonly label: string; readonly count: number },
  now: Instant,
): Promise<readonly (BreakGlassRow & { readonly code: string })[]> {
  allow(actor, "tokens.manage", null);
  const made = Array.from({ length: count }, () => {
    const letters = Array.from({ length: CODE_LENGTH }, () => letterOf(world));
    const code = (letters.join("").match(/.{5}/g) ?? []).join("-");
    const id = world.chance.id(now);
    return { id, label, createdAt: now, usedAt: null, revokedAt: null, code };
  });
  for (const { code, ...row } of made) {
    await insertBreakGlass(tx, row, codeHash(code));
    await recordAccess(tx, world, actor, "break-glass code made", `code:${row.id}`, now);
  }
  return made;
}

/** Each letter equally likely: a byte beyond the last whole alphabet is drawn again. */
function letterOf({ chance }: World): string {
  for (;;) {
    const drawn = chance.bytes(1)[0] ?? 255;
    if (drawn < 256 - (256 % CODE_LETTERS.length))
      return CODE_LETTERS.charAt(drawn % CODE_LETTERS.length);
  }
}

/** Spends a code and opens an administrator's session of four hours; returns its cookie. */
export async function signInByBreakGlass(
  tx: Tx,
  world: World,
  code: string,
  now: Instant,
): Promise<{ readonly cookie: string; readonly row: BreakGlassRow }> {
  const row = await spendBreakGlass(tx, codeHash(code), now);
  if (row === null) throw new Refusal("access.code_wrong");
  await recordAccess(tx, world, ADMIN_ACTOR, "break-glass code used", `code:${row.id}`, now);
  return { cookie: await openSession(tx, world, ADMIN_ACTOR, "break-glass", now), row };
}

/** Revokes a code; of one that was used, the sessions under glass end at once. */
export async function endBreakGlass(
  tx: Tx,
  world: World,
  actor: Actor,
  id: string,
  now: Instant,
): Promise<BreakGlassRow> {
  allow(actor, "tokens.manage", null);
  const row = await revokeBreakGlass(tx, id, now);
  if (row === null) throw new Refusal("access.code_unknown", { id });
  // Of a used code nothing is left to revoke but what it opened.
  if (row.usedAt !== null) await revokeBreakGlassSessions(tx, now);
  await recordAccess(tx, world, actor, "break-glass code revoked", `code:${id}`, now);
  return row;
}
