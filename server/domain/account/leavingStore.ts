/** What people got to be known by, which ends with them: whoever is given their id later starts without it. */
import { run, sql, texts, type Tx } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";

/**
 * Ends the tokens, sessions, links, devices and everything else with which these people showed who they were. What
 * tells that there was such a token or session stays as long as of anybody.
 */
export async function endAccessOf(tx: Tx, people: readonly string[], now: Instant): Promise<void> {
  const theirs = sql`person_id = any(${texts(people)})`;
  await run(
    tx,
    sql`update api_token set revoked_at = ${now} where ${theirs} and revoked_at is null`,
  );
  await run(tx, sql`update session set revoked_at = ${now} where ${theirs} and revoked_at is null`);
  await run(
    tx,
    sql`update push_device set ended_at = ${now}, ended_because = 'session ended', sealed = null
      where ${theirs} and ended_at is null`,
  );
  await run(tx, sql`update sign_in_link set used_at = ${now} where ${theirs} and used_at is null`);
  await run(tx, sql`delete from password where ${theirs}`);
  await run(tx, sql`delete from passkey where ${theirs}`);
  await run(tx, sql`delete from provider_identity where ${theirs}`);
}
