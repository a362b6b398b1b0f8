/** Notes of shifts over HTTP. */
import * as contract from "../../../contract/shiftNote.ts";
import { say } from "../../../contract/texts.ts";
import { readCursor, toPage } from "../../base/cursor.ts";
import { type Queryable, transact } from "../../base/db.ts";
import { Refusal } from "../../base/errors.ts";
import { toIso } from "../../base/instant.ts";
import { bind, type BoundRoute } from "../../base/routes.ts";
import type { World } from "../../base/world.ts";
import { type Actor, allow, personOf, readerOf } from "../account/account.ts";
import { servicesOfReader } from "../catalog/catalog.ts";
import type { Snapshot } from "../config/config.ts";
import { askSchedule } from "../oncall/asking.ts";
import { holdersOf } from "../oncall/oncall.ts";
import { tellOfShift } from "./shiftNoteTelling.ts";
import { servicesAsking } from "./shiftNote.ts";
import { findLastEnd, insertWord, listNotes, listWords, type NoteRow } from "./shiftNoteStore.ts";

export function shiftNoteRoutes(
  world: World,
  config: (tx: Queryable) => Promise<Snapshot>,
): readonly BoundRoute<Actor>[] {
  return [
    bind(contract.listShiftNotes, async ({ actor, query }) => {
      const snapshot = await config(world.db);
      // They speak of incidents: only whoever may see those of every service that the schedule answers for.
      const services = servicesOfReader(snapshot, readerOf(actor));
      const schedules = snapshot
        .all("schedules")
        .filter(({ id }) => query.schedule === undefined || query.schedule === id)
        .map(({ id }) => id)
        .filter(
          (id) =>
            services === null ||
            servicesAsking(snapshot, id).every((service) => services.includes(service)),
        );
      const filter = { schedules, kind: query.kind };
      const after = readCursor(query.cursor);
      const rows = await listNotes(world.db, filter, query.limit + 1, after);
      const view = await viewer(world.db, rows);
      return toPage(rows, query.limit, (row) => ({ at: row.at, id: row.id }), view);
    }),
    bind(contract.addShiftWords, async ({ actor, params, body }) => {
      const note = await transact(world.db, async (tx) => {
        const now = world.clock.now();
        const snapshot = await config(tx);
        const schedule = snapshot.get("schedules", params.id);
        allow(actor, "oncall.override", schedule?.body.team ?? null);
        if (schedule === null) throw new Refusal("oncall.unknown_schedule", { id: params.id });
        const person = personOf(actor);
        const row = person === null ? null : await findLastEnd(tx, params.id, person);
        if (person === null || row === null)
          throw new Refusal("oncall.no_shift_note", { id: params.id });
        const id = world.chance.id(now);
        await insertWord(tx, id, { noteId: row.id, at: now, personId: person, text: body.text });
        const answer = await askSchedule(tx, snapshot, params.id, now);
        const holders = (answer === null ? [] : holdersOf(answer)).filter((one) => one !== person);
        const facts = { person, schedule: params.id };
        const words = { subject: say("shift words subject", facts), lines: [body.text] };
        await tellOfShift({ tx, world, config: snapshot, now }, holders, {
          about: `shift-note:${row.id}`,
          occasion: id,
          because: "shift words",
          facts,
          ...words,
        });
        return row;
      });
      world.nudge();
      return (await viewer(world.db, [note]))(note);
    }),
  ];
}

async function viewer(
  tx: Queryable,
  rows: readonly NoteRow[],
): Promise<(row: NoteRow) => contract.ShiftNote> {
  const words = await listWords(
    tx,
    rows.map(({ id }) => id),
  );
  return (row) => ({
    id: row.id,
    schedule: row.scheduleId,
    kind: row.kind,
    person: row.personId,
    at: toIso(row.at),
    from: toIso(row.shiftFrom),
    lines: [...row.lines],
    words: words
      .filter(({ noteId }) => noteId === row.id)
      .map(({ at, personId, text }) => ({ at: toIso(at), by: personId, text })),
  });
}
