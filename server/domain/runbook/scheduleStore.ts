/** Rows of scheduled runs. */
import { all, json, maybe, type Queryable, run, sql, type Tx } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";
import type { ScheduledRun } from "./schedule.ts";

/** Puts the schedules of a runbook in the place of those it had. */
export async function saveSchedules(
  tx: Tx,
  runbookId: string,
  schedules: readonly ScheduledRun[],
): Promise<void> {
  await run(tx, sql`delete from runbook_schedule where runbook_id = ${runbookId}`);
  for (const { position, planId, body, nextAt } of schedules)
    await run(
      tx,
      sql`insert into runbook_schedule (runbook_id, position, plan_id, body, next_at)
          values (${runbookId}, ${position}, ${planId}, ${json(body)}, ${nextAt})`,
    );
}

export async function listSchedules(
  tx: Queryable,
  runbookId: string,
): Promise<readonly ScheduledRun[]> {
  return all(
    tx,
    sql<ScheduledRun>`select position, plan_id, body, next_at from runbook_schedule
      where runbook_id = ${runbookId} order by position`,
  );
}

export type DueSchedule = { readonly runbookId: string; readonly position: number };

export async function findDueSchedules(
  tx: Queryable,
  now: Instant,
  limit: number,
): Promise<readonly DueSchedule[]> {
  return all(
    tx,
    sql<DueSchedule>`select runbook_id, position from runbook_schedule where next_at <= ${now}
      order by next_at, runbook_id, position limit ${limit}`,
  );
}

export async function lockSchedule(
  tx: Tx,
  { runbookId, position }: DueSchedule,
): Promise<ScheduledRun | null> {
  return maybe(
    tx,
    sql<ScheduledRun>`select position, plan_id, body, next_at from runbook_schedule
      where runbook_id = ${runbookId} and position = ${position} for update`,
  );
}

export async function saveNext(
  tx: Queryable,
  { runbookId, position }: DueSchedule,
  nextAt: Instant,
): Promise<void> {
  await run(
    tx,
    sql`update runbook_schedule set next_at = ${nextAt}
      where runbook_id = ${runbookId} and position = ${position}`,
  );
}

/** When the next schedule starts a run. */
export const nextSchedule = sql`(select min(next_at) from runbook_schedule)`;
