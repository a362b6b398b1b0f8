/** Rows of tokens, sessions and one-time sign-in links. Only hashes of secrets are stored. */
import type { Grant } from "../../../contract/account.ts";
import type { SignInWay } from "../../../contract/signIn.ts";
import {
  all,
  json,
  maybe,
  type Queryable,
  type RawBuilder,
  run,
  sql,
  type Tx,
} from "../../base/db.ts";
import type { Cursor } from "../../base/cursor.ts";
import type { Instant } from "../../base/instant.ts";

export type TokenRow = {
  readonly id: string;
  readonly label: string;
  readonly personId: string | null;
  readonly grants: readonly Grant[];
  readonly createdAt: Instant;
  readonly expiresAt: Instant | null;
  readonly revokedAt: Instant | null;
};

const tokenColumns = sql.raw("id, label, person_id, grants, created_at, expires_at, revoked_at");

export async function insertToken(tx: Tx, row: TokenRow, hash: Buffer): Promise<void> {
  await run(
    tx,
    sql`insert into api_token (id, hash, label, person_id, grants, created_at, expires_at)
      values (${row.id}, ${hash}, ${row.label}, ${row.personId}, ${json(row.grants)}, ${row.createdAt}, ${row.expiresAt})`,
  );
}

/** A token that works now. */
export async function findToken(
  tx: Queryable,
  hash: Buffer,
  now: Instant,
): Promise<TokenRow | null> {
  return maybe(
    tx,
    sql<TokenRow>`select ${tokenColumns} from api_token
      where hash = ${hash} and revoked_at is null and (expires_at is null or expires_at > ${now})`,
  );
}

export async function listTokens(
  tx: Queryable,
  limit: number,
  after: Cursor | null,
  personId: string | null = null,
): Promise<readonly TokenRow[]> {
  return all(
    tx,
    sql<TokenRow>`select ${tokenColumns} from api_token
      where ${after === null ? sql`true` : sql`(created_at, id) < (${after.at}, ${after.id}::uuid)`}
        and ${ofPerson(personId)}
      order by created_at desc, id desc limit ${limit}`,
  );
}

const ofPerson = (personId: string | null) =>
  personId === null ? sql`true` : sql`person_id = ${personId}`;

/** With a person: only one of theirs. */
export async function revokeToken(
  tx: Tx,
  id: string,
  now: Instant,
  personId: string | null = null,
): Promise<TokenRow | null> {
  return maybe(
    tx,
    sql<TokenRow>`update api_token set revoked_at = coalesce(revoked_at, ${now})
      where id = ${id} and ${ofPerson(personId)} returning ${tokenColumns}`,
  );
}

export async function revokeTokensOf(tx: Tx, personId: string, now: Instant): Promise<void> {
  await run(
    tx,
    sql`update api_token set revoked_at = ${now}
      where person_id = ${personId} and revoked_at is null`,
  );
}

export type SessionRow = {
  readonly id: string;
  readonly personId: string | null;
  readonly grants: readonly Grant[];
  readonly expiresAt: Instant;
  readonly how: SignInWay | null;
  /** When its holder last showed who they are; a new cookie for the same session keeps it. */
  readonly signedInAt: Instant;
};

export async function insertSession(
  tx: Tx,
  row: SessionRow,
  hash: Buffer,
  now: Instant,
): Promise<void> {
  await run(
    tx,
    sql`insert into session (hash, id, person_id, grants, created_at, expires_at, how, signed_in_at)
      values (${hash}, ${row.id}, ${row.personId}, ${json(row.grants)}, ${now}, ${row.expiresAt},
        ${row.how}, ${row.signedInAt})`,
  );
}

export async function findSession(
  tx: Queryable,
  hash: Buffer,
  now: Instant,
): Promise<SessionRow | null> {
  return maybe(
    tx,
    sql<SessionRow>`select id, person_id, grants, expires_at, how,
        coalesce(signed_in_at, created_at) as signed_in_at from session
      where hash = ${hash} and revoked_at is null and expires_at > ${now}`,
  );
}

/** Ends a session; returns its id, or null when there is none that works. */
export async function revokeSession(tx: Tx, hash: Buffer, now: Instant): Promise<string | null> {
  const [id] = await revoke(tx, sql`hash = ${hash}`, now);
  return id ?? null;
}

/** Ends sessions, and with each the browser that it let be woken. */
async function revoke(
  tx: Tx,
  which: RawBuilder<unknown>,
  now: Instant,
): Promise<readonly string[]> {
  const rows = await all(
    tx,
    sql<{ id: string }>`
      with revoked as (
        update session set revoked_at = ${now} where ${which} and revoked_at is null returning id),
      deaf as (
        update push_device d set ended_at = ${now}, ended_because = 'session ended', sealed = null
          from revoked where d.session_id = revoked.id and d.ended_at is null)
      select id from revoked`,
  );
  return rows.map(({ id }) => id);
}

