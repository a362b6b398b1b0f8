/** Rows of escalation runs. */
import { textArray } from "../../base/arrays.ts";
import {
  all,
  columnsNamed,
  jsonTexts,
  maybe,
  type Queryable,
  run as execute,
  sql,
  texts,
  type Tx,
} from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";
import type { Run } from "./escalation.ts";

const columns =
  columnsNamed(`id, incident_number, policy_id, policy, step_index, round, due_at, held_until, asked_by,
  is_reassigned, started_at, stopped_at, stopped_because`);

export const insertRun = (tx: Tx, run: Run): Promise<void> => insertRuns(tx, [run]);

export async function insertRuns(tx: Tx, runs: readonly Run[]): Promise<void> {
  if (runs.length === 0) return;
  await execute(
    tx,
    sql`insert into escalation_run (id, incident_number, policy_id, policy, step_index, round, due_at, asked_by,
          is_reassigned, started_at)
        select id, incident_number, policy_id, policy::jsonb, step_index, round, due_at, asked_by, is_reassigned,
          started_at
        from unnest(${runs.map(({ id }) => id)}::uuid[], ${runs.map((run) => run.incidentNumber)}::integer[],
          ${textArray(runs.map((run) => run.policyId))}::text[], ${jsonTexts(runs.map(({ policy }) => policy))},
          ${runs.map((run) => run.stepIndex)}::integer[], ${runs.map(({ round }) => round)}::integer[],
          ${runs.map((run) => run.dueAt)}::bigint[], ${textArray(runs.map((run) => run.askedBy))}::text[],
          ${runs.map((run) => run.isReassigned)}::boolean[], ${runs.map((run) => run.startedAt)}::bigint[])
          as r (id, incident_number, policy_id, policy, step_index, round, due_at, asked_by, is_reassigned,
            started_at)`,
  );
}

/** The run that is at work on an incident, locked, or null. */
export async function lockActiveRun(tx: Tx, incident: number): Promise<Run | null> {
  return maybe(
    tx,
    sql<Run>`select ${columns} from escalation_run where incident_number = ${incident} and stopped_at is null for update`,
  );
}

/**
 * The runs that are at work on these incidents, in their order. Whoever moves a run holds its incident, so they need no
 * lock besides that; asked after the incidents, they are as the last who held one left them.
 */
export const listActiveRuns = (tx: Tx, incidents: readonly number[]): Promise<readonly Run[]> =>
  all(
    tx,
    sql<Run>`select ${columns} from escalation_run where incident_number = any(${incidents}::integer[])
      and stopped_at is null order by incident_number`,
  );

/** The run that was started last on an incident, locked, or null. */
export async function lockLastRun(tx: Tx, incident: number): Promise<Run | null> {
  return maybe(
    tx,
    sql<Run>`select ${columns} from escalation_run where incident_number = ${incident}
      order by started_at desc, id desc limit 1 for update`,
  );
}

export const saveRun = (tx: Tx, run: Run): Promise<unknown> => saveRuns(tx, [run]);

export const saveRuns = async (tx: Tx, runs: readonly Run[]): Promise<unknown> =>
  runs.length === 0 ? 0 : execute(tx, savingOf(runs));

const savingOf = (runs: readonly Run[]) =>
  sql`update escalation_run r set step_index = n.step_index, round = n.round, due_at = n.due_at,
          held_until = n.held_until, asked_by = n.asked_by, stopped_at = n.stopped_at,
          stopped_because = n.stopped_because
        from unnest(${runs.map(({ id }) => id)}::uuid[], ${runs.map((run) => run.stepIndex)}::integer[],
          ${runs.map(({ round }) => round)}::integer[], ${runs.map((run) => run.dueAt)}::bigint[],
          ${runs.map((run) => run.heldUntil)}::bigint[], ${textArray(runs.map((run) => run.askedBy))}::text[],
          ${runs.map((run) => run.stoppedAt)}::bigint[],
          ${textArray(runs.map((run) => run.stoppedBecause))}::text[])
          as n (id, step_index, round, due_at, held_until, asked_by, stopped_at, stopped_because)
        where r.id = n.id`;

export type Due = { readonly incidentNumber: number; readonly dueAt: Instant };

/** Incidents whose run is due then, the first first. Not locked: the incident is locked before its run. */
export const findDueRuns = (
  tx: Queryable,
  { from, until }: { readonly from: Instant; readonly until: Instant },
  limit: number,
): Promise<readonly Due[]> =>
  all(
    tx,
    sql<Due>`select incident_number, due_at from escalation_run
      where due_at >= ${from} and due_at <= ${until} order by due_at, id limit ${limit}`,
  );

/** Lets the run of an incident come later; not when somebody else has locked it. */
export async function putOffRun(tx: Queryable, incident: number, until: Instant): Promise<void> {
  await execute(
    tx,
    sql`update escalation_run set due_at = ${until} where id in (
      select id from escalation_run
      where incident_number = ${incident} and stopped_at is null and due_at < ${until}
      for update skip locked)`,
  );
}

/** When the next run is due. */
export const nextRun = sql`(select min(due_at) from escalation_run where due_at is not null)`;

export async function listRuns(tx: Queryable, incident: number): Promise<readonly Run[]> {
  return all(
    tx,
    sql<Run>`select ${columns} from escalation_run where incident_number = ${incident} order by started_at, id limit 100`,
  );
}

type Rung = Pick<Run, "policyId" | "stepIndex">;

/** What a step of a policy is called among others. */
export const rungName = ({ policyId, stepIndex }: Rung): string => `${policyId} ${stepIndex}`;

/**
 * Who of each of these steps was paged last when its people are paged in turn, by {@link rungName}. Locked until the
 * caller is done, and in one order, so that those who want the same of them wait for each other and not in a circle.
 */
export async function lockTurns(tx: Tx, rungs: readonly Rung[]): Promise<Map<string, string>> {
  const wanted = [...new Map(rungs.map((rung) => [rungName(rung), rung])).values()];
  if (wanted.length === 0) return new Map();
  const asked = sql`unnest(${texts(wanted.map(({ policyId }) => policyId))},
    ${wanted.map(({ stepIndex }) => stepIndex)}::integer[]) as w (policy_id, step)`;
  await execute(
    tx,
    sql`insert into escalation_turn (policy_id, step)
        select policy_id, step from ${asked} order by policy_id, step on conflict do nothing`,
  );
  const rows = await all(
    tx,
    sql<Rung & { personId: string | null }>`
      select t.policy_id, t.step as step_index, t.person_id from escalation_turn t
      join ${asked} on w.policy_id = t.policy_id and w.step = t.step
      order by t.policy_id, t.step for update of t`,
  );
  return new Map(
    rows.flatMap(({ personId, ...rung }) =>
      personId === null ? [] : [[rungName(rung), personId]],
    ),
  );
}

export async function saveTurn(
  tx: Tx,
  policyId: string,
  step: number,
  personId: string,
): Promise<void> {
  await execute(
    tx,
    sql`update escalation_turn set person_id = ${personId} where policy_id = ${policyId} and step = ${step}`,
  );
}

/** Who was paged last at each step of a policy whose people are paged in turn. */
export async function listTurns(
  tx: Queryable,
  policyId: string,
): Promise<ReadonlyMap<number, string>> {
  const rows = await all(
    tx,
    sql<{ step: number; personId: string }>`select step, person_id from escalation_turn
      where policy_id = ${policyId} and person_id is not null order by step limit 100`,
  );
  return new Map(rows.map(({ step, personId }) => [step, personId]));
}
