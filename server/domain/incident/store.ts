/** Rows of incidents, their roles, readers, tasks, acceptance evidence and timeline. */
import type { AcceptancePiece } from "../../../contract/incident.ts";
import type { TimelineKind } from "../../../contract/texts.ts";
import { textArray } from "../../base/arrays.ts";
import {
  all,
  columnsNamed,
  json,
  jsonTexts,
  maybe,
  one,
  type Queryable,
  run,
  sql,
  texts,
  type Tx,
} from "../../base/db.ts";
import type { Cursor } from "../../base/cursor.ts";
import type { Instant } from "../../base/instant.ts";
import type { ActorMark, Reader } from "../account/account.ts";
import { incidentVisibleTo } from "../account/visible.ts";
import type { Incident, Paging } from "./incident.ts";

export const columns = columnsNamed(`i.number, i.title, i.kind, i.severity, i.state,
  case when i.group_key is null then i.service_id else i.services[1] end as service_id, i.group_key, i.joined_at, i.services, i.regions, i.team_ids,
  i.rule_id, i.rule_file, i.rule_line, i.summary, i.impact, i.root_cause, i.commander_id, i.offered_commander_id,
  i.acknowledged_by, i.detected_at, i.declared_at, i.acknowledged_at, i.mitigated_at, i.resolved_at, i.closed_at,
  i.cancelled_because, i.merged_into, i.auto_resolve, i.deferred_for, i.deferred_because, i.restricted,
  i.declared_by, i.attend_at`);

const pagingColumns =
  columnsNamed(`number, title, severity, state, services, regions, team_ids, commander_id,
  detected_at, declared_at, acknowledged_at, restricted`);

export async function nextIncidentNumbers(tx: Tx, count: number): Promise<readonly number[]> {
  const rows = await all(
    tx,
    sql<{ number: number }>`select nextval('incident_number')::integer as number
      from generate_series(1, (select ${count}::integer))`,
  );
  return rows.map(({ number }) => number);
}

/**
 * Inserts new incidents in this order; returns the numbers of those that were inserted. Where an open one of the
 * same rule and group exists it is not, also when another node has just made it: the unique index decides, not a
 * check. `isWhole`: then none of them is, and it fails.
 */
export async function insertIncidents(
  tx: Tx,
  incidents: readonly Incident[],
  isWhole = false,
): Promise<readonly number[]> {
  if (incidents.length === 0) return [];
  const column = (of: (incident: Incident) => string | null) =>
    sql`${textArray(incidents.map(of))}::text[]`;
  const lists = (of: (incident: Incident) => readonly string[]) =>
    column((incident) => textArray(of(incident)));
  const inserted = await all(
    tx,
    sql<{
      number: number;
    }>`insert into incident (number, title, kind, severity, state, service_id, services, regions,
          team_ids, rule_id, rule_file, rule_line, summary, commander_id, detected_at, declared_at, auto_resolve,
          restricted, declared_by, updated_at, attend_at, group_key, joined_at)
        select number, title, kind, severity, state, service_id, services::text[], regions::text[],
          team_ids::text[], rule_id, rule_file, rule_line, summary, commander_id, detected_at, declared_at,
          auto_resolve, restricted, declared_by::jsonb, declared_at, attend_at, group_key, joined_at
        from unnest(${incidents.map((i) => i.number)}::integer[], ${column((i) => i.title)},
          ${column((i) => i.kind)}, ${column((i) => i.severity)}, ${column((i) => i.state)},
          ${
            // Each of the two unique indexes leaves the other's incidents alone.
            column((i) => (i.groupKey === null ? i.serviceId : null))
          }, ${lists((i) => i.services)}, ${lists((i) => i.regions)}, ${lists((i) => i.teamIds)},
          ${column((i) => i.ruleId)}, ${column((i) => i.ruleFile)},
          ${incidents.map((i) => i.ruleLine)}::integer[], ${column((i) => i.summary)},
          ${column((i) => i.commanderId)}, ${incidents.map((i) => i.detectedAt)}::bigint[],
          ${incidents.map((i) => i.declaredAt)}::bigint[], ${incidents.map((i) => i.autoResolve)}::boolean[],
          ${incidents.map((i) => i.restricted)}::boolean[], ${jsonTexts(incidents.map((i) => i.declaredBy))},
          ${incidents.map((i) => i.attendAt)}::bigint[], ${column((i) => i.groupKey)},
          ${incidents.map((i) => i.joinedAt)}::bigint[])
          as i (number, title, kind, severity, state, service_id, services, regions, team_ids, rule_id, rule_file,
            rule_line, summary, commander_id, detected_at, declared_at, auto_resolve, restricted, declared_by,
            attend_at, group_key, joined_at)
        ${isWhole ? sql`` : sql`on conflict do nothing`} returning number`,
  );
  return inserted.map(({ number }) => number);
}

