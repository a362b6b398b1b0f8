/** Rows of runs, their phases, steps, events and fixes. */
import {
  all,
  json,
  maybe,
  one,
  type Queryable,
  run as execute,
  sql,
  texts,
  type Tx,
} from "../../base/db.ts";
import type { RawBuilder } from "kysely";
import type { Cursor } from "../../base/cursor.ts";
import type { Instant } from "../../base/instant.ts";
import type { ActorMark, Reader } from "../account/account.ts";
import { incidentVisibleTo, noDrill } from "../account/visible.ts";
import type { Run, StepRow } from "./run.ts";

const columns =
  sql.raw(`r.number, r.runbook_id, r.digest, r.plan_id, r.title, r.state, r.incident_number,
  r.team_id, r.drill, r.because, r.start_key, r.started_by, r.started_at, r.ended_at, r.inputs, r.forms,
  r.attend_at, r.synced`);

/** Whoever sees the incident sees its runs; one without an incident is its team's, or everybody's. */
export function runVisibleTo(reader: Reader): RawBuilder<unknown> {
  if (reader.everything) return sql`true`;
  const inTeam =
    reader.teams === null
      ? sql`true`
      : sql`(r.team_id is null or r.team_id = any(${[...reader.teams]}::text[]))`;
  return sql`(case when r.incident_number is null then ${inTeam} else exists (
    select 1 from incident i where i.number = r.incident_number and ${incidentVisibleTo(reader)}) end)`;
}

export async function nextRunNumber(tx: Tx): Promise<number> {
  const { number } = await one(
    tx,
    sql<{ number: number }>`select nextval('run_number')::integer as number`,
  );
  return number;
}

/** Who has which role in the incident `i`, as one text. */
const rolesNow = sql`coalesce(i.commander_id, '') || '|' || coalesce((
  select string_agg(p.role || '=' || p.person_id, ',' order by p.role, p.person_id)
  from incident_role p where p.incident_number = i.number), '')`;

/** False where the same rule or schedule has started it already. */
export async function insertRun(tx: Tx, run: Run): Promise<boolean> {
  const inserted = await execute(
    tx,
    sql`insert into runbook_run (number, runbook_id, digest, plan_id, title, state, incident_number, team_id,
          drill, because, start_key, started_by, started_at, inputs, forms, attend_at, synced)
        values (${run.number}, ${run.runbookId}, ${run.digest}, ${run.planId}, ${run.title}, ${run.state},
          ${run.incidentNumber}, ${run.teamId}, ${run.drill}, ${run.because}, ${run.startKey},
          ${json(run.startedBy)}, ${run.startedAt}, ${json(run.inputs)}, ${json(run.forms)},
          ${run.attendAt}, ${run.synced})
        on conflict (start_key) do nothing`,
  );
  return inserted > 0;
}

export async function saveRun(tx: Tx, run: Run): Promise<void> {
  await execute(
    tx,
    sql`update runbook_run set digest = ${run.digest}, plan_id = ${run.planId}, state = ${run.state},
          ended_at = ${run.endedAt}, inputs = ${json(run.inputs)}, forms = ${json(run.forms)},
          attend_at = ${run.attendAt}, synced = ${run.synced}, roles_synced = coalesce(
            (select ${rolesNow} from incident i where i.number = runbook_run.incident_number), '')
        where number = ${run.number}`,
  );
}

/** The incident of a run, which is locked before it; undefined where there is no such run. */
export async function findIncidentOf(
  tx: Queryable,
  number: number,
): Promise<number | null | undefined> {
  const row = await maybe(
    tx,
    sql<{
      incidentNumber: number | null;
    }>`select incident_number from runbook_run where number = ${number}`,
  );
  return row === null ? undefined : row.incidentNumber;
}

export async function lockRun(tx: Tx, reader: Reader, number: number): Promise<Run | null> {
  return maybe(
    tx,
    sql<Run>`select ${columns} from runbook_run r where r.number = ${number} and ${runVisibleTo(reader)} for update`,
  );
}

export async function findRun(tx: Queryable, reader: Reader, number: number): Promise<Run | null> {
  return maybe(
    tx,
    sql<Run>`select ${columns} from runbook_run r where r.number = ${number} and ${runVisibleTo(reader)}`,
  );
}

export type RunFilter = {
  readonly incident: number | null;
  readonly runbook: string | null;
  readonly state: string | null;
};

export type RunWithCounts = Run & { readonly settled: number; readonly steps: number };

