/** Rows of quiet messages that wait for the morning. */
import { all, run, sql, texts, type Tx } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";
import type { Notification } from "./notification.ts";
import { wordsOf } from "./pageParts.ts";

export type Waiting = {
  readonly id: string;
  readonly personId: string | null;
  readonly channelId: string;
  readonly address: string;
  readonly subject: string;
  readonly incidentNumber: number | null;
};

type Row = Omit<Waiting, "subject"> & Pick<Notification, "kind" | "message" | "acceptedAt">;

/** What is to be told now, locked for this node; by person and way, so that each is told once. */
export async function lockWaiting(
  tx: Tx,
  now: Instant,
  limit: number,
): Promise<readonly Waiting[]> {
  const rows = await all(
    tx,
    sql<Row>`select id, kind, person_id, channel_id, address, message, accepted_at, incident_number
      from notification where digest_at <= ${now} and state = 'pending'
      order by person_id, channel_id, address, decided_at, id limit ${limit} for update skip locked`,
  );
  return rows.map((row) => ({ ...row, subject: wordsOf(row).subject }));
}

/** One that waited alone is told by itself. */
export async function tellAlone(tx: Tx, id: string): Promise<void> {
  await run(
    tx,
    sql`update notification set digest_at = null, attend_at = due_at where id = ${id} and state = 'pending'`,
  );
}

/** Those that are told in one message end with its name. */
export async function endInDigest(tx: Tx, ids: readonly string[], digest: string): Promise<void> {
  const because = `told in the digest ${digest}`;
  await run(
    tx,
    sql`update notification set state = 'dropped', digest_at = null, ended_because = ${because}
      where id = any(${texts(ids)}::uuid[])`,
  );
}

/** When something that waited is told next. */
export const nextDigest = sql`select min(digest_at) from notification where digest_at is not null`;
