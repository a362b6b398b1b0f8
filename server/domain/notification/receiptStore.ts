/** Rows of receipts: what a provider tells of a page after it took it. */
import { textArray } from "../../base/arrays.ts";
import { all, jsonTexts, maybe, type Queryable, run, sql, texts, type Tx } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";
import { FOLD } from "./folding.ts";
import type { Notification, NotificationReason } from "./notification.ts";

export const DELIVERED = "delivered";

/**
 * It arrived. Said twice, or after a “not delivered” that was wrong, it is said once. One that waits to be tried again,
 * since no reply told that it was taken, is not: somebody has it.
 */
export async function saveDelivered(tx: Tx, id: string, now: Instant): Promise<void> {
  await run(
    tx,
    sql`update notification set delivered_at = coalesce(delivered_at, ${now}), delivery = ${DELIVERED},
          receipt_by = null where id = ${id}`,
  );
  // Asked after that, which waited for a reply that was being recorded.
  await run(
    tx,
    sql`with taken as (${takenAfterAll(id)} and n.state = 'pending' returning n.id)
      update notification n set state = 'accepted', receipt_at = n.delivered_at, attend_at = null, waits_because = null
      from taken where n.id = taken.id`,
  );
}

/** No reply to its last attempt came, but the receipt for it: when; null: none of both. */
export async function settleByReceipt(tx: Tx, id: string): Promise<Instant | null> {
  const taken = sql<{ at: Instant }>`${takenAfterAll(id)} returning n.delivered_at as at`;
  return (await maybe(tx, taken))?.at ?? null;
}

const takenAfterAll = (id: string) =>
  sql`update notification_attempt a set verdict = 'accepted', because = 'no reply, but its receipt came'
    from notification n where n.id = ${id} and a.notification_id = n.id and a.attempt = n.attempts
      and a.verdict = 'unknown' and n.delivered_at is not null`;

/** It rang and nobody took it: nothing more is awaited, and nothing is wrong with the way. */
export async function saveNotTaken(tx: Tx, id: string, because: string): Promise<void> {
  await run(
    tx,
    sql`update notification set delivery = ${because}, receipt_by = null
      where id = ${id} and delivered_at is null`,
  );
}

/** It will not arrive: what follows is due at once. */
export async function saveUndelivered(
  tx: Tx,
  id: string,
  because: string,
  now: Instant,
): Promise<void> {
  await run(
    tx,
    sql`update notification set delivery = ${because}, receipt_by = ${now}
      where id = ${id} and delivered_at is null and delivery is null and state in ('sending', 'accepted')`,
  );
}

/** When the next receipt is overdue. One that came before its own hand-over was recorded waits for that. */
export const nextReceipt = sql`select min(receipt_by) from notification
  where receipt_by is not null and state = 'accepted'`;

export type Overdue = Pick<
  Notification,
  "id" | "subject" | "occasion" | "personId" | "address" | "incidentNumber"
>;

export const listOverdue = (
  tx: Queryable,
  now: Instant,
  limit: number,
): Promise<readonly Overdue[]> =>
  all(
    tx,
    sql<Overdue>`select id, subject, occasion, person_id, address, incident_number from notification
      where receipt_by <= ${now} and state = 'accepted' order by receipt_by, id limit ${limit}`,
  );

/** What is said of a page whose receipt is overdue; null when it has come, or another node was faster. */
export const lockOverdue = (
  tx: Tx,
  id: string,
  now: Instant,
): Promise<{ readonly delivery: string | null } | null> =>
  maybe(
    tx,
    sql<{ delivery: string | null }>`select delivery from notification
      where id = ${id} and receipt_by <= ${now} and state = 'accepted' for update`,
  );

/** Nothing more is awaited of it; one that was not delivered has failed. */
export async function saveSettled(
  tx: Tx,
  id: string,
  { delivery, failed }: { readonly delivery: string; readonly failed: boolean },
): Promise<void> {
  await run(
    tx,
    sql`update notification set receipt_by = null, delivery = ${delivery},
          ended_because = case when ${failed} then concat('undelivered: ', ${delivery}::text) else ended_because end,
          state = case when ${failed} then 'failed' else state end
        where id = ${id}`,
  );
}

export const putOffReceipt = (tx: Tx, id: string, until: Instant): Promise<number> =>
  run(
    tx,
    sql`update notification set receipt_by = ${until} where id = ${id} and receipt_by is not null`,
  );

/** What its provider told of a page after it took it; null: nothing. */
export const findDelivery = (
  tx: Queryable,
  id: string,
): Promise<{ readonly said: string; readonly at: Instant | null } | null> =>
  maybe(
    tx,
    sql<{
      said: string;
      at: Instant | null;
    }>`select delivery as said, delivered_at as at from notification
      where id = ${id} and delivery is not null`,
  );

type Twins = Pick<Notification, "id" | "subject" | "occasion" | "personId" | "address">;

/** The same page by another channel, where it is there already: one that waits for its turn has it now. */
export async function hasten(
  tx: Tx,
  { subject, occasion, personId, address }: Omit<Twins, "id">,
  channelId: string,
  { mayRepeat, now }: { readonly mayRepeat: boolean; readonly now: Instant },
): Promise<void> {
  await run(
    tx,
    sql`update notification set state = 'pending', attend_at = ${now}, ended_because = null,
          may_repeat = may_repeat or ${mayRepeat}
      where subject = ${subject} and occasion = ${occasion} and person_id = ${personId} and address = ${address}
        and channel_id = ${channelId}
        and ((state = 'pending' and attempts = 0 and waits_because is null) or (state = 'dropped' and ended_because like 'told by %'))`,
  );
}

