/** What was to go to people who have left: nothing of it waits for whoever has their id next. */
import { run, sql, texts, type Tx } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";

/** That their addresses reach them, and the codes that were to show it. What was said of an address itself stays. */
export async function endProofsOf(tx: Tx, people: readonly string[]): Promise<void> {
  await run(tx, sql`delete from address_proof where person_id = any(${texts(people)})`);
}

/**
 * What waited for the morning is dropped. Everything else is due now, whatever it waited for: it is refused, and where it
 * was the last hope of its step, the next one is paged.
 */
export async function endMessagesOf(
  tx: Tx,
  people: readonly string[],
  now: Instant,
): Promise<void> {
  const theirs = sql`person_id = any(${texts(people)}) and state = 'pending'`;
  await run(
    tx,
    sql`update notification set state = 'dropped', attend_at = null,
          ended_because = 'the person is not in the configuration any more'
        where ${theirs} and digest_at is not null`,
  );
  await run(
    tx,
    sql`update notification set attend_at = ${now}, due_at = least(due_at, ${now}) where ${theirs} and attend_at > ${now}`,
  );
}
