/**
 * Rows of measurements, of what rules last said about them, and of the queries that are polled.
 * Sets of rows travel as one jsonb parameter. Writers touch states in the order of their key, and
 * the engine passes over locked ones, so that nobody deadlocks.
 */
import { all, json, type Queryable, run, sql, texts, type Tx } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";
import type { Sample } from "./condition.ts";
import type { KeptVerdict, WatchState } from "./watch.ts";

export type MeasurementRow = {
  readonly at: Instant;
  readonly keyId: string;
  readonly serviceId: string;
  readonly measure: string;
  readonly series: string;
  readonly value: number;
};

/** Inserts measurements; one at the same instant of the same series replaces the earlier one. */
export async function saveMeasurements(
  tx: Tx,
  rows: readonly MeasurementRow[],
  receivedAt: Instant,
): Promise<void> {
  await run(
    tx,
    sql`insert into measurement (at, key_id, service_id, measure, series, value, received_at)
      select r.at, r."keyId", r."serviceId", r.measure, r.series, r.value, ${receivedAt}::bigint
      from jsonb_to_recordset(${json(rows)}) as r
        (at bigint, "keyId" text, "serviceId" text, measure text, series text, value float8)
      order by r."serviceId", r.measure, r.series, r.at
      on conflict (service_id, measure, series, at) do update set
        value = excluded.value, key_id = excluded.key_id, received_at = excluded.received_at`,
  );
}

/** Forgets measurements that are older than `before`, at most `limit`; returns how many. */
export async function pruneMeasurements(
  tx: Queryable,
  before: Instant,
  limit: number,
): Promise<number> {
  return run(
    tx,
    sql`delete from measurement where ctid = any(array(
      select ctid from measurement where at < ${before} order by at limit ${limit}
      for update skip locked))`,
  );
}

/** Lets the engine look at these states at once, and makes those that are new. */
export async function awakenStates(
  tx: Tx,
  states: readonly Omit<WatchState, "firingSince" | "owes">[],
  dueAt: Instant,
): Promise<void> {
  await run(
    tx,
    sql`insert into condition_state as s
        (rule_id, service_id, series, measure, labels, key_id, due_at)
      select r."ruleId", r."serviceId", r.series, r.measure, r.labels, r."keyId", ${dueAt}::bigint
      from jsonb_to_recordset(${json(states)}) as r ("ruleId" text, "serviceId" text,
        series text, measure text, labels jsonb, "keyId" text)
      order by r."ruleId", r."serviceId", r.series
      on conflict (rule_id, service_id, series) do update set
        measure = excluded.measure, due_at = least(s.due_at, excluded.due_at)`,
  );
}

/** Lets the engine look at the states whose rule is gone or asks for another measure. */
export async function awakenOrphans(
  tx: Queryable,
  rules: readonly { readonly id: string; readonly measure: string }[],
  dueAt: Instant,
): Promise<void> {
  await run(
    tx,
    sql`update condition_state s set due_at = ${dueAt} where s.due_at > ${dueAt} and not exists (
      select 1 from jsonb_to_recordset(${json(rules)}) as r (id text, measure text)
      where r.id = s.rule_id and r.measure = s.measure)`,
  );
}

export type LockedState = WatchState & { readonly verdict: KeptVerdict | null };

/** Locks due states that no other node is handing over, in the order in which they are due. */
export async function lockDueStates(
  tx: Tx,
  now: Instant,
  limit: number,
): Promise<readonly LockedState[]> {
  return all(
    tx,
    sql<LockedState>`select rule_id, service_id, series, measure, labels, key_id, verdict,
        firing_since, owes
      from condition_state
      where due_at <= ${now} and (lease_until is null or lease_until <= ${now})
      order by due_at, rule_id, service_id, series limit ${limit} for update skip locked`,
  );
}

/** When the next series is looked at. */
export const nextState = sql`least(
  (select min(due_at) from condition_state where lease_until is null),
  (select greatest(due_at, lease_until) from condition_state
    where lease_until is not null order by lease_until limit 1))`;

/** What a node needs of the samples of one series. */
export type SampleNeed = Pick<WatchState, "serviceId" | "measure" | "series"> & {
  readonly since: Instant;
};

/** The samples of each need, by its position. */
export async function findSamples(
  tx: Queryable,
  needs: readonly SampleNeed[],
  limitEach: number,
): Promise<readonly (readonly Sample[])[]> {
  const found: Sample[][] = needs.map(() => []);
  const rows = await all(
    tx,
    sql<Sample & { position: number }>`select n.position, m.at, m.value
      from jsonb_to_recordset(${json(needs.map((need, position) => ({ ...need, position })))}) as n
        (position integer, "serviceId" text, measure text, series text, since bigint)
      cross join lateral (
        select at, value from measurement m where m.service_id = n."serviceId"
          and m.measure = n.measure and m.series = n.series and m.at >= n.since
        order by m.at desc limit ${limitEach}) as m
      order by n.position, m.at`,
  );
  for (const { position, at, value } of rows) found[position]!.push({ at, value });
  return found;
}

