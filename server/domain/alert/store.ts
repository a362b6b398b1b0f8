/** Rows of alerts: the open ones in a small hot table, the closed ones by month. */
import { all, maybe, type Queryable, type RawBuilder, run, sql, type Tx } from "../../base/db.ts";
import type { Cursor } from "../../base/cursor.ts";
import { addMs, type Instant, MINUTE } from "../../base/instant.ts";
import type { Reader } from "../account/account.ts";
import type { AlertRow } from "./alert.ts";
import { EXPIRE } from "./flush.ts";
import { alertVisibleTo } from "./visible.ts";
import { CompiledQuery } from "kysely";

const shared = `a.id, a.key_id, a.dedup_key, a.service_id, a.title, a.severity, a.source, a.labels, a.details, a.link,
  a.adapter, a.started_at, a.first_received_at, a.last_received_at, a.count, a.rule_id, a.rule_file, a.rule_line,
  a.outcome, a.because, a.declare_severity, a.auto_resolve, a.incident_number, a.hold`;

export const openColumns = sql.raw(
  `${shared}, a.status, null::bigint as closed_at, null::text as closed_because`,
);

export const closedColumns = sql.raw(
  `${shared}, 'resolved' as status, a.closed_at, a.closed_because`,
);

export type AlertFilter = {
  readonly status?: "firing" | "acknowledged" | "resolved" | "open" | undefined;
  readonly service?: string | undefined;
  readonly severity?: string | undefined;
  /** “-”: none matched. */
  readonly rule?: string | undefined;
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

export const meets = (filter: AlertFilter): RawBuilder<unknown> => sql`
  ${filter.service === undefined ? sql`true` : sql`a.service_id = ${filter.service}`}
  and ${filter.severity === undefined ? sql`true` : sql`a.severity = ${filter.severity}`}
  and ${filter.rule === undefined ? sql`true` : filter.rule === "-" ? sql`a.rule_id is null` : sql`a.rule_id = ${filter.rule}`}
  and ${filter.incidentNumber === undefined ? sql`true` : sql`a.incident_number = ${filter.incidentNumber}`}
  and ${filter.dedupKey === undefined ? sql`true` : sql`a.dedup_key = ${filter.dedupKey}`}
  and ${filter.key === undefined ? sql`true` : sql`a.key_id = ${filter.key}`}
  and ${filter.labels === undefined || filter.labels.length === 0 ? sql`true` : hasLabels(filter.labels)}
  and ${filter.unattended === true ? sql`a.incident_number is null` : sql`true`}`;

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
    and ${meets(filter)}`;
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

const SIGNAL = sql.raw(
  "id, received_at, key_id, adapter, action, rule_id, rule_file, rule_line, outcome, because",
);

/** All signals of an alert. Those that opened it stand in its batch; a batch of an older version has none. */
const signalsOf = (alertId: string): RawBuilder<unknown> =>
  sql`(select ${SIGNAL} from signal where alert_id = ${alertId}
    union all select ${SIGNAL} from opening where alert_id = ${alertId} and (received_at, batch_id) in (
      select first_received_at, batch_id from alert_open where id = ${alertId}
      union all select first_received_at, batch_id from alert_closed where id = ${alertId})) as signals`;

/** Signals of an alert, the latest first. */
export async function listSignals(
  tx: Queryable,
  alertId: string,
  limit: number,
  after: Cursor | null = null,
): Promise<readonly SignalRow[]> {
  const older =
    after === null ? sql`true` : sql`(received_at, id) < (${after.at}, ${after.id}::uuid)`;
  return all(
    tx,
    sql<SignalRow>`select ${SIGNAL} from ${signalsOf(alertId)} where ${older}
      order by received_at desc, id desc limit ${limit}`,
  );
}

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

/** The first signal of an alert with its decision; null when its month was dropped. */
export async function findOpeningSignal(
  tx: Queryable,
  alertId: string,
): Promise<(SignalRow & { readonly keyId: string }) | null> {
  return maybe(
    tx,
    sql<SignalRow & { readonly keyId: string }>`select ${SIGNAL} from ${signalsOf(alertId)}
      where action = 'trigger' order by received_at, id limit 1`,
  );
}
