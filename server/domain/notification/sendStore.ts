/** Rows of notifications on their way: what is due, claims and leases, ends of attempts, outcomes. */
import { textArray } from "../../base/arrays.ts";
import {
  all,
  maybe,
  type Queryable,
  type RawBuilder,
  run,
  sql,
  texts,
  type Tx,
} from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";
import type { Notification } from "./notification.ts";
import { columns } from "./store.ts";

/** What a node may send now: so many of each kind, and nothing on channels that are busy enough. */
export type Room = {
  readonly page: number;
  readonly notice: number;
  readonly busyChannels: readonly string[];
};

/**
 * Due sends of a kind, locked for this node; those that another node is claiming are skipped. Pages
 * are asked for apart: they do not stand in line behind notices.
 */
export async function lockDue(
  tx: Tx,
  now: Instant,
  kind: "page" | "notice",
  room: Room,
): Promise<readonly Notification[]> {
  if (room[kind] <= 0) return [];
  return all(
    tx,
    sql<Notification>`select ${columns} from notification n
      where n.kind = ${kind} and n.attend_at <= ${now} and n.channel_id <> all(${texts(room.busyChannels)})
      order by n.attend_at, n.id limit ${room[kind]} for update of n skip locked`,
  );
}

export type ClaimRow = {
  readonly id: string;
  readonly attempt: number;
  readonly mayRepeat: boolean;
};

/**
 * Claims them for sending under one lease and opens their attempts. A tick reads the clock once, and takes what was decided
 * beside it since: that was handed over when it was decided, not before.
 */
export async function saveClaims(
  tx: Tx,
  claims: readonly ClaimRow[],
  lease: { readonly from: Instant; readonly until: Instant },
): Promise<void> {
  if (claims.length === 0) return;
  await run(
    tx,
    sql`with claim as materialized (
        select * from unnest(${claims.map(({ id }) => id)}::uuid[],
          ${claims.map(({ attempt }) => attempt)}::integer[],
          ${claims.map(({ mayRepeat }) => mayRepeat)}::boolean[]) as c (id, attempt, may_repeat)),
      claimed as (update notification n set state = 'sending', attempts = c.attempt,
          lease_until = ${lease.until}, attend_at = ${lease.until}, may_repeat = c.may_repeat, waits_because = null,
          handed_over_at = coalesce(n.handed_over_at, greatest(n.decided_at, ${lease.from}::bigint)) from claim c where n.id = c.id)
      insert into notification_attempt (notification_id, attempt, started_at, verdict, may_repeat)
      select id, attempt, ${lease.from}::bigint, 'in flight', may_repeat from claim`,
  );
}

/**
 * Says of sends that they are still under way. Passes over those that somebody has locked, whose turn comes again
 * long before their end, and those that another node has taken over.
 */
export async function renewLeases(
  tx: Tx,
  sends: readonly { readonly id: string; readonly attempt: number; readonly until: Instant }[],
): Promise<void> {
  await run(
    tx,
    sql`with renewed as (select * from unnest(${sends.map(({ id }) => id)}::uuid[],
          ${sends.map(({ attempt }) => attempt)}::integer[], ${sends.map(({ until }) => until)}::bigint[])
          as r (id, attempt, until)),
        held as (select n.id from notification n join renewed r on r.id = n.id and r.attempt = n.attempts
          where n.state = 'sending' order by n.id for update of n skip locked)
      update notification n set lease_until = r.until, attend_at = r.until
      from renewed r join held using (id) where n.id = r.id`,
  );
}

export type AttemptEnd = {
  readonly id: string;
  readonly attempt: number;
  readonly now: Instant;
  readonly verdict: string;
  readonly because: string | null;
};

/** Writes the ends of attempts, unless a later attempt has already judged them; returns whose are new. */
export async function endAttempts(
  tx: Tx,
  ends: readonly AttemptEnd[],
): Promise<ReadonlySet<string>> {
  const ended = await all(
    tx,
    sql<{ id: string }>`update notification_attempt a
        set ended_at = e.now, verdict = e.verdict, because = e.because
      from unnest(${ends.map(({ id }) => id)}::uuid[], ${ends.map(({ attempt }) => attempt)}::integer[],
        ${ends.map(({ now }) => now)}::bigint[], ${textArray(ends.map(({ verdict }) => verdict))}::text[],
        ${textArray(ends.map(({ because }) => because))}::text[]) as e (id, attempt, now, verdict, because)
      where a.notification_id = e.id and a.attempt = e.attempt and a.ended_at is null
      returning a.notification_id as id`,
  );
  return new Set(ended.map(({ id }) => id));
}

export type Outcome = {
  readonly id: string;
  readonly state: "pending" | "accepted" | "failed" | "dropped";
  readonly attendAt: Instant | null;
  readonly mayRepeat: boolean;
  readonly receiptAt: Instant | null;
  /** By when the provider has to say what became of it. */
  readonly receiptBy: Instant | null;
  readonly providerId: string | null;
  readonly reference: string | null;
  readonly endedBecause: string | null;
  /** Why it waits without having been tried. */
  readonly waitsBecause: string | null;
};

