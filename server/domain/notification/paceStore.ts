/** Rows of the pace of notices. */
import { all, run, sql, texts, type Tx } from "../../base/db.ts";
import { addMs, type Instant, MINUTE } from "../../base/instant.ts";
import type { PaceState } from "./pace.ts";

/** Locks what is known of ways. A claim does this last, so that nobody who holds one waits for anything else. */
export async function lockPaces(
  tx: Tx,
  ways: readonly string[],
): Promise<ReadonlyMap<string, PaceState>> {
  await run(
    tx,
    sql`insert into channel_pace (way) select way from unnest(${texts(ways)}) way order by way
      on conflict do nothing`,
  );
  const rows = await all(
    tx,
    sql<PaceState & { way: string }>`select way, free_at, quiet_until from channel_pace
      where way = any(${texts(ways)}) order by way for update`,
  );
  return new Map(rows.map(({ way, freeAt, quietUntil }) => [way, { freeAt, quietUntil }]));
}

export async function savePaces(tx: Tx, states: ReadonlyMap<string, PaceState>): Promise<void> {
  const rows = [...states].toSorted(([a], [b]) => (a < b ? -1 : 1));
  await run(
    tx,
    sql`update channel_pace p set free_at = s.free_at, quiet_until = s.quiet_until
      from unnest(${texts(rows.map(([way]) => way))}, ${rows.map(([, { freeAt }]) => freeAt)}::bigint[],
        ${rows.map(([, { quietUntil }]) => quietUntil)}::bigint[]) as s (way, free_at, quiet_until)
      where p.way = s.way`,
  );
}

/** Remembers that a provider asked to be left alone. */
export async function quieten(tx: Tx, way: string, until: Instant): Promise<void> {
  await run(
    tx,
    sql`insert into channel_pace as p (way, quiet_until) values (${way}, ${until})
      on conflict (way) do update set quiet_until = greatest(p.quiet_until, excluded.quiet_until)`,
  );
}

/** Takes out what has rested for a minute: nothing of it is of use any more. */
export async function forgetPaces(tx: Tx, now: Instant): Promise<void> {
  const rested = addMs(now, -MINUTE);
  await run(
    tx,
    sql`delete from channel_pace where way in (select way from channel_pace
      where free_at < ${rested} and quiet_until < ${rested} order by way for update skip locked)`,
  );
}
