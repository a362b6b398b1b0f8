/** Rows of the clocks of staleness: what was read, what was exercised, which review is open. */
import { all, run as execute, type Queryable, sql, type Tx } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";
import type { Run } from "./run.ts";

export async function markExercised(
  tx: Tx,
  run: Pick<Run, "number" | "runbookId">,
  stepHash: string,
  at: Instant,
): Promise<void> {
  await execute(
    tx,
    sql`insert into runbook_exercise (runbook_id, step_hash, at, run_number)
        values (${run.runbookId}, ${stepHash}, ${at}, ${run.number})
        on conflict (runbook_id, step_hash) do update set at = excluded.at, run_number = excluded.run_number`,
  );
}

export type Exercise = {
  readonly stepHash: string;
  readonly at: Instant;
  readonly runNumber: number;
};

export async function listExercises(
  tx: Queryable,
  runbookId: string,
): Promise<ReadonlyMap<string, Exercise>> {
  const rows = await all(
    tx,
    sql<Exercise>`select step_hash, at, run_number from runbook_exercise where runbook_id = ${runbookId}
      order by step_hash limit 5000`,
  );
  return new Map(rows.map((row) => [row.stepHash, row]));
}

export async function markRead(
  tx: Tx,
  runbookId: string,
  hashes: readonly string[],
  at: Instant,
  by: string,
): Promise<void> {
  if (hashes.length === 0) return;
  await execute(
    tx,
    sql`insert into runbook_review (runbook_id, step_hash, read_at, read_by)
        select ${runbookId}, hash, ${at}, ${by} from unnest(${[...new Set(hashes)]}::text[]) as hash
        on conflict (runbook_id, step_hash) do update set read_at = excluded.read_at,
          read_by = excluded.read_by`,
  );
}

export type Reading = {
  readonly stepHash: string;
  readonly readAt: Instant;
  readonly readBy: string;
};

export async function listReadings(
  tx: Queryable,
  runbookId: string,
): Promise<ReadonlyMap<string, Reading>> {
  const rows = await all(
    tx,
    sql<Reading>`select step_hash, read_at, read_by from runbook_review where runbook_id = ${runbookId}
      order by step_hash limit 5000`,
  );
  return new Map(rows.map((row) => [row.stepHash, row]));
}

// ── What steps name ──

export type NamedRow = {
  readonly stepHash: string;
  readonly what: string;
  readonly fingerprint: string;
};

/** What is known already of a step stays as it was seen, unless the step was read just now. */
export async function rememberNamed(
  tx: Tx,
  runbookId: string,
  rows: readonly NamedRow[],
  now: Instant,
): Promise<void> {
  if (rows.length === 0) return;
  const given = rows.map((row) => ({
    step_hash: row.stepHash,
    what: row.what,
    fingerprint: row.fingerprint,
  }));
  await execute(
    tx,
    sql`insert into runbook_named (runbook_id, step_hash, what, fingerprint, seen_at)
        select distinct on (step_hash, what) ${runbookId}, step_hash, what, fingerprint, ${now}::bigint
        from jsonb_to_recordset(${JSON.stringify(given)}::jsonb)
          as s (step_hash text, what text, fingerprint text)
        order by step_hash, what
        on conflict (runbook_id, step_hash, what) do nothing`,
  );
}

export async function forgetNamed(
  tx: Tx,
  runbookId: string,
  hashes: readonly string[],
): Promise<void> {
  await execute(
    tx,
    sql`delete from runbook_named where runbook_id = ${runbookId}
      and step_hash = any(${[...hashes]}::text[])`,
  );
}

export async function listNamed(tx: Queryable, runbookId: string): Promise<readonly NamedRow[]> {
  return all(
    tx,
    sql<NamedRow>`select step_hash, what, fingerprint from runbook_named
      where runbook_id = ${runbookId} order by step_hash, what limit 20000`,
  );
}

export async function listDigests(tx: Queryable): Promise<ReadonlyMap<string, string | null>> {
  const rows = await all(
    tx,
    sql<{
      id: string;
      digest: string | null;
    }>`select id, digest from runbook order by id limit 5000`,
  );
  return new Map(rows.map(({ id, digest }) => [id, digest]));
}

export type ReviewTask = {
  readonly id: string;
  readonly runbookId: string;
  readonly title: string;
  readonly ownerId: string | null;
};

/** False where one is open already. */
export async function openTask(tx: Tx, task: ReviewTask, now: Instant): Promise<boolean> {
  const opened = await execute(
    tx,
    sql`insert into runbook_task (id, runbook_id, title, owner_id, opened_at)
        values (${task.id}, ${task.runbookId}, ${task.title}, ${task.ownerId}, ${now})
        on conflict (runbook_id) where done_at is null do nothing`,
  );
  return opened > 0;
}

export async function closeTask(tx: Tx, runbookId: string, now: Instant): Promise<void> {
  await execute(
    tx,
    sql`update runbook_task set done_at = ${now} where runbook_id = ${runbookId} and done_at is null`,
  );
}

export async function listOpenTasks(
  tx: Queryable,
  runbookId: string,
): Promise<readonly (ReviewTask & { readonly openedAt: Instant })[]> {
  return all(
    tx,
    sql<ReviewTask & { openedAt: Instant }>`select id, runbook_id, title, owner_id, opened_at
      from runbook_task where runbook_id = ${runbookId} and done_at is null order by opened_at limit 10`,
  );
}