type Late = {
  readonly row: Pick<Twins, "id" | "subject" | "occasion" | "personId">;
  readonly way: NotificationReason["way"];
};

/**
 * The next other ways of the same pages to their people, which would have had their turn later, have it now. Returns
 * their channels, each with the page before it. `unlessTold`: not where another way has had its turn and has not failed.
 */
export async function hastenNext(
  tx: Tx,
  pages: readonly Late[],
  { now, unlessTold }: { readonly now: Instant; readonly unlessTold: boolean },
): Promise<readonly { readonly before: string; readonly channelId: string }[]> {
  if (pages.length === 0) return [];
  const textsOf = (of: (row: Late["row"]) => string | null) =>
    sql`${textArray(pages.map(({ row }) => of(row)))}::text[]`;
  return all(
    tx,
    sql<{ before: string; channelId: string }>`
      with late as (
        select * from unnest(${pages.map(({ row }) => row.id)}::uuid[], ${textsOf(({ subject }) => subject)},
          ${textsOf(({ occasion }) => occasion)}, ${textsOf(({ personId }) => personId)},
          ${jsonTexts(pages.map(({ way }) => way))}) with ordinality
          as r (id, subject, occasion, person_id, way, place)),
      next as (
        select distinct on (o.id) o.id, late.id as before, late.way
        from late join notification o on o.subject = late.subject and o.occasion = late.occasion
          and o.person_id = late.person_id
        where o.id <> late.id and o.kind = 'page' and o.state = 'pending' and o.attempts = 0
          and o.digest_at is null and o.due_at = (select min(due_at) from notification
            where subject = late.subject and occasion = late.occasion and person_id = late.person_id
              and id <> late.id and kind = 'page' and state = 'pending' and attempts = 0 and digest_at is null
              and due_at > ${now})
          and not (${unlessTold} and exists (select from notification n
            where n.subject = late.subject and n.occasion = late.occasion and n.person_id = late.person_id
              and n.kind = 'page' and n.digest_at is null and (
                n.id <> late.id and n.state in ('pending', 'sending', 'accepted') and n.due_at <= ${now}
                or exists (select from notification f join notification told on told.subject = f.subject
                  and told.occasion = f.occasion and told.person_id = f.person_id and told.address = f.address
                  where f.id = n.folded_into and told.state in ('pending', 'sending', 'accepted')))))
        order by o.id, late.place),
      locked as (
        select n.id from notification n where n.id in (select id from next) order by n.id for update)
      update notification n set due_at = ${now}, attend_at = ${now},
        reason = jsonb_set(n.reason, '{way}', next.way::jsonb)
      from next join locked on locked.id = next.id
      where n.id = next.id and n.state = 'pending' and n.attempts = 0
      returning next.before, n.channel_id`,
  );
}

export const markMayRepeat = (tx: Tx, id: string): Promise<number> =>
  run(tx, sql`update notification set may_repeat = true where id = ${id}`);

/** It was taken by one provider: what another one was still to be tried for is dropped, and says so. */
export async function dropTwins(
  tx: Tx,
  { id, subject, occasion, personId, address }: Twins,
  channelIds: readonly string[],
  because: string,
): Promise<void> {
  await run(
    tx,
    sql`update notification set state = 'dropped', attend_at = null, ended_because = ${because}
      where subject = ${subject} and occasion = ${occasion} and person_id = ${personId} and address = ${address}
        and channel_id = any(${texts(channelIds)}) and id <> ${id} and kind = 'page' and state = 'pending'
        and (attempts > 0 or waits_because is not null or reason -> 'way' ->> 'kind' = 'fail-over')`,
  );
}

export type Answerable = Pick<
  Notification,
  "id" | "subject" | "personId" | "channelId" | "address" | "requestId" | "incidentNumber"
>;

/** Pages that people were told of at a number lately, the newest first: what a text message may answer. */
export const listAnswerable = (
  tx: Queryable,
  people: readonly string[],
  address: string,
  since: Instant,
): Promise<readonly Answerable[]> =>
  all(
    tx,
    sql<Answerable>`
      select id, subject, person_id, channel_id, address, request_id, incident_number from notification
      where person_id = any(${texts(people)}) and address = ${address} and kind = 'page'
        and handed_over_at >= ${since}
      union
      select told.id, told.subject, told.person_id, told.channel_id, told.address, told.request_id, told.incident_number
      from notification fold
      join notification of on of.subject = fold.subject and of.occasion = fold.occasion
        and of.person_id = fold.person_id and of.address = fold.address
      join notification told on told.folded_into = of.id
      where fold.subject = ${FOLD} and fold.person_id = any(${texts(people)}) and fold.address = ${address}
        and fold.kind = 'page' and fold.handed_over_at >= ${since}
      order by id desc limit 200`,
  );

/** Somebody answered a page that is about no incident. */
export const markAnswered = (tx: Tx, id: string, now: Instant): Promise<number> =>
  run(
    tx,
    sql`update notification set acknowledged_at = coalesce(acknowledged_at, ${now}) where id = ${id}`,
  );
