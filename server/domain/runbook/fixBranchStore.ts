/** Rows of branches: better words on their way to the repository of their document. */
import { all, json, maybe, one, type Queryable, run, sql, type Tx } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";
import type { ActorMark } from "../account/account.ts";

export type FixBranch = {
  readonly id: string;
  readonly runNumber: number;
  readonly sourceId: string;
  readonly digest: string;
  readonly branch: string;
  readonly state: "due" | "under way" | "pushed" | "failed";
  readonly askedBy: ActorMark;
  readonly askedAt: Instant;
  readonly dueAt: Instant | null;
  readonly commit: string | null;
  readonly because: string | null;
};

const columns = sql.raw(
  "id, run_number, source_id, digest, branch, state, asked_by, asked_at, due_at, commit, because",
);

/** False where one of the run is on its way. */
export async function insertFixBranch(tx: Tx, row: FixBranch): Promise<boolean> {
  const inserted = await run(
    tx,
    sql`insert into run_fix_branch (id, run_number, source_id, digest, branch, state, asked_by, asked_at, due_at)
        values (${row.id}, ${row.runNumber}, ${row.sourceId}, ${row.digest}, ${row.branch}, ${row.state},
          ${json(row.askedBy)}, ${row.askedAt}, ${row.dueAt})
        on conflict (run_number) where due_at is not null do nothing`,
  );
  return inserted > 0;
}

export async function saveFixBranch(tx: Tx, row: FixBranch): Promise<void> {
  await run(
    tx,
    sql`update run_fix_branch set state = ${row.state}, due_at = ${row.dueAt}, commit = ${row.commit},
          because = ${row.because} where id = ${row.id}`,
  );
}

export async function findFixBranch(tx: Queryable, id: string): Promise<FixBranch> {
  return one(tx, sql<FixBranch>`select ${columns} from run_fix_branch where id = ${id}`);
}

/** The oldest first. */
export async function listFixBranches(
  tx: Queryable,
  runNumber: number,
): Promise<readonly FixBranch[]> {
  return all(
    tx,
    sql<FixBranch>`select ${columns} from run_fix_branch where run_number = ${runNumber}
      order by asked_at, id limit 100`,
  );
}

/** One that is due, or was under way on a node that is gone; leased until then. */
export async function claimFixBranch(
  tx: Tx,
  now: Instant,
  leaseUntil: Instant,
): Promise<FixBranch | null> {
  const row = await maybe(
    tx,
    sql<FixBranch>`select ${columns} from run_fix_branch where due_at <= ${now}
      order by due_at, id limit 1 for update skip locked`,
  );
  if (row === null) return null;
  const claimed: FixBranch = { ...row, state: "under way", dueAt: leaseUntil };
  await saveFixBranch(tx, claimed);
  return claimed;
}

/** When the next is due, as SQL. */
export const nextFixBranch = sql`(select min(due_at) from run_fix_branch where due_at is not null)`;
