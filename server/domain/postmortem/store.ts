/** Rows of postmortems, their sections and action items. */
import {
  type ActionItemStatus,
  type Priority,
  SECTION_KEYS,
  SECTION_TITLES,
  type SectionKey,
} from "../../../contract/postmortem.ts";
import { all, json, maybe, one, type Queryable, run, sql, texts, type Tx } from "../../base/db.ts";
import type { Cursor } from "../../base/cursor.ts";
import type { Instant } from "../../base/instant.ts";
import type { ActorMark, Reader } from "../account/account.ts";
import { incidentVisibleTo } from "../account/visible.ts";
import type { ActionItem, Draft, Postmortem, Section } from "./postmortem.ts";

const columns = sql.raw("incident_number, state, required, drafted_at, published_at, audiences");

export async function findPostmortem(tx: Queryable, number: number): Promise<Postmortem | null> {
  return maybe(
    tx,
    sql<Postmortem>`select ${columns} from postmortem where incident_number = ${number}`,
  );
}

/** Inserts a draft with its sections; false when there is one, also one of another node. */
export async function insertDraft(
  tx: Tx,
  { incidentNumber, required, draftedAt }: Postmortem,
  draft: Draft,
  by: ActorMark,
): Promise<boolean> {
  const inserted = await run(
    tx,
    sql`insert into postmortem (incident_number, state, required, drafted_at)
      values (${incidentNumber}, 'draft', ${required}, ${draftedAt})
      on conflict (incident_number) do nothing`,
  );
  if (inserted === 0) return false;
  const rows = SECTION_KEYS.map((key, position) => ({
    position,
    key,
    title: SECTION_TITLES[key],
    body: draft[key],
  }));
  await run(
    tx,
    sql`insert into postmortem_section
        (incident_number, position, key, title, body, updated_at, updated_by)
      select ${incidentNumber}, r.position, r.key, r.title, r.body, ${draftedAt}, ${json(by)}
      from jsonb_to_recordset(${json(rows)})
        as r (position integer, key text, title text, body text)`,
  );
  return true;
}

export async function savePostmortem(
  tx: Tx,
  postmortem: Postmortem,
  publishedBy: ActorMark | null,
): Promise<void> {
  const { incidentNumber, state, required, draftedAt, publishedAt, audiences } = postmortem;
  await run(
    tx,
    sql`update postmortem set state = ${state}, required = ${required}, drafted_at = ${draftedAt},
        published_at = ${publishedAt}, audiences = ${texts(audiences)},
        published_by = ${publishedBy === null ? null : json(publishedBy)}
      where incident_number = ${incidentNumber}`,
  );
}

/** In the order of the nine. */
export async function listSections(tx: Queryable, number: number): Promise<readonly Section[]> {
  return all(
    tx,
    sql<Section>`select key, body, version, updated_by from postmortem_section
      where incident_number = ${number} order by position limit 20`,
  );
}

/** Saves an edit of the version that was read; false when it is not the newest any more. */
export async function saveSection(
  tx: Tx,
  number: number,
  edit: { readonly key: SectionKey; readonly body: string; readonly version: number },
  by: ActorMark,
  now: Instant,
): Promise<boolean> {
  const touched = await run(
    tx,
    sql`update postmortem_section
      set body = ${edit.body}, version = version + 1, updated_at = ${now},
        updated_by = ${json(by)}
      where incident_number = ${number} and key = ${edit.key} and version = ${edit.version}`,
  );
  return touched > 0;
}

/** Keeps the words of sections as they are read at publishing, without counting as an edit. */
export async function freezeSections(
  tx: Tx,
  number: number,
  sections: readonly Section[],
): Promise<void> {
  const rows = sections.map(({ key, body }) => ({ key, body }));
  await run(
    tx,
    sql`update postmortem_section s set body = r.body
      from jsonb_to_recordset(${json(rows)}) as r (key text, body text)
      where s.incident_number = ${number} and s.key = r.key`,
  );
}

// ── Action items ──

