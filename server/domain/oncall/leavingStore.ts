/** What people said of being on call, which ends with them; what has been stays as it was. */
import { all, run, sql, texts, type Tx } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";
import { keptWithout } from "./keptOverrides.ts";
import { insertOverride, lockOverridesOf, type OverrideRow } from "./store.ts";

/** Ends their leave, the calendars that it is read from, the secret addresses of their own calendar, and their offers. */
export async function endSayingsOf(tx: Tx, people: readonly string[], now: Instant): Promise<void> {
  const theirs = sql`person_id = any(${texts(people)})`;
  await run(tx, sql`delete from person_leave where ${theirs} and ends_at > ${now}`);
  await run(tx, sql`delete from leave_feed_span where ${theirs} and ends_at > ${now}`);
  await run(tx, sql`delete from leave_feed where ${theirs}`);
  await run(
    tx,
    sql`insert into calendar_feed (subject, generation)
      select 'person:' || id, 1 from unnest(${texts(people)}) as p (id)
      on conflict (subject) do update set generation = calendar_feed.generation + 1`,
  );
  await run(
    tx,
    sql`update shift_swap set state = 'withdrawn', answered_at = ${now}
      where state = 'open' and from_person = any(${texts(people)})`,
  );
}

/**
 * Takes back the overrides by which they would be on call from now on, and those in their place; the parts of these
 * that somebody keeps are written anew (see {@link keptWithout}), with ids by `newId`, where they stood in the order.
 */
export async function endOverridesOf(
  tx: Tx,
  people: readonly string[],
  now: Instant,
  newId: () => string,
): Promise<{ readonly ended: readonly OverrideRow[]; readonly added: readonly OverrideRow[] }> {
  const found = await all(
    tx,
    sql<{ scheduleId: string }>`select distinct schedule_id from oncall_override
      where (person_id = any(${texts(people)}) or replaces = any(${texts(people)}))
        and removed_at is null and ends_at > ${now} order by schedule_id`,
  );
  const schedules = found.map(({ scheduleId }) => scheduleId);
  const rows = await lockOverridesOf(tx, schedules, now);
  const hasLeft = (person: string | null): boolean => person !== null && people.includes(person);
  const ended = rows.filter(({ personId, replaces }) => hasLeft(personId) || hasLeft(replaces));
  await run(
    tx,
    sql`update oncall_override set
        removed_at = case when starts_at >= ${now} then ${now}::bigint end,
        ends_at = case when starts_at >= ${now} then ends_at else ${now}::bigint end
      where id = any(${ended.map(({ id }) => id)}::uuid[])`,
  );
  const added = keptWithout(rows, hasLeft, now)
    .filter(({ row }) => ended.includes(row))
    .map(({ row, ...kept }) => ({ ...row, ...kept, id: newId() }));
  for (const row of added) await insertOverride(tx, row);
  return { ended, added };
}
