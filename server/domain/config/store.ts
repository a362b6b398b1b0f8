/** Rows of configuration. */
import type { ConfigBody, ConfigKind } from "../../../contract/config.ts";
import {
  all,
  json,
  maybe,
  one,
  type Queryable,
  type RawBuilder,
  run,
  sql,
  type Tx,
} from "../../base/db.ts";
import type { PublishedPolicy } from "../../../contract/policy.ts";
import type { Cursor } from "../../base/cursor.ts";
import type { Instant } from "../../base/instant.ts";
import {
  type AnyEntry,
  type Entry,
  type ScheduleVersion,
  type Snapshot,
  snapshot,
} from "./config.ts";
import { sameBody } from "./difference.ts";

type Row = {
  updatedAt: Instant;
  kind: ConfigKind;
  id: string;
  body: ConfigBody;
  owner: "file" | "api";
  sourceFile: string | null;
  sourceLine: number | null;
  ref: string;
};

const toEntry = (row: Row): AnyEntry =>
  ({
    kind: row.kind,
    id: row.id,
    body: row.body,
    owner: row.owner,
    ref: row.ref,
    source: row.sourceFile === null ? null : { file: row.sourceFile, line: row.sourceLine ?? 1 },
  }) as AnyEntry;

/** The number that grows with every change of configuration. */
export async function findConfigVersion(tx: Queryable): Promise<number> {
  return (await one(tx, sql<{ version: number }>`select version from config_version`)).version;
}

/** What is due when configuration is as it was at version `seen`; at once when it has changed. */
export const dueUnlessChanged = (
  seen: number | null,
  dueAt: RawBuilder<unknown>,
): RawBuilder<unknown> =>
  sql`case when (select version from config_version) is distinct from ${seen}::bigint then 0 else ${dueAt} end`;

/** Locks configuration against other writers until the transaction ends. */
export async function lockConfig(tx: Tx): Promise<number> {
  return (await one(tx, sql<{ version: number }>`select version from config_version for update`))
    .version;
}

export async function setConfigVersion(tx: Tx, version: number): Promise<void> {
  await run(tx, sql`update config_version set version = ${version}`);
}

/** Everything that is configured. */
export async function findSnapshot(tx: Queryable, version: number): Promise<Snapshot> {
  const rows = await all(
    tx,
    sql<Row>`select kind, id, body, owner, source_file, source_line, ref, updated_at from config_object
      order by kind, id`,
  );
  const versions = await all(
    tx,
    sql<VersionRow>`select schedule_id, counts_from, body from schedule_version
      order by schedule_id, counts_from`,
  );
  const published = await all(
    tx,
    sql<{ body: PublishedPolicy }>`select body from published_policy order by runbook_id`,
  );
  return snapshot(
    version,
    rows.map(toEntry),
    published.map((row) => row.body),
    versionsOf(versions, rows),
  );
}

type VersionRow = {
  readonly scheduleId: string;
  readonly countsFrom: Instant;
  readonly body: ScheduleVersion["body"];
};

function versionsOf(versions: readonly VersionRow[], rows: readonly Row[]): Snapshot["versions"] {
  const found = new Map<string, ScheduleVersion[]>();
  for (const { scheduleId, countsFrom, body } of versions) {
    const of = found.get(scheduleId) ?? [];
    found.set(scheduleId, [...of, { from: countsFrom, body }]);
  }
  for (const { kind, id, body, updatedAt } of rows) {
    const of = kind === "schedules" ? found.get(id) : undefined;
    if (of === undefined || sameBody(of.at(-1)?.body, body)) continue;
    // A node of the version before changed it and knows no versions: what it wrote counts from then on.
    const kept = of.filter(({ from }) => from < updatedAt);
    found.set(id, [...kept, { from: updatedAt, body: body as ScheduleVersion["body"] }]);
  }
  return found;
}

/** Writes what a schedule says from `next` on; what was to begin later is given up, what has begun stays. */
export async function saveScheduleVersion(
  tx: Tx,
  scheduleId: string,
  { first, next }: { readonly first: ScheduleVersion; readonly next: ScheduleVersion },
  now: Instant,
): Promise<void> {
  await run(
    tx,
    sql`delete from schedule_version where schedule_id = ${scheduleId} and counts_from >= ${next.from}`,
  );
  for (const { from, body } of [first, next])
    await run(
      tx,
      sql`insert into schedule_version (schedule_id, counts_from, body, recorded_at)
          values (${scheduleId}, ${from}, ${body === null ? null : json(body)}, ${now})
          on conflict do nothing`,
    );
}