const itemColumns =
  sql.raw(`a.number, a.incident_number, a.priority, a.title, a.owner_id, a.due_at, a.status,
  a.done_at, a.created_at, a.note`);

export async function nextActionItemNumber(tx: Tx): Promise<number> {
  const next = sql<{ number: number }>`select nextval('action_item_number')::integer as number`;
  return (await one(tx, next)).number;
}

export async function insertActionItem(tx: Tx, item: ActionItem): Promise<void> {
  await run(
    tx,
    sql`insert into action_item
        (number, incident_number, priority, title, owner_id, due_at, status, created_at, note)
      values (${item.number}, ${item.incidentNumber}, ${item.priority}, ${item.title},
        ${item.ownerId}, ${item.dueAt}, ${item.status}, ${item.createdAt}, ${item.note})`,
  );
}

export async function saveActionItem(tx: Tx, item: ActionItem): Promise<void> {
  await run(
    tx,
    sql`update action_item set owner_id = ${item.ownerId}, due_at = ${item.dueAt},
        status = ${item.status}, done_at = ${item.doneAt}, note = ${item.note}
      where number = ${item.number}`,
  );
}

export async function findActionItem(
  tx: Queryable,
  reader: Reader,
  number: number,
): Promise<ActionItem | null> {
  return maybe(
    tx,
    sql<ActionItem>`select ${itemColumns}
      from action_item a join incident i on i.number = a.incident_number
      where a.number = ${number} and ${incidentVisibleTo(reader)}`,
  );
}

/** All of one incident, in their order. The caller has checked that the incident may be seen. */
export async function listItemsOf(
  tx: Queryable,
  incidentNumber: number,
): Promise<readonly ActionItem[]> {
  return all(
    tx,
    sql<ActionItem>`select ${itemColumns} from action_item a
      where a.incident_number = ${incidentNumber} order by a.number limit 500`,
  );
}

export type ActionItemFilter = {
  readonly status?: ActionItemStatus | "unfinished" | undefined;
  readonly owner?: string | undefined;
  readonly incidentNumber?: number | undefined;
  readonly priority?: Priority | undefined;
  readonly overdue?: boolean | undefined;
};

/** The earliest due first. */
export async function listActionItems(
  tx: Queryable,
  reader: Reader,
  filter: ActionItemFilter,
  now: Instant,
  limit: number,
  after: Cursor | null,
): Promise<readonly ActionItem[]> {
  const any = sql`true`;
  const unfinished = sql`a.status in ('open', 'in progress')`;
  const overdue = sql`(a.due_at < ${now} and ${unfinished})`;
  const { owner, incidentNumber, priority } = filter;
  const status = filter.status === "unfinished" ? unfinished : sql`a.status = ${filter.status}`;
  return all(
    tx,
    sql<ActionItem>`select ${itemColumns}
      from action_item a join incident i on i.number = a.incident_number
      where ${incidentVisibleTo(reader)}
        and ${after === null ? any : sql`(a.due_at, a.number) > (${after.at}, ${Number(after.id)})`}
        and ${filter.status === undefined ? any : status}
        and ${owner === undefined ? any : sql`a.owner_id = ${owner}`}
        and ${incidentNumber === undefined ? any : sql`a.incident_number = ${incidentNumber}`}
        and ${priority === undefined ? any : sql`a.priority = ${priority}`}
        and ${filter.overdue === undefined ? any : filter.overdue ? overdue : sql`not ${overdue}`}
      order by a.due_at, a.number limit ${limit}`,
  );
}

export type TeamItem = ActionItem & { readonly restricted: boolean };

/**
 * What the team still owes: unfinished items of incidents it was in charge of, the earliest due
 * first.
 */
export async function listOpenItemsOfTeam(
  tx: Queryable,
  teamId: string,
  limit: number,
): Promise<readonly TeamItem[]> {
  return all(
    tx,
    sql<TeamItem>`select ${itemColumns}, i.restricted
      from action_item a join incident i on i.number = a.incident_number
      where a.status in ('open', 'in progress') and i.team_ids[1] = ${teamId}
      order by a.due_at, a.number limit ${limit}`,
  );
}