export async function saveIncident(tx: Tx, i: Incident, now: Instant): Promise<void> {
  await run(
    tx,
    sql`update incident set title = ${i.title}, severity = ${i.severity}, state = ${i.state},
          services = ${texts(i.services)}, regions = ${texts(i.regions)}, team_ids = ${texts(i.teamIds)},
          summary = ${i.summary}, impact = ${json(i.impact)}, root_cause = ${json(i.rootCause)},
          commander_id = ${i.commanderId}, offered_commander_id = ${i.offeredCommanderId},
          acknowledged_by = ${i.acknowledgedBy}, acknowledged_at = ${i.acknowledgedAt},
          mitigated_at = ${i.mitigatedAt}, resolved_at = ${i.resolvedAt}, closed_at = ${i.closedAt},
          cancelled_because = ${i.cancelledBecause}, merged_into = ${i.mergedInto},
          auto_resolve = ${i.autoResolve}, deferred_for = ${i.deferredFor},
          deferred_because = ${i.deferredBecause}, restricted = ${i.restricted}, attend_at = ${i.attendAt},
          joined_at = ${i.joinedAt}, updated_at = ${now}
        where number = ${i.number}`,
  );
}

/** When it was last changed, and every part that somebody has in it was known at the latest. */
export async function lastSavedAt(tx: Queryable, number: number): Promise<Instant> {
  const row = await one(
    tx,
    sql<{ updatedAt: Instant }>`select updated_at from incident where number = ${number}`,
  );
  return row.updatedAt;
}

/** Locks the subject of every verb; null when there is none that the reader may see. */
export async function lockIncident(
  tx: Tx,
  reader: Reader,
  number: number,
): Promise<Incident | null> {
  return maybe(
    tx,
    sql<Incident>`select ${columns} from incident i where i.number = ${number} and ${incidentVisibleTo(reader)} for update`,
  );
}

/** Locks many subjects in the order of their numbers, apart from those that somebody else holds now. */
export async function lockIncidents(
  tx: Tx,
  reader: Reader,
  numbers: readonly number[],
): Promise<readonly Incident[]> {
  return all(
    tx,
    sql<Incident>`select ${columns} from incident i where i.number = any(${numbers}::integer[])
      and ${incidentVisibleTo(reader)} order by i.number for update skip locked`,
  );
}

/** Locks many subjects and waits for them, in the order in which whoever needs several locks them: the graver first. */
export async function lockEveryIncident(
  tx: Tx,
  reader: Reader,
  numbers: readonly number[],
): Promise<void> {
  await all(
    tx,
    sql<{
      number: number;
    }>`select i.number from incident i where i.number = any(${numbers}::integer[])
      and ${incidentVisibleTo(reader)} order by i.severity, i.number for update`,
  );
}

/** Locks those whose escalations are due, and reads what their pages say; passes over what somebody else holds. */
export const lockPaging = (tx: Tx, numbers: readonly number[]): Promise<readonly Paging[]> =>
  all(
    tx,
    sql<Paging>`select ${pagingColumns} from incident where number = any(${numbers}::integer[])
      order by number for update skip locked`,
  );

export async function findIncident(
  tx: Queryable,
  reader: Reader,
  number: number,
): Promise<Incident | null> {
  return maybe(
    tx,
    sql<Incident>`select ${columns} from incident i where i.number = ${number} and ${incidentVisibleTo(reader)}`,
  );
}

export async function findIncidents(
  tx: Queryable,
  reader: Reader,
  numbers: readonly number[],
): Promise<readonly Incident[]> {
  if (numbers.length === 0) return [];
  return all(
    tx,
    sql<Incident>`select ${columns} from incident i where i.number = any(${numbers}::integer[])
      and ${incidentVisibleTo(reader)} order by i.number`,
  );
}

export type IncidentFilter = {
  readonly state?: string | undefined;
  readonly severity?: string | undefined;
  readonly service?: string | undefined;
  readonly commander?: string | undefined;
};