export type StateKey = Pick<WatchState, "ruleId" | "serviceId" | "series">;

export type SavedLook = StateKey & {
  readonly verdict: KeptVerdict | null;
  readonly firingSince: Instant | null;
  readonly owes: "ring" | "resolve" | null;
  readonly dueAt: Instant;
  readonly leaseUntil: Instant | null;
};

const KEY = sql.raw(
  `s.rule_id = r."ruleId" and s.service_id = r."serviceId" and s.series = r.series`,
);

export async function saveLooks(tx: Tx, looks: readonly SavedLook[]): Promise<void> {
  await run(
    tx,
    sql`update condition_state s set verdict = r.verdict, owes = r.owes,
        firing_since = r."firingSince", due_at = r."dueAt", lease_until = r."leaseUntil"
      from jsonb_to_recordset(${json(looks)}) as r ("ruleId" text, "serviceId" text, series text,
        verdict jsonb, "firingSince" bigint, owes text, "dueAt" bigint, "leaseUntil" bigint)
      where ${KEY}`,
  );
}

/** Leases what is still owed once more, without another look. */
export async function leaseOwed(
  tx: Tx,
  keys: readonly StateKey[],
  leaseUntil: Instant,
): Promise<void> {
  await run(
    tx,
    sql`update condition_state s set due_at = ${leaseUntil}, lease_until = ${leaseUntil}
      from jsonb_to_recordset(${json(keys)}) as r ("ruleId" text, "serviceId" text, series text)
      where ${KEY}`,
  );
}

export async function forgetStates(tx: Tx, keys: readonly StateKey[]): Promise<void> {
  await run(
    tx,
    sql`delete from condition_state s
      using jsonb_to_recordset(${json(keys)}) as r ("ruleId" text, "serviceId" text, series text)
      where ${KEY}`,
  );
}

/**
 * What was owed has been handed over. A sample that came meanwhile keeps its earlier look. A node
 * that was so slow that its lease has gone to another one cannot know which of the two signals came
 * last: what the row says is then owed again, and every signal of it is harmless twice.
 */
export async function settleOwed(
  tx: Queryable,
  settled: readonly (StateKey & { readonly dueAt: Instant })[],
  leaseUntil: Instant,
  now: Instant,
): Promise<void> {
  await run(
    tx,
    sql`update condition_state s set
        owes = case when s.lease_until = ${leaseUntil} then null
          when s.firing_since is null then 'resolve' else 'ring' end,
        due_at = case when s.lease_until is distinct from ${leaseUntil} then ${now}
          when s.due_at = ${leaseUntil} then r."dueAt" else s.due_at end,
        lease_until = null
      from jsonb_to_recordset(${json(settled)}) as r
        ("ruleId" text, "serviceId" text, series text, "dueAt" bigint)
      where ${KEY}`,
  );
}

/** Polls these measures from now on, and no others. */
export async function keepQueries(
  tx: Tx,
  measures: readonly string[],
  dueAt: Instant,
): Promise<void> {
  await run(tx, sql`delete from measurement_query where not (measure = any(${texts(measures)}))`);
  await run(
    tx,
    sql`insert into measurement_query (measure, due_at)
      select m, ${dueAt}::bigint from unnest(${texts(measures)}) as m order by m
      on conflict (measure) do nothing`,
  );
}

export type DueQuery = { readonly measure: string; readonly failures: number };

/** Takes due queries, so that no other node asks them until `leaseUntil`. */
export async function takeDueQueries(
  tx: Queryable,
  now: Instant,
  leaseUntil: Instant,
  limit: number,
): Promise<readonly DueQuery[]> {
  return all(
    tx,
    sql<DueQuery>`update measurement_query q set due_at = ${leaseUntil} where q.measure in (
        select measure from measurement_query where due_at <= ${now}
        order by due_at, measure limit ${limit} for update skip locked)
      returning q.measure, q.failures`,
  );
}

/** When the next query is due. */
export const nextQuery = sql`(select min(due_at) from measurement_query)`;

/** Every query that is polled, with why it had no numbers the last time, or null. */
export async function listQueries(
  tx: Queryable,
): Promise<readonly { readonly measure: string; readonly failure: string | null }[]> {
  return all(
    tx,
    sql<{ measure: string; failure: string | null }>`
      select measure, failure from measurement_query order by measure limit 1000`,
  );
}

/** Records how a poll ended, in words when it brought no numbers, and when the next one is due. */
export async function saveQuery(
  tx: Queryable,
  query: DueQuery & { readonly failure: string | null; readonly dueAt: Instant },
): Promise<void> {
  await run(
    tx,
    sql`update measurement_query set due_at = ${query.dueAt}, failures = ${query.failures},
      failure = ${query.failure} where measure = ${query.measure}`,
  );
}
