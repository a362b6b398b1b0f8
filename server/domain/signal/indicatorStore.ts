/** Rows of indicators. */
import { all, json, type Queryable, run, sql, type Tx } from "../../base/db.ts";
import type { Cursor } from "../../base/cursor.ts";
import type { Instant } from "../../base/instant.ts";
import type { Indicator } from "./indicator.ts";
import { warningFor } from "./warningLists.ts";

export type IndicatorRow = Indicator & {
  readonly id: string;
  readonly warning: string | null;
  readonly adapter: string;
  readonly receivedAt: Instant;
  readonly updatedAt: Instant;
  readonly searchedAt: Instant | null;
  readonly matches: number;
};

export type KeptIndicator = Indicator & { readonly id: string; readonly adapter: string };

/**
 * Inserts indicators, or brings those of the same source up to date. Only what is new, or valid for
 * longer than before, is searched backwards: a feed that repeats itself costs nothing.
 */
export async function saveIndicators(
  tx: Tx,
  indicators: readonly KeptIndicator[],
  now: Instant,
): Promise<void> {
  const unique = new Map(
    indicators.map((one) => [`${one.type}\0${one.value}\0${one.source}`, one]),
  );
  const rows = [...unique.values()].map((one) => ({
    ...one,
    warning: warningFor(one.type, one.value),
  }));
  await run(
    tx,
    sql`insert into indicator as i (id, type, value, source, valid_from, valid_until, labels, warning, adapter,
        received_at, updated_at)
      select r.id, r.type, r.value, r.source, r."validFrom", r."validUntil", r.labels, r.warning, r.adapter,
        ${now}::bigint, ${now}::bigint
      from jsonb_to_recordset(${json(rows)}) as r (id uuid, type text, value text, source text,
        "validFrom" bigint, "validUntil" bigint, labels jsonb, warning text, adapter text)
      order by r.type, r.value, r.source
      on conflict (type, value, source) do update set
        valid_from = excluded.valid_from, valid_until = excluded.valid_until, labels = excluded.labels,
        warning = excluded.warning, adapter = excluded.adapter, updated_at = excluded.updated_at,
        searched_at = case when coalesce(excluded.valid_until, 9e15) > coalesce(i.valid_until, 9e15)
          then null else i.searched_at end
      where (i.valid_from, i.valid_until, i.labels, i.warning)
        is distinct from (excluded.valid_from, excluded.valid_until, excluded.labels, excluded.warning)`,
  );
}

export type IndicatorFilter = {
  readonly type?: string | undefined;
  readonly value?: string | undefined;
  readonly source?: string | undefined;
};

/** Newest first, each with how many alerts it matched. */
export async function listIndicators(
  tx: Queryable,
  filter: IndicatorFilter,
  limit: number,
  after: Cursor | null,
): Promise<readonly IndicatorRow[]> {
  const { type, value, source } = filter;
  return all(
    tx,
    sql<IndicatorRow>`select i.id, i.type, i.value, i.source, i.valid_from, i.valid_until, i.labels, i.warning,
        i.adapter, i.received_at, i.updated_at, i.searched_at,
        (select count(*) from indicator_match m where m.indicator_id = i.id) as matches
      from indicator i
      where ${type === undefined ? sql`true` : sql`i.type = ${type}`}
        and ${value === undefined ? sql`true` : sql`i.value = ${value}`}
        and ${source === undefined ? sql`true` : sql`i.source = ${source}`}
        and ${after === null ? sql`true` : sql`(i.received_at, i.id) < (${after.at}, ${after.id}::uuid)`}
      order by i.received_at desc, i.id desc limit ${limit}`,
  );
}

/**
 * Forgets indicators that ended before and that no alert has matched, at most `limit`: nothing that is still
 * looked at could meet them.
 */
export const forgetIndicators = (tx: Queryable, before: Instant, limit: number): Promise<number> =>
  run(
    tx,
    sql`delete from indicator where id in (
      select id from indicator i where valid_until < ${before}
        and not exists (select 1 from indicator_match m where m.indicator_id = i.id)
      order by valid_until, id limit ${limit} for update skip locked)`,
  );
