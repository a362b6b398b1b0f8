/** What insights ask the store: incidents of a span as far as the reader may see them. */
import type { Severity } from "../../../contract/ids.ts";
import { all, type Queryable, sql } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";
import type { Reader } from "../account/account.ts";
import { incidentVisibleTo, noDrill } from "../account/visible.ts";
import type { TimedIncident } from "./distribution.ts";

export type Span = { readonly from: Instant; readonly to: Instant; readonly team: string | null };

/** Incidents are read at most so many at once; the newest count. */
export const MOST_INCIDENTS = 10_000;

/** Over the alias `i`; what was no incident counts nowhere but among the rules, and a drill nowhere. */
const within = (reader: Reader, { from, to, team }: Span) =>
  sql`i.declared_at >= ${from} and i.declared_at < ${to}
    and ${noDrill} and ${team === null ? sql`true` : sql`${team} = any(i.team_ids)`} and ${incidentVisibleTo(reader)}`;

export async function listTimes(
  tx: Queryable,
  reader: Reader,
  span: Span,
): Promise<readonly TimedIncident[]> {
  return all(
    tx,
    sql<TimedIncident>`select i.number, i.title, i.severity, i.detected_at, i.declared_at, i.acknowledged_at,
        i.mitigated_at, i.resolved_at
      from incident i where ${within(reader, span)} and i.state <> 'cancelled'
      order by i.declared_at desc, i.number desc limit ${MOST_INCIDENTS}`,
  );
}

export type PromiseRow = {
  readonly severity: Severity;
  readonly kind: string;
  readonly kept: number;
  readonly late: number;
  readonly missed: number;
  readonly running: number;
};

/** Clocks of incidents by how they ended. One that was taken back promised nothing. */
export async function countPromises(
  tx: Queryable,
  reader: Reader,
  span: Span,
): Promise<readonly PromiseRow[]> {
  const met = sql.raw(`(d.body ->> 'metAt')::bigint`);
  return all(
    tx,
    sql<PromiseRow>`select i.severity, d.kind,
        count(*) filter (where ${met} <= d.due_at)::integer as kept,
        count(*) filter (where ${met} > d.due_at)::integer as late,
        count(*) filter (where ${met} is null and d.state = 'breached')::integer as missed,
        count(*) filter (where ${met} is null and d.state in ('running', 'paused'))::integer as running
      from incident i join deadline d on d.subject = 'INC-' || i.number
      where ${within(reader, span)} and i.state <> 'cancelled' and d.state <> 'withdrawn'
        and d.kind in ('acknowledge', 'mitigate', 'resolve', 'status update', 'postmortem')
      group by i.severity, d.kind
      order by i.severity, d.kind limit 100`,
  );
}

export type PersonPage = {
  readonly personId: string;
  readonly incidentNumber: number;
  readonly at: Instant;
  readonly acknowledged: boolean;
};

/** One for each person and occasion, at its first message that left. */
export async function listPersonPages(
  tx: Queryable,
  reader: Reader,
  span: Span,
): Promise<readonly PersonPage[]> {
  return all(
    tx,
    sql<PersonPage>`select n.person_id, n.incident_number, min(n.handed_over_at) as at,
        bool_or(n.acknowledged_at is not null) as acknowledged
      from notification n join incident i on i.number = n.incident_number
      where n.kind = 'page' and n.person_id is not null and n.handed_over_at is not null
        and ${within(reader, span)}
      group by n.person_id, n.incident_number, n.occasion
      order by at limit 50000`,
  );
}

export type RuleRow = {
  readonly rule: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly incidents: number;
  readonly paged: number;
  readonly acted: number;
  readonly falseAlarms: number;
};

/** Rules by what their incidents led to, the noisiest first. */
export async function countRules(
  tx: Queryable,
  reader: Reader,
  span: Span,
): Promise<readonly RuleRow[]> {
  return all(
    tx,
    sql<RuleRow>`select i.rule_id as rule, max(i.rule_file) as file, max(i.rule_line) as line,
        count(*)::integer as incidents,
        count(*) filter (where p.paged)::integer as paged,
        count(*) filter (where i.state <> 'cancelled' and t.acted)::integer as acted,
        count(*) filter (where i.cancelled_because = 'false alarm')::integer as false_alarms
      from incident i
        cross join lateral (select exists (select 1 from notification n
          where n.incident_number = i.number and n.kind = 'page' and n.handed_over_at is not null) as paged) p
        cross join lateral (select exists (select 1 from timeline_entry e
          where e.incident_number = i.number and e.actor ->> 'kind' = 'person'
            and e.kind not in ('acknowledged', 'cancelled')) as acted) t
      where ${within(reader, span)} and i.rule_id is not null
      group by i.rule_id
      order by count(*) filter (where p.paged) - count(*) filter (where t.acted) desc, i.rule_id limit 500`,
  );
}
