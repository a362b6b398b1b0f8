/**
 * What security alerts spoke of, and the indicators that it matches: both ways, so that an alert meets
 * what is known already and a new indicator meets the alerts of the last 90 days.
 */
import { all, maybe, type Queryable, run, sql, texts, type Tx } from "../../base/db.ts";
import { addMs, DAY, type Instant } from "../../base/instant.ts";

/** How far back a new indicator is looked for. */
export const BACKWARDS_MS = 90 * DAY;

export type LookCursor = {
  readonly name: string;
  readonly lagMs: number;
  readonly lookedTo: Instant;
};

/** Cursors that no other node is moving. */
export const lockCursors = (tx: Tx): Promise<readonly LookCursor[]> =>
  all(
    tx,
    sql<LookCursor>`select name, lag_ms, looked_to from observable_cursor order by name limit 10
      for update skip locked`,
  );

const ALERTS = sql`(select id, first_received_at, details from alert_open
  union all select id, first_received_at, details from alert_closed)`;

/** Where a portion of at most `limit` alerts behind the cursor ends, and whether there is any. */
export async function findWindow(
  tx: Queryable,
  from: Instant,
  until: Instant,
  limit: number,
): Promise<{ readonly count: number; readonly to: Instant | null }> {
  const row = await maybe(
    tx,
    sql<{ count: number; to: Instant | null }>`select count(*) as count, max(at) as to from (
      select first_received_at as at from (
        (select first_received_at from alert_open where first_received_at > ${from}
          and first_received_at <= ${until} order by first_received_at limit ${limit})
        union all
        (select first_received_at from alert_closed where first_received_at > ${from}
          and first_received_at <= ${until} order by first_received_at limit ${limit})) as both_tables
      order by first_received_at limit ${limit}) as portion`,
  );
  return row ?? { count: 0, to: null };
}

export const moveCursor = (tx: Tx, name: string, lookedTo: Instant): Promise<number> =>
  run(tx, sql`update observable_cursor set looked_to = ${lookedTo} where name = ${name}`);

/** Notes what the alerts of a window spoke of; returns how much of it was new. */
export const noteObservables = (tx: Tx, from: Instant, to: Instant): Promise<number> =>
  run(
    tx,
    sql`insert into alert_observable (alert_id, type, value, received_at)
      select distinct a.id, o ->> 'type', o ->> 'value', a.first_received_at
      from ${ALERTS} as a,
        jsonb_array_elements(case jsonb_typeof(a.details -> 'observables') when 'array'
          then a.details -> 'observables' else '[]'::jsonb end) as o
      where a.first_received_at > ${from} and a.first_received_at <= ${to}
        and jsonb_typeof(a.details) = 'object' and a.details ? 'observables'
        and jsonb_typeof(o) = 'object' and length(o ->> 'type') between 1 and 20
        and length(o ->> 'value') between 1 and 1024
      on conflict do nothing`,
  );

/** Matches the observables of a window with what is known, valid when the alert came. */
export const matchForwards = (tx: Tx, from: Instant, to: Instant, now: Instant): Promise<number> =>
  run(
    tx,
    sql`insert into indicator_match (alert_id, indicator_id, matched_at, backwards)
      select o.alert_id, i.id, ${now}::bigint, false
      from alert_observable o join indicator i on i.type = o.type and i.value = o.value
      where o.received_at > ${from} and o.received_at <= ${to} and i.warning is null
        and (i.valid_from is null or i.valid_from <= o.received_at)
        and (i.valid_until is null or i.valid_until > o.received_at)
      on conflict do nothing`,
  );

/** Indicators for which older alerts have not been looked through, and that no other node is at. */
export const lockUnsearched = async (tx: Tx, limit: number): Promise<readonly string[]> =>
  (
    await all(
      tx,
      sql<{ id: string }>`select id from indicator where searched_at is null
        order by updated_at, id limit ${limit} for update skip locked`,
    )
  ).map(({ id }) => id);

/**
 * Looks for new indicators among the alerts of the last 90 days. When an indicator became valid does not
 * count here: what was seen before the feed knew it is what this is for. When it ended does.
 */
export async function matchBackwards(
  tx: Tx,
  ids: readonly string[],
  now: Instant,
): Promise<number> {
  const matched = await run(
    tx,
    sql`insert into indicator_match (alert_id, indicator_id, matched_at, backwards)
      select o.alert_id, i.id, ${now}::bigint, true
      from indicator i join alert_observable o on o.type = i.type and o.value = i.value
      where i.id = any(${texts(ids)}::uuid[]) and i.warning is null
        and o.received_at > ${addMs(now, -BACKWARDS_MS)}
        and (i.valid_until is null or i.valid_until > o.received_at)
      on conflict do nothing`,
  );
  await run(
    tx,
    sql`update indicator set searched_at = ${now} where id = any(${texts(ids)}::uuid[])`,
  );
  return matched;
}

export type Untold = {
  readonly alertId: string;
  readonly indicatorId: string;
  readonly incidentNumber: number;
  readonly title: string;
  readonly type: string;
  readonly value: string;
  readonly source: string;
};

/**
 * Matches whose alert belongs to an incident that does not tell of them yet. Alerts that never get one
 * stay among them, so that only the newest are looked at.
 */
export const listUntold = (
  tx: Queryable,
  since: Instant,
  limit: number,
): Promise<readonly Untold[]> =>
  all(
    tx,
    sql<Untold>`select m.alert_id, m.indicator_id, a.incident_number, a.title, i.type, i.value, i.source
      from (select alert_id, indicator_id, matched_at from indicator_match
        where told_incident is null and matched_at >= ${since}
        order by matched_at desc, alert_id desc limit 500) as m
      join indicator i on i.id = m.indicator_id
      join lateral (select title, incident_number from alert_open where id = m.alert_id
        union all select title, incident_number from alert_closed where id = m.alert_id limit 1) as a on true
      where a.incident_number is not null
      order by a.incident_number, m.matched_at, m.alert_id, m.indicator_id limit ${limit}`,
  );

/** Marks a match as told; false when another node was first. */
export const markTold = async (tx: Tx, match: Untold): Promise<boolean> =>
  (await run(
    tx,
    sql`update indicator_match set told_incident = ${match.incidentNumber}
      where alert_id = ${match.alertId} and indicator_id = ${match.indicatorId} and told_incident is null`,
  )) === 1;

/** Forgets what is older than any indicator looks, at most `limit`. */
export const pruneObservables = (tx: Queryable, before: Instant, limit: number): Promise<number> =>
  run(
    tx,
    sql`delete from alert_observable where ctid = any(array(
      select ctid from alert_observable where received_at < ${before} order by received_at limit ${limit}
      for update skip locked))`,
  );

export type MatchRow = {
  readonly type: string;
  readonly value: string;
  readonly source: string;
  readonly labels: readonly string[];
  readonly matchedAt: Instant;
  readonly backwards: boolean;
};

/** What is known of the observables of one alert. */
export const listMatches = (
  tx: Queryable,
  alertId: string,
  limit: number,
): Promise<readonly MatchRow[]> =>
  all(
    tx,
    sql<MatchRow>`select i.type, i.value, i.source, i.labels, m.matched_at, m.backwards
      from indicator_match m join indicator i on i.id = m.indicator_id
      where m.alert_id = ${alertId}::uuid order by m.matched_at, i.id limit ${limit}`,
  );
