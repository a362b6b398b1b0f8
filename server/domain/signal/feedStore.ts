/** Rows of feeds that are polled. */
import { all, type Queryable, run, sql, texts, type Tx } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";

export type DueFeed = {
  readonly feedId: string;
  readonly addedAfter: string | null;
  readonly nextPage: string | null;
  readonly failures: number;
};

/** Begins to poll what is configured, and forgets what no longer is. */
export async function keepFeeds(tx: Tx, feeds: readonly string[], dueAt: Instant): Promise<void> {
  await run(tx, sql`delete from feed_poll where not (feed_id = any(${texts(feeds)}))`);
  await run(
    tx,
    sql`insert into feed_poll (feed_id, due_at) select f, ${dueAt}::bigint from unnest(${texts(feeds)}) as f
      order by f on conflict (feed_id) do nothing`,
  );
}

/** Takes due feeds, so that no other node asks them until `leaseUntil`. */
export const takeDueFeeds = (
  tx: Queryable,
  now: Instant,
  leaseUntil: Instant,
  limit: number,
): Promise<readonly DueFeed[]> =>
  all(
    tx,
    sql<DueFeed>`update feed_poll f set due_at = ${leaseUntil} where f.feed_id in (
        select feed_id from feed_poll where due_at <= ${now}
        order by due_at, feed_id limit ${limit} for update skip locked)
      returning f.feed_id, f.added_after, f.next_page, f.failures`,
  );

/** When the next feed is due. */
export const nextFeed = sql`(select min(due_at) from feed_poll)`;

export const saveFeed = (
  tx: Queryable,
  feed: DueFeed & { readonly dueAt: Instant; readonly failure: string | null },
): Promise<number> =>
  run(
    tx,
    sql`update feed_poll set due_at = ${feed.dueAt}, added_after = ${feed.addedAfter},
      next_page = ${feed.nextPage}, failures = ${feed.failures}, failure = ${feed.failure}
      where feed_id = ${feed.feedId}`,
  );
