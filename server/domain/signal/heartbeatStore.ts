/** Rows of heartbeats, and of when nodes could hear them. */
import {
  all,
  maybe,
  type Queryable,
  type RawBuilder,
  run,
  sql,
  texts,
  type Tx,
} from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";
import type { Beat, Told } from "./heartbeat.ts";

const COLUMNS = sql`heartbeat_id as id, service_id, rhythm, status, since, pings, last_ping_at, last_ping,
  started_at, expected_from, expected_at, due_at, excused_at, excused_expected_at, telling, told, attend_at`;

export const findBeats = (tx: Queryable, ids: readonly string[]): Promise<readonly Beat[]> =>
  all(
    tx,
    sql<Beat>`select ${COLUMNS} from heartbeat where heartbeat_id = any(${texts(ids)}) order by heartbeat_id`,
  );

const lockBeat = (tx: Tx, id: string): Promise<Beat | null> =>
  maybe(tx, sql<Beat>`select ${COLUMNS} from heartbeat where heartbeat_id = ${id} for update`);

export const lockAllBeats = (tx: Tx): Promise<readonly Beat[]> =>
  all(tx, sql<Beat>`select ${COLUMNS} from heartbeat order by heartbeat_id for update`);

/** The same of one that is heard; where it has no row yet, it begins as this one. */
export async function lockBeatOr(tx: Tx, fresh: Beat): Promise<Beat> {
  const found = await lockBeat(tx, fresh.id);
  if (found !== null) return found;
  await beginBeats(tx, [fresh]);
  return (await lockBeat(tx, fresh.id)) ?? fresh;
}

/** What is due, locked; what another node looks at is passed over. */
export const lockDueBeats = (tx: Tx, now: Instant, limit: number): Promise<readonly Beat[]> =>
  all(
    tx,
    sql<Beat>`select ${COLUMNS} from heartbeat where attend_at <= ${now}
      order by attend_at, heartbeat_id limit ${limit} for update skip locked`,
  );

export const nextBeat = sql`(select min(attend_at) from heartbeat)`;

/** Writes rows whole, those that are not there yet too. */
export const saveBeats = (tx: Tx, beats: readonly Beat[]): Promise<void> =>
  write(
    tx,
    beats,
    sql`do update set service_id = excluded.service_id, rhythm = excluded.rhythm,
        status = excluded.status, since = excluded.since, pings = excluded.pings,
        last_ping_at = excluded.last_ping_at, last_ping = excluded.last_ping, started_at = excluded.started_at,
        expected_from = excluded.expected_from, expected_at = excluded.expected_at, due_at = excluded.due_at,
        excused_at = excluded.excused_at, excused_expected_at = excluded.excused_expected_at,
        telling = excluded.telling, told = excluded.told, attend_at = excluded.attend_at`,
  );

/** Writes rows of heartbeats that were not there a moment ago. One that somebody wrote meanwhile has been heard, and stays. */
export const beginBeats = (tx: Tx, beats: readonly Beat[]): Promise<void> =>
  write(tx, beats, sql`do nothing`);

async function write(
  tx: Tx,
  beats: readonly Beat[],
  whereThere: RawBuilder<unknown>,
): Promise<void> {
  if (beats.length === 0) return;
  await run(
    tx,
    sql`insert into heartbeat (heartbeat_id, service_id, rhythm, status, since, pings, last_ping_at, last_ping,
        started_at, expected_from, expected_at, due_at, excused_at, excused_expected_at, telling, told, attend_at)
      select id, "serviceId", rhythm, status, since, pings, "lastPingAt", "lastPing", "startedAt", "expectedFrom",
        "expectedAt", "dueAt", "excusedAt", "excusedExpectedAt", telling, told, "attendAt"
      from jsonb_to_recordset(${JSON.stringify(beats)}::jsonb) as r (id text, "serviceId" text, rhythm text,
        status text, since bigint, pings bigint, "lastPingAt" bigint, "lastPing" text, "startedAt" bigint,
        "expectedFrom" bigint, "expectedAt" bigint, "dueAt" bigint, "excusedAt" bigint,
        "excusedExpectedAt" bigint, telling text, told text, "attendAt" bigint) order by id
      on conflict (heartbeat_id) ${whereThere}`,
  );
}

export const forgetBeats = (tx: Tx, ids: readonly string[]): Promise<number> =>
  run(tx, sql`delete from heartbeat where heartbeat_id = any(${texts(ids)})`);

/** What was told is told; whoever took it over after the lease settles it instead. */
export const lockTold = (
  tx: Tx,
  ids: readonly string[],
  lease: Instant,
): Promise<readonly Beat[]> =>
  all(
    tx,
    sql<
      Beat & { telling: Told }
    >`select ${COLUMNS} from heartbeat where heartbeat_id = any(${texts(ids)})
      and telling is not null and attend_at = ${lease} order by heartbeat_id for update`,
  );

export type ListenedSpan = { readonly since: Instant; readonly until: Instant };

/** A node could hear pings from `since` until now. */
export const saveListening = (
  tx: Queryable,
  span: ListenedSpan & { readonly id: string },
): Promise<number> =>
  run(
    tx,
    sql`insert into heartbeat_listener (id, since, until) values (${span.id}, ${span.since}, ${span.until})
      on conflict (id) do update set until = excluded.until`,
  );

export const listListening = (
  tx: Queryable,
  from: Instant,
  to: Instant,
): Promise<readonly ListenedSpan[]> =>
  all(
    tx,
    sql<ListenedSpan>`select since, until from heartbeat_listener
      where until >= ${from} and since <= ${to} order by since limit 10000`,
  );

export const forgetListening = (tx: Queryable, before: Instant): Promise<number> =>
  run(tx, sql`delete from heartbeat_listener where until < ${before}`);
