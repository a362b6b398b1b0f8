/** Rows of handoffs that are told, of the notes, and what the notes speak of. */
import { all, maybe, type Queryable, run, sql, texts, type Tx } from "../../base/db.ts";
import type { Cursor } from "../../base/cursor.ts";
import type { Instant } from "../../base/instant.ts";
import { noDrill } from "../account/visible.ts";
import type { ShiftFacts, ShiftIncident } from "./shiftNote.ts";

export type ShiftWatch = {
  readonly scheduleId: string;
  readonly holders: readonly string[];
  readonly since: Instant;
  readonly nextAt: Instant;
};

export const forgetWatches = (tx: Tx, kept: readonly string[]): Promise<number> =>
  run(tx, sql`delete from shift_watch where not (schedule_id = any(${texts(kept)}))`);

export const insertWatch = (tx: Tx, w: ShiftWatch): Promise<number> =>
  run(
    tx,
    sql`insert into shift_watch (schedule_id, holders, since, next_at)
      values (${w.scheduleId}, ${texts(w.holders)}, ${w.since}, ${w.nextAt}) on conflict do nothing`,
  );

export const lockDueWatches = (tx: Tx, now: Instant): Promise<readonly ShiftWatch[]> =>
  all(
    tx,
    sql<ShiftWatch>`select schedule_id, holders, since, next_at from shift_watch where next_at <= ${now}
      order by next_at, schedule_id limit 50 for update skip locked`,
  );

export const nextWatch = sql`(select min(next_at) from shift_watch)`;

export const saveWatch = (tx: Tx, w: ShiftWatch): Promise<number> =>
  run(
    tx,
    sql`update shift_watch set holders = ${texts(w.holders)}, since = ${w.since}, next_at = ${w.nextAt}
      where schedule_id = ${w.scheduleId}`,
  );

export type NoteRow = {
  readonly id: string;
  readonly scheduleId: string;
  readonly kind: "start" | "end";
  readonly personId: string;
  readonly at: Instant;
  readonly shiftFrom: Instant;
  readonly lines: readonly string[];
};

export const insertNote = (tx: Tx, n: NoteRow): Promise<number> =>
  run(
    tx,
    sql`insert into shift_note (id, schedule_id, kind, person_id, at, shift_from, lines)
      values (${n.id}, ${n.scheduleId}, ${n.kind}, ${n.personId}, ${n.at}, ${n.shiftFrom}, ${texts(n.lines)})`,
  );

const columns = sql`s.id, s.schedule_id, s.kind, s.person_id, s.at, s.shift_from, s.lines`;

export const listNotes = (
  tx: Queryable,
  filter: {
    readonly schedules: readonly string[];
    readonly kind?: string | undefined;
  },
  limit: number,
  after: Cursor | null,
): Promise<readonly NoteRow[]> =>
  all(
    tx,
    sql<NoteRow>`select ${columns} from shift_note s where s.schedule_id = any(${texts(filter.schedules)})
        and ${filter.kind === undefined ? sql`true` : sql`s.kind = ${filter.kind}`}
        and ${after === null ? sql`true` : sql`(s.at, s.id) < (${after.at}, ${after.id}::uuid)`}
      order by s.at desc, s.id desc limit ${limit}`,
  );

/** The note of the last shift of somebody in a schedule. */
export const findLastEnd = (
  tx: Queryable,
  scheduleId: string,
  personId: string,
): Promise<NoteRow | null> =>
  maybe(
    tx,
    sql<NoteRow>`select ${columns} from shift_note s where s.schedule_id = ${scheduleId}
      and s.person_id = ${personId} and s.kind = 'end' order by s.at desc, s.id desc limit 1`,
  );

export type WordRow = {
  readonly noteId: string;
  readonly at: Instant;
  readonly personId: string;
  readonly text: string;
};

export const insertWord = (tx: Tx, id: string, w: WordRow): Promise<number> =>
  run(
    tx,
    sql`insert into shift_note_word (id, note_id, at, person_id, text)
      values (${id}, ${w.noteId}, ${w.at}, ${w.personId}, ${w.text})`,
  );

export const listWords = (tx: Queryable, notes: readonly string[]): Promise<readonly WordRow[]> =>
  all(
    tx,
    sql<WordRow>`select note_id, at, person_id, text from shift_note_word
      where note_id = any(${[...notes]}::uuid[]) order by at, id limit 2000`,
  );

const MOST = 20;

/** What a shift's notes speak of. Restricted incidents are nobody's by office, and drills are none. */
export async function findShiftFacts(
  tx: Queryable,
  services: readonly string[],
  { from, to, soon }: { readonly from: Instant; readonly to: Instant; readonly soon: Instant },
): Promise<Pick<ShiftFacts, "open" | "over" | "silences">> {
  const incidents = await all(
    tx,
    sql<ShiftIncident>`select i.number, i.title, i.severity, i.state, i.acknowledged_by, p.pages
      from incident i cross join lateral (select count(distinct n.occasion)::integer as pages from notification n
        where n.incident_number = i.number and n.kind = 'page' and n.handed_over_at >= ${from}
          and n.handed_over_at < ${to}) p
      where i.services && ${texts(services)} and not i.restricted and ${noDrill} and i.merged_into is null
        and (i.state in ('declared', 'mitigated') or p.pages > 0 and i.declared_at >= ${from - MOST_OPEN_MS}
          or i.declared_at >= ${from} and i.declared_at < ${to})
      order by i.severity, i.number limit ${2 * MOST}`,
  );
  const silences = await all(
    tx,
    sql<ShiftFacts["silences"][number]>`select matchers, ends_at, reason from silence
      where starts_at <= ${to} and ends_at > ${to} and ends_at <= ${soon} order by ends_at, id limit ${MOST}`,
  );
  const isOpen = ({ state }: ShiftIncident) => state === "declared" || state === "mitigated";
  return {
    open: incidents.filter(isOpen).slice(0, MOST),
    over: incidents.filter((incident) => !isOpen(incident)).slice(0, MOST),
    silences,
  };
}

/** Of incidents that are over, those are looked at that began within so long before a shift. */
const MOST_OPEN_MS = 30 * 24 * 3_600_000;
