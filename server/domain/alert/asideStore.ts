/** Rows beside the spool: what cannot be stored, and which alerts went ahead of what waits there. */
import { all, maybe, one, type Queryable, run, sql, texts, type Tx } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";
import { alertKeyOf } from "./alert.ts";

export type Aside = {
  readonly keyId: string;
  readonly receivedAt: Instant;
  readonly because: string;
  readonly sealed: Buffer;
};

/** Sets aside what was accepted and cannot be stored, with everything that came. */
export async function insertAside(tx: Tx, rows: readonly Aside[], now: Instant): Promise<void> {
  if (rows.length === 0) return;
  await run(
    tx,
    sql`insert into spool_aside (key_id, received_at, found_at, because, sealed)
      select key_id, received_at, ${now}::bigint, because, sealed
      from unnest(${texts(rows.map(({ keyId }) => keyId))}, ${rows.map((row) => row.receivedAt)}::bigint[],
        ${texts(rows.map(({ because }) => because))}, ${rows.map(({ sealed }) => sealed)}::bytea[])
        with ordinality as r (key_id, received_at, because, sealed, place) order by place`,
  );
}

export type AsideRow = Aside & { readonly id: number; readonly foundAt: Instant };

/** What was set aside, the newest first. */
export async function listAside(
  tx: Queryable,
  limit: number,
  before: number | null,
): Promise<readonly Omit<AsideRow, "sealed">[]> {
  return all(
    tx,
    sql<Omit<AsideRow, "sealed">>`select id, key_id, received_at, found_at, because from spool_aside
      where id < ${before ?? Number.MAX_SAFE_INTEGER} order by id desc limit ${limit}`,
  );
}

export async function findAside(tx: Queryable, id: number): Promise<AsideRow | null> {
  return maybe(tx, sql<AsideRow>`select ${ASIDE} from spool_aside where id = ${id}`);
}

export async function lockAside(tx: Tx, id: number): Promise<AsideRow | null> {
  return maybe(tx, sql<AsideRow>`select ${ASIDE} from spool_aside where id = ${id} for update`);
}
const ASIDE = sql.raw("id, key_id, received_at, found_at, because, sealed");

export async function countAside(tx: Queryable): Promise<number> {
  const { count } = await one(
    tx,
    sql<{
      count: number;
    }>`select count(*) as count from (select from spool_aside limit 10000) as a`,
  );
  return count;
}

export async function deleteAside(tx: Tx, id: number): Promise<void> {
  await run(tx, sql`delete from spool_aside where id = ${id}`);
}

/** What is left of it after another try, with the reason of that one. */
export async function keepAside(
  tx: Tx,
  { id, because, sealed }: Pick<AsideRow, "id" | "because" | "sealed">,
): Promise<void> {
  await run(
    tx,
    sql`update spool_aside set because = ${because}, sealed = ${sealed} where id = ${id}`,
  );
}

/** Forgets what was set aside before; somebody was told for as long as it stood there. */
export async function forgetAside(tx: Queryable, before: Instant, limit: number): Promise<number> {
  return run(
    tx,
    sql`delete from spool_aside where id in (select id from spool_aside where found_at < ${before}
      order by found_at, id limit ${limit})`,
  );
}

export type Overtaking = { readonly keyId: string; readonly dedupKey: string };

/** Says before it happens that these alerts go ahead of all that stands in the spool now. */
export async function saveOvertaking(tx: Tx, alerts: readonly Overtaking[]): Promise<void> {
  await run(
    tx,
    sql`insert into spool_overtaken (key_id, dedup_key, spool_id)
      select key_id, dedup_key, (select coalesce(max(id), 0) from spool)
      from unnest(${texts(alerts.map(({ keyId }) => keyId))}, ${texts(alerts.map(({ dedupKey }) => dedupKey))})
        as a (key_id, dedup_key) order by key_id, dedup_key
      on conflict (key_id, dedup_key) do update set spool_id = greatest(spool_overtaken.spool_id, excluded.spool_id)`,
  );
}

/** The last row of the spool that each alert has overtaken, by its key as one text. */
export async function findOvertaken(tx: Tx): Promise<ReadonlyMap<string, number>> {
  const rows = await all(
    tx,
    sql<
      Overtaking & { spoolId: number }
    >`select key_id, dedup_key, spool_id from spool_overtaken order by key_id, dedup_key limit 100000`,
  );
  return new Map(rows.map((row) => [alertKeyOf(row.keyId, row.dedupKey), row.spoolId]));
}

/** Nothing that was overtaken waits any more. */
export async function forgetOvertaken(tx: Tx): Promise<void> {
  await run(
    tx,
    sql`delete from spool_overtaken o where not exists (select from spool s where s.id <= o.spool_id)`,
  );
}
