/** Rows of notifications and their attempts. */
import type { Text } from "../../../contract/texts.ts";
import { textArray } from "../../base/arrays.ts";
import { inWords } from "../../base/words.ts";
import {
  all,
  columnsNamed,
  jsonTexts,
  maybe,
  type Queryable,
  type RawBuilder,
  run,
  sql,
  type Tx,
} from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";
import type { Cursor } from "../../base/cursor.ts";
import type { Reader } from "../account/account.ts";
import { incidentVisibleTo } from "../account/visible.ts";
import type { Notification } from "./notification.ts";

export const columns =
  columnsNamed(`n.id, n.subject, n.occasion, n.person_id, n.channel_id, n.address, n.kind, n.urgency,
  n.incident_number, n.run_id, n.message, n.reason, n.accepted_at, n.decided_at, n.due_at, n.state, n.attend_at,
  n.lease_until, n.attempts, n.may_repeat, n.handed_over_at, n.receipt_at, n.provider_id, n.reference,
  n.acknowledged_at, n.ended_because, n.waits_because, n.request_id, n.digest_at`);

/** What is known of a notification when it is decided; the rest is its way. */
export type NewNotification = Pick<
  Notification,
  | "id"
  | "subject"
  | "occasion"
  | "personId"
  | "channelId"
  | "address"
  | "kind"
  | "urgency"
  | "incidentNumber"
  | "runId"
  | "message"
  | "reason"
  | "acceptedAt"
  | "decidedAt"
  | "dueAt"
  | "requestId"
  | "digestAt"
> & {
  /** Its first attempt begins with it, as this node's, until when nobody else begins another one. */
  readonly claimedUntil?: Instant;
};

/**
 * Saves notifications; one that was already decided for the same subject, occasion, person and address
 * is left as it is. Returns the ids that are new.
 */
export const insertNotifications = async (
  tx: Tx,
  rows: readonly NewNotification[],
): Promise<readonly string[]> =>
  rows.length === 0 ? [] : all(tx, insertOf(rows)).then((saved) => saved.map(({ id }) => id));

/**
 * Saves notifications of which none is there already, and none is claimed; where one is there nothing is saved, and the
 * transaction has failed. That spares PostgreSQL a look for each of them, and a mark that the row is meant to stay.
 */
export const insertNewNotifications = async (
  tx: Tx,
  rows: readonly NewNotification[],
): Promise<unknown> => (rows.length === 0 ? 0 : run(tx, rowsInto(rows)));

function insertOf(rows: readonly NewNotification[]): RawBuilder<{ readonly id: string }> {
  const insert = sql`${rowsInto(rows)} on conflict (subject, occasion, person_id, channel_id, address) do nothing`;
  return isClaimed(rows)
    ? sql<{ id: string }>`with saved as (${insert} returning id, lease_until, decided_at),
          begun as (insert into notification_attempt (notification_id, attempt, started_at, verdict)
            select id, 1, decided_at, 'in flight' from saved where lease_until is not null)
          select id from saved`
    : sql<{ id: string }>`${insert} returning id`;
}

const isClaimed = (rows: readonly NewNotification[]): boolean =>
  rows.some(({ claimedUntil }) => claimedUntil !== undefined);

