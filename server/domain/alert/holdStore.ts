/** Rows of alerts that wait: written down, looked at again, counted. */
import { all, json, type Queryable, run, sql, texts, type Tx } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";
import type { Hold } from "./hold.ts";

/** Lets these alerts wait; one that is over waits for nothing, its hold only says why. */
export async function saveHolds(
  tx: Tx,
  held: readonly { readonly id: string; readonly hold: Hold }[],
): Promise<void> {
  const rows = held.map(({ id, hold }) => ({ id, hold, until: hold.until }));
  for (const [table, due] of [
    [sql.raw("alert_open"), sql.raw("r.until")],
    [sql.raw("alert_closed"), sql.raw("null")],
  ] as const) {
    await run(
      tx,
      sql`update ${table} a set hold = r.hold, attend_at = ${due}
        from jsonb_to_recordset(${json(rows)}) as r (id uuid, hold jsonb, until bigint)
        where a.id = r.id`,
    );
  }
}

/** Lets the engine look at once at what is held by any of these; returns how many. */
export async function awakenHeld(tx: Tx, by: readonly string[], now: Instant): Promise<number> {
  if (by.length === 0) return 0;
  return run(
    tx,
    sql`with wanted as materialized (select id from alert_open
          where hold ->> 'by' = any(${texts(by)}) and hold is not null and attend_at > ${now}
          order by key_id collate "C", dedup_key collate "C" for update)
        update alert_open a set attend_at = ${now} from wanted where a.id = wanted.id`,
  );
}

/** Lets the engine look again at what waits since an earlier configuration; returns how many. */
export async function awakenOutdated(
  tx: Queryable,
  config: number,
  now: Instant,
  limit: number,
): Promise<number> {
  return run(
    tx,
    sql`update alert_open set attend_at = ${now}, hold = jsonb_set(hold, '{config}', to_jsonb(${config}::bigint))
      where id in (select id from alert_open
        where hold is not null and attend_at is not null and (hold ->> 'config')::bigint < ${config}
        order by (hold ->> 'config')::bigint, id limit ${limit} for update skip locked)`,
  );
}

/** How many open alerts each of these holds. */
export async function countHeld(
  tx: Queryable,
  by: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await all(
    tx,
    sql<{ by: string; held: number }>`select hold ->> 'by' as by, count(*) as held from alert_open
      where hold ->> 'by' = any(${texts(by)}) and hold is not null and attend_at is not null
      group by hold ->> 'by' order by 1 limit 10000`,
  );
  return new Map(rows.map((row) => [row.by, row.held]));
}
