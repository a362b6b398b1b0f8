/** What the first page asks across nouns. Every question takes the reader. */
import type { IncidentState } from "../../../contract/incident.ts";
import type { Severity } from "../../../contract/ids.ts";
import { all, one, type Queryable, sql, texts } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";
import type { Reader } from "../account/account.ts";
import { incidentVisibleTo, noDrill } from "../account/visible.ts";
import type { Deadline } from "../deadline/deadline.ts";
import type { DeadlineRow } from "../deadline/store.ts";

type AboutRow = {
  readonly number: number;
  readonly title: string;
  readonly severity: Severity;
  readonly state: IncidentState;
};
const about = sql.raw("i.number, i.title, i.severity, i.state");

export async function countOpenIncidents(tx: Queryable, reader: Reader): Promise<number> {
  const row = await one(
    tx,
    sql<{ count: number }>`select count(*) as count from incident i
      where i.state in ('declared', 'mitigated') and ${noDrill} and ${incidentVisibleTo(reader)}`,
  );
  return row.count;
}

/** The clocks of incidents that run or stand still, by incident. */
export async function listOpenClocks(
  tx: Queryable,
  subjects: readonly string[],
): Promise<readonly DeadlineRow[]> {
  if (subjects.length === 0) return [];
  return all(
    tx,
    sql<DeadlineRow>`select id, subject, team_id, body as deadline from deadline
      where subject = any(${texts(subjects)}) and state in ('running', 'paused', 'breached')
      order by due_at, id limit 1000`,
  );
}

/** Pages to a person that still wait for somebody, one for each incident: the latest. */
export async function listWaitingPages(
  tx: Queryable,
  reader: Reader,
  personId: string,
): Promise<readonly (AboutRow & { readonly id: string; readonly pagedAt: Instant })[]> {
  return all(
    tx,
    sql<AboutRow & { id: string; pagedAt: Instant }>`
      select distinct on (i.number) ${about}, n.id, n.decided_at as paged_at
      from notification n join incident i on i.number = n.incident_number
      where n.person_id = ${personId} and n.kind = 'page' and n.acknowledged_at is null
        and n.state in ('pending', 'sending', 'accepted')
        and i.state in ('declared', 'mitigated') and i.acknowledged_at is null
        and ${incidentVisibleTo(reader)}
      order by i.number desc, n.decided_at desc limit 50`,
  );
}

export type TaskAbout = AboutRow & {
  readonly id: string;
  readonly task: string;
  readonly dueAt: Instant | null;
};

export async function listTasksOf(
  tx: Queryable,
  reader: Reader,
  personId: string,
): Promise<readonly TaskAbout[]> {
  return all(
    tx,
    sql<TaskAbout>`select ${about}, t.id, t.title as task, t.due_at
      from task t join incident i on i.number = t.incident_number
      where t.owner_id = ${personId} and t.done_at is null and i.state <> 'cancelled'
        and ${incidentVisibleTo(reader)}
      order by t.due_at nulls last, t.id limit 50`,
  );
}

export type PostmortemAbout = AboutRow & {
  readonly id: string;
  readonly commanderId: string | null;
  readonly deadline: Deadline;
};

/** Postmortems whose clock is not over, the first due first. */
export async function listOwedPostmortems(
  tx: Queryable,
  reader: Reader,
): Promise<readonly PostmortemAbout[]> {
  return all(
    tx,
    sql<PostmortemAbout>`select ${about}, i.commander_id, d.id, d.body as deadline
      from deadline d join incident i on d.subject = 'INC-' || i.number
      where d.kind = 'postmortem' and d.state in ('running', 'paused', 'breached')
        and ${incidentVisibleTo(reader)}
      order by d.due_at, d.id limit 20`,
  );
}
