/** Rows of incidents as the engine asks for them: where an alert belongs, and what waits for it. */
import { textArray } from "../../base/arrays.ts";
import {
  all,
  maybe,
  type Queryable,
  type RawBuilder,
  run,
  sql,
  texts,
  type Tx,
} from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";
import { noDrill } from "../account/visible.ts";
import type { Incident } from "./incident.ts";
import { columns } from "./store.ts";

/** What alerts have in common that join one incident: its rule, and its service or its group. */
export type Home = {
  readonly ruleId: string;
  readonly serviceId: string;
  /** Null: the rule does not group otherwise than by service. */
  readonly groupKey: string | null;
};

const isHome = ({ ruleId, serviceId, groupKey }: Home) =>
  groupKey === null
    ? sql`i.service_id = ${serviceId} and i.rule_id = ${ruleId}`
    : sql`i.rule_id = ${ruleId} and i.group_key = ${groupKey}`;

/**
 * Which of these homes, by their places, have an incident that their next alert may join or take up again: one that
 * is open, that was merged into another, or that its own alerts resolved since `since`.
 */
export async function findTaken(
  tx: Queryable,
  homes: readonly Home[],
  since: Instant,
): Promise<ReadonlySet<number>> {
  if (homes.length === 0) return new Set();
  // One question for each index.
  const some = [
    sql`i.state in ('declared', 'mitigated') and i.merged_into is null`,
    sql`i.merged_into is not null`,
    sql`i.state = 'resolved' and i.auto_resolve and i.resolved_at >= ${since}`,
  ].flatMap((state) => [
    sql`exists (select from incident i where i.service_id = h.service_id and i.rule_id = h.rule_id
      and ${state})`,
    sql`exists (select from incident i where i.rule_id = h.rule_id and i.group_key = h.group_key
      and i.group_key is not null and ${state})`,
  ]);
  const rows = await all(
    tx,
    sql<{ place: number }>`select h.place::integer - 1 as place
      from unnest(${texts(homes.map(({ ruleId }) => ruleId))},
        ${textArray(homes.map((home) => (home.groupKey === null ? home.serviceId : null)))}::text[],
        ${textArray(homes.map((home) => home.groupKey))}::text[]) with ordinality
        as h (rule_id, service_id, group_key, place)
      where ${sql.join(some, sql` or `)} order by h.place`,
  );
  return new Set(rows.map(({ place }) => place));
}

/** The open incident that alerts of this home join, locked. */
export async function lockOpenTwin(tx: Tx, home: Home): Promise<Incident | null> {
  return maybe(
    tx,
    sql<Incident>`select ${columns} from incident i where ${isHome(home)}
      and i.state in ('declared', 'mitigated') and i.merged_into is null for update`,
  );
}

/** The number of the open incident that alerts of this home would join; null when none is open. */
export async function findTwin(tx: Queryable, home: Home): Promise<number | null> {
  const row = await maybe(
    tx,
    sql<{ number: number }>`select number from incident i where ${isHome(home)}
      and i.state in ('declared', 'mitigated') and i.merged_into is null`,
  );
  return row?.number ?? null;
}

/** The newest incident of this home that its own alerts resolved since `since`, locked. */
export async function lockFlapping(tx: Tx, home: Home, since: Instant): Promise<Incident | null> {
  return maybe(
    tx,
    sql<Incident>`select ${columns} from incident i where ${isHome(home)}
      and i.state = 'resolved' and i.auto_resolve and i.resolved_at >= ${since}
      and exists (select 1 from timeline_entry t where t.incident_number = i.number
        and t.recorded_at >= i.resolved_at and t.at = i.resolved_at and t.kind = 'resolved by alerts')
      order by i.number desc limit 1 for update`,
  );
}

/** The newest merged incident of this home, and where it went on in the end; null when none was. */
export async function findMergedInto(
  tx: Queryable,
  home: Home,
): Promise<{ readonly merged: number; readonly home: number } | null> {
  return maybe(
    tx,
    sql<{ merged: number; home: number }>`with recursive way as (
        (select i.number as merged, i.merged_into as home, 1 as depth from incident i where ${isHome(home)}
          and i.merged_into is not null order by i.number desc limit 1)
        union all select way.merged, i.merged_into, depth + 1 from way join incident i on i.number = way.home
          where i.merged_into is not null and depth < 20)
      select merged, home from way order by depth desc limit 1`,
  );
}

/** The incidents that were merged into this one, also by way of others. */
export async function listMergedInto(tx: Queryable, number: number): Promise<readonly number[]> {
  const rows = await all(
    tx,
    sql<{ number: number }>`with recursive merged as (
        select number, 1 as depth from incident where merged_into = ${number}
        union select i.number, depth + 1 from merged join incident i on i.merged_into = merged.number
          where depth < 20)
      select distinct number from merged order by number limit 1000`,
  );
  return rows.map((row) => row.number);
}

/** One declare at a time among those that look for causes, so that neither of two misses the other. */
export async function lockCauses(tx: Tx): Promise<void> {
  await run(tx, sql`select pg_advisory_xact_lock(${CAUSES_LOCK})`);
}
const CAUSES_LOCK = 7_364_504;

/** Open incidents that name any of these services and were declared since, the oldest first. */
export async function findOpenOf(
  tx: Queryable,
  services: readonly string[],
  since: Instant,
): Promise<readonly Pick<Incident, "number" | "services" | "restricted">[]> {
  return all(
    tx,
    sql<
      Pick<Incident, "number" | "services" | "restricted">
    >`select i.number, i.services, i.restricted from incident i
      where i.services && ${texts(services)} and i.state in ('declared', 'mitigated') and i.merged_into is null
        and ${noDrill} and declared_at >= ${since} order by number limit 200`,
  );
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

/** When the next incident is due. */
export const nextIncidentToAttend = sql`(select min(attend_at) from incident where attend_at is not null)`;

/** Open incidents in which somebody has a part who is none of these people; the graver first. */
export async function findLeftBehind(
  tx: Queryable,
  people: readonly string[],
  limit: number,
): Promise<readonly number[]> {
  // Of no people at all nobody is one, not even nobody.
  const isGone = (person: RawBuilder<unknown>) =>
    sql`(${person} is not null and ${person} <> all(${texts(people)}))`;
  const rows = await all(
    tx,
    sql<{ number: number }>`select i.number from incident i
      where i.state in ('declared', 'mitigated') and i.merged_into is null and (
        ${isGone(sql`i.commander_id`)} or ${isGone(sql`i.offered_commander_id`)}
        or ${isGone(sql`i.acknowledged_by`)}
        or exists (select from incident_role r where r.incident_number = i.number and ${isGone(sql`r.person_id`)})
        or exists (select from responder_request q where q.incident_number = i.number and q.answer is null
          and ${isGone(sql`q.person_id`)}))
      order by i.severity, i.number limit ${limit}`,
  );
  return rows.map(({ number }) => number);
}
