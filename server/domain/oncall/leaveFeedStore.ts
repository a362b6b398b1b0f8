/** Rows of calendars that leave is read from, and of the leave that they say. */
import { all, maybe, type Queryable, run, sql, texts, type Tx } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";
import type { Leave } from "./leave.ts";
import type { Span } from "./rotation.ts";

export type LeaveFeedRow = {
  readonly personId: string;
  readonly sealed: Buffer;
  readonly host: string;
  readonly onlyWord: string | null;
  /** Which of somebody's addresses it is: another is said later. */
  readonly saidAt: Instant;
  readonly dueAt: Instant;
  readonly failures: number;
  readonly failingSince: Instant | null;
  readonly failure: string | null;
  readonly etag: string | null;
  readonly lastModified: string | null;
  /** When it was read as a whole last. */
  readonly readAt: Instant | null;
};

const columns = sql.raw(
  `person_id, sealed, host, only_word, said_at, due_at, failures, failing_since, failure, etag, last_modified,
   read_at`,
);

export const findLeaveFeed = (tx: Queryable, person: string): Promise<LeaveFeedRow | null> =>
  maybe(tx, sql<LeaveFeedRow>`select ${columns} from leave_feed where person_id = ${person}`);

export const lockLeaveFeed = (tx: Tx, person: string): Promise<LeaveFeedRow | null> =>
  maybe(
    tx,
    sql<LeaveFeedRow>`select ${columns} from leave_feed where person_id = ${person} for update`,
  );

export async function insertLeaveFeed(
  tx: Tx,
  feed: Pick<LeaveFeedRow, "personId" | "sealed" | "host" | "onlyWord">,
  now: Instant,
): Promise<void> {
  await removeLeaveFeed(tx, feed.personId);
  await run(
    tx,
    sql`insert into leave_feed (person_id, sealed, host, only_word, said_at, due_at)
        values (${feed.personId}, ${feed.sealed}, ${feed.host}, ${feed.onlyWord}, ${now}, ${now})`,
  );
}

/** False: there was none. */
export const removeLeaveFeed = async (tx: Tx, person: string): Promise<boolean> =>
  (await run(tx, sql`delete from leave_feed where person_id = ${person}`)) > 0;

export async function saveLeaveFeed(tx: Tx, feed: LeaveFeedRow): Promise<void> {
  await run(
    tx,
    sql`update leave_feed set due_at = ${feed.dueAt}, failures = ${feed.failures},
          failing_since = ${feed.failingSince}, failure = ${feed.failure}, etag = ${feed.etag},
          last_modified = ${feed.lastModified}, read_at = ${feed.readAt}
        where person_id = ${feed.personId}`,
  );
}

/** Puts what a calendar says of the time to come in the place of what it said before; whether that changed. */
export async function replaceFeedLeave(
  tx: Tx,
  person: string,
  leaves: readonly Span[],
  now: Instant,
): Promise<boolean> {
  const spans = [...new Set(leaves.map(({ startsAt, endsAt }) => `${startsAt} ${endsAt}`))].map(
    (text) => text.split(" ").map(Number),
  );
  const [starts, ends] = [spans.map(([start]) => start), spans.map(([, end]) => end)];
  const said = sql`select * from unnest(${starts}::bigint[], ${ends}::bigint[]) as said (starts_at, ends_at)`;
  const gone = await run(
    tx,
    sql`delete from leave_feed_span where person_id = ${person} and ends_at > ${now}
          and (starts_at, ends_at) not in (${said})`,
  );
  const come = await run(
    tx,
    sql`insert into leave_feed_span (person_id, starts_at, ends_at)
        select ${person}, said.starts_at, said.ends_at from (${said}) as said on conflict do nothing`,
  );
  return gone + come > 0;
}

export const listFeedLeave = (
  tx: Queryable,
  person: string,
  from: Instant,
): Promise<readonly Leave[]> =>
  all(
    tx,
    sql<Leave>`select person_id as person, starts_at, ends_at from leave_feed_span
      where person_id = ${person} and ends_at > ${from} order by starts_at, ends_at limit 1000`,
  );

/** Forgets the calendars of people whom configuration names no more, and what they said. */
export async function keepLeaveFeeds(tx: Tx, people: readonly string[]): Promise<void> {
  for (const table of ["leave_feed", "leave_feed_span"])
    await run(tx, sql`delete from ${sql.raw(table)} where not (person_id = any(${texts(people)}))`);
}

/** Takes due ones, so that no other node asks them until `leaseUntil`. */
export const takeDueLeaveFeeds = (
  tx: Queryable,
  now: Instant,
  leaseUntil: Instant,
  limit: number,
): Promise<readonly LeaveFeedRow[]> =>
  all(
    tx,
    sql<LeaveFeedRow>`update leave_feed set due_at = ${leaseUntil} where person_id in (
        select person_id from leave_feed where due_at <= ${now}
        order by due_at, person_id limit ${limit} for update skip locked)
      returning ${columns}`,
  );

/** When the next one is due. */
export const nextLeaveFeed = sql`(select min(due_at) from leave_feed)`;
