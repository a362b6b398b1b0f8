/** Tells who comes on call what is open, and who goes what was: where a schedule says that it wants it. */
import { say, type Text } from "../../contract/texts.ts";
import { transact, type Tx } from "../base/db.ts";
import { addMs, DAY, earlier, type Instant, MINUTE } from "../base/instant.ts";
import { inWords } from "../base/words.ts";
import type { Snapshot } from "../domain/config/config.ts";
import { dueUnlessChanged } from "../domain/config/store.ts";
import { languageOf } from "../domain/notification/wording.ts";
import { askSchedule } from "../domain/oncall/asking.ts";
import { holdersOf } from "../domain/oncall/oncall.ts";
import {
  endLines,
  servicesAsking,
  type ShiftFacts,
  startLines,
} from "../domain/report/shiftNote.ts";
import {
  findShiftFacts,
  forgetWatches,
  insertNote,
  insertWatch,
  lockDueWatches,
  nextWatch,
  saveWatch,
  type ShiftWatch,
} from "../domain/report/shiftNoteStore.ts";
import { tellOfShift } from "../domain/report/shiftNoteTelling.ts";
import type { Step } from "./engine.ts";
import type { EngineParts } from "./parts.ts";

/** Somebody may take a shift at any moment: so soon it is noticed. */
const LOOK_MS = 5 * MINUTE;
/** Silences that end within so long are worth a word. */
const SOON_MS = DAY;

type Parts = {
  readonly tx: Tx;
  readonly world: EngineParts["world"];
  readonly config: Snapshot;
  readonly now: Instant;
};

export function handoffsStep(parts: EngineParts): Step {
  const { world } = parts;
  let keptFor: number | null = null;
  return {
    name: "handoffs",
    dueAt: () => dueUnlessChanged(keptFor, nextWatch),
    async run(now) {
      const config = await parts.config(world.db);
      const done = await transact(world.db, async (tx) => {
        const all = { tx, world, config, now };
        if (keptFor !== config.version) await takeUp(all);
        const due = await lockDueWatches(tx, now);
        for (const watch of due) await look(all, watch);
        return due.length;
      });
      keptFor = config.version;
      return { done, nextAt: null };
    },
  };
}

/** A schedule that begins to want notes is looked at from now on: nobody is told of a shift under way. */
async function takeUp({ tx, config, now }: Parts): Promise<void> {
  const wanted = config.all("schedules").filter(({ body }) => body.handoffNotes === true);
  await forgetWatches(
    tx,
    wanted.map(({ id }) => id),
  );
  for (const { id } of wanted) {
    const answer = await askSchedule(tx, config, id, now);
    const holders = answer === null ? [] : holdersOf(answer);
    const nextAt = earlier(answer?.until ?? null, addMs(now, LOOK_MS)) ?? now;
    await insertWatch(tx, { scheduleId: id, holders, since: now, nextAt });
  }
}

async function look(parts: Parts, watch: ShiftWatch): Promise<void> {
  const { tx, config, now } = parts;
  const answer = await askSchedule(tx, config, watch.scheduleId, now);
  const nextAt = earlier(answer?.until ?? null, addMs(now, LOOK_MS)) ?? addMs(now, LOOK_MS);
  const holders = answer === null ? [] : holdersOf(answer);
  const came = holders.filter((person) => !watch.holders.includes(person));
  const went = watch.holders.filter((person) => !holders.includes(person));
  if (came.length === 0 && went.length === 0)
    return void (await saveWatch(tx, { ...watch, nextAt }));
  await saveWatch(tx, { ...watch, holders, since: now, nextAt });
  const facts = await factsOf(parts, watch, answer?.until ?? null);
  for (const person of went) await tell(parts, watch, "end", person, endLines(facts));
  for (const person of came) await tell(parts, watch, "start", person, startLines(facts));
}

async function factsOf(
  { tx, config, now }: Parts,
  { scheduleId, since }: ShiftWatch,
  until: Instant | null,
): Promise<ShiftFacts> {
  const services = servicesAsking(config, scheduleId);
  const span = { from: since, to: now, soon: addMs(now, SOON_MS) };
  const found = await findShiftFacts(tx, services, span);
  const after = until === null ? null : await askSchedule(tx, config, scheduleId, until);
  const next =
    until === null || after === null ? null : { at: until, people: [...holdersOf(after)] };
  return { ...found, from: since, to: now, next };
}

async function tell(
  parts: Parts,
  { scheduleId, since }: ShiftWatch,
  kind: "start" | "end",
  personId: string,
  lines: readonly Text[],
): Promise<void> {
  const { tx, world, config, now } = parts;
  const id = world.chance.id(now);
  const language = languageOf(config, personId);
  // As it was sent.
  const sent = lines.map((line) => inWords(line, language));
  await insertNote(tx, { id, scheduleId, kind, personId, at: now, shiftFrom: since, lines: sent });
  const facts = { schedule: scheduleId };
  await tellOfShift(parts, [personId], {
    about: `shift-note:${id}`,
    occasion: kind,
    because: kind === "start" ? "shift began" : "shift ended",
    facts,
    subject: say(kind === "start" ? "shift start subject" : "shift end subject", facts),
    lines: kind === "start" ? lines : [...lines, say("shift add words", facts)],
  });
}