/** The rows are made of the arrays as they are read: each array as a table of its own costs twice. */
function rowsInto(rows: readonly NewNotification[]): RawBuilder<unknown> {
  const textsOf = (of: (row: NewNotification) => string | null) =>
    sql`unnest(${textArray(rows.map(of))}::text[])`;
  const numbers = (of: (row: NewNotification) => number | null) =>
    sql`unnest(${rows.map(of)}::bigint[])`;
  const claim = isClaimed(rows)
    ? {
        columns: sql`, attempts, lease_until, handed_over_at`,
        values: sql`case when claimed_until is null then 'pending' else 'sending' end,
          coalesce(claimed_until, case when digest_at is null then due_at end),
          case when claimed_until is null then 0 else 1 end, claimed_until,
          case when claimed_until is not null then decided_at end`,
        array: sql`, ${numbers((row) => row.claimedUntil ?? null)} as claimed_until`,
      }
    : {
        columns: sql``,
        values: sql`'pending', case when digest_at is null then due_at end`,
        array: sql``,
      };
  return sql`insert into notification (id, subject, occasion, person_id, channel_id, address, kind, urgency,
        incident_number, run_id, message, reason, accepted_at, decided_at, due_at, request_id, digest_at,
        state, attend_at${claim.columns})
      select id, subject, occasion, person_id, channel_id, address, kind, urgency, incident_number, run_id,
        message::jsonb, reason::jsonb, accepted_at, decided_at, due_at, request_id, digest_at, ${claim.values}
      from (select unnest(${rows.map(({ id }) => id)}::uuid[]) as id, ${textsOf((row) => row.subject)} as subject,
        ${textsOf((row) => row.occasion)} as occasion, ${textsOf((row) => row.personId)} as person_id,
        ${textsOf((row) => row.channelId)} as channel_id, ${textsOf((row) => row.address)} as address,
        ${textsOf((row) => row.kind)} as kind, ${textsOf((row) => row.urgency)} as urgency,
        unnest(${rows.map((row) => row.incidentNumber)}::integer[]) as incident_number,
        unnest(${rows.map((row) => row.runId)}::uuid[]) as run_id,
        unnest(${jsonTexts(rows.map(({ message }) => message))}) as message,
        unnest(${jsonTexts(rows.map(({ reason }) => reason))}) as reason,
        ${numbers((row) => row.acceptedAt)} as accepted_at, ${numbers((row) => row.decidedAt)} as decided_at,
        ${numbers((row) => row.dueAt)} as due_at, unnest(${rows.map((row) => row.requestId)}::uuid[]) as request_id,
        ${numbers((row) => row.digestAt)} as digest_at${claim.array}) as r`;
}

/** Ends every send of these incidents' pages that has not started. Returns how many. */
export async function dropUnstarted(tx: Tx, incident: number, because: string): Promise<number> {
  return run(
    tx,
    sql`update notification set state = 'dropped', attend_at = null, ended_because = ${because}
      where incident_number = ${incident} and kind = 'page' and state = 'pending' and request_id is null`,
  );
}

/** Marks what had reached people as answered. */
export async function markAcknowledged(tx: Tx, incident: number, now: Instant): Promise<void> {
  await run(
    tx,
    sql`update notification set acknowledged_at = ${now}
      where incident_number = ${incident} and kind = 'page' and acknowledged_at is null and request_id is null
        and state in ('accepted', 'sending')`,
  );
}

/** Whether any page of an incident went to a person or was to go. */
export async function hasPagesTo(
  tx: Queryable,
  incident: number,
  personId: string,
): Promise<boolean> {
  const found = await maybe(
    tx,
    sql<{ id: string }>`select id from notification where incident_number = ${incident}
      and person_id = ${personId} and kind = 'page' limit 1`,
  );
  return found !== null;
}

/** Somebody said that it is not theirs: nothing of it that has not started goes to them. Returns how many pages. */
export async function declinePages(
  tx: Tx,
  incident: number,
  personId: string,
  now: Instant,
): Promise<number> {
  return run(
    tx,
    sql`update notification set declined_at = ${now},
          attend_at = case when state = 'pending' then null else attend_at end,
          ended_because = case when state = 'pending' then 'not mine' else ended_because end,
          state = case when state = 'pending' then 'dropped' else state end
        where incident_number = ${incident} and person_id = ${personId} and kind = 'page' and declined_at is null`,
  );
}

/** Whether the latest step of a run has paged anybody else who may still answer. */
export async function hasOtherHopes(
  tx: Queryable,
  runId: string,
  personId: string,
): Promise<boolean> {
  const found = await maybe(
    tx,
    sql<{
      id: string;
    }>`select id from notification n where n.run_id = ${runId} and n.person_id <> ${personId}
      and n.declined_at is null and n.state in ('pending', 'sending', 'accepted')
      and n.occasion = (select occasion from notification where run_id = ${runId}
        order by decided_at desc, id desc limit 1) limit 1`,
  );
  return found !== null;
}

/** When the first page about an incident was handed over. */
export async function findFirstPageAt(tx: Queryable, incident: number): Promise<Instant | null> {
  const row = await maybe(
    tx,
    sql<{ at: Instant | null }>`select min(handed_over_at) as at from notification
      where incident_number = ${incident} and kind = 'page'`,
  );
  return row?.at ?? null;
}

/** When a page of an incident's escalation run was last handed over, or null. */
export async function findLastHandOver(
  tx: Queryable,
  incident: number,
  runId: string,
): Promise<Instant | null> {
  const row = await maybe(
    tx,
    sql<{ at: Instant | null }>`select max(handed_over_at) as at from notification
      where incident_number = ${incident} and run_id = ${runId}`,
  );
  return row?.at ?? null;
}

