/** Rows of the spool: whole requests that wait to be decided about, and what each key has put there. */
import { all, maybe, one, type Queryable, run, sql, texts, type Tx } from "../../base/db.ts";
import type { Severity } from "../../../contract/ids.ts";
import type { Instant } from "../../base/instant.ts";
import { AHEAD_OF_A_STORM, IN_A_STORM, STORM_RULE, type StormKey } from "./storm.ts";

export type Spooled = {
  readonly keyId: string;
  readonly signals: number;
  readonly sealed: Buffer;
};

/** Writes whole requests in one statement: the commit is the acknowledgement. */
export async function insertSpooled(
  tx: Queryable,
  rows: readonly Spooled[],
  now: Instant,
): Promise<void> {
  await run(
    tx,
    sql`with rows as (
        select * from unnest(${texts(rows.map(({ keyId }) => keyId))},
          ${rows.map(({ signals }) => signals)}::integer[],
          ${rows.map(({ sealed }) => sealed)}::bytea[]) with ordinality as r (key_id, signals, sealed, place)),
      counted as (insert into storm_key as k (key_id, since, last_at, spooled)
        select key_id, ${now}::bigint, ${now}::bigint, sum(signals) from rows group by key_id order by key_id
        on conflict (key_id) do update set spooled = k.spooled + excluded.spooled, last_at = excluded.last_at)
      insert into spool (key_id, received_at, signals, sealed)
      select key_id, ${now}, signals, sealed from rows order by place`,
  );
}

export type Taken = Spooled & { readonly id: number; readonly receivedAt: Instant };

/**
 * Takes the oldest requests out of the spool, about so many signals, until the transaction ends; none while
 * another node is projecting some.
 */
export async function takeSpooled(
  tx: Tx,
  now: Instant,
  signals: number,
): Promise<readonly Taken[]> {
  const lock = await one(
    tx,
    sql<{ held: boolean }>`select pg_try_advisory_xact_lock(${SPOOL_LOCK}) as held`,
  );
  if (!lock.held) return [];
  const rows = await all(
    tx,
    sql<Taken>`delete from spool where id in (
        select id from (select id, sum(signals) over (order by id) - signals as before
          from (select id, signals from spool order by id limit ${signals}) as oldest) as counted
        where before < ${signals})
        -- A node of the version before takes a lease instead.
        and not exists (select 1 from spool where lease_until > ${now})
      returning id, key_id, signals, sealed, received_at`,
  );
  return rows.toSorted((a, b) => a.id - b.id);
}
const SPOOL_LOCK = 7_364_505;

/** What was taken is projected. Said last: whoever spools more of a key waits for it. */
export async function countProjected(tx: Tx, taken: readonly Taken[]): Promise<void> {
  const counts = new Map<string, number>();
  for (const { keyId, signals } of taken) counts.set(keyId, (counts.get(keyId) ?? 0) + signals);
  const keys = [...counts.keys()].toSorted();
  await run(
    tx,
    sql`with counts as (select * from unnest(${texts(keys)},
          ${keys.map((key) => counts.get(key))}::bigint[]) as c (key_id, signals)),
        locked as (select key_id from storm_key where key_id = any(${texts(keys)}) order by key_id for update)
      update storm_key k set projected = k.projected + counts.signals
      from counts join locked using (key_id) where k.key_id = counts.key_id`,
  );
}

/** The keys of which something waits in the spool. */
export async function listSpoolingKeys(tx: Queryable): Promise<ReadonlySet<string>> {
  const rows = await all(
    tx,
    sql<{
      keyId: string;
    }>`select key_id from storm_key where spooled > projected order by key_id limit 10000`,
  );
  return new Set(rows.map(({ keyId }) => keyId));
}

/** How many alerts wait for the engine, counted no further than `most`. */
export async function countBacklog(tx: Queryable, now: Instant, most: number): Promise<number> {
  const row = await one(
    tx,
    sql<{ waiting: number }>`select count(*) as waiting from (
      select 1 from alert_open where attend_at <= ${now} limit ${most}) as a`,
  );
  return row.waiting;
}

/** What storms, the loudest first. */
export async function listStormKeys(tx: Queryable): Promise<readonly StormKey[]> {
  return all(
    tx,
    sql<StormKey>`select key_id, since, last_at, spooled, projected from storm_key
      order by spooled desc, key_id limit 10000`,
  );
}

