/** Rows of pages that are told in one. */
import { all, json, one, type Queryable, run, sql, type Tx } from "../../base/db.ts";
import { addMs, type Instant, MINUTE } from "../../base/instant.ts";
import type { MessageWords, Notification } from "./notification.ts";
import { columns, insertNotifications, type NewNotification } from "./store.ts";

type Way = Pick<Notification, "personId" | "channelId" | "address">;

/** When pages to a person by one way began in the last minute. One node at a time counts them. */
export async function lockStarts(
  tx: Tx,
  { personId, channelId, address }: Way,
  now: Instant,
): Promise<readonly Instant[]> {
  await run(
    tx,
    sql`select pg_advisory_xact_lock(hashtext(${`pages ${personId} ${channelId} ${address}`}))`,
  );
  const rows = await all(
    tx,
    sql<{ at: Instant }>`select handed_over_at as at from notification
      where person_id = ${personId} and channel_id = ${channelId} and address = ${address}
        and kind = 'page' and handed_over_at > ${addMs(now, -MINUTE)} order by handed_over_at desc limit 100`,
  );
  return rows.map(({ at }) => at);
}

/** Puts a page into the one that stands for its minute, which is made when it is the first. */
export async function foldInto(
  tx: Tx,
  row: Notification,
  fold: NewNotification,
  because: string,
): Promise<void> {
  await insertNotifications(tx, [fold]);
  const { id } = await one(
    tx,
    sql<{ id: string }>`select id from notification where subject = ${fold.subject}
      and occasion = ${fold.occasion} and person_id = ${row.personId} and channel_id = ${row.channelId}
      and address = ${row.address}`,
  );
  await run(
    tx,
    sql`update notification set state = 'dropped', attend_at = null, folded_into = ${id},
          ended_because = ${because} where id = ${row.id}`,
  );
}

/** The pages that one stands for, in the order of their decision. */
export async function listFolded(tx: Queryable, fold: string): Promise<readonly Notification[]> {
  return all(
    tx,
    sql<Notification>`select ${columns} from notification n where n.folded_into = ${fold}
      order by n.decided_at, n.id limit 200`,
  );
}

export async function saveWords(tx: Tx, id: string, message: MessageWords): Promise<void> {
  await run(tx, sql`update notification set message = ${json(message)} where id = ${id}`);
}