/** Whether anybody was paged on an occasion that begins like this. */
export async function hasPaged(
  tx: Queryable,
  incident: number,
  occasionBegins: string,
): Promise<boolean> {
  const found = await maybe(
    tx,
    sql<{ id: string }>`select id from notification where incident_number = ${incident}
      and kind = 'page' and starts_with(occasion, ${occasionBegins}) limit 1`,
  );
  return found !== null;
}

/** What a reader may see: notifications of incidents they may see, and their own. */
const visibleTo = (reader: Reader) =>
  reader.everything
    ? sql`true`
    : sql`case when n.incident_number is null then n.person_id = ${reader.personId} and n.decided_at >= ${reader.since}
        else exists (select 1 from incident i where i.number = n.incident_number and (${incidentVisibleTo(reader)}
          or (n.person_id = ${reader.personId} and n.decided_at >= ${reader.since} and not i.restricted))) end`;

export type NotificationFilter = {
  readonly incidentNumber?: number | undefined;
  readonly personId?: string | undefined;
  readonly kind?: string | undefined;
  readonly state?: string | undefined;
};

/** Newest first, by their ids, which are ordered by time. */
export async function listNotifications(
  tx: Queryable,
  reader: Reader,
  filter: NotificationFilter,
  limit: number,
  after: Cursor | null,
): Promise<readonly Notification[]> {
  return all(
    tx,
    sql<Notification>`select ${columns} from notification n
      where ${visibleTo(reader)}
        and ${after === null ? sql`true` : sql`n.id < ${after.id}::uuid`}
        and ${filter.incidentNumber === undefined ? sql`true` : sql`n.incident_number = ${filter.incidentNumber}`}
        and ${filter.personId === undefined ? sql`true` : sql`n.person_id = ${filter.personId}`}
        and ${filter.kind === undefined ? sql`true` : sql`n.kind = ${filter.kind}`}
        and ${filter.state === undefined ? sql`true` : sql`n.state = ${filter.state}`}
      order by n.id desc limit ${limit}`,
  );
}

/** When people were paged: each occasion once, however many ways it went. */
export async function listPageTimes(
  tx: Queryable,
  reader: Reader,
  from: Instant,
  to: Instant,
): Promise<readonly { readonly person: string; readonly at: Instant }[]> {
  return all(
    tx,
    sql<{ person: string; at: Instant }>`select n.person_id as person, min(n.handed_over_at) as at
      from notification n
      where n.kind = 'page' and n.person_id is not null and n.handed_over_at >= ${from}
        and n.handed_over_at < ${to} and ${visibleTo(reader)}
      group by n.person_id, n.subject, n.occasion
      order by at limit 200000`,
  );
}

export async function findNotification(
  tx: Queryable,
  reader: Reader,
  id: string,
): Promise<Notification | null> {
  return maybe(
    tx,
    sql<Notification>`select ${columns} from notification n where n.id = ${id} and ${visibleTo(reader)}`,
  );
}

export type AttemptRow = {
  readonly attempt: number;
  readonly startedAt: Instant;
  readonly endedAt: Instant | null;
  readonly verdict: "in flight" | "accepted" | "retry" | "refused" | "unknown";
  readonly because: string | null;
  readonly mayRepeat: boolean;
};

export async function listAttempts(tx: Queryable, id: string): Promise<readonly AttemptRow[]> {
  return all(
    tx,
    sql<AttemptRow>`select attempt, started_at, ended_at, verdict, because, may_repeat from notification_attempt
      where notification_id = ${id} order by attempt limit 100`,
  );
}

/** Pages that are still on their way or due, and how many of them are late. */
export async function countPending(
  tx: Queryable,
  now: Instant,
): Promise<{ pending: number; late: number }> {
  const row = await maybe(
    tx,
    sql<{ pending: number; late: number }>`select count(*) as pending,
        count(*) filter (where attend_at < ${now - 5_000}) as late
      from notification where attend_at is not null and kind = 'page'`,
  );
  return row ?? { pending: 0, late: 0 };
}

/** When each channel last took a message and when it last refused one. */
export async function listChannelUse(
  tx: Queryable,
): Promise<
  readonly { channelId: string; lastAcceptedAt: Instant | null; lastFailedAt: Instant | null }[]
