/** The one predicate that decides which incidents a reader may see. */
import type { RawBuilder } from "kysely";
import { sql } from "../../base/db.ts";
import type { Reader } from "./account.ts";

/** SQL over the alias `i` of incident: it is no drill, see incident/drill.ts. */
export const noDrill = sql`(i.rule_id is null or i.rule_id not like 'drill:%')`;

/**
 * SQL over the alias `i` of incident: the reader's teams own a service of it or the reader has a part in
 * it; a restricted one is open only to those who have a part in it or are named as its readers.
 */
export function incidentVisibleTo(reader: Reader): RawBuilder<unknown> {
  if (reader.everything) return sql`true`;
  const person = reader.personId;
  // Who commands or is offered it was named by the last change of the incident at the latest.
  const takesPart = sql`((i.commander_id = ${person} or i.offered_commander_id = ${person}) and i.updated_at >= ${reader.since}
    or exists (select 1 from incident_role p where p.incident_number = i.number and p.person_id = ${person}
      and p.assigned_at >= ${reader.since})
    or exists (select 1 from incident_reader p where p.incident_number = i.number and p.person_id = ${person}))`;
  const inTeam =
    reader.teams === null ? sql`true` : sql`i.team_ids && ${[...reader.teams]}::text[]`;
  return sql`(${takesPart} or (not i.restricted and ${inTeam}))`;
}
