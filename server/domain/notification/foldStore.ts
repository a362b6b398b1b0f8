/** Rows of pages that are told in one. */
import { all, json, maybe, type Queryable, run, sql, type Tx } from "../../base/db.ts";
import { addMs, type Instant, MINUTE } from "../../base/instant.ts";
import type { MessageWords, Notification } from "./notification.ts";
import { FOLD } from "./folding.ts";
import { columns, type NewNotification } from "./store.ts";

type Way = Pick<Notification, "personId" | "channelId" | "address">;

/** One node at a time looks at the pages to a person by one way. */
export async function lockWay(tx: Tx, { personId, channelId, address }: Way): Promise<void> {
  await run(
    tx,
    sql`select pg_advisory_xact_lock(hashtext(${`pages ${personId} ${channelId} ${address}`}))`,
  );
}

/** When pages to a person by one way began in the last minute. */
export async function lockStarts(tx: Tx, way: Way, now: Instant): Promise<readonly Instant[]> {
  await lockWay(tx, way);
  const { personId, channelId, address } = way;
  const rows = await all(
    tx,
    sql<{ at: Instant }>`select handed_over_at as at from notification
      where person_id = ${personId} and channel_id = ${channelId} and address = ${address}
        and kind = 'page' and handed_over_at > ${addMs(now, -MINUTE)} order by handed_over_at desc limit 100`,
  );
  return rows.map(({ at }) => at);
}

type Fold = Pick<NewNotification, "subject" | "occasion">;

/** The page that stands for others by a way and is not under way yet. */
export const lockOpenFold = (
  tx: Tx,
  { personId, channelId, address }: Way,
  now: Instant,
): Promise<Fold | null> =>
  maybe(
    tx,
    sql<Fold>`select subject, occasion from notification where kind = 'page' and attend_at > ${now}
      and subject = ${FOLD} and person_id = ${personId} and channel_id = ${channelId} and address = ${address}
      and state = 'pending' and attempts = 0 order by attend_at, id limit 1 for update`,
  );

/** Whether another page by a way waits for its turn. */
export async function hasWaiting(
  tx: Tx,
  { id, personId, channelId, address }: Way & Pick<Notification, "id">,
  now: Instant,
): Promise<boolean> {
  const found = await maybe(
    tx,
    sql<{ id: string }>`select id from notification where kind = 'page' and attend_at > ${now}
      and person_id = ${personId} and channel_id = ${channelId} and address = ${address} and id <> ${id}
      and state = 'pending' and waits_because is not null limit 1`,
  );
  return found !== null;
}

/**
 * Puts a page into the one that stands for others, unless that is under way, be it by the channel that takes over: it
 * has said by then whom it stands for.
 */
export async function foldInto(
  tx: Tx,
  row: Notification,
  fold: Fold,
  because: string,
): Promise<boolean> {
  const open = await maybe(
    tx,
    sql<{ id: string }>`with ways as (
        select id, channel_id, state, attempts from notification where subject = ${fold.subject}
          and occasion = ${fold.occasion} and person_id = ${row.personId} and address = ${row.address}
        order by id for update)
      select id from ways where channel_id = ${row.channelId} and state = 'pending' and attempts = 0
        and not exists (select from ways where attempts > 0)`,
  );
  if (open === null) return false;
  await run(
    tx,
    sql`update notification set state = 'dropped', attend_at = null, folded_into = ${open.id},
          ended_because = ${because} where id = ${row.id}`,
  );
  return true;
}

/**
 * The pages that one stands for, in the order of their decision. One by the channel that takes over stands for the
 * same.
 */
export async function listFolded(
  tx: Queryable,
  { subject, occasion, personId, address }: Fold & Pick<Notification, "personId" | "address">,
): Promise<readonly Notification[]> {
  return all(
    tx,
    sql<Notification>`select ${columns} from notification n where n.folded_into in (
        select f.id from notification f where f.subject = ${subject} and f.occasion = ${occasion}
          and f.person_id = ${personId} and f.address = ${address})
      order by n.decided_at, n.id limit 2000`,
  );
}

export async function saveWords(tx: Tx, id: string, message: MessageWords): Promise<void> {
  await run(tx, sql`update notification set message = ${json(message)} where id = ${id}`);
}

/** Pages that were told in one have the reason for which that did not come, unless it goes by another channel. */
export async function endFolded(
  tx: Tx,
  { subject, occasion, personId, address }: Fold & Pick<Notification, "personId" | "address">,
  because: string,
): Promise<void> {
  await run(
    tx,
    sql`with told as (select id, state from notification where subject = ${subject} and occasion = ${occasion}
          and person_id = ${personId} and address = ${address})
      update notification set ended_because = concat(ended_because, ${`; that one failed: ${because}`}::text)
        where folded_into in (select id from told)
          and not exists (select from told where state in ('pending', 'sending', 'accepted'))`,
  );
}
