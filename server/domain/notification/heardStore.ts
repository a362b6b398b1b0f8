/** What people said by telephone counts once, however often its signed request comes. */
import { maybe, type Queryable, run, sql } from "../../base/db.ts";
import { addMs, type Instant, SECOND } from "../../base/instant.ts";

/** Whoever has not made anything of it after so long never will: it counts when it comes again. */
const LOST_MS = 30 * SECOND;

/** New, heard before, or about to be acted upon by somebody else. */
export async function saveHeard(
  tx: Queryable,
  digest: Buffer,
  now: Instant,
): Promise<"new" | "done" | "under way"> {
  const isNew = await run(
    tx,
    sql`insert into phone_heard (digest, at, done) values (${digest}, ${now}, false)
      on conflict (digest) do update set at = excluded.at
      where not phone_heard.done and phone_heard.at <= ${addMs(now, -LOST_MS)}`,
  );
  if (isNew === 1) return "new";
  const row = await maybe(
    tx,
    sql<{ done: boolean }>`select done from phone_heard where digest = ${digest}`,
  );
  return row?.done === true ? "done" : "under way";
}

/** It was acted upon, and never is again. */
export const saveHeardDone = (tx: Queryable, digest: Buffer): Promise<number> =>
  run(tx, sql`update phone_heard set done = true where digest = ${digest}`);

/** Nothing could be made of it: its provider may send it again. */
export const forgetHeard = (tx: Queryable, digest: Buffer): Promise<number> =>
  run(tx, sql`delete from phone_heard where digest = ${digest}`);