> {
  return all(
    tx,
    sql<{ channelId: string; lastAcceptedAt: Instant | null; lastFailedAt: Instant | null }>`
      select channel_id, max(receipt_at) as last_accepted_at,
        max(decided_at) filter (where state = 'failed') as last_failed_at
      from notification group by channel_id order by channel_id limit 500`,
  );
}

/** Each message says it in its own language. */
const inTheirWords = (text: Text) =>
  sql`case message->>'language' when 'de' then ${inWords(text, "de")}::text else ${inWords(text, "en")}::text end`;

/** Asks for the earlier messages of an incident to say who has it, where the channel can do that. */
export async function requestUpdates(
  tx: Tx,
  incident: number,
  text: Text,
  now: Instant,
): Promise<void> {
  await run(
    tx,
    sql`update notification set update_at = ${now}, update_text = ${inTheirWords(text)}, update_attempts = 0
      where incident_number = ${incident} and kind = 'page' and state in ('accepted', 'sending')
        and handed_over_at is not null and request_id is null`,
  );
}

/** Messages that should now say something else, leased to this node. */
export async function lockUpdates(
  tx: Tx,
  now: Instant,
  limit: number,
  leaseUntil: Instant,
): Promise<readonly (Notification & { readonly updateText: string | null })[]> {
  return all(
    tx,
    sql<Notification & { updateText: string | null }>`
      update notification n set update_at = ${leaseUntil}, update_attempts = update_attempts + 1 where n.id in (
        select id from notification where update_at <= ${now} order by update_at, id limit ${limit}
        for update skip locked)
      returning ${columns}, n.update_text`,
  );
}

/** The message was changed (null), or is to be tried again then, unless it was tried often enough. */
export async function saveUpdated(
  tx: Tx,
  id: string,
  again: Instant | null,
  most: number,
): Promise<void> {
  await run(
    tx,
    sql`update notification set update_at = case when update_attempts < ${most} then ${again}::bigint end
      where id = ${id}`,
  );
}

/**
 * Whether this page was the last hope of its step: it belongs to a run, no later step has paged, and no
 * other page of the step has arrived or still has a fair chance to, by itself or in one that stands for it.
 */
export async function isLastHope(tx: Tx, row: Notification, patience: number): Promise<boolean> {
  if (row.runId === null) return false;
  const found = await maybe(
    tx,
    sql<{ id: string }>`select n.id from notification n
      where n.incident_number = ${row.incidentNumber} and n.run_id = ${row.runId}
        and (n.id <> ${row.id} and n.decided_at > ${row.decidedAt}
        or n.occasion = ${row.occasion} and (n.id <> ${row.id} and ${isHopeful(sql`n`, patience)}
          or n.folded_into is not null and exists (select from notification f join notification told
            on told.subject = f.subject and told.occasion = f.occasion and told.person_id = f.person_id
              and told.address = f.address
            where f.id = n.folded_into and ${isHopeful(sql`told`, patience)}))) limit 1`,
  );
  return found === null;
}

const isHopeful = (row: RawBuilder<unknown>, patience: number) =>
  sql`(${row}.state = 'accepted' or ${row}.state in ('pending', 'sending') and ${row}.attempts < ${patience})`;

/** Whether anything about the incident has reached the person, is on its way or waits for the morning. */
export async function hasBeenTold(
  tx: Queryable,
  incident: number,
  personId: string,
): Promise<boolean> {
  const found = await maybe(
    tx,
    sql<{ id: string }>`select id from notification where incident_number = ${incident}
      and person_id = ${personId} and (state in ('accepted', 'sending')
        or (state = 'pending' and digest_at is not null)) limit 1`,
  );
  return found !== null;
}

/** A request to join is settled: what has not started of it is dropped, what arrived says so. */
export async function endRequestPages(
  tx: Tx,
  requestId: string,
  because: string,
  text: Text,
  now: Instant,
): Promise<void> {
  await run(
    tx,
    sql`update notification set
          attend_at = case when state = 'pending' then null else attend_at end,
          ended_because = case when state = 'pending' then ${because} else ended_because end,
          update_at = case when handed_over_at is null then null else ${now}::bigint end,
          update_text = ${inTheirWords(text)}, update_attempts = 0,
          state = case when state = 'pending' then 'dropped' else state end
        where request_id = ${requestId} and state in ('pending', 'sending', 'accepted')`,
  );
}