/** Newest first. */
export async function listIncidents(
  tx: Queryable,
  reader: Reader,
  filter: IncidentFilter,
  limit: number,
  after: Cursor | null,
): Promise<readonly Incident[]> {
  const state =
    filter.state === undefined
      ? sql`true`
      : filter.state === "open"
        ? sql`i.state in ('declared', 'mitigated')`
        : sql`i.state = ${filter.state}`;
  return all(
    tx,
    sql<Incident>`select ${columns} from incident i where ${incidentVisibleTo(reader)} and ${state}
        and ${after === null ? sql`true` : sql`(i.declared_at, i.number) < (${after.at}, ${Number(after.id)})`}
        and ${filter.severity === undefined ? sql`true` : sql`i.severity = ${filter.severity}`}
        and ${filter.service === undefined ? sql`true` : sql`${filter.service} = any(i.services)`}
        and ${filter.commander === undefined ? sql`true` : sql`i.commander_id = ${filter.commander}`}
      order by i.declared_at desc, i.number desc limit ${limit}`,
  );
}

/** Open incidents that were put off for this one. */
export async function listDeferredFor(tx: Queryable, number: number): Promise<readonly number[]> {
  const rows = await all(
    tx,
    sql<{
      number: number;
    }>`select number from incident where deferred_for = ${number} order by number limit 1000`,
  );
  return rows.map((row) => row.number);
}

/** The severities that burn now. */
export async function listOpenSeverities(
  tx: Queryable,
): Promise<readonly { number: number; severity: Incident["severity"] }[]> {
  return all(
    tx,
    sql<{ number: number; severity: Incident["severity"] }>`select number, severity from incident
      where state in ('declared', 'mitigated') and merged_into is null order by severity, number limit 1000`,
  );
}

// ── Roles and readers ──

export async function insertRole(
  tx: Tx,
  number: number,
  role: string,
  personId: string,
  now: Instant,
): Promise<boolean> {
  return (
    (await run(
      tx,
      sql`insert into incident_role (incident_number, role, person_id, assigned_at)
        values (${number}, ${role}, ${personId}, ${now}) on conflict do nothing`,
    )) > 0
  );
}

export async function deleteRole(
  tx: Tx,
  number: number,
  role: string,
  personId: string,
): Promise<boolean> {
  return (
    (await run(
      tx,
      sql`delete from incident_role where incident_number = ${number} and role = ${role} and person_id = ${personId}`,
    )) > 0
  );
}

export async function listRoles(
  tx: Queryable,
  number: number,
): Promise<readonly { role: string; personId: string; assignedAt: Instant }[]> {
  return all(
    tx,
    sql<{
      role: string;
      personId: string;
      assignedAt: Instant;
    }>`select role, person_id, assigned_at from incident_role
      where incident_number = ${number} order by role, person_id limit 500`,
  );
}

export type IncidentReader = { readonly incidentNumber: number; readonly personId: string };

export async function addReaders(tx: Tx, readers: readonly IncidentReader[]): Promise<void> {
  if (readers.length === 0) return;
  await run(
    tx,
    sql`insert into incident_reader (incident_number, person_id)
      select * from unnest(${readers.map((each) => each.incidentNumber)}::integer[],
        ${texts(readers.map((each) => each.personId))}) on conflict do nothing`,
  );
}

/** Nobody reads what was restricted to people who have left. That they could is in the ledger. */
export async function endReadersOf(tx: Tx, people: readonly string[]): Promise<void> {
  await run(tx, sql`delete from incident_reader where person_id = any(${texts(people)})`);
}

/** Whether the person has a part in the incident: commander, a role, or was paged or named for it. */
export async function takesPart(
  tx: Queryable,
  number: number,
  { personId, since }: { readonly personId: string; readonly since: Instant },
): Promise<boolean> {
  const row = await one(
    tx,
    sql<{ part: boolean }>`select exists (select 1 from incident where number = ${number}
        and (commander_id = ${personId} or offered_commander_id = ${personId}) and updated_at >= ${since})
      or exists (select 1 from incident_role where incident_number = ${number} and person_id = ${personId}
        and assigned_at >= ${since})
      or exists (select 1 from incident_reader where incident_number = ${number} and person_id = ${personId}) as part`,
  );
  return row.part;
}

// ── Tasks ──

export type TaskRow = {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly ownerId: string | null;
  readonly dueAt: Instant | null;
  readonly doneAt: Instant | null;
};

export async function insertTask(
  tx: Tx,
  number: number,
  task: TaskRow,
  now: Instant,
): Promise<void> {
  await run(
    tx,
    sql`insert into task (id, incident_number, kind, title, owner_id, due_at, created_at)
      values (${task.id}, ${number}, ${task.kind}, ${task.title}, ${task.ownerId}, ${task.dueAt}, ${now})`,
  );
}

