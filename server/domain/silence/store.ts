/** Rows of silences and of what they held. Maintenance windows are configuration. */
import {
  all,
  json,
  maybe,
  one,
  type Queryable,
  type RawBuilder,
  run,
  sql,
  texts,
  type Tx,
} from "../../base/db.ts";
import type { Cursor } from "../../base/cursor.ts";
import type { Instant } from "../../base/instant.ts";
import type { SilenceRow } from "./silence.ts";

const columns = sql.raw(
  "id, matchers, reason, owner, starts_at, ends_at, recurs, created_at, created_by",
);

/** More silences than this at once are no longer read by anybody; creating one more is refused. */
export const SILENCES_MAX = 2_000;

export async function insertSilence(tx: Tx, row: SilenceRow): Promise<void> {
  await run(
    tx,
    sql`insert into silence (${columns}) values (${row.id}, ${texts(row.matchers)}, ${row.reason}, ${row.owner},
      ${row.startsAt}, ${row.endsAt}, ${row.recurs === null ? null : json(row.recurs)}, ${row.createdAt},
      ${json(row.createdBy)})`,
  );
}

export async function lockSilence(tx: Tx, id: string): Promise<SilenceRow | null> {
  return maybe(tx, sql<SilenceRow>`select ${columns} from silence where id = ${id} for update`);
}

export async function findSilence(tx: Queryable, id: string): Promise<SilenceRow | null> {
  return maybe(tx, sql<SilenceRow>`select ${columns} from silence where id = ${id}`);
}

/** Ends it, and lets the engine look at what it holds. */
export async function saveSilenceEnd(
  tx: Tx,
  id: string,
  endsAt: Instant,
  attendAt: Instant,
): Promise<void> {
  await run(
    tx,
    sql`update silence set ends_at = ${endsAt}, starts_at = least(starts_at, ${endsAt}),
      attend_at = ${attendAt} where id = ${id}`,
  );
}

/** Silences that are in force at `at` or come later, in the order in which they were made. */
export async function listLiveSilences(tx: Queryable, at: Instant): Promise<readonly SilenceRow[]> {
  return all(
    tx,
    sql<SilenceRow>`select ${columns} from silence where ends_at > ${at}
      order by ends_at, id limit ${SILENCES_MAX}`,
  );
}

/** Differs when other silences are live, or until other times. */
export const liveMark = (at: Instant): RawBuilder<unknown> =>
  sql`(select coalesce(sum(hashtextextended(id::text || ' ' || ends_at, 0)), 0)::text
    from silence where ends_at > ${at})`;

export async function readLiveMark(tx: Queryable, at: Instant): Promise<string> {
  const row = await one(tx, sql<{ mark: string }>`select ${liveMark(at)} as mark`);
  return row.mark;
}

/** When the next silence that somebody ended is to be looked at. */
export const nextSilenceEnd = sql`(select min(attend_at) from silence where attend_at is not null)`;

/**
 * Of these silences, the ids of those that have not been ended meanwhile. They stay as they are until
 * the transaction ends: whoever ends one afterwards finds every alert that it holds.
 */
export async function keepSilences(
  tx: Tx,
  ids: readonly string[],
  at: Instant,
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await all(
    tx,
    sql<{
      id: string;
    }>`select id from silence where id = any(${[...ids]}::uuid[]) and ends_at > ${at}
      order by id limit ${SILENCES_MAX} for share`,
  );
  return new Set(rows.map(({ id }) => id));
}

/** Newest first. */
export async function listSilences(
  tx: Queryable,
  state: "pending" | "active" | "expired" | undefined,
  now: Instant,
  limit: number,
  after: Cursor | null,
): Promise<readonly SilenceRow[]> {
  const inState =
    state === undefined
      ? sql`true`
      : state === "expired"
        ? sql`ends_at <= ${now}`
        : state === "pending"
          ? sql`ends_at > ${now} and starts_at > ${now}`
          : sql`ends_at > ${now} and starts_at <= ${now}`;
  return all(
    tx,
    sql<SilenceRow>`select ${columns} from silence where ${inState}
        and ${after === null ? sql`true` : sql`(created_at, id) < (${after.at}, ${after.id}::uuid)`}
      order by created_at desc, id desc limit ${limit}`,
  );
}

/** Whether a silence was ended whose alerts have not been looked at since. */
export async function isSilenceEnded(tx: Queryable, now: Instant): Promise<boolean> {
  const query = sql`select id from silence where attend_at <= ${now} limit 1`;
  return (await maybe(tx, query)) !== null;
}

/** Takes those silences; passes over what another node has taken. */
export async function takeEndedSilences(
  tx: Tx,
  now: Instant,
  limit: number,
): Promise<readonly string[]> {
  const rows = await all(
    tx,
    sql<{ id: string }>`update silence set attend_at = null where id in (
        select id from silence where attend_at <= ${now} order by attend_at, id limit ${limit}
        for update skip locked)
      returning id`,
  );
  return rows.map(({ id }) => id);
}

export type Hit = { readonly mute: string; readonly alertId: string; readonly pages: boolean };

/** Remembers what was held by what, once for each alert. */
export async function saveHits(tx: Tx, hits: readonly Hit[], at: Instant): Promise<void> {
  if (hits.length === 0) return;
  await run(
    tx,
    sql`insert into silence_hit (mute, alert_id, at, pages)
      select r.mute, r."alertId", ${at}::bigint, r.pages
      from jsonb_to_recordset(${json(hits)}) as r (mute text, "alertId" uuid, pages boolean)
      order by r.mute, r."alertId"
      on conflict (mute, alert_id) do update set pages = silence_hit.pages or excluded.pages`,
  );
}

export type MuteCounts = { readonly held: number; readonly wouldHavePaged: number };

export async function countHits(
  tx: Queryable,
  mutes: readonly string[],
): Promise<ReadonlyMap<string, MuteCounts>> {
  const rows = await all(
    tx,
    sql<MuteCounts & { mute: string }>`select mute, count(*) as held,
        count(*) filter (where pages) as would_have_paged
      from silence_hit where mute = any(${texts(mutes)}) group by mute order by mute limit 10000`,
  );
  return new Map(rows.map((row) => [row.mute, row]));
}

/** Says that the owner hears of the end of a span; false when another node has said so. */
export async function insertNotice(
  tx: Tx,
  mute: string,
  spanEnd: Instant,
  at: Instant,
): Promise<boolean> {
  return (
    (await run(
      tx,
      sql`insert into silence_notice (mute, span_end, at) values (${mute}, ${spanEnd}, ${at})
        on conflict do nothing`,
    )) > 0
  );
}

/** Which ends of spans have been told already, as "mute span_end". */
export async function listNotices(
  tx: Queryable,
  mutes: readonly string[],
  since: Instant,
): Promise<ReadonlySet<string>> {
  const rows = await all(
    tx,
    sql<{ mute: string; spanEnd: Instant }>`select mute, span_end from silence_notice
      where mute = any(${texts(mutes)}) and span_end > ${since} order by mute, span_end limit 10000`,
  );
  return new Set(rows.map(({ mute, spanEnd }) => `${mute} ${spanEnd}`));
}
