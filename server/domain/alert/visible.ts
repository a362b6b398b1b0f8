/** The one predicate that decides which alerts a reader may see. */
import type { RawBuilder } from "kysely";
import { sql } from "../../base/db.ts";
import type { Reader } from "../account/account.ts";
import { incidentVisibleTo } from "../account/visible.ts";

/**
 * Alerts of the reader's teams' services and of incidents they may see; alerts of a restricted incident
 * only with the incident.
 */
export function alertVisibleTo(
  reader: Reader,
  services: readonly string[] | null,
): RawBuilder<unknown> {
  if (reader.everything) return sql`true`;
  const inTeam = services === null ? sql`true` : sql`a.service_id = any(${[...services]}::text[])`;
  return sql`case when a.incident_number is null then ${inTeam} else exists (
    select 1 from incident i where i.number = a.incident_number and ${incidentVisibleTo(reader)}) end`;
}
