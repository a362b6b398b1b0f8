/** Rows of leave. */
import { all, type Queryable, run, sql, type Tx } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";
import type { Leave } from "./leave.ts";

/** Puts what somebody says of their leave from now on in the place of what they said before. */
export async function replaceLeave(
  tx: Tx,
  person: string,
  leaves: readonly Leave[],
  now: Instant,
): Promise<void> {
  await run(tx, sql`delete from person_leave where person_id = ${person} and ends_at > ${now}`);
  const spans = leaves.map(({ startsAt, endsAt }) => [startsAt, endsAt]);
  const [starts, ends] = [spans.map(([start]) => start), spans.map(([, end]) => end)];
  await run(
    tx,
    sql`insert into person_leave (person_id, starts_at, ends_at, said_at)
        select ${person}, span.starts_at, span.ends_at, ${now}
        from unnest(${starts}::bigint[], ${ends}::bigint[]) as span (starts_at, ends_at)
        on conflict do nothing`,
  );
}

/** What people said of it, and what the calendars say that they named. */
export async function listLeave(
  tx: Queryable,
  from: Instant,
  to: Instant,
): Promise<readonly Leave[]> {
  return all(
    tx,
    sql<Leave>`select person_id as person, starts_at, ends_at from (
        select person_id, starts_at, ends_at from person_leave
        union select person_id, starts_at, ends_at from leave_feed_span) as leave
      where ends_at > ${from} and starts_at < ${to} order by starts_at, person_id limit 50000`,
  );
}