export async function saveOutcomes(tx: Tx, outcomes: readonly Outcome[]): Promise<void> {
  if (outcomes.length === 0) return;
  const column = (of: (outcome: Outcome) => string | null) =>
    sql`${textArray(outcomes.map(of))}::text[]`;
  await run(
    tx,
    sql`update notification n set state = o.state, attend_at = o.attend_at, lease_until = null,
          may_repeat = n.may_repeat or o.may_repeat, receipt_at = coalesce(o.receipt_at, n.receipt_at),
          -- A receipt that came before its own reply is due once that is recorded.
          receipt_by = case when n.delivered_at is null then
            case when n.receipt_by is null then o.receipt_by else greatest(n.receipt_by, o.receipt_at) end end,
          provider_id = coalesce(o.provider_id, n.provider_id),
          reference = coalesce(o.reference, n.reference), ended_because = o.ended_because,
          waits_because = o.waits_because
        from unnest(${outcomes.map(({ id }) => id)}::uuid[], ${column(({ state }) => state)},
          ${outcomes.map(({ attendAt }) => attendAt)}::bigint[],
          ${outcomes.map(({ mayRepeat }) => mayRepeat)}::boolean[],
          ${outcomes.map(({ receiptAt }) => receiptAt)}::bigint[],
          ${outcomes.map((outcome) => outcome.receiptBy)}::bigint[], ${column(({ providerId }) => providerId)},
          ${column(({ reference }) => reference)}, ${column(({ endedBecause }) => endedBecause)},
          ${column(({ waitsBecause }) => waitsBecause)})
          as o (id, state, attend_at, may_repeat, receipt_at, receipt_by, provider_id, reference, ended_because,
            waits_because)
        where n.id = o.id`,
  );
}

export type Accepted = {
  readonly id: string;
  readonly attempt: number;
  readonly endedAt: Instant;
  /** By when the provider has to say what became of it. */
  readonly receiptBy: Instant | null;
  readonly providerId: string | null;
  readonly reference: string | null;
};

/**
 * Ends attempts whose messages were accepted, and their notifications with them: one statement, which locks those in
 * the order of their ids. Where a later attempt has taken over, or has judged it already, the reply came after its
 * lease and is kept with its attempt only. Returns how far the others are.
 */
export async function saveAccepted(
  tx: Queryable,
  replies: readonly Accepted[],
): Promise<readonly Pick<Notification, "id" | "attempts" | "handedOverAt" | "acknowledgedAt">[]> {
  const ids = replies.map(({ id }) => id);
  const column = (of: (reply: Accepted) => string | null) =>
    sql`${textArray(replies.map(of))}::text[]`;
  return all(
    tx,
    sql<Pick<Notification, "id" | "attempts" | "handedOverAt" | "acknowledgedAt">>`
      with reply as materialized (
        select * from unnest((select ${ids}::uuid[]), ${replies.map(({ attempt }) => attempt)}::integer[],
          ${replies.map(({ endedAt }) => endedAt)}::bigint[],
          ${replies.map((reply) => reply.receiptBy)}::bigint[], ${column(({ providerId }) => providerId)},
          ${column(({ reference }) => reference)})
          as r (id, attempt, ended_at, receipt_by, provider_id, reference)),
      sent as materialized (select n.id, n.attempts from notification n
        where n.id = any((select ${ids}::uuid[])::uuid[]) order by n.id for update),
      ended as (update notification_attempt a set ended_at = r.ended_at, verdict = 'accepted', because = null
        from reply r join sent s on s.id = r.id
        where a.notification_id = s.id and a.attempt = r.attempt and a.ended_at is null
        returning a.notification_id as id, a.attempt)
      update notification n set state = 'accepted', attend_at = null, lease_until = null,
          receipt_at = r.ended_at,
          -- As in saveOutcomes.
          receipt_by = case when n.delivered_at is null then
            case when n.receipt_by is null then r.receipt_by else greatest(n.receipt_by, r.ended_at) end end,
          provider_id = coalesce(r.provider_id, n.provider_id), reference = coalesce(r.reference, n.reference),
          ended_because = null
        from reply r join sent s on s.id = r.id and s.attempts = r.attempt join ended e on e.id = r.id and e.attempt = r.attempt
        where n.id = s.id
        returning n.id, n.attempts, n.handed_over_at, n.acknowledged_at`,
  );
}

/** A page that was refused for being too many has its turn then, unless something else has become of it. */
export const putOff = (
  tx: Queryable,
  { id, attempt }: { readonly id: string; readonly attempt: number },
  at: Instant,
  because: string,
): Promise<number> =>
  run(
    tx,
    sql`update notification set attend_at = greatest(attend_at, ${at}), waits_because = ${because}
      where id = ${id} and state = 'pending' and attempts = ${attempt} and attend_at is not null`,
  );

/** When the next send is due for which there is room; a send that ends makes room and nudges. */
export function nextSend(room: Room): RawBuilder<unknown> {
  const next = (kind: "page" | "notice") =>
    room[kind] <= 0
      ? sql`null::bigint`
      : sql`(select attend_at from notification where kind = ${kind} and attend_at is not null
          and channel_id <> all(${texts(room.busyChannels)}) order by attend_at limit 1)`;
  return sql`least(${next("page")}, ${next("notice")},
    (select min(update_at) from notification where update_at is not null and ${room.notice > 0}))`;
}

/** Locks notifications, in the order of their ids. */
export const lockNotifications = (
  tx: Tx,
  ids: readonly string[],
): Promise<readonly Notification[]> =>
  all(
    tx,
    sql<Notification>`select ${columns} from notification n where n.id = any(${ids}::uuid[])
      order by n.id for update`,
  );

/** Locks one notification. */
export async function lockNotification(tx: Tx, id: string): Promise<Notification | null> {
  return maybe(
    tx,
    sql<Notification>`select ${columns} from notification n where n.id = ${id} for update`,
  );
}
