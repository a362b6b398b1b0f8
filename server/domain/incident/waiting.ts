/** Rows of incidents as the engine asks for them: where an alert belongs, and what waits for it. */
import { all, maybe, type Queryable, run, sql, type Tx } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";
import type { Incident } from "./incident.ts";
import { columns } from "./store.ts";

/** The open incident that alerts of this service and rule join, locked. */
export async function lockOpenTwin(
  tx: Tx,
  serviceId: string,
  ruleId: string,
): Promise<Incident | null> {
  return maybe(
    tx,
    sql<Incident>`select ${columns} from incident i where i.service_id = ${serviceId} and i.rule_id = ${ruleId}
      and i.state in ('declared', 'mitigated') and i.merged_into is null for update`,
  );
}

/** The newest incident of this service and rule that its own alerts resolved since `since`, locked. */
export async function lockFlapping(
  tx: Tx,
  serviceId: string,
  ruleId: string,
  since: Instant,
): Promise<Incident | null> {
  return maybe(
    tx,
    sql<Incident>`select ${columns} from incident i where i.service_id = ${serviceId} and i.rule_id = ${ruleId}
      and i.state = 'resolved' and i.auto_resolve and i.resolved_at >= ${since}
      and exists (select 1 from timeline_entry t where t.incident_number = i.number
        and t.recorded_at = i.resolved_at and t.kind = 'resolved by alerts')
      order by i.number desc limit 1 for update`,
  );
}

/** Where the newest merged incident of this service and rule went on, in the end; null when none was. */
export async function findMergedInto(
  tx: Queryable,
  serviceId: string,
  ruleId: string,
): Promise<number | null> {
  const row = await maybe(
    tx,
    sql<{ number: number }>`with recursive way as (
        (select merged_into as number, 1 as depth from incident where service_id = ${serviceId}
          and rule_id = ${ruleId} and merged_into is not null order by number desc limit 1)
        union all select i.merged_into, depth + 1 from way join incident i on i.number = way.number
          where i.merged_into is not null and depth < 20)
      select number from way order by depth desc limit 1`,
  );
  return row?.number ?? null;
}

/** Incidents for which the engine has to draw a consequence. */
export async function findIncidentsToAttend(
  tx: Queryable,
  now: Instant,
  limit: number,
): Promise<readonly number[]> {
  const rows = await all(
    tx,
    sql<{
      number: number;
    }>`select number from incident where attend_at <= ${now} order by attend_at, number limit ${limit}`,
  );
  return rows.map((row) => row.number);
}

/** Lets the engine come back later; not when somebody else has locked it. */
export async function putOffIncident(tx: Queryable, number: number, until: Instant): Promise<void> {
  await run(
    tx,
    sql`update incident set attend_at = ${until} where number in (
      select number from incident where number = ${number} and attend_at is not null
      for update skip locked)`,
  );
}

export async function findNextIncidentToAttend(tx: Queryable): Promise<Instant | null> {
  const row = await maybe(
    tx,
    sql<{
      at: Instant | null;
    }>`select min(attend_at) as at from incident where attend_at is not null`,
  );
  return row?.at ?? null;
}
