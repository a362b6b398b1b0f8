/** Rows of deadlines. The transitions stand in the body; the columns are what is searched by. */
import { textArray } from "../../base/arrays.ts";
import { all, jsonTexts, maybe, type Queryable, run, sql, texts, type Tx } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";
import type { Deadline } from "./deadline.ts";

export type DeadlineRow = {
  readonly id: string;
  /** "INC-1", "AI-3". */
  readonly subject: string;
  readonly teamId: string | null;
  readonly deadline: Deadline;
};

type Row = { id: string; subject: string; teamId: string | null; body: Deadline };
const toDeadline = (row: Row): DeadlineRow => ({
  id: row.id,
  subject: row.subject,
  teamId: row.teamId,
  deadline: row.body,
});

export const saveDeadline = (tx: Tx, row: DeadlineRow): Promise<void> => saveDeadlines(tx, [row]);

export async function saveDeadlines(tx: Tx, rows: readonly DeadlineRow[]): Promise<void> {
  if (rows.length === 0) return;
  const deadlines = rows.map(({ deadline }) => deadline);
  await run(
    tx,
    sql`insert into deadline (id, subject, kind, state, anchor_at, due_at, next_mark_at, body, team_id)
        select id, subject, kind, state, anchor_at, due_at, next_mark_at, body::jsonb, team_id
        from unnest(${rows.map(({ id }) => id)}::uuid[], ${textArray(rows.map(({ subject }) => subject))}::text[],
          ${textArray(deadlines.map(({ kind }) => kind))}::text[],
          ${textArray(deadlines.map(({ state }) => state))}::text[],
          ${deadlines.map(({ anchorAt }) => anchorAt)}::bigint[], ${deadlines.map(({ dueAt }) => dueAt)}::bigint[],
          ${deadlines.map((d) => d.nextMarkAt)}::bigint[], ${jsonTexts(deadlines)},
          ${textArray(rows.map(({ teamId }) => teamId))}::text[])
          as d (id, subject, kind, state, anchor_at, due_at, next_mark_at, body, team_id)
        on conflict (subject, kind) do update set state = excluded.state, anchor_at = excluded.anchor_at,
          due_at = excluded.due_at, next_mark_at = excluded.next_mark_at, body = excluded.body`,
  );
}

export async function lockDeadline(
  tx: Tx,
  subject: string,
  kind: string,
): Promise<DeadlineRow | null> {
  const row = await maybe(
    tx,
    sql<Row>`select id, subject, team_id, body from deadline where subject = ${subject} and kind = ${kind} for update`,
  );
  return row === null ? null : toDeadline(row);
}

/** Clocks of these subjects whose mark has come, locked. */
export async function lockDueDeadlines(
  tx: Tx,
  subjects: readonly string[],
  now: Instant,
): Promise<readonly DeadlineRow[]> {
  const rows = await all(
    tx,
    sql<Row>`select id, subject, team_id, body from deadline where subject = any(${texts(subjects)})
      and next_mark_at <= ${now} order by next_mark_at, id for update`,
  );
  return rows.map(toDeadline);
}

export async function lockDeadlines(tx: Tx, subject: string): Promise<readonly DeadlineRow[]> {
  const rows = await all(
    tx,
    sql<Row>`select id, subject, team_id, body from deadline where subject = ${subject} order by id for update`,
  );
  return rows.map(toDeadline);
}

/** "RUN-4/" to "RUN-40", which comes right after all that begins with it. */
const below = (prefix: string) =>
  sql`subject collate "C" >= ${prefix} and subject collate "C" < ${`${prefix.slice(0, -1)}0`}`;

/** Clocks of everything that belongs to a subject: those of the steps of a run, by "RUN-4/". */
export async function lockDeadlinesBelow(tx: Tx, prefix: string): Promise<readonly DeadlineRow[]> {
  const rows = await all(
    tx,
    sql<Row>`select id, subject, team_id, body from deadline where ${below(prefix)}
      order by id for update`,
  );
  return rows.map(toDeadline);
}

export async function listDeadlinesBelow(
  tx: Queryable,
  prefix: string,
): Promise<readonly DeadlineRow[]> {
  const rows = await all(
    tx,
    sql<Row>`select id, subject, team_id, body from deadline where ${below(prefix)}
      order by due_at, id limit 2000`,
  );
  return rows.map(toDeadline);
}

export async function listDeadlines(
  tx: Queryable,
  subject: string,
): Promise<readonly DeadlineRow[]> {
  const rows = await all(
    tx,
    sql<Row>`select id, subject, team_id, body from deadline where subject = ${subject} order by due_at, id`,
  );
  return rows.map(toDeadline);
}

/** Subjects whose next mark has come; not locked, because their own subject is locked first. */
export async function findDueDeadlines(
  tx: Queryable,
  now: Instant,
  limit: number,
): Promise<readonly { subject: string; kind: string }[]> {
  return all(
    tx,
    sql<{ subject: string; kind: string }>`select subject, kind from deadline
      where next_mark_at <= ${now} order by next_mark_at, id limit ${limit}`,
  );
}

/** Lets the engine look at a clock later; not when somebody else has locked it. */
export async function putOffMark(
  tx: Queryable,
  subject: string,
  kind: string,
  until: Instant,
): Promise<void> {
  await run(
    tx,
    sql`update deadline set next_mark_at = ${until} where id in (
      select id from deadline where subject = ${subject} and kind = ${kind} and next_mark_at < ${until}
      for update skip locked)`,
  );
}

/** When the next mark of a clock is due. */
export const nextMark = sql`(select min(next_mark_at) from deadline where next_mark_at is not null)`;

/** Deadlines of a kind that passed unmet, the oldest first. */
export async function listOverdue(
  tx: Queryable,
  kinds: readonly string[],
  now: Instant,
): Promise<readonly DeadlineRow[]> {
  const rows = await all(
    tx,
    sql<Row>`select id, subject, team_id, body from deadline
      where kind = any(${[...kinds]}::text[]) and state in ('running', 'breached') and due_at < ${now}
      order by due_at, id limit 500`,
  );
  return rows.map(toDeadline);
}
