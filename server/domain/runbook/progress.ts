/** What follows from a change of a run: phases are entered, people take their steps, clocks start and stop. */
import type { RunbookDeadline, RunbookPhase, RunbookStep } from "../../../contract/runbook.ts";
import { runId } from "../../../contract/ids.ts";
import type { DeadlineKind } from "../../../contract/deadline.ts";
import { meetClock, recomputeClock, startClock, withdrawClock } from "../deadline/commands.ts";
import type { DeadlineSpec } from "../deadline/deadline.ts";
import { lockDeadlinesBelow } from "../deadline/store.ts";
import { isSettled as isClockSettled } from "../deadline/deadline.ts";
import type { Command } from "../incident/commands.ts";
import { calendarOf } from "../incident/declare.ts";
import { findFirstPageAt } from "../notification/store.ts";
import { recount, withStep } from "./carry.ts";
import { holderOf, personFor, roleOf } from "./people.ts";
import {
  anchorOf,
  type Carried,
  deadlineFor,
  isSettled,
  newlyEntered,
  phasePath,
  stepsOfPhase,
  syncOf,
} from "./run.ts";
import { enterPhase, saveRun } from "./runStore.ts";

/** The subject of a step's clock: "RUN-4/plan/phase/words". */
export const clockSubject = (run: number, of: string): string => `${runId(run)}/${of}`;

/** The number of the run that a clock belongs to, and its step or phase. */
export function ofClock(subject: string): { readonly run: number; readonly of: string } {
  const end = subject.indexOf("/");
  return { run: Number(subject.slice("RUN-".length, end)), of: subject.slice(end + 1) };
}

/**
 * Draws everything that needs nothing from outside, and asks the engine for the rest: actions that run
 * by themselves.
 */
export async function progress(command: Command, carried: Carried): Promise<Carried> {
  let now = carried;
  for (const phase of newlyEntered(carried)) now = await enter(command, now, phase);
  now = await giveByRole(command, now);
  await keepClocks(command, now);
  const run = { ...now.run, attendAt: command.now, synced: syncOf(now.incident) };
  await saveRun(command.tx, run);
  return { ...now, run };
}

async function enter(command: Command, carried: Carried, phase: RunbookPhase): Promise<Carried> {
  const { run } = carried;
  await enterPhase(command.tx, run.number, phase.id, command.now);
  if (carried.plan.phases.length > 1)
    await recount(command, run, "run phase", { phase: phase.title });
  return { ...carried, phases: new Map([...carried.phases, [phase.id, command.now]]) };
}

/**
 * Steps of phases that have been entered go to whoever holds their role. One that nobody has begun moves
 * with the role; one that was given to somebody by name stays.
 */
async function giveByRole(command: Command, carried: Carried): Promise<Carried> {
  let now = carried;
  const entered = carried.plan.phases.filter((phase) => carried.phases.has(phase.id));
  for (const row of entered.flatMap((phase) => stepsOfPhase(carried, phase))) {
    const role = roleOf(carried.plan, row.stepId);
    const isFree = row.assignee === null ? !isSettled(row) : row.byRole && row.state === "pending";
    if (role === null || !isFree) continue;
    const person =
      row.assignee === null ? await personFor(command, carried, role) : holderOf(carried, role);
    if (person === null || person === row.assignee) continue;
    now = await withStep(command, now, { ...row, assignee: person, byRole: true });
  }
  return now;
}

/** Starts the clocks whose anchor has happened, with the terms of the severity as it is now. */
export async function keepClocks(command: Command, carried: Carried): Promise<void> {
  const { run, plan, incident } = carried;
  const rows = await lockDeadlinesBelow(command.tx, `${runId(run.number)}/`);
  const known = new Map(rows.map((row) => [row.subject, row.deadline]));
  const pagedAt =
    run.incidentNumber === null ? null : await findFirstPageAt(command.tx, run.incidentNumber);
  const severity = incident?.severity ?? null;
  const first = { phaseId: plan.phases[0]?.id ?? "", startedAt: null, pagedAt };
  const unfinished = carried.steps.some((row) => !isSettled(row));
  await keep(plan.deadlines, plan.id, "runbook phase", unfinished, first);
  for (const phase of plan.phases) {
    const open = stepsOfPhase(carried, phase).some((row) => !isSettled(row));
    const of = { phaseId: phase.id, startedAt: null, pagedAt };
    await keep(phase.deadlines, phasePath(plan, phase), "runbook phase", open, of);
    for (const step of phase.steps) {
      const row = carried.steps.find((each) => each.stepId === step.id);
      if (row === undefined) continue;
      const at = { phaseId: phase.id, startedAt: row.startedAt, pagedAt };
      await keep(step.deadlines, step.id, "runbook step", !isSettled(row), at);
    }
  }

  async function keep(
    deadlines: readonly RunbookDeadline[],
    of: string,
    kind: DeadlineKind,
    open: boolean,
    at: Parameters<typeof anchorOf>[2],
  ): Promise<void> {
    const subject = clockSubject(run.number, of);
    const clock = known.get(subject);
    const deadline = deadlineFor(deadlines, severity);
    if (!open) {
      if (clock !== undefined) await settle(command, carried, subject, kind, of);
      return;
    }
    if (deadline === null) return;
    const spec = specOf(command, carried, kind, deadline);
    if (clock !== undefined && !isClockSettled(clock)) {
      if (clock.length.iso !== spec.length.iso) await recomputeClock(command, subject, spec);
      return;
    }
    const anchor = anchorOf(carried, deadline, at);
    if (anchor !== null) await startClock(command, subject, run.teamId, spec, anchor);
  }
}

/** Kept where it was done; taken back where it was left out. */
async function settle(
  command: Command,
  carried: Carried,
  subject: string,
  kind: DeadlineKind,
  of: string,
): Promise<void> {
  const row = carried.steps.find((each) => each.stepId === of);
  if (row === undefined || row.state === "done") await meetClock(command, subject, kind);
  else await withdrawClock(command, subject, kind, row.because ?? row.state);
}

export function specOf(
  { config }: Pick<Command, "config">,
  { run, version, incident }: Carried,
  kind: DeadlineKind,
  deadline: RunbookDeadline,
): DeadlineSpec {
  const named = version.settings.calendar;
  const ofTeam =
    incident === null ? { teamIds: run.teamId === null ? [] : [run.teamId] } : incident;
  return {
    kind,
    length: { iso: deadline.iso, unit: deadline.calendar === "business" ? "business" : "running" },
    calendarId:
      named !== undefined && config.get("calendars", named) !== null
        ? named
        : calendarOf(config, ofTeam),
    source: `${version.path}:${deadline.line}`,
  };
}

/** The deadline of a step or phase in the words of the document, for its clock. */
export function deadlineOfClock(carried: Carried, of: string): RunbookDeadline | null {
  const severity = carried.incident?.severity ?? null;
  if (of === carried.plan.id) return deadlineFor(carried.plan.deadlines, severity);
  for (const phase of carried.plan.phases) {
    if (phasePath(carried.plan, phase) === of) return deadlineFor(phase.deadlines, severity);
    const step = phase.steps.find((each: RunbookStep) => each.id === of);
    if (step !== undefined) return deadlineFor(step.deadlines, severity);
  }
  return null;
}
