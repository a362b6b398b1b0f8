/** Rows of drills: when they are due, and how those went that were held. */
import { all, maybe, type Queryable, run, sql, texts, type Tx } from "../../base/db.ts";
import type { Cursor } from "../../base/cursor.ts";
import type { Instant } from "../../base/instant.ts";

export type DrillPlan = {
  readonly drillId: string;
  readonly rhythm: string;
  readonly nextAt: Instant;
};

/** Keeps one plan for each; one whose rhythm is the same keeps its time, so that no drill is left out. */
export async function keepPlans(tx: Tx, plans: readonly DrillPlan[]): Promise<void> {
  const rows = JSON.stringify(plans);
  await run(
    tx,
    sql`delete from drill_plan where not (drill_id = any(${texts(plans.map(({ drillId }) => drillId))}))`,
  );
  await run(
    tx,
    sql`insert into drill_plan as p (drill_id, rhythm, next_at)
      select "drillId", rhythm, "nextAt" from jsonb_to_recordset(${rows}::jsonb)
        as r ("drillId" text, rhythm text, "nextAt" bigint) order by 1
      on conflict (drill_id) do update set rhythm = excluded.rhythm, next_at = excluded.next_at
        where p.rhythm <> excluded.rhythm`,
  );
}

/** Takes due plans; another node passes over them. */
export const lockDuePlans = (tx: Tx, now: Instant): Promise<readonly DrillPlan[]> =>
  all(
    tx,
    sql<DrillPlan>`select drill_id, rhythm, next_at from drill_plan where next_at <= ${now}
      order by next_at, drill_id limit 20 for update skip locked`,
  );

export const savePlan = (tx: Tx, { drillId, nextAt }: DrillPlan): Promise<number> =>
  run(tx, sql`update drill_plan set next_at = ${nextAt} where drill_id = ${drillId}`);

export type DrillRow = {
  readonly id: string;
  readonly drillId: string;
  readonly serviceId: string;
  readonly incidentNumber: number;
  readonly because: string;
  readonly startedAt: Instant;
  readonly giveUpAt: Instant;
  readonly endedAt: Instant | null;
  readonly outcome: "running" | "answered" | "unanswered";
};

const columns = sql`d.id, d.drill_id, d.service_id, d.incident_number, d.because, d.started_at, d.give_up_at,
  d.ended_at, d.outcome`;

export const insertDrill = (tx: Tx, d: DrillRow): Promise<number> =>
  run(
    tx,
    sql`insert into drill (id, drill_id, service_id, incident_number, because, started_at, give_up_at, ended_at,
        outcome)
      values (${d.id}, ${d.drillId}, ${d.serviceId}, ${d.incidentNumber}, ${d.because}, ${d.startedAt},
        ${d.giveUpAt}, ${d.endedAt}, ${d.outcome})`,
  );

export const endDrill = (
  tx: Tx,
  id: string,
  outcome: DrillRow["outcome"],
  now: Instant,
): Promise<number> =>
  run(
    tx,
    sql`update drill set ended_at = ${now}, outcome = ${outcome} where id = ${id} and ended_at is null`,
  );

/** Running drills that are over: somebody has it, their incident is over, or nobody answered in time. */
const over = (now: Instant) => sql`d.ended_at is null and (d.give_up_at <= ${now} or exists (
  select 1 from incident i where i.number = d.incident_number
    and (i.acknowledged_at is not null or i.state not in ('declared', 'mitigated'))))`;

export const findOverDrills = (tx: Queryable, now: Instant): Promise<readonly DrillRow[]> =>
  all(
    tx,
    sql<DrillRow>`select ${columns} from drill d where ${over(now)} order by d.started_at, d.id limit 20`,
  );

export const nextDrill = (now: Instant) => sql`least((select min(next_at) from drill_plan),
  (select 0 where exists (select 1 from drill d where ${over(now)})),
  (select min(give_up_at) from drill where ended_at is null))`;

export type DrillFilter = {
  readonly drill?: string | undefined;
  readonly id?: string | undefined;
  /** Null: all of them. */
  readonly services: readonly string[] | null;
};

export const listDrills = (
  tx: Queryable,
  { drill, id, services }: DrillFilter,
  limit: number,
  after: Cursor | null,
): Promise<readonly DrillRow[]> =>
  all(
    tx,
    sql<DrillRow>`select ${columns} from drill d
      where ${drill === undefined ? sql`true` : sql`d.drill_id = ${drill}`}
        and ${id === undefined ? sql`true` : sql`d.id = ${id}`}
        and ${services === null ? sql`true` : sql`d.service_id = any(${texts(services)})`}
        and ${after === null ? sql`true` : sql`(d.started_at, d.id) < (${after.at}, ${after.id}::uuid)`}
      order by d.started_at desc, d.id desc limit ${limit}`,
  );

export type DrillPageRow = {
  readonly incidentNumber: number;
  readonly personId: string;
  readonly channelId: string;
  readonly state: string;
  readonly decidedAt: Instant;
  readonly handedOverAt: Instant | null;
  readonly acknowledgedAt: Instant | null;
  readonly endedBecause: string | null;
};

export const listDrillPages = (
  tx: Queryable,
  numbers: readonly number[],
): Promise<readonly DrillPageRow[]> =>
  all(
    tx,
    sql<DrillPageRow>`select incident_number, person_id, channel_id, state, decided_at, handed_over_at,
        acknowledged_at, ended_because
      from notification where incident_number = any(${[...numbers]}::integer[]) and kind = 'page'
        and person_id is not null order by decided_at, id limit 2000`,
  );

export const findAnswerers = (
  tx: Queryable,
  numbers: readonly number[],
): Promise<readonly { readonly number: number; readonly acknowledgedBy: string | null }[]> =>
  all(
    tx,
    sql<{
      number: number;
      acknowledgedBy: string | null;
    }>`select number, acknowledged_by from incident where number = any(${[...numbers]}::integer[]) limit 500`,
  );

/** The one that runs now. */
export const findRunning = (tx: Queryable, drillId: string): Promise<DrillRow | null> =>
  maybe(
    tx,
    sql<DrillRow>`select ${columns} from drill d where d.drill_id = ${drillId} and d.ended_at is null
      order by d.started_at limit 1`,
  );