/** Newest first. */
export async function listRuns(
  tx: Queryable,
  reader: Reader,
  filter: RunFilter,
  limit: number,
  after: Cursor | null,
): Promise<readonly RunWithCounts[]> {
  return all(
    tx,
    sql<RunWithCounts>`select ${columns}, c.settled, c.steps from runbook_run r
      cross join lateral (
        select count(*) filter (where s.state in ('done', 'skipped', 'not applicable', 'withdrawn'))::integer
            as settled, count(*)::integer as steps
        from run_step s where s.run_number = r.number) c
      where ${runVisibleTo(reader)}
        and ${after === null ? sql`true` : sql`(r.started_at, r.number) < (${after.at}, ${Number(after.id)})`}
        and ${filter.incident === null ? sql`true` : sql`r.incident_number = ${filter.incident}`}
        and ${filter.runbook === null ? sql`true` : sql`r.runbook_id = ${filter.runbook}`}
        and ${filter.state === null ? sql`true` : sql`r.state = ${filter.state}`}
      order by r.started_at desc, r.number desc limit ${limit}`,
  );
}

/** Runs of an incident, the oldest first. The caller has checked that it may be seen. */
export async function listRunsOf(tx: Queryable, incident: number): Promise<readonly Run[]> {
  return all(
    tx,
    sql<Run>`select ${columns} from runbook_run r where r.incident_number = ${incident}
      order by r.number limit 200`,
  );
}

const unsynced = sql`(i.state || '|' || i.severity || '|' || coalesce(i.mitigated_at::text, '') || '|'
  || coalesce(i.resolved_at::text, '')) <> r.synced
  or (i.number is not null and (${rolesNow}) <> r.roles_synced)`;

/** Runs that the engine has to look at: something of theirs is due, or their incident moved on. */
export async function findRunsToAttend(
  tx: Queryable,
  now: Instant,
  limit: number,
): Promise<readonly number[]> {
  const rows = await all(
    tx,
    sql<{ number: number }>`select r.number from runbook_run r
      left join incident i on i.number = r.incident_number
      where r.state = 'running' and (r.attend_at <= ${now} or ${unsynced})
      order by r.attend_at nulls first, r.number limit ${limit}`,
  );
  return rows.map((row) => row.number);
}

/** When the next run is due, or its incident has moved on. */
export const nextRunToAttend = sql`(select min(case when ${unsynced} then 0 else r.attend_at end) from runbook_run r
  left join incident i on i.number = r.incident_number where r.state = 'running')`;

/** Lets the engine look at a run later; what of its incident it did not get to, it takes as known. */
export async function putOffRun(tx: Queryable, number: number, until: Instant): Promise<void> {
  await execute(
    tx,
    sql`update runbook_run r set attend_at = ${until}, synced = coalesce((select i.state || '|' || i.severity
        || '|' || coalesce(i.mitigated_at::text, '') || '|' || coalesce(i.resolved_at::text, '')
        from incident i where i.number = r.incident_number), ''),
        roles_synced = coalesce((select ${rolesNow} from incident i where i.number = r.incident_number), '')
      where r.number in (select number from runbook_run where number = ${number} for update skip locked)`,
  );
}

const unasked = (
  since: Instant,
) => sql`i.updated_at >= ${since} and i.updated_at > 0 and i.state in ('declared', 'mitigated') and i.merged_into is null and ${noDrill} and not exists (
  select 1 from runbook_asked a where a.incident_number = i.number and a.severity = i.severity)`;

/** Open incidents that changed since and have not been shown to the start rules at their severity. */
export async function findUnasked(
  tx: Queryable,
  since: Instant,
  limit: number,
): Promise<readonly number[]> {
  const rows = await all(
    tx,
    sql<{ number: number }>`select i.number from incident i
      where ${unasked(since)} order by i.number limit ${limit}`,
  );
  return rows.map((row) => row.number);
}

/** At once when an incident is to be asked about. */
export const nextUnasked = (since: Instant): RawBuilder<unknown> =>
  sql`(select 0 where exists (select 1 from incident i where ${unasked(since)}))`;

type Asked = { readonly number: number; readonly severity: string };

export async function markAsked(tx: Queryable, asked: readonly Asked[]): Promise<void> {
  await execute(
    tx,
    sql`insert into runbook_asked (incident_number, severity)
      select * from unnest(${asked.map(({ number }) => number)}::integer[],
        ${texts(asked.map(({ severity }) => severity))}) on conflict do nothing`,
  );
}

// ── Phases and steps ──
export async function enterPhase(tx: Tx, run: number, phase: string, at: Instant): Promise<void> {
  await execute(
    tx,
    sql`insert into run_phase (run_number, phase_id, entered_at) values (${run}, ${phase}, ${at})
      on conflict do nothing`,
  );
}