export type SpoolDepth = { readonly signals: number; readonly oldestAt: Instant | null };

/** How much waits in the spool, and since when. */
export async function findSpoolDepth(tx: Queryable): Promise<SpoolDepth> {
  return one(
    tx,
    sql<SpoolDepth>`select
      (select coalesce(sum(spooled - projected), 0) from storm_key) as signals,
      (select received_at from spool order by id limit 1) as oldest_at`,
  );
}

export type StormRow = { readonly incidentNumber: number; readonly toldAt: Instant };

export async function findStorm(tx: Queryable): Promise<StormRow | null> {
  return maybe(tx, sql<StormRow>`select incident_number, told_at from storm`);
}

/** One node at a time tells about the storm. */
export async function lockStorm(tx: Tx): Promise<boolean> {
  const row = await one(
    tx,
    sql<{ held: boolean }>`select pg_try_advisory_xact_lock(${STORM_LOCK}) as held`,
  );
  return row.held;
}
const STORM_LOCK = 7_364_506;

export async function saveStorm(tx: Tx, { incidentNumber, toldAt }: StormRow): Promise<void> {
  await run(
    tx,
    sql`insert into storm (incident_number, told_at) values (${incidentNumber}, ${toldAt})
      on conflict (only_row) do update set incident_number = excluded.incident_number, told_at = excluded.told_at`,
  );
}

/** The storm is over: what it counted stands on the timeline of its incident. */
export async function deleteStorm(tx: Tx): Promise<void> {
  await run(tx, sql`delete from storm`);
  await run(tx, sql`delete from storm_key where spooled <= projected`);
}

/** Open incidents that rules declared since, in which alerts of these keys stand and no others. */
export async function findIncidentsOfKeys(
  tx: Queryable,
  keys: readonly string[],
  since: Instant,
  limit: number,
): Promise<readonly number[]> {
  const rows = await all(
    tx,
    sql<{ number: number }>`select number from incident i
      where state in ('declared', 'mitigated') and merged_into is null
        and rule_id is not null and rule_id <> ${STORM_RULE}
        and not restricted and declared_at >= ${since}
        and exists (select 1 from alert_open a where a.incident_number = i.number and a.key_id = any(${texts(keys)}))
        and not exists (select 1 from alert_open a where a.incident_number = i.number
          and (a.key_id <> all(${texts(keys)}) or starts_with(a.because, ${AHEAD_OF_A_STORM})))
      order by number limit ${limit}`,
  );
  return rows.map(({ number }) => number);
}

/** What the storm's keys sent on their way past the spool is the storm's too, unless something lets it wait. */
export async function claimWaiting(
  tx: Tx,
  keys: readonly string[],
  limit: number,
): Promise<number> {
  return run(
    tx,
    sql`update alert_open set because = ${IN_A_STORM} || rule_id || ' would declare it', rule_id = ${STORM_RULE}, rule_file = null, rule_line = null
      where id in (select id from alert_open
        where attend_at is not null and hold is null and incident_number is null and outcome = 'declare'
          and rule_id <> ${STORM_RULE} and key_id = any(${texts(keys)}) and not starts_with(because, ${AHEAD_OF_A_STORM})
        order by attend_at, id limit ${limit} for update skip locked)`,
  );
}

export type Joined = {
  readonly services: readonly string[];
  readonly worst: Severity;
  /** What the worst is called. */
  readonly title: string;
};

/** Of the open alerts of an incident that came since: their services, and the worst that a rule says. */
export async function findJoined(
  tx: Queryable,
  incidentNumber: number,
  since: Instant | null,
): Promise<Joined | null> {
  const of = sql`alert_open where incident_number = ${incidentNumber} and declare_severity is not null
    ${since === null ? sql`` : sql`and first_received_at >= ${since}`}`;
  const worst = await maybe(
    tx,
    sql<{ worst: Severity; title: string }>`select declare_severity as worst, title from ${of}
      order by declare_severity, first_received_at, id limit 1`,
  );
  if (worst === null) return null;
  const rows = await all(
    tx,
    sql<{
      serviceId: string;
    }>`select distinct service_id from ${of} order by service_id limit 1000`,
  );
  return { ...worst, services: rows.map(({ serviceId }) => serviceId) };
}