export type OpenSession = {
  readonly id: string;
  readonly hash: Buffer;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
  readonly how: SignInWay | null;
};

/** Sessions that work of a person, or of administrators who came by a link; newest first. */
export async function listSessionsOf(
  tx: Queryable,
  personId: string | null,
  now: Instant,
): Promise<readonly OpenSession[]> {
  return all(
    tx,
    sql<OpenSession>`select id, hash, created_at, expires_at, how from session
      where person_id is not distinct from ${personId} and revoked_at is null and expires_at > ${now}
      order by created_at desc, id limit 100`,
  );
}

/** Ends one of them; false when there is none such. */
export async function revokeSessionOf(
  tx: Tx,
  personId: string | null,
  id: string,
  now: Instant,
): Promise<boolean> {
  const which = sql`id = ${id} and expires_at > ${now} and person_id is not distinct from ${personId}`;
  return (await revoke(tx, which, now)).length > 0;
}

/** Ends all sessions of a person but one, and what others let be woken, however long ago; returns how many. */
export const revokeSessionsOf = async (
  tx: Tx,
  personId: string,
  exceptId: string | null,
  now: Instant,
): Promise<number> => {
  const which = sql`person_id = ${personId} and id is distinct from ${exceptId}::uuid`;
  const ended = await revoke(tx, which, now);
  await run(
    tx,
    sql`update push_device set ended_at = ${now}, ended_because = 'session ended', sealed = null
      where person_id = ${personId} and session_id is distinct from ${exceptId}::uuid and ended_at is null`,
  );
  return ended.length;
};

/** Ends every session that a break-glass code opened. */
export const revokeBreakGlassSessions = (tx: Tx, now: Instant): Promise<number> =>
  run(
    tx,
    sql`update session set revoked_at = ${now} where how = 'break-glass' and revoked_at is null`,
  );

/** Takes out what has been over since before an instant; returns how many sessions and links. */
export async function purgeSignIns(tx: Queryable, before: Instant): Promise<number> {
  const sessions = await run(
    tx,
    sql`delete from session where ctid = any(array(select ctid from session
      where least(expires_at, coalesce(revoked_at, expires_at)) < ${before} limit 10000))`,
  );
  const links = await run(
    tx,
    sql`delete from sign_in_link where ctid = any(array(select ctid from sign_in_link
      where least(expires_at, coalesce(used_at, expires_at)) < ${before} limit 10000))`,
  );
  return sessions + links;
}

/** A link for a person, or for an administrator without one. */
export type SignInLink = { readonly personId: string | null };

/** What a link is for: it signs in, or it sets a password. */
export type LinkPurpose = "sign in" | "password";
const purposeColumn = sql.raw("coalesce(purpose, 'sign in')");

export async function insertSignInLink(
  tx: Tx,
  hash: Buffer,
  link: SignInLink & { readonly purpose: LinkPurpose },
  now: Instant,
  expiresAt: Instant,
): Promise<void> {
  await run(
    tx,
    sql`insert into sign_in_link (hash, person_id, purpose, created_at, expires_at)
      values (${hash}, ${link.personId}, ${link.purpose}, ${now}, ${expiresAt})`,
  );
}

/** A link that still works. */
export async function findSignInLink(
  tx: Queryable,
  hash: Buffer,
  purpose: LinkPurpose,
  now: Instant,
): Promise<SignInLink | null> {
  return maybe(
    tx,
    sql<SignInLink>`select person_id from sign_in_link
      where hash = ${hash} and ${purposeColumn} = ${purpose} and used_at is null and expires_at > ${now}`,
  );
}

/** Whether a link that sets the person's password was made since an instant. */
export async function hasFreshLink(tx: Queryable, personId: string, since: Instant) {
  const row = await maybe(
    tx,
    sql`select 1 as one from sign_in_link
      where person_id = ${personId} and purpose = 'password' and created_at > ${since} limit 1`,
  );
  return row !== null;
}

/** Spends a link; null when it was used, has expired or never was. Two at once: one wins. */
export async function spendSignInLink(
  tx: Tx,
  hash: Buffer,
  purpose: LinkPurpose,
  now: Instant,
): Promise<SignInLink | null> {
  return maybe(
    tx,
    sql<SignInLink>`update sign_in_link set used_at = ${now}
      where hash = ${hash} and ${purposeColumn} = ${purpose} and used_at is null and expires_at > ${now} returning person_id`,
  );
}
