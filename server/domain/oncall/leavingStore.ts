/** What people said of being on call, which ends with them; what has been stays as it was. */
import { all, run, sql, texts, type Tx } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";
import type { OverrideRow } from "./store.ts";

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

type EndedOverride = Pick<OverrideRow, "id" | "scheduleId" | "personId" | "startsAt" | "endsAt">;

/** Takes back the overrides by which they would be on call from now on. */
export async function endOverridesOf(
  tx: Tx,
  people: readonly string[],
  now: Instant,
): Promise<readonly EndedOverride[]> {
  const rows = await all(
    tx,
    sql<EndedOverride>`update oncall_override set
        removed_at = case when starts_at >= ${now} then ${now}::bigint end,
        ends_at = case when starts_at >= ${now} then ends_at else ${now}::bigint end
      where person_id = any(${texts(people)}) and removed_at is null and ends_at > ${now}
      returning id, schedule_id, person_id, starts_at, ends_at`,
  );
  return rows.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
