/**
 * What runs of runbooks wait for: incidents that start one, scheduled ones, and actions that run by
 * themselves because they only read.
 */
import { ENGINE_READER } from "../domain/account/account.ts";
import type { Command } from "../domain/incident/commands.ts";
import { lockIncident } from "../domain/incident/store.ts";
import type { ActionRegistry } from "../domain/runbook/action.ts";
import { startAutomatic } from "../domain/runbook/automation.ts";
import { lockCarried } from "../domain/runbook/carry.ts";
import { progress } from "../domain/runbook/progress.ts";
import {
  findNextRunToAttend,
  findRunsToAttend,
  findUnasked,
  markAsked,
  putOffRun,
  saveRun,
} from "../domain/runbook/runStore.ts";
import { nextScheduled } from "../domain/runbook/schedule.ts";
import {
  type DueSchedule,
  findDueSchedules,
  findNextSchedule,
  lockSchedule,
  saveNext,
} from "../domain/runbook/scheduleStore.ts";
import { start } from "../domain/runbook/start.ts";
import { startByRules } from "../domain/runbook/startRule.ts";
import { abandonWith } from "../domain/runbook/steps.ts";
import { earlier, type Instant, toIso } from "../base/instant.ts";
import type { Step } from "./engine.ts";
import { asEngine, each, type EngineParts } from "./parts.ts";

const LIMIT = 50;

export const runsStep = (parts: EngineParts, actions: ActionRegistry): Step => ({
  name: "runs",
  async run(now) {
    const { db } = parts.world;
    const asked = await each(parts, {
      now,
      items: await findUnasked(db, LIMIT),
      work: (number) => asEngine(parts, now, (command) => ask(command, number)),
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
    const nextAt = earlier(await findNextRunToAttend(db), await findNextSchedule(db));
    return { done: asked + scheduled + attended, nextAt };
  },
});

async function ask(command: Command, number: number): Promise<void> {
  const incident = await lockIncident(command.tx, ENGINE_READER, number);
  if (incident === null) return;
  await markAsked(command.tx, number, incident.severity);
  await startByRules(command, incident);
}

async function giveUpAsking(parts: EngineParts, number: number): Promise<void> {
  for (const severity of ["SEV1", "SEV2", "SEV3", "SEV4"])
    await markAsked(parts.world.db, number, severity);
}

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
