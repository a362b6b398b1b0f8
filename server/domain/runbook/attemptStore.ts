/** Rows of attempts: each go at an action, from being asked for to what came of it. */
import type { Risk } from "../../../contract/action.ts";
import type { Attempt as AttemptView } from "../../../contract/run.ts";
import { all, json, maybe, type Queryable, run as execute, sql, type Tx } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";
import type { ActorMark } from "../account/account.ts";

export type AttemptRow = {
  readonly id: string;
  readonly runNumber: number;
  readonly stepId: string;
  readonly attempt: number;
  readonly purpose: AttemptView["purpose"];
  readonly state: AttemptView["state"];
  readonly action: string;
  readonly risk: Risk;
  readonly askedBy: ActorMark;
  readonly approvedBy: ActorMark | null;
  readonly askedAt: Instant;
  readonly dueAt: Instant | null;
  readonly leaseUntil: Instant | null;
  readonly endedAt: Instant | null;
  readonly idempotencyKey: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly output: Readonly<Record<string, unknown>> | null;
  readonly learned: string | null;
};

const columns =
  sql.raw(`a.id, a.run_number, a.step_id, a.attempt, a.purpose, a.state, a.action, a.risk,
  a.asked_by, a.approved_by, a.asked_at, a.due_at, a.lease_until, a.ended_at, a.idempotency_key, a.input,
  a.output, a.learned`);

/** The unique index over attempts at work decides; the caller has locked the run. */
export async function insertAttempt(tx: Tx, a: AttemptRow): Promise<void> {
  await execute(
    tx,
    sql`insert into run_attempt (id, run_number, step_id, attempt, purpose, state, action, risk, asked_by,
          approved_by, asked_at, due_at, lease_until, ended_at, idempotency_key, input, output, learned)
        values (${a.id}, ${a.runNumber}, ${a.stepId}, ${a.attempt}, ${a.purpose}, ${a.state}, ${a.action},
          ${a.risk}, ${json(a.askedBy)}, ${a.approvedBy === null ? null : json(a.approvedBy)}, ${a.askedAt},
          ${a.dueAt}, ${a.leaseUntil}, ${a.endedAt}, ${a.idempotencyKey}, ${json(a.input)},
          ${a.output === null ? null : json(a.output)}, ${a.learned})`,
  );
}

export async function saveAttempt(tx: Tx, a: AttemptRow): Promise<void> {
  await execute(
    tx,
    sql`update run_attempt set state = ${a.state},
          approved_by = ${a.approvedBy === null ? null : json(a.approvedBy)}, due_at = ${a.dueAt},
          lease_until = ${a.leaseUntil}, ended_at = ${a.endedAt},
          output = ${a.output === null ? null : json(a.output)}, learned = ${a.learned}
        where id = ${a.id}`,
  );
}

/** All of a run, in the order of asking. */
export async function listAttempts(
  tx: Queryable,
  runNumber: number,
): Promise<readonly AttemptRow[]> {
  return all(
    tx,
    sql<AttemptRow>`select ${columns} from run_attempt a where a.run_number = ${runNumber}
      order by a.asked_at, a.step_id, a.attempt limit 5000`,
  );
}

/** The one that is asked for, due or under way at a step. */
export async function findActiveAttempt(
  tx: Queryable,
  runNumber: number,
  stepId: string,
): Promise<AttemptRow | null> {
  return maybe(
    tx,
    sql<AttemptRow>`select ${columns} from run_attempt a where a.run_number = ${runNumber}
      and a.step_id = ${stepId} and a.state in ('asked', 'due', 'under way')`,
  );
}

export async function findAttempt(tx: Queryable, id: string): Promise<AttemptRow | null> {
  return maybe(tx, sql<AttemptRow>`select ${columns} from run_attempt a where a.id = ${id}`);
}

/** What is due, or was under way on a node that is gone; skips what another node holds. */
export async function lockDueAttempts(
  tx: Tx,
  now: Instant,
  limit: number,
): Promise<readonly AttemptRow[]> {
  return all(
    tx,
    sql<AttemptRow>`select ${columns} from run_attempt a where a.due_at <= ${now}
      order by a.due_at, a.id limit ${limit} for update skip locked`,
  );
}

/** When the next attempt is due. */
export const nextAttempt = sql`(select min(due_at) from run_attempt where due_at is not null)`;
