/** Rows of sources: when each was looked at, what was found, what was refused. */
import { all, json, maybe, type Queryable, run, sql, type Tx } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";

export type SourceRow = {
  readonly id: string;
  readonly dueAt: Instant;
  readonly leaseUntil: Instant | null;
  readonly lookedAt: Instant | null;
  readonly commit: string | null;
  readonly failure: string | null;
  readonly refused: readonly { readonly path: string; readonly because: string }[];
};

export async function listSourceRows(tx: Queryable): Promise<readonly SourceRow[]> {
  return all(
    tx,
    sql<SourceRow>`select id, due_at, lease_until, looked_at, commit, failure, refused
      from runbook_source order by id limit 1000`,
  );
}

export async function findSourceRow(tx: Queryable, id: string): Promise<SourceRow | null> {
  return maybe(
    tx,
    sql<SourceRow>`select id, due_at, lease_until, looked_at, commit, failure, refused
      from runbook_source where id = ${id}`,
  );
}

/** Makes it due by then. */
export async function askSource(tx: Queryable, id: string, now: Instant): Promise<void> {
  await run(
    tx,
    sql`insert into runbook_source (id, due_at) values (${id}, ${now})
      on conflict (id) do update set due_at = least(runbook_source.due_at, excluded.due_at)`,
  );
}

/** One of the configured sources that is due and that no other node looks at; leased until then. */
export async function claimSource(
  tx: Tx,
  ids: readonly string[],
  now: Instant,
  leaseUntil: Instant,
): Promise<SourceRow | null> {
  const row = await maybe(
    tx,
    sql<SourceRow>`select id, due_at, lease_until, looked_at, commit, failure, refused from runbook_source
      where id = any(${[...ids]}::text[]) and due_at <= ${now}
        and (lease_until is null or lease_until <= ${now})
      order by due_at, id limit 1 for update skip locked`,
  );
  if (row === null) return null;
  await run(tx, sql`update runbook_source set lease_until = ${leaseUntil} where id = ${row.id}`);
  return row;
}

export async function saveSource(tx: Queryable, row: SourceRow): Promise<void> {
  await run(
    tx,
    sql`update runbook_source set due_at = ${row.dueAt}, lease_until = null, looked_at = ${row.lookedAt},
          commit = ${row.commit}, failure = ${row.failure}, refused = ${json(row.refused)}
        where id = ${row.id}`,
  );
}

/** Makes sure that each configured source has its row; a new one is due at once. */
export async function haveSources(
  tx: Queryable,
  ids: readonly string[],
  now: Instant,
): Promise<void> {
  await run(
    tx,
    sql`insert into runbook_source (id, due_at) select id, ${now} from unnest(${[...ids]}::text[]) as id
      on conflict (id) do nothing`,
  );
}

/** When the next of these is due that nobody is looking at. */
export async function findNextSource(
  tx: Queryable,
  ids: readonly string[],
  now: Instant,
): Promise<Instant | null> {
  const row = await maybe(
    tx,
    sql<{ at: Instant | null }>`select min(greatest(due_at, coalesce(lease_until, 0))) as at
      from runbook_source where id = any(${[...ids]}::text[])
        and greatest(due_at, coalesce(lease_until, 0)) > ${now}`,
  );
  return row?.at ?? null;
}
