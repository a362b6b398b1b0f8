/** Rows of alerts: the open ones in a small hot table, the closed ones by month. */
import { all, maybe, type Queryable, run, sql, type Tx } from "../../base/db.ts";
import type { Cursor } from "../../base/cursor.ts";
import { addMs, type Instant, MINUTE } from "../../base/instant.ts";
import type { Reader } from "../account/account.ts";
import type { AlertRow } from "./alert.ts";
import { EXPIRE } from "./flush.ts";
import { STORM_RULE } from "./storm.ts";
import { alertVisibleTo } from "./visible.ts";
import { CompiledQuery } from "kysely";

const shared = `a.id, a.key_id, a.dedup_key, a.service_id, a.title, a.severity, a.source, a.labels, a.details, a.link,
  a.adapter, a.started_at, a.first_received_at, a.last_received_at, a.count, a.rule_id, a.rule_file, a.rule_line,
  a.outcome, a.because, a.declare_severity, a.auto_resolve, a.incident_number, a.hold`;
const openColumns = sql.raw(
  `${shared}, a.status, null::bigint as closed_at, null::text as closed_because`,
);
const closedColumns = sql.raw(`${shared}, 'resolved' as status, a.closed_at, a.closed_because`);

export type AlertFilter = {
  readonly status?: "firing" | "acknowledged" | "resolved" | "open" | undefined;
  readonly service?: string | undefined;
  readonly severity?: string | undefined;
  readonly incidentNumber?: number | undefined;
  readonly dedupKey?: string | undefined;
  readonly key?: string | undefined;
  /** Labels with this very value; where a label is absent, what a column says may stand for it. */
  readonly labels?: readonly LabelFilter[] | undefined;
  /** Only those that belong to no incident. */
  readonly unattended?: boolean | undefined;
};

export type LabelFilter = {
  readonly name: string;
  readonly value: string;
  readonly otherwise?: "title" | "severity" | "service_id";
};

const hasLabels = (labels: readonly LabelFilter[]) =>
  sql.join(
    labels.map(({ name, value, otherwise }) =>
      otherwise === undefined
        ? sql`a.labels ->> ${name} = ${value}`
        : sql`coalesce(a.labels ->> ${name}, ${sql.ref(`a.${otherwise}`)}) = ${value}`,
    ),
    sql` and `,
  );

/** Newest first. `services` are those of the reader's teams, null for all. */
export async function listAlerts(
  tx: Queryable,
  reader: Reader,
  services: readonly string[] | null,
  filter: AlertFilter,
  limit: number,
  after: Cursor | null,
): Promise<readonly AlertRow[]> {
  const where = sql`${alertVisibleTo(reader, services)}
    and ${after === null ? sql`true` : sql`(a.first_received_at, a.id) < (${after.at}, ${after.id}::uuid)`}
    and ${filter.service === undefined ? sql`true` : sql`a.service_id = ${filter.service}`}
    and ${filter.severity === undefined ? sql`true` : sql`a.severity = ${filter.severity}`}
    and ${filter.incidentNumber === undefined ? sql`true` : sql`a.incident_number = ${filter.incidentNumber}`}
    and ${filter.dedupKey === undefined ? sql`true` : sql`a.dedup_key = ${filter.dedupKey}`}
    and ${filter.key === undefined ? sql`true` : sql`a.key_id = ${filter.key}`}
    and ${filter.labels === undefined || filter.labels.length === 0 ? sql`true` : hasLabels(filter.labels)}
    and ${filter.unattended === true ? sql`a.incident_number is null` : sql`true`}`;
  const status =
    filter.status === "firing" || filter.status === "acknowledged"
      ? sql`a.status = ${filter.status}`
      : sql`true`;
  const open = sql`(select ${openColumns} from alert_open a where ${where} and ${status}
    order by a.first_received_at desc, a.id desc limit ${limit})`;
  const closed = sql`(select ${closedColumns} from alert_closed a where ${where}
    order by a.first_received_at desc, a.id desc limit ${limit})`;
  const from =
    filter.status === undefined
      ? sql`${open} union all ${closed}`
      : filter.status === "resolved"
        ? closed
        : open;
  return all(
    tx,
    sql<AlertRow>`select * from (${from}) as a order by first_received_at desc, id desc limit ${limit}`,
  );
}

/** Counted as far as a page needs to say “more than”. */
const UNATTENDED_MAX = 1_000;

/** How many alerts fire that belong to no incident, at most {@link UNATTENDED_MAX}. */
export async function countUnattended(
  tx: Queryable,
  reader: Reader,
  services: readonly string[] | null,
): Promise<number> {
  const row = await maybe(
    tx,
    sql<{ count: number }>`select count(*) as count from (
      select 1 from alert_open a where ${alertVisibleTo(reader, services)}
        and a.status = 'firing' and a.incident_number is null limit ${UNATTENDED_MAX}) as counted`,
  );
  return row?.count ?? 0;
}

export async function findAlert(
  tx: Queryable,
  reader: Reader,
  services: readonly string[] | null,
  id: string,
): Promise<AlertRow | null> {
  const visible = alertVisibleTo(reader, services);
  return maybe(
    tx,
    sql<AlertRow>`select ${openColumns} from alert_open a where a.id = ${id} and ${visible}
      union all select ${closedColumns} from alert_closed a where a.id = ${id} and ${visible} limit 1`,
  );
}

