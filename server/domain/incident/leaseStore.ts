/** Rows of leases: how long an acknowledge counts. */
import { all, maybe, type Queryable, run, sql, type Tx } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";

export type Lease = {
  readonly incidentNumber: number;
  /** Who has it; null: a token. */
  readonly personId: string | null;
  readonly lengthMs: number;
  readonly until: Instant;
  /** A reminder, then the end. */
  readonly attendAt: Instant;
};

export async function saveLease(tx: Tx, lease: Lease): Promise<void> {
  await run(
    tx,
    sql`insert into acknowledge_lease (incident_number, person_id, length_ms, until, attend_at)
        values (${lease.incidentNumber}, ${lease.personId}, ${lease.lengthMs}, ${lease.until}, ${lease.attendAt})
        on conflict (incident_number) do update set person_id = excluded.person_id,
          length_ms = excluded.length_ms, until = excluded.until, attend_at = excluded.attend_at`,
  );
}

/** Begins the length anew when this person has it; the reminder moves with the end. */
export async function extendLease(
  tx: Tx,
  incident: number,
  personId: string | null,
  now: Instant,
): Promise<void> {
  await run(
    tx,
    sql`update acknowledge_lease set until = ${now} + length_ms,
          attend_at = ${now} + length_ms - least(1800000, length_ms / 4)
        where incident_number = ${incident} and person_id is not distinct from ${personId}::text`,
  );
}

export async function deleteLease(tx: Tx, incident: number): Promise<void> {
  await run(tx, sql`delete from acknowledge_lease where incident_number = ${incident}`);
}

/** The incident is locked before its lease. */
export async function findLease(tx: Queryable, incident: number): Promise<Lease | null> {
  return maybe(
    tx,
    sql<Lease>`select incident_number, person_id, length_ms, until, attend_at from acknowledge_lease
      where incident_number = ${incident}`,
  );
}

/** Incidents whose lease wants something. */
export async function findDueLeases(
  tx: Queryable,
  now: Instant,
  limit: number,
): Promise<readonly number[]> {
  const rows = await all(
    tx,
    sql<{ incidentNumber: number }>`select incident_number from acknowledge_lease
      where attend_at <= ${now} order by attend_at, incident_number limit ${limit}`,
  );
  return rows.map((row) => row.incidentNumber);
}

export async function putOffLease(tx: Queryable, incident: number, until: Instant): Promise<void> {
  await run(
    tx,
    sql`update acknowledge_lease set attend_at = ${until} where incident_number in (
      select incident_number from acknowledge_lease where incident_number = ${incident}
      for update skip locked)`,
  );
}

/** When the next lease wants something. */
export const nextLease = sql`select min(attend_at) from acknowledge_lease`;
