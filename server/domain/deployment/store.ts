/** Rows of changes. */
import { all, json, type Queryable, run, sql, texts, type Tx } from "../../base/db.ts";
import type { Cursor } from "../../base/cursor.ts";
import type { Instant } from "../../base/instant.ts";
import type { Change } from "./deployment.ts";

export type ChangeRow = Omit<Change, "service" | "at" | "by"> & {
  readonly id: string;
  readonly keyId: string;
  readonly adapter: string;
  readonly serviceId: string;
  readonly subject: string | null;
  readonly changedBy: string | null;
  readonly startedAt: Instant;
  readonly at: Instant;
  readonly receivedAt: Instant;
};

/**
 * Inserts changes, or brings known ones up to date. What a tool told first may arrive last: an older
 * word never replaces a newer one, and at the same instant an end wins over a beginning.
 */
export async function saveChanges(tx: Tx, rows: readonly ChangeRow[]): Promise<void> {
  const latest = new Map<string, ChangeRow>();
  for (const row of rows) {
    const known = latest.get(row.dedupKey);
    if (known === undefined || known.at <= row.at) latest.set(row.dedupKey, row);
  }
  await run(
    tx,
    sql`insert into change_event as c (id, key_id, adapter, dedup_key, kind, status, title, service_id, subject,
        environment, version, changed_by, link, labels, started_at, at, received_at)
      select r.id, r."keyId", r.adapter, r."dedupKey", r.kind, r.status, r.title, r."serviceId", r.subject,
        r.environment, r.version, r."changedBy", r.link, r.labels, r."startedAt", r.at, r."receivedAt"
      from jsonb_to_recordset(${json([...latest.values()])}) as r (id uuid, "keyId" text, adapter text,
        "dedupKey" text, kind text, status text, title text, "serviceId" text, subject text, environment text,
        version text, "changedBy" text, link text, labels jsonb, "startedAt" bigint, at bigint, "receivedAt" bigint)
      order by r."keyId", r."dedupKey"
      on conflict (key_id, dedup_key) do update set
        kind = excluded.kind, status = excluded.status, title = excluded.title,
        service_id = excluded.service_id, subject = coalesce(excluded.subject, c.subject),
        environment = coalesce(excluded.environment, c.environment),
        version = coalesce(excluded.version, c.version), changed_by = coalesce(excluded.changed_by, c.changed_by),
        link = coalesce(excluded.link, c.link), labels = c.labels || excluded.labels,
        started_at = least(c.started_at, excluded.started_at), at = excluded.at
      where excluded.at > c.at or (excluded.at = c.at and c.status in ('started', 'told'))`,
  );
}

export type ChangeFilter = {
  /** Null: of every service. */
  readonly services: readonly string[] | null;
  readonly service?: string | undefined;
  readonly since?: Instant | undefined;
  readonly until?: Instant | undefined;
};

/** Newest first. */
export async function listChanges(
  tx: Queryable,
  filter: ChangeFilter,
  limit: number,
  after: Cursor | null,
): Promise<readonly ChangeRow[]> {
  const { services, service, since, until } = filter;
  return all(
    tx,
    sql<ChangeRow>`select id, key_id, adapter, dedup_key, kind, status, title, service_id, subject, environment,
        version, changed_by, link, labels, started_at, at, received_at
      from change_event c
      where ${services === null ? sql`true` : sql`service_id = any(${texts(services)})`}
        and ${service === undefined ? sql`true` : sql`service_id = ${service}`}
        and ${since === undefined ? sql`true` : sql`at >= ${since}`}
        and ${until === undefined ? sql`true` : sql`at <= ${until}`}
        and ${after === null ? sql`true` : sql`(at, id) < (${after.at}, ${after.id}::uuid)`}
      order by at desc, id desc limit ${limit}`,
  );
}

/** Forgets changes that are older, the oldest first and at most `limit`. */
export const forgetChanges = (tx: Queryable, before: Instant, limit: number): Promise<number> =>
  run(
    tx,
    sql`delete from change_event where id in (
      select id from change_event where at < ${before} order by at, id limit ${limit} for update skip locked)`,
  );
