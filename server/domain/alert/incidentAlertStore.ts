/** Rows of alerts by the incident that they belong to. */
import { all, maybe, type Queryable, run, sql, type Tx } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";

/** Attaches one alert by hand. Returns false when there is none. */
export async function attachToIncident(
  tx: Tx,
  id: string,
  incidentNumber: number,
): Promise<boolean> {
  const open = await run(
    tx,
    sql`update alert_open set incident_number = ${incidentNumber}, attend_at = null where id = ${id}`,
  );
  if (open > 0) return true;
  return (
    (await run(
      tx,
      sql`update alert_closed set incident_number = ${incidentNumber}, attend_at = null where id = ${id}`,
    )) > 0
  );
}

/** Moves all alerts of one incident to another, for a merge. */
export async function moveAlerts(tx: Tx, from: number, to: number): Promise<void> {
  await run(
    tx,
    sql`with wanted as materialized (select id from alert_open where incident_number = ${from}
          order by key_id collate "C", dedup_key collate "C" for update)
        update alert_open a set incident_number = ${to}, merged_from = coalesce(a.merged_from, ${from})
        from wanted where a.id = wanted.id`,
  );
  await run(
    tx,
    sql`update alert_closed set incident_number = ${to}, merged_from = coalesce(merged_from, ${from})
      where incident_number = ${from}`,
  );
}

/**
 * Gives an incident back the alerts that a merge moved, and those that would have joined it since; also
 * those of incidents that had been merged into it before.
 */
export async function returnAlerts(
  tx: Tx,
  to: number,
  mergedBefore: readonly number[],
): Promise<void> {
  const from = [to, ...mergedBefore];
  const own = sql`incident_number = ${to}, merged_from = nullif(merged_from, ${to}::integer)`;
  await run(
    tx,
    sql`with wanted as materialized (select id from alert_open where merged_from = any(${from}::integer[])
          order by key_id collate "C", dedup_key collate "C" for update)
        update alert_open a set ${own} from wanted where a.id = wanted.id`,
  );
  await run(tx, sql`update alert_closed set ${own} where merged_from = any(${from}::integer[])`);
}

/** The labels of each alert of an incident, open ones first. */
export async function listLabelsOf(
  tx: Queryable,
  number: number,
): Promise<readonly Readonly<Record<string, string>>[]> {
  const rows = await all(
    tx,
    sql<{ labels: Readonly<Record<string, string>> }>`
      select labels from (
        select labels, 0 as place, first_received_at, id from alert_open where incident_number = ${number}
        union all
        select labels, 1, first_received_at, id from alert_closed where incident_number = ${number}) a
      order by place, first_received_at, id limit 500`,
  );
  return rows.map(({ labels }) => labels);
}

/** The services that alerts of an incident are of. */
export async function listServicesOf(tx: Queryable, number: number): Promise<readonly string[]> {
  const rows = await all(
    tx,
    sql<{ serviceId: string }>`select service_id from alert_open where incident_number = ${number}
      union select service_id from alert_closed where incident_number = ${number}
      order by service_id limit 1000`,
  );
  return rows.map(({ serviceId }) => serviceId);
}

/** Marks the firing alerts of an incident as acknowledged. */
export async function acknowledgeAlerts(tx: Tx, incidentNumber: number): Promise<void> {
  await run(
    tx,
    sql`with wanted as materialized (select id from alert_open
          where incident_number = ${incidentNumber} and status = 'firing'
          order by key_id collate "C", dedup_key collate "C" for update)
        update alert_open a set status = 'acknowledged' from wanted where a.id = wanted.id`,
  );
}

/** What the alerts of an incident are called: their titles, and the label `alertname`. */
export async function listAlertNames(
  tx: Queryable,
  incidentNumber: number,
): Promise<readonly string[]> {
  const rows = await all(
    tx,
    sql<{ title: string; name: string | null }>`
      select distinct title, labels ->> 'alertname' as name from alert_open
        where incident_number = ${incidentNumber} order by title limit 200`,
  );
  return [...new Set(rows.flatMap(({ title, name }) => (name === null ? [title] : [title, name])))];
}

export async function hasOpenAlerts(tx: Queryable, incidentNumber: number): Promise<boolean> {
  const found = await maybe(
    tx,
    sql`select 1 from alert_open where incident_number = ${incidentNumber} limit 1`,
  );
  return found !== null;
}

export async function countAlerts(
  tx: Queryable,
  incidentNumber: number,
): Promise<{ open: number; all: number }> {
  const row = await maybe(
    tx,
    sql<{ open: number; closed: number }>`select
      (select count(*) from alert_open where incident_number = ${incidentNumber}) as open,
      (select count(*) from alert_closed where incident_number = ${incidentNumber}) as closed`,
  );
  return { open: row?.open ?? 0, all: (row?.open ?? 0) + (row?.closed ?? 0) };
}

/**
 * Closes the open alerts of an incident that a person resolved, so that the next trigger is news again.
 * What its tool repeats by itself stays open: a repeat is no news, and its end will come from the tool.
 */
export async function closeAlertsOf(
  tx: Tx,
  incidentNumber: number,
  because: string,
  now: Instant,
): Promise<number> {
  const columns =
    sql.raw(`id, key_id, dedup_key, service_id, title, severity, source, labels, details, link, adapter,
    started_at, first_received_at, last_received_at, count, batch_id, rule_id, rule_file, rule_line, outcome, because,
    declare_severity, auto_resolve, incident_number, hold, merged_from`);
  return run(
    tx,
    sql`with wanted as materialized (select id from alert_open where incident_number = ${incidentNumber} and not resends
          order by key_id collate "C", dedup_key collate "C" for update),
        gone as (delete from alert_open a using wanted where a.id = wanted.id returning a.*)
      insert into alert_closed (${columns}, closed_at, closed_because)
      select ${columns}, ${now}::bigint, ${because}::text from gone`,
  );
}

/** The alert that an incident began with; null when a person declared it. */
export async function findOpeningAlert(
  tx: Queryable,
  incidentNumber: number,
): Promise<string | null> {
  const row = await maybe(
    tx,
    sql<{ id: string }>`select id from (
      select id, first_received_at from alert_open where incident_number = ${incidentNumber}
      union all select id, first_received_at from alert_closed where incident_number = ${incidentNumber}) as alerts
      order by first_received_at, id limit 1`,
  );
  return row?.id ?? null;
}
