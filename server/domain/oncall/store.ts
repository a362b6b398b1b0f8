/** Rows of overrides. Schedules themselves are configuration. */
import { all, json, maybe, type Queryable, run, sql, type Tx } from "../../base/db.ts";
import type { Cursor } from "../../base/cursor.ts";
import type { Instant } from "../../base/instant.ts";

export type OverrideRow = {
  readonly id: string;
  readonly scheduleId: string;
  readonly personId: string;
  readonly replaces: string | null;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly createdAt: Instant;
  readonly createdBy: unknown;
  readonly reason: string | null;
};

const columns = sql.raw(
  "id, schedule_id, person_id, replaces, starts_at, ends_at, created_at, created_by, reason",
);

/** Overrides of schedules that touch [from, to), the oldest first: a later one wins. */
export async function listOverrides(
  tx: Queryable,
  schedules: readonly string[] | null,
  from: Instant,
  to: Instant,
): Promise<readonly OverrideRow[]> {
  return all(
    tx,
    sql<OverrideRow>`select ${columns} from oncall_override
      where removed_at is null and ends_at > ${from} and starts_at < ${to}
        and ${schedules === null ? sql`true` : sql`schedule_id = any(${[...schedules]}::text[])`}
      order by created_at, id limit 10000`,
  );
}

export async function insertOverride(tx: Tx, row: OverrideRow): Promise<void> {
  await run(
    tx,
    sql`insert into oncall_override (id, schedule_id, person_id, replaces, starts_at, ends_at, created_at, created_by, reason)
        values (${row.id}, ${row.scheduleId}, ${row.personId}, ${row.replaces}, ${row.startsAt}, ${row.endsAt},
                ${row.createdAt}, ${json(row.createdBy)}, ${row.reason})`,
  );
}

export async function lockOverride(tx: Tx, id: string): Promise<OverrideRow | null> {
  return maybe(
    tx,
    sql<OverrideRow>`select ${columns} from oncall_override where id = ${id} and removed_at is null for update`,
  );
}

/** All of these schedules that end after `from`, locked, in the order in which they count. */
export async function lockOverridesOf(
  tx: Tx,
  schedules: readonly string[],
  from: Instant,
): Promise<readonly OverrideRow[]> {
  return all(
    tx,
    sql<OverrideRow>`select ${columns} from oncall_override
      where schedule_id = any(${[...schedules]}::text[]) and removed_at is null and ends_at > ${from}
      order by created_at, id for update`,
  );
}

export async function removeOverride(tx: Tx, id: string, now: Instant): Promise<void> {
  await run(tx, sql`update oncall_override set removed_at = ${now} where id = ${id}`);
}

/** Ends an override that has begun. */
export async function saveOverrideEnd(tx: Tx, id: string, endsAt: Instant): Promise<void> {
  await run(tx, sql`update oncall_override set ends_at = ${endsAt} where id = ${id}`);
}

/** Overrides of one schedule that end after `from`, the newest first. */
export async function listOverridesOf(
  tx: Queryable,
  scheduleId: string,
  from: Instant,
  limit: number,
  after: Cursor | null,
): Promise<readonly OverrideRow[]> {
  return all(
    tx,
    sql<OverrideRow>`select ${columns} from oncall_override
      where schedule_id = ${scheduleId} and removed_at is null and ends_at > ${from}
        and ${after === null ? sql`true` : sql`(created_at, id) < (${after.at}, ${after.id}::uuid)`}
      order by created_at desc, id desc limit ${limit}`,
  );
}
