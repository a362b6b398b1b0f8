/** Rows of status updates, and who of some people may see an incident. */
import { all, json, type Queryable, run, sql, texts, type Tx } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";
import type { ActorMark, Reader } from "../account/account.ts";
import { incidentVisibleTo } from "../account/visible.ts";

export type StatusUpdateRow = {
  readonly id: string;
  readonly audiences: readonly string[];
  readonly text: string;
  readonly at: Instant;
};

export async function insertStatusUpdate(
  tx: Tx,
  number: number,
  row: StatusUpdateRow,
  by: ActorMark,
): Promise<void> {
  await run(
    tx,
    sql`insert into status_update (id, incident_number, audiences, text, at, by_actor)
      values (${row.id}, ${number}, ${texts(row.audiences)}, ${row.text}, ${row.at}, ${json(by)})`,
  );
}

/** Oldest first. The caller has checked that the incident may be seen. */
export async function listStatusUpdates(
  tx: Queryable,
  number: number,
): Promise<readonly StatusUpdateRow[]> {
  return all(
    tx,
    sql<StatusUpdateRow>`select id, audiences, text, at from status_update
      where incident_number = ${number} order by at, id limit 1000`,
  );
}

/** Which of these readers may see the incident, by their person. */
export async function listSeeing(
  tx: Queryable,
  number: number,
  readers: readonly Reader[],
): Promise<readonly string[]> {
  if (readers.length === 0) return [];
  const each = readers.map(
    (reader) => sql`select ${reader.personId}::text as person_id where exists (
      select 1 from incident i where i.number = ${number} and ${incidentVisibleTo(reader)})`,
  );
  const rows = await all(tx, sql<{ personId: string }>`${sql.join(each, sql` union all `)}`);
  return rows.map((row) => row.personId);
}
