/** Rows of swaps. */
import { all, maybe, type Queryable, run, sql, texts, type Tx } from "../../base/db.ts";
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
  readonly state: "open" | "accepted" | "declined" | "withdrawn" | "lapsed";
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
  filter: {
    readonly schedule: string | null;
    readonly isAll: boolean;
    readonly now: Instant;
    /** Unless all are asked for: nobody can take what is offered of a schedule that is gone. */
    readonly schedules: readonly string[];
  },
  limit: number,
  after: Cursor | null,
): Promise<readonly SwapRow[]> {
  const { schedule, isAll, now, schedules } = filter;
  const isOpen = sql`state = 'open' and ends_at > ${now} and schedule_id = any(${texts(schedules)})`;
  return all(
    tx,
    sql<SwapRow>`select ${columns} from shift_swap
      where ${isAll ? sql`true` : isOpen}
        and ${schedule === null ? sql`true` : sql`schedule_id = ${schedule}`}
        and ${after === null ? sql`true` : sql`(asked_at, id) < (${after.at}, ${after.id}::uuid)`}
      order by asked_at desc, id desc limit ${limit}`,
  );
}

/** Half of the way to the shift, twelve hours before it at the earliest; as its index has it. */
const tellAt = sql.raw(
  "coalesce(tell_at, greatest(starts_at - 43200000, least(starts_at, (starts_at + asked_at) / 2)))",
);

/** When the next offer is due to be told about. */
export const nextSwap = sql`(select min(${tellAt}) from shift_swap where state = 'open')`;

/** Open ones of which whoever made them should hear. */
export const findDueSwaps = async (
  tx: Queryable,
  now: Instant,
  limit: number,
): Promise<readonly string[]> =>
  (
    await all(
      tx,
      sql<{ id: string }>`select id from shift_swap where state = 'open' and ${tellAt} <= ${now}
        order by ${tellAt}, id limit ${limit}`,
    )
  ).map(({ id }) => id);

export async function putOffSwap(tx: Queryable, id: string, until: Instant): Promise<void> {
  await run(tx, sql`update shift_swap set tell_at = ${until} where id = ${id} and state = 'open'`);
}
