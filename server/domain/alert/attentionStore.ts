/** Rows of alerts that wait for the engine. */
import { all, type Queryable, run, sql, type Tx } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";
import type { AlertRow } from "./alert.ts";
import { closedColumns, openColumns } from "./store.ts";
import { STORM_RULE } from "./storm.ts";

/** What waits for the engine, without locks: where it belongs, and what that hangs on. */
export type Attention = Pick<
  AlertRow,
  | "id"
  | "serviceId"
  | "ruleId"
  | "incidentNumber"
  | "keyId"
  | "dedupKey"
  | "title"
  | "severity"
  | "source"
  | "labels"
  | "declareSeverity"
>;

const attentionFields = sql.raw(
  `id, service_id, rule_id, incident_number, key_id, dedup_key, title, severity, source, labels, declare_severity,
  attend_at`,
);

/**
 * The oldest waiting alert of each service and rule that has no open incident, the worst first: what pages
 * somebody must not stand behind a crowd that only joins. What came in a storm has its incident.
 */
export async function findHeads(
  tx: Queryable,
  now: Instant,
  limit: number,
): Promise<readonly Attention[]> {
  return all(
    tx,
    // Counted for each head: as a join it was planned over all incidents for each alert while there were few.
    sql<Attention>`with heads as materialized (
        select distinct on (service_id, rule_id) ${attentionFields} from alert_open
        where attend_at <= ${now} and incident_number is null and rule_id <> ${STORM_RULE}
        order by service_id, rule_id, attend_at, id)
      select ${attentionFields} from heads a
      where (select count(*) from incident i where i.service_id = a.service_id and i.rule_id = a.rule_id
          and i.state in ('declared', 'mitigated') and i.merged_into is null) = 0
      order by declare_severity nulls last, attend_at, id limit ${limit}`,
  );
}

export async function findAttention(
  tx: Queryable,
  now: Instant,
  limit: number,
): Promise<readonly Attention[]> {
  return all(
    tx,
    sql<Attention>`(select ${attentionFields} from alert_open
        where attend_at <= ${now} order by attend_at, id limit ${limit})
      union all (select ${attentionFields} from alert_closed
        where attend_at <= ${now} order by attend_at, id limit ${limit})
      order by attend_at, id limit ${limit}`,
  );
}

/** When the next alert is due. */
export const nextAttention = sql`least(
  (select min(attend_at) from alert_open where attend_at is not null),
  (select min(attend_at) from alert_closed where attend_at is not null))`;

/**
 * Locks those of the given alerts that still wait for the engine, in the order of the intake's locks. Most are open:
 * the partitions of what is closed are looked through only for those that are not.
 */
export async function lockAttended(tx: Tx, ids: readonly string[]): Promise<readonly AlertRow[]> {
  const open = await all(
    tx,
    sql<AlertRow>`select ${openColumns} from alert_open a where a.id = any(${[...ids]}::uuid[]) and a.attend_at is not null
      order by a.key_id collate "C", a.dedup_key collate "C" for update`,
  );
  if (open.length === ids.length) return open;
  const closed = await all(
    tx,
    sql<AlertRow>`select ${closedColumns} from alert_closed a where a.id = any(${[...ids]}::uuid[]) and a.attend_at is not null
      order by a.closed_at, a.id for update`,
  );
  return [...open, ...closed];
}

/** An open alert that waits; `isTaken`: an incident of its rule and service stands, or may be taken up again. */
export type News = AlertRow & { readonly isTaken: boolean };

/**
 * Locks the oldest open alerts that wait, apart from those that somebody else has locked, in one question with what
 * tells whether they are the first of their home.
 */
export async function lockNews(
  tx: Tx,
  now: Instant,
  since: Instant,
  limit: number,
): Promise<readonly News[]> {
  return all(
    tx,
    sql<News>`select ${openColumns}, a.incident_number is not null
        or (select true from incident i where i.service_id = a.service_id and i.rule_id = a.rule_id
          and i.state in ('declared', 'mitigated') and i.merged_into is null limit 1) is not null
        or (select true from incident i where i.service_id = a.service_id and i.rule_id = a.rule_id
          and i.merged_into is not null limit 1) is not null
        or (select true from incident i where i.service_id = a.service_id and i.rule_id = a.rule_id
          and i.state = 'resolved' and i.auto_resolve and i.resolved_at >= ${since} limit 1) is not null as is_taken
      from alert_open a where a.attend_at <= ${now}
      order by a.attend_at, a.id limit ${limit} for update of a skip locked`,
  );
}

/** The engine has drawn the consequences of these alerts; they belong to the incident now. */
export async function saveAttended(
  tx: Tx,
  attended: readonly { readonly id: string; readonly incidentNumber: number | null }[],
  /** The merged incident in whose place they join, so that taking the merge back takes them along. */
  mergedFrom: number | null = null,
): Promise<void> {
  if (attended.length === 0) return;
  const ids = attended.map(({ id }) => id);
  const numbers = attended.map(({ incidentNumber }) => incidentNumber);
  const save = (table: "alert_open" | "alert_closed"): Promise<number> =>
    run(
      tx,
      sql`update ${sql.raw(table)} a set attend_at = null, incident_number = coalesce(r.incident_number, a.incident_number),
          merged_from = coalesce(a.merged_from, ${mergedFrom}::integer)
        from unnest((select ${ids}::uuid[]), ${numbers}::integer[]) as r (id, incident_number) where a.id = r.id`,
    );
  if ((await save("alert_open")) < attended.length) await save("alert_closed");
}

/** Alerts of this rule that fire and wait to be looked at for the first time. */
export async function listUnattended(tx: Queryable, ruleId: string): Promise<readonly Attention[]> {
  return all(
    tx,
    sql<Attention>`select id, service_id, rule_id, incident_number, key_id, dedup_key, title, severity,
        source, labels, declare_severity from alert_open
      where attend_at is not null and incident_number is null and hold is null and rule_id = ${ruleId}
      order by attend_at, id limit 500`,
  );
}

/** Lets the engine look at these alerts later; passes over those that somebody else has locked. */
export async function putOffAttention(
  tx: Queryable,
  ids: readonly string[],
  until: Instant,
): Promise<void> {
  for (const table of [sql.raw("alert_open"), sql.raw("alert_closed")]) {
    await run(
      tx,
      sql`update ${table} set attend_at = ${until} where id in (
        select id from ${table} where id = any(${[...ids]}::uuid[]) and attend_at is not null
        order by id for update skip locked)`,
    );
  }
}