export async function listPhases(
  tx: Queryable,
  run: number,
): Promise<ReadonlyMap<string, Instant>> {
  const rows = await all(
    tx,
    sql<{ phaseId: string; enteredAt: Instant }>`select phase_id, entered_at from run_phase
      where run_number = ${run} order by entered_at, phase_id limit 1000`,
  );
  return new Map(rows.map((row) => [row.phaseId, row.enteredAt]));
}

export async function insertSteps(
  tx: Tx,
  run: number,
  steps: readonly string[],
  from = 0,
): Promise<void> {
  if (steps.length === 0) return;
  const rows = steps.map((id, index) => ({ step_id: id, position: from + index }));
  await execute(
    tx,
    sql`insert into run_step (run_number, step_id, position, state)
      select ${run}, step_id, position, 'pending'
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as s (step_id text, position integer)`,
  );
}

export async function listSteps(tx: Queryable, run: number): Promise<readonly StepRow[]> {
  return all(
    tx,
    sql<StepRow>`select step_id, position, state, because, assignee, started_at, ended_at, ended_by, late,
        guard_answer, guard_by, assertion, stopped, text, by_role
      from run_step where run_number = ${run} order by position, step_id limit 2000`,
  );
}

export async function saveStep(tx: Tx, run: number, step: StepRow): Promise<void> {
  await execute(
    tx,
    sql`update run_step set state = ${step.state}, because = ${step.because}, assignee = ${step.assignee},
          started_at = ${step.startedAt}, ended_at = ${step.endedAt}, ended_by = ${step.endedBy === null ? null : json(step.endedBy)},
          late = ${step.late}, guard_answer = ${step.guardAnswer},
          guard_by = ${step.guardBy === null ? null : json(step.guardBy)}, assertion = ${step.assertion},
          stopped = ${step.stopped}, position = ${step.position}, text = ${step.text},
          by_role = ${step.byRole}
        where run_number = ${run} and step_id = ${step.stepId}`,
  );
}

/** Gives a step the name that it has in the version that its run goes on with. */
export async function renameStep(tx: Tx, run: number, from: string, to: string): Promise<void> {
  await execute(
    tx,
    sql`update run_step set step_id = ${to} where run_number = ${run} and step_id = ${from}`,
  );
}

// ── Events ──
export type EventRow = {
  readonly id: string;
  readonly at: Instant;
  readonly kind: string;
  readonly actor: ActorMark;
  readonly params: Readonly<Record<string, unknown>>;
  readonly text: string | null;
};

export async function insertEvent(tx: Tx, run: number, event: EventRow): Promise<void> {
  await execute(
    tx,
    sql`insert into run_event (id, run_number, at, kind, actor, params, text)
      values (${event.id}, ${run}, ${event.at}, ${event.kind}, ${json(event.actor)}, ${json(event.params)},
        ${event.text})`,
  );
}

/** Oldest first. */
export async function listEvents(
  tx: Queryable,
  run: number,
  limit: number,
  after: Cursor | null,
): Promise<readonly EventRow[]> {
  return all(
    tx,
    sql<EventRow>`select id, at, kind, actor, params, text from run_event where run_number = ${run}
        and ${after === null ? sql`true` : sql`(at, id) > (${after.at}, ${after.id}::uuid)`}
      order by at, id limit ${limit}`,
  );
}

// ── Fixes ──
export type Fix = {
  readonly id: string;
  readonly stepId: string;
  readonly digest: string;
  readonly line: number;
  readonly startOffset: number;
  readonly endOffset: number;
  readonly before: string;
  readonly after: string;
  readonly byActor: ActorMark;
  readonly at: Instant;
};

export async function insertFix(tx: Tx, run: number, fix: Fix): Promise<void> {
  await execute(
    tx,
    sql`insert into run_fix (id, run_number, step_id, digest, line, start_offset, end_offset, before, after,
          by_actor, at)
        values (${fix.id}, ${run}, ${fix.stepId}, ${fix.digest}, ${fix.line}, ${fix.startOffset},
          ${fix.endOffset}, ${fix.before}, ${fix.after}, ${json(fix.byActor)}, ${fix.at})`,
  );
}

export async function listFixes(tx: Queryable, run: number): Promise<readonly Fix[]> {
  return all(
    tx,
    sql<Fix>`select id, step_id, digest, line, start_offset, end_offset, before, after, by_actor, at
      from run_fix where run_number = ${run} order by at, id limit 500`,
  );
}