/** Puts what a runbook says in the place of what it said; null takes it away. A new version either way. */
export async function savePublished(
  tx: Tx,
  runbookId: string,
  policy: PublishedPolicy | null,
  now: Instant,
): Promise<void> {
  const version = await lockConfig(tx);
  if (policy === null)
    await run(tx, sql`delete from published_policy where runbook_id = ${runbookId}`);
  else
    await run(
      tx,
      sql`insert into published_policy (runbook_id, team_id, body, updated_at)
          values (${runbookId}, ${policy.team}, ${json(policy)}, ${now})
          on conflict (runbook_id) do update set team_id = excluded.team_id, body = excluded.body,
            updated_at = excluded.updated_at`,
    );
  await setConfigVersion(tx, version + 1);
}

/**
 * A reader of the newest snapshot that loads it again only when its version has changed. Asking
 * inside a transaction sees what that transaction sees. Each node keeps one reader.
 */
export function snapshotReader(): (tx: Queryable) => Promise<Snapshot> {
  let cached: Snapshot | null = null;
  return async (tx) => {
    const version = await findConfigVersion(tx);
    if (cached === null || cached.version !== version) cached = await findSnapshot(tx, version);
    return cached;
  };
}

export async function saveEntry<K extends ConfigKind>(
  tx: Tx,
  entry: Entry<K>,
  now: Instant,
): Promise<void> {
  await run(
    tx,
    sql`insert into config_object (kind, id, body, owner, source_file, source_line, ref, updated_at)
        values (${entry.kind}, ${entry.id}, ${json(entry.body)}, ${entry.owner},
                ${entry.source?.file ?? null}, ${entry.source?.line ?? null}, ${entry.ref}, ${now})
        on conflict (kind, id) do update set body = excluded.body, owner = excluded.owner,
          source_file = excluded.source_file, source_line = excluded.source_line,
          updated_at = excluded.updated_at`,
  );
}

export async function removeEntry(tx: Tx, kind: ConfigKind, id: string): Promise<void> {
  await run(tx, sql`delete from config_object where kind = ${kind} and id = ${id}`);
}

export type ConfigChange = {
  id: string;
  at: Instant;
  actor: unknown;
  verb: "create" | "update" | "remove";
  kind: ConfigKind;
  objectId: string;
  before: unknown;
  after: unknown;
};

export async function saveChange(tx: Tx, change: ConfigChange): Promise<void> {
  await run(
    tx,
    sql`insert into config_change (id, at, actor, verb, kind, object_id, before, after)
        values (${change.id}, ${change.at}, ${json(change.actor)}, ${change.verb}, ${change.kind},
                ${change.objectId}, ${json(change.before)}, ${json(change.after)})`,
  );
}

/** Changes, newest first, before the given one when a cursor is given. */
export async function listChanges(
  tx: Queryable,
  limit: number,
  before: Cursor | null,
): Promise<readonly ConfigChange[]> {
  return all(
    tx,
    sql<ConfigChange>`select id, at, actor, verb, kind, object_id, before, after from config_change
      where ${before === null ? sql`true` : sql`(at, id) < (${before.at}, ${before.id}::uuid)`}
      order by at desc, id desc limit ${limit}`,
  );
}

export async function findEntry(
  tx: Queryable,
  kind: ConfigKind,
  id: string,
): Promise<AnyEntry | null> {
  const row = await maybe(
    tx,
    sql<Row>`select kind, id, body, owner, source_file, source_line, ref, updated_at
      from config_object where kind = ${kind} and id = ${id}`,
  );
  return row === null ? null : toEntry(row);
}

/** Objects of a kind by id, after the given one when a cursor is given. */
export async function listEntries(
  tx: Queryable,
  kind: ConfigKind,
  limit: number,
  after: string | null,
): Promise<readonly AnyEntry[]> {
  const rows = await all(
    tx,
    sql<Row>`select kind, id, body, owner, source_file, source_line, ref, updated_at
      from config_object where kind = ${kind} and ${after === null ? sql`true` : sql`id collate "C" > ${after}`}
      order by id collate "C" limit ${limit}`,
  );
  return rows.map(toEntry);
}
