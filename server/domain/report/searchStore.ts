/** What search asks the store. Every question takes the reader, and is bounded in what it looks through. */
import type { RawBuilder } from "kysely";
import type { IncidentState } from "../../../contract/incident.ts";
import type { Severity } from "../../../contract/ids.ts";
import { all, maybe, type Queryable, sql } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";
import type { Reader } from "../account/account.ts";
import { incidentVisibleTo } from "../account/visible.ts";
import { alertVisibleTo } from "../alert/visible.ts";
import { likeOf, tsqueryOf } from "./words.ts";

export type IncidentFound = {
  readonly number: number;
  readonly title: string;
  readonly severity: Severity;
  readonly state: IncidentState;
  readonly services: readonly string[];
  readonly declaredAt: Instant;
  /** The words of a person in which it was found, where it was not by its title. */
  readonly said: string | null;
};

/** As the indexes have it: parts of a name that are joined by a sign are words of their own. */
const wordsIn = (text: RawBuilder<unknown>) =>
  sql`to_tsvector('simple', translate(${text}, '-_./:@', '      '))`;

/** By title and summary through one index, by what people wrote through another. */
export async function searchIncidents(
  tx: Queryable,
  reader: Reader,
  words: readonly string[],
  number: number | null,
  limit: number,
): Promise<readonly IncidentFound[]> {
  const wanted = sql`to_tsquery('simple', ${tsqueryOf(words)})`;
  const named = wordsIn(sql`i.title || ' ' || coalesce(i.summary, '')`);
  return all(
    tx,
    sql<IncidentFound>`
      with found as (
        (select i.number, 2 + ts_rank(${named}, ${wanted}) as rank, null::text as said
         from incident i where ${named} @@ ${wanted} and ${incidentVisibleTo(reader)}
         order by i.declared_at desc limit 500)
        union all
        (select e.incident_number, 1, e.text from timeline_entry e
         where e.text is not null and ${wordsIn(sql`e.text`)} @@ ${wanted}
         order by e.recorded_at desc limit 500)
        union all
        (select i.number, 10, null from incident i where i.number = ${number ?? -1}))
      select i.number, i.title, i.severity, i.state, i.services, i.declared_at, f.said
      from (select distinct on (number) number, rank, said from found order by number, rank desc) f
        join incident i on i.number = f.number
      where ${incidentVisibleTo(reader)}
      order by f.rank >= 10 desc, i.state in ('declared', 'mitigated') desc, f.rank desc,
        i.declared_at desc, i.number desc
      limit ${limit}`,
  );
}

export type AlertFound = {
  readonly id: string;
  readonly title: string;
  readonly serviceId: string;
  readonly status: string;
  readonly severity: string;
  readonly source: string | null;
  readonly firstReceivedAt: Instant;
};

/** So many closed alerts are looked through, the newest first: an index would cost every alert that comes in. */
const CLOSED_LOOKED_THROUGH = 100_000;

/** Open ones first, the newest first. All words stand in the title, the dedup key, the service or the source. */
export async function searchAlerts(
  tx: Queryable,
  reader: Reader,
  services: readonly string[] | null,
  words: readonly string[],
  limit: number,
): Promise<readonly AlertFound[]> {
  const text = sql`(a.title || ' ' || a.dedup_key || ' ' || a.service_id || ' ' || coalesce(a.source, ''))`;
  const holds = words.map((word) => sql`${text} ilike ${likeOf(word)}`);
  const matches: RawBuilder<unknown> = sql.join(holds, sql` and `);
  const columns = sql.raw(
    "a.id, a.title, a.service_id, a.severity, a.source, a.first_received_at, a.incident_number",
  );
  const open = sql`(select ${columns}, a.status from alert_open a
    where ${matches} and ${alertVisibleTo(reader, services)}
    order by a.first_received_at desc, a.id desc limit ${limit})`;
  const closed = sql`(select ${columns}, 'resolved' as status from (
      select * from alert_closed c order by c.first_received_at desc, c.id desc
      limit ${CLOSED_LOOKED_THROUGH}) as a
    where ${matches} and ${alertVisibleTo(reader, services)}
    order by a.first_received_at desc, a.id desc limit ${limit})`;
  const found = await all(
    tx,
    sql<AlertFound>`select * from (${open}) as a order by a.first_received_at desc, a.id desc limit ${limit}`,
  );
  if (found.length >= limit) return found;
  const over = await all(
    tx,
    sql<AlertFound>`select * from (${closed}) as a order by a.first_received_at desc, a.id desc
      limit ${limit - found.length}`,
  );
  return [...found, ...over];
}

/** How far back closed alerts are looked through; null: to the first. */
export async function findLookedBackTo(tx: Queryable): Promise<Instant | null> {
  const row = await maybe(
    tx,
    sql<{ at: Instant }>`select first_received_at as at from alert_closed
      order by first_received_at desc, id desc offset ${CLOSED_LOOKED_THROUGH - 1} limit 1`,
  );
  return row?.at ?? null;
}

export type RunbookFound = {
  readonly id: string;
  readonly title: string;
  readonly ownerTeam: string | null;
  readonly path: string;
  readonly document: Buffer;
};

/** Published runbooks whose title, name or document holds all words. */
export async function searchRunbooks(
  tx: Queryable,
  words: readonly string[],
  limit: number,
): Promise<readonly RunbookFound[]> {
  const text = sql`(r.id || ' ' || r.title || ' ' || convert_from(v.document, 'UTF8'))`;
  const holds = words.map((word) => sql`${text} ilike ${likeOf(word)}`);
  return all(
    tx,
    sql<RunbookFound>`select r.id, r.title, r.owner_team, v.path, v.document
      from runbook r join runbook_version v on v.runbook_id = r.id and v.digest = r.digest
      where ${sql.join(holds, sql` and `)}
      order by ${sql.join(
        words.map((word) => sql`r.title ilike ${likeOf(word)}`),
        sql` and `,
      )} desc, r.title, r.id limit ${limit}`,
  );
}
