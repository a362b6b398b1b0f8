/** Rows of what people sign in with. No secret stands in them: hashes, and public keys of passkeys. */
import { all, maybe, type Queryable, run, sql, type Tx } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";

export type PasswordRow = { readonly hash: string; readonly changedAt: Instant };

export const findPassword = (tx: Queryable, personId: string): Promise<PasswordRow | null> =>
  maybe(tx, sql<PasswordRow>`select hash, changed_at from password where person_id = ${personId}`);

export async function savePassword(
  tx: Tx,
  personId: string,
  hash: string,
  now: Instant,
): Promise<void> {
  await run(
    tx,
    sql`insert into password (person_id, hash, changed_at) values (${personId}, ${hash}, ${now})
      on conflict (person_id) do update set hash = excluded.hash, changed_at = excluded.changed_at`,
  );
}

/** The same password under newer parameters; nothing when it was changed meanwhile. */
export async function rehashPassword(
  tx: Queryable,
  personId: string,
  before: string,
  after: string,
): Promise<void> {
  await run(
    tx,
    sql`update password set hash = ${after} where person_id = ${personId} and hash = ${before}`,
  );
}

export const deletePassword = (tx: Tx, personId: string): Promise<number> =>
  run(tx, sql`delete from password where person_id = ${personId}`);

export type PasskeyRow = {
  readonly id: string;
  readonly personId: string;
  readonly credentialId: Buffer;
  readonly publicKey: Buffer;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly name: string;
  readonly createdAt: Instant;
  readonly lastUsedAt: Instant | null;
};

const passkeyColumns = sql.raw(
  "id, person_id, credential_id, public_key, counter, transports, name, created_at, last_used_at",
);

/** False when the credential is known already. */
export async function insertPasskey(tx: Tx, row: PasskeyRow): Promise<boolean> {
  const done = await run(
    tx,
    sql`insert into passkey (${passkeyColumns}) values (${row.id}, ${row.personId},
      ${row.credentialId}, ${row.publicKey}, ${row.counter}, ${[...row.transports]}::text[],
      ${row.name}, ${row.createdAt}, ${row.lastUsedAt}) on conflict (credential_id) do nothing`,
  );
  return done > 0;
}

export const listPasskeys = (tx: Queryable, personId: string): Promise<readonly PasskeyRow[]> =>
  all(
    tx,
    sql<PasskeyRow>`select ${passkeyColumns} from passkey where person_id = ${personId}
      order by created_at, id limit 100`,
  );

export const findPasskey = (tx: Queryable, credentialId: Buffer): Promise<PasskeyRow | null> =>
  maybe(
    tx,
    sql<PasskeyRow>`select ${passkeyColumns} from passkey where credential_id = ${credentialId}`,
  );

/** False when another use has counted further meanwhile: then two devices have the same key. */
export async function usePasskey(
  tx: Tx,
  { id, counter, now }: { readonly id: string; readonly counter: number; readonly now: Instant },
): Promise<boolean> {
  const done = await run(
    tx,
    sql`update passkey set counter = ${counter}, last_used_at = ${now}
      where id = ${id} and (counter < ${counter} or (counter = 0 and ${counter} = 0))`,
  );
  return done > 0;
}

export const deletePasskey = (tx: Tx, personId: string, id: string): Promise<number> =>
  run(tx, sql`delete from passkey where id = ${id} and person_id = ${personId}`);

/** Whether this is the first answer to a challenge. */
export async function spendChallenge(tx: Tx, hash: Buffer, expiresAt: Instant): Promise<boolean> {
  const done = await run(
    tx,
    sql`insert into spent_challenge (hash, expires_at) values (${hash}, ${expiresAt})
      on conflict do nothing`,
  );
  return done > 0;
}

/** Whom a subject of a provider stands for, or null. */
export async function findIdentity(
  tx: Queryable,
  issuer: string,
  subject: string,
): Promise<string | null> {
  const row = await maybe(
    tx,
    sql<{ personId: string }>`select person_id from provider_identity
      where issuer = ${issuer} and subject = ${subject}`,
  );
  return row?.personId ?? null;
}

/** False when the subject, or the person at this provider, is taken. */
export async function insertIdentity(
  tx: Tx,
  row: { readonly issuer: string; readonly subject: string; readonly personId: string },
  now: Instant,
): Promise<boolean> {
  const done = await run(
    tx,
    sql`insert into provider_identity (issuer, subject, person_id, created_at)
      values (${row.issuer}, ${row.subject}, ${row.personId}, ${now}) on conflict do nothing`,
  );
  return done > 0;
}

/** Takes away all that a person signs in with. */
export async function deleteCredentials(tx: Tx, personId: string): Promise<void> {
  await run(tx, sql`delete from password where person_id = ${personId}`);
  await run(tx, sql`delete from passkey where person_id = ${personId}`);
  await run(tx, sql`delete from provider_identity where person_id = ${personId}`);
}

export type BreakGlassRow = {
  readonly id: string;
  readonly label: string;
  readonly createdAt: Instant;
  readonly usedAt: Instant | null;
  readonly revokedAt: Instant | null;
};

const breakGlassColumns = sql.raw("id, label, created_at, used_at, revoked_at");

export async function insertBreakGlass(tx: Tx, row: BreakGlassRow, hash: Buffer): Promise<void> {
  await run(
    tx,
    sql`insert into break_glass_code (id, hash, label, created_at)
      values (${row.id}, ${hash}, ${row.label}, ${row.createdAt})`,
  );
}

export const listBreakGlass = (tx: Queryable): Promise<readonly BreakGlassRow[]> =>
  all(
    tx,
    sql<BreakGlassRow>`select ${breakGlassColumns} from break_glass_code
      order by created_at desc, id desc limit 200`,
  );

/** Spends a code; null when it was used or revoked, or never was. Two at once: one wins. */
export const spendBreakGlass = (
  tx: Tx,
  hash: Buffer,
  now: Instant,
): Promise<BreakGlassRow | null> =>
  maybe(
    tx,
    sql<BreakGlassRow>`update break_glass_code set used_at = ${now}
      where hash = ${hash} and used_at is null and revoked_at is null returning ${breakGlassColumns}`,
  );

export const revokeBreakGlass = (tx: Tx, id: string, now: Instant): Promise<BreakGlassRow | null> =>
  maybe(
    tx,
    sql<BreakGlassRow>`update break_glass_code set revoked_at = coalesce(revoked_at, ${now})
      where id = ${id} returning ${breakGlassColumns}`,
  );

/** Takes out tries and answered challenges that count for nothing any more; returns how many. */
export async function purgeTries(tx: Queryable, before: Instant): Promise<number> {
  const tries = await run(
    tx,
    sql`delete from sign_in_try where ctid = any(array(select ctid from sign_in_try
      where last_at < ${before} limit 10000))`,
  );
  const challenges = await run(
    tx,
    sql`delete from spent_challenge where ctid = any(array(select ctid from spent_challenge
      where expires_at < ${before} limit 10000))`,
  );
  return tries + challenges;
}