/** The newest alert of a key by its id or its dedup key, the open one first: for the tool that sent it. */
export async function findAlertOfKey(
  tx: Queryable,
  keyId: string,
  by: { readonly id: string } | { readonly dedupKey: string },
): Promise<AlertRow | null> {
  const named = "id" in by ? sql`a.id = ${by.id}` : sql`a.dedup_key = ${by.dedupKey}`;
  const open = await maybe(
    tx,
    sql<AlertRow>`select ${openColumns} from alert_open a where a.key_id = ${keyId} and ${named} limit 1`,
  );
  if (open !== null) return open;
  return maybe(
    tx,
    sql<AlertRow>`select ${closedColumns} from alert_closed a where a.key_id = ${keyId} and ${named}
      order by a.closed_at desc, a.id limit 1`,
  );
}

export type SignalRow = {
  readonly id: string;
  readonly receivedAt: Instant;
  readonly adapter: string;
  readonly action: "trigger" | "acknowledge" | "resolve";
  readonly ruleId: string | null;
  readonly ruleFile: string | null;
  readonly ruleLine: number | null;
  readonly outcome: string;
  readonly because: string;
};

/** The latest signals of an alert. */
export async function listSignals(
  tx: Queryable,
  alertId: string,
  limit: number,
): Promise<readonly SignalRow[]> {
  return all(
    tx,
    sql<SignalRow>`select id, received_at, adapter, action, rule_id, rule_file, rule_line, outcome, because
      from signal where alert_id = ${alertId} order by received_at desc, id desc limit ${limit}`,
  );
}

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

/** The earliest expiry among open alerts. */
export async function findNextExpiry(tx: Queryable): Promise<Instant | null> {
  const row = await maybe(
    tx,
    sql<{
      at: Instant | null;
    }>`select min(expires_at) as at from alert_open where expires_at is not null`,
  );
  return row?.at ?? null;
}

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
        from unnest(${ids}::uuid[], ${numbers}::integer[]) as r (id, incident_number) where a.id = r.id`,
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

/** Closes what has expired before `before`; returns how many. */
export async function expireAlerts(
  tx: Tx,
  before: Instant,
  now: Instant,
  limit: number,
): Promise<number> {
  const reply = await tx.executeQuery(CompiledQuery.raw(EXPIRE, [before, limit, now]));
  return reply.rows.length;
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

/** What repeats of alerts add to them. */
export type RepeatRow = {
  readonly id: string;
  readonly count: number;
  readonly lastReceivedAt: Instant;
  readonly expiresAt: Instant;
};

/** Writes repeats in bulk, in the order of the intake's locks; an end never moves to an earlier instant. */
export async function saveRepeats(tx: Tx, rows: readonly RepeatRow[]): Promise<void> {
  const repeats = sql`unnest(${rows.map((row) => row.id)}::uuid[], ${rows.map((row) => row.count)}::bigint[],
      ${rows.map((row) => row.lastReceivedAt)}::bigint[], ${rows.map((row) => row.expiresAt)}::bigint[])
    as r (id, count, last_received_at, expires_at)`;
  const found = await all(
    tx,
    sql<{
      id: string;
    }>`with wanted as materialized (select a.id, r.count, r.last_received_at, r.expires_at
          from alert_open a join ${repeats} on r.id = a.id
          order by a.key_id collate "C", a.dedup_key collate "C" for update of a)
        update alert_open a set count = a.count + r.count,
          last_received_at = greatest(a.last_received_at, r.last_received_at),
          expires_at = greatest(a.expires_at, r.expires_at)
        from wanted r where a.id = r.id returning a.id`,
  );
  if (found.length === rows.length) return;
  // Closed since they were repeated.
  const open = new Set(found.map((row) => row.id));
  for (const { id, count, lastReceivedAt } of rows.filter((row) => !open.has(row.id))) {
    await run(
      tx,
      sql`update alert_closed set count = count + ${count},
        last_received_at = greatest(last_received_at, ${lastReceivedAt}) where id = ${id}`,
    );
  }
}

/**
 * Forgets changes of alerts that every node has long read, once in ten minutes; returns how many. A node
 * that has not sees by `pruned_below` that it missed some. Rows of transactions still to come were brought
 * from another server.
 */
export async function pruneChanges(tx: Tx, now: Instant): Promise<number> {
  const [turn] = await all(
    tx,
    sql<{ below: string }>`update alert_change_horizon set pruned_below = next_below,
      next_below = pg_snapshot_xmin(pg_current_snapshot()), due_at = ${addMs(now, 10 * MINUTE)}
      where due_at <= ${now} returning pruned_below::text as below`,
  );
  if (turn === undefined) return 0;
  return run(
    tx,
    sql`delete from alert_change where transaction_id < ${turn.below}::xid8
      or transaction_id >= pg_snapshot_xmax(pg_current_snapshot())`,
  );
}

/** When each key last brought something, and by which adapter. */
export async function saveIntakeUse(
  tx: Queryable,
  keyId: string,
  adapter: string,
  now: Instant,
): Promise<void> {
  await run(
    tx,
    sql`insert into intake_use (key_id, adapter, last_used_at) values (${keyId}, ${adapter}, ${now})
      on conflict (key_id) do update set adapter = excluded.adapter, last_used_at = excluded.last_used_at`,
  );
}

export async function listIntakeUse(
  tx: Queryable,
): Promise<readonly { keyId: string; adapter: string; lastUsedAt: Instant }[]> {
  return all(
    tx,
    sql<{ keyId: string; adapter: string; lastUsedAt: Instant }>`
      select key_id, adapter, last_used_at from intake_use order by key_id limit 1000`,
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

/** The first signal of an alert with its decision; null when its month was dropped. */
export async function findOpeningSignal(
  tx: Queryable,
  alertId: string,
): Promise<(SignalRow & { readonly keyId: string }) | null> {
  return maybe(
    tx,
    sql<SignalRow & { readonly keyId: string }>`
      select id, received_at, key_id, adapter, action, rule_id, rule_file, rule_line, outcome, because
      from signal where alert_id = ${alertId} and action = 'trigger' order by received_at, id limit 1`,
  );
}
