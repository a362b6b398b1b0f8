/** What people said by telephone counts once, however often its signed request comes. */
import { type Queryable, run, sql } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";

/** False when it was heard before. */
export const saveHeard = async (tx: Queryable, digest: Buffer, now: Instant): Promise<boolean> =>
  (await run(
    tx,
    sql`insert into phone_heard (digest, at) values (${digest}, ${now}) on conflict do nothing`,
  )) === 1;

/** Nothing could be made of it: its provider may send it again. */
export const forgetHeard = (tx: Queryable, digest: Buffer): Promise<number> =>
  run(tx, sql`delete from phone_heard where digest = ${digest}`);
