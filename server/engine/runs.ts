/**
 * What runs of runbooks wait for: incidents that start one, scheduled ones, and actions that run by
 * themselves because they only read.
 */
import { Severity } from "../../contract/ids.ts";
import { ENGINE_READER } from "../domain/account/account.ts";
import type { Command } from "../domain/incident/commands.ts";
import { lockIncidents } from "../domain/incident/store.ts";
import type { ActionRegistry } from "../domain/runbook/action.ts";
import { startAutomatic } from "../domain/runbook/automation.ts";
import { lockCarried } from "../domain/runbook/carry.ts";
import { progress } from "../domain/runbook/progress.ts";
import {
  findRunsToAttend,
  findUnasked,
  markAsked,
  nextRunToAttend,
  nextUnasked,
  putOffRun,
  saveRun,
} from "../domain/runbook/runStore.ts";
import { nextScheduled } from "../domain/runbook/schedule.ts";
import {
  type DueSchedule,
  findDueSchedules,
  lockSchedule,
  nextSchedule,
  saveNext,
} from "../domain/runbook/scheduleStore.ts";
import { start } from "../domain/runbook/start.ts";
import { startByRules } from "../domain/runbook/startRule.ts";
import { abandonWith } from "../domain/runbook/steps.ts";
import { sql } from "../base/db.ts";
import { addMs, type Instant, instant, MINUTE, SECOND, toIso } from "../base/instant.ts";
import type { Step } from "./engine.ts";
import { asEngine, each, type EngineParts, inSets } from "./parts.ts";

const LIMIT = 50;
/** Together in one transaction. */
const ASKED = 200;

/**
 * Each look costs as much as incidents changed since then, and nobody waits for a rule as for a page. So a few times
 * a second a tick looks at what has just changed; every few seconds at a minute, as a transaction may have been slow;
 * every minute at all.
 */
const LOOK_EVERY_MS = SECOND / 4;
const JUST_NOW_MS = 2 * SECOND;
const LATELY_MS = MINUTE;
const LATELY_EVERY_MS = 3 * SECOND;

/** Since when a tick looks at incidents that changed. */
export function lookBack() {
  let tick: Instant | null = null;
  let lately: Instant | null = null;
  let all: Instant | null = null;
  let since = instant(0);
  const isTime = (last: Instant | null, now: Instant, every: number): boolean =>
    last === null || now < last || now - last >= every;
  return {
    /** The same for all looks of one tick; null: not yet again. */
    since(now: Instant): Instant | null {
      if (now === tick) return since;
      if (!isTime(tick, now, LOOK_EVERY_MS)) return null;
      tick = now;
      since = addMs(now, -JUST_NOW_MS);
      if (isTime(lately, now, LATELY_EVERY_MS)) {
        since = addMs(now, -LATELY_MS);
        lately = now;
      }
      if (isTime(all, now, LATELY_MS)) {
        since = instant(0);
        all = now;
      }
      return since;
    },
    /** When the next look is due. */
    nextAt: (now: Instant): Instant => addMs(tick ?? now, LOOK_EVERY_MS),
    /** There was more than a portion: the rest is looked for among all again. */
    again: () => void (all = null),
  };
}

export function runsStep(parts: EngineParts, actions: ActionRegistry): Step {
  const look = lookBack();
  return {
    name: "runs",
    dueAt(now) {
      const since = look.since(now);
      const unasked = since === null ? sql`${look.nextAt(now)}::bigint` : nextUnasked(since);
      return sql`least(${unasked}, ${nextRunToAttend}, ${nextSchedule})`;
    },
    async run(now) {
      const { db } = parts.world;
      const since = look.since(now);
      const unasked = since === null ? [] : await findUnasked(db, since, ASKED);
      if (unasked.length === ASKED) look.again();
      const asked = await inSets(parts, {
        now,
        sets: [unasked],
        work: (numbers) => asEngine(parts, now, (command) => ask(command, numbers)),
        // A rule that cannot be carried out must not be asked for ever; by hand it can be started still.
        putOff: (number) => giveUpAsking(parts, number),
      });
      const scheduled = await each(parts, {
        now,
        items: await findDueSchedules(db, now, LIMIT),
        work: (due) => asEngine(parts, now, (command) => startScheduled(command, due)),
        putOff: (due, until) => saveNext(db, due, until),
      });
      const attended = await each(parts, {
        now,
        items: await findRunsToAttend(db, now, LIMIT),
        work: (number) => asEngine(parts, now, (command) => attend(command, actions, number)),
        putOff: (number, until) => putOffRun(db, number, until),
      });
      return { done: asked + scheduled + attended, nextAt: null };
    },
  };
}

async function ask(command: Command, numbers: readonly number[]): Promise<number> {
  const incidents = await lockIncidents(command.tx, ENGINE_READER, numbers);
  await markAsked(command.tx, incidents);
  await startByRules(command, incidents);
  return incidents.length;
}

const giveUpAsking = ({ world }: EngineParts, number: number): Promise<void> =>
  markAsked(
    world.db,
    Severity.options.map((severity) => ({ number, severity })),
  );

/** The day that a run is for, so that two nodes start one. */
const dayOf = (at: Instant): string => toIso(at).slice(0, 16);

async function startScheduled(command: Command, due: DueSchedule): Promise<void> {
  const schedule = await lockSchedule(command.tx, due);
  if (schedule === null || schedule.nextAt > command.now) return;
  await start(command, {
    runbook: due.runbookId,
    plan: schedule.planId,
    incident: null,
    inputs: {},
    drill: false,
    because: `schedule: every ${schedule.body.every} from ${schedule.body.startsOn}`,
    startKey: `schedule ${due.runbookId} ${due.position} ${dayOf(schedule.nextAt)}`,
  });
  await saveNext(command.tx, due, nextScheduled(schedule.body, command.now));
}

async function attend(command: Command, actions: ActionRegistry, number: number): Promise<void> {
  const carried = await lockCarried(command, ENGINE_READER, number);
  if (carried === null || carried.run.state !== "running") return;
  if (carried.incident?.state === "cancelled") {
    await abandonWith(command, carried, "its incident was cancelled");
    return;
  }
  const progressed = await progress(command, carried);
  const started = await startAutomatic(command, actions, progressed);
  await saveRun(command.tx, { ...started.run, attendAt: null });
}
