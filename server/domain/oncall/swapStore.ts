/** Rows of swaps. */
import { all, maybe, type Queryable, run, sql, type Tx } from "../../base/db.ts";
import type { Cursor } from "../../base/cursor.ts";
import type { Instant } from "../../base/instant.ts";

export type SwapRow = {
  readonly id: string;
  readonly scheduleId: string;
  readonly fromPerson: string;
  readonly toPerson: string | null;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly returnStartsAt: Instant | null;
  readonly returnEndsAt: Instant | null;
  readonly reason: string | null;
  readonly askedAt: Instant;
  readonly state: "open" | "accepted" | "declined" | "withdrawn";
  readonly takenBy: string | null;
  readonly answeredAt: Instant | null;
};

const columns = sql.raw(
  `id, schedule_id, from_person, to_person, starts_at, ends_at, return_starts_at, return_ends_at, reason,
   asked_at, state, taken_by, answered_at`,
);

export async function insertSwap(tx: Tx, row: SwapRow): Promise<void> {
  await run(
    tx,
    sql`insert into shift_swap (${columns})
        values (${row.id}, ${row.scheduleId}, ${row.fromPerson}, ${row.toPerson}, ${row.startsAt}, ${row.endsAt},
                ${row.returnStartsAt}, ${row.returnEndsAt}, ${row.reason}, ${row.askedAt}, ${row.state},
                ${row.takenBy}, ${row.answeredAt})`,
  );
}

export async function lockSwap(tx: Tx, id: string): Promise<SwapRow | null> {
  return maybe(tx, sql<SwapRow>`select ${columns} from shift_swap where id = ${id} for update`);
}

export async function saveSwap(tx: Tx, row: SwapRow): Promise<void> {
  await run(
    tx,
    sql`update shift_swap set state = ${row.state}, taken_by = ${row.takenBy}, answered_at = ${row.answeredAt}
        where id = ${row.id}`,
  );
}

/** The newest first; without `isAll` those that can still be taken. */
export async function listSwaps(
  tx: Queryable,
  filter: { readonly schedule: string | null; readonly isAll: boolean; readonly now: Instant },
  limit: number,
  after: Cursor | null,
): Promise<readonly SwapRow[]> {
  const { schedule, isAll, now } = filter;
  return all(
    tx,
    sql<SwapRow>`select ${columns} from shift_swap
      where ${isAll ? sql`true` : sql`state = 'open' and ends_at > ${now}`}
        and ${schedule === null ? sql`true` : sql`schedule_id = ${schedule}`}
        and ${after === null ? sql`true` : sql`(asked_at, id) < (${after.at}, ${after.id}::uuid)`}
      order by asked_at desc, id desc limit ${limit}`,
  );
}