/** Finishes an open task; null when there is none. */
export async function finishTask(
  tx: Tx,
  number: number,
  id: string,
  by: string | null,
  now: Instant,
): Promise<TaskRow | null> {
  return maybe(
    tx,
    sql<TaskRow>`update task set done_at = ${now}, done_by = ${by}
      where id = ${id} and incident_number = ${number} and done_at is null
      returning id, kind, title, owner_id, due_at, done_at`,
  );
}

export async function listTasks(tx: Queryable, number: number): Promise<readonly TaskRow[]> {
  return all(
    tx,
    sql<TaskRow>`select id, kind, title, owner_id, due_at, done_at from task
      where incident_number = ${number} order by created_at, id limit 500`,
  );
}

// ── Acceptance ──

export type AcceptanceRow = {
  readonly piece: AcceptancePiece;
  readonly text: string;
  readonly overridden: boolean;
  readonly recordedAt: Instant;
};

export async function saveAcceptance(
  tx: Tx,
  number: number,
  row: AcceptanceRow & { readonly recordedBy: ActorMark },
): Promise<void> {
  await run(
    tx,
    sql`insert into incident_acceptance (incident_number, piece, text, overridden, recorded_by, recorded_at)
      values (${number}, ${row.piece}, ${row.text}, ${row.overridden}, ${json(row.recordedBy)}, ${row.recordedAt})
      on conflict (incident_number, piece) do update set text = excluded.text, overridden = excluded.overridden,
        recorded_by = excluded.recorded_by, recorded_at = excluded.recorded_at`,
  );
}

export async function listAcceptance(
  tx: Queryable,
  number: number,
): Promise<readonly AcceptanceRow[]> {
  return all(
    tx,
    sql<AcceptanceRow>`select piece, text, overridden, recorded_at from incident_acceptance
      where incident_number = ${number} order by recorded_at, piece limit 20`,
  );
}

export async function deleteAcceptance(
  tx: Tx,
  number: number,
  pieces: readonly string[],
): Promise<void> {
  await run(
    tx,
    sql`delete from incident_acceptance where incident_number = ${number} and piece = any(${texts(pieces)})`,
  );
}

// ── Timeline ──

export type TimelineRow = {
  readonly id: string;
  readonly at: Instant;
  readonly recordedAt: Instant;
  readonly kind: TimelineKind;
  readonly actor: ActorMark;
  readonly params: Readonly<Record<string, unknown>>;
  readonly text: string | null;
};

export const insertTimeline = async (tx: Tx, rows: readonly NewEntry[]): Promise<unknown> =>
  rows.length === 0 ? 0 : run(tx, insertOf(rows));

type NewEntry = TimelineRow & { readonly incidentNumber: number };

const insertOf = (rows: readonly NewEntry[]) =>
  sql`insert into timeline_entry (id, incident_number, at, recorded_at, kind, actor, params, text)
      select id, incident_number, at, recorded_at, kind, actor::jsonb, params::jsonb, text
      from unnest(${rows.map(({ id }) => id)}::uuid[], ${rows.map((row) => row.incidentNumber)}::integer[],
        ${rows.map(({ at }) => at)}::bigint[], ${rows.map((row) => row.recordedAt)}::bigint[],
        ${textArray(rows.map(({ kind }) => kind))}::text[], ${jsonTexts(rows.map(({ actor }) => actor))},
        ${jsonTexts(rows.map(({ params }) => params))}, ${textArray(rows.map(({ text }) => text))}::text[])
        as entry (id, incident_number, at, recorded_at, kind, actor, params, text)`;

/** Oldest first. */
export async function listTimeline(
  tx: Queryable,
  number: number,
  limit: number,
  after: Cursor | null,
): Promise<readonly TimelineRow[]> {
  return all(
    tx,
    sql<TimelineRow>`select id, at, recorded_at, kind, actor, params, text from timeline_entry
      where incident_number = ${number}
        and ${after === null ? sql`true` : sql`(recorded_at, id) > (${after.at}, ${after.id}::uuid)`}
      order by recorded_at, id limit ${limit}`,
  );
}

/** The newest ones, oldest first. */
export async function listTimelineEnd(
  tx: Queryable,
  number: number,
  limit: number,
): Promise<readonly TimelineRow[]> {
  const rows = await all(
    tx,
    sql<TimelineRow>`select id, at, recorded_at, kind, actor, params, text from timeline_entry
      where incident_number = ${number} order by recorded_at desc, id desc limit ${limit}`,
  );
  return rows.toReversed();
}
