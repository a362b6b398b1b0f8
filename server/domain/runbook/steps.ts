/** The verbs of a step and of a run: one fact each, written down; the engine draws the consequences. */
import { runId } from "../../../contract/ids.ts";
import type { StepState } from "../../../contract/run.ts";
import type { TimelineKind } from "../../../contract/texts.ts";
import { Refusal } from "../../base/errors.ts";
import { markOf, personOf } from "../account/account.ts";
import { withdrawClock } from "../deadline/commands.ts";
import { lockDeadlinesBelow } from "../deadline/store.ts";
import { type Command, mustKnowPerson } from "../incident/commands.ts";
import { begin, mustHaveStep, recount, withStep } from "./carry.ts";
import { markExercised } from "./freshnessStore.ts";
import { keepClocks, progress } from "./progress.ts";
import {
  type Carried,
  isSettled,
  mustAllowStep,
  mustPassGates,
  type StepRow,
  type StepVerb,
} from "./run.ts";
import { insertFix, saveRun } from "./runStore.ts";
import type { RunbookStep } from "../../../contract/runbook.ts";

type OfStep = { readonly step: string };

/** What every verb of a step begins with. */
async function beginStep(command: Command, number: number, stepId: string, verb: StepVerb) {
  const carried = await begin(command, number);
  const found = mustHaveStep(carried, stepId);
  mustAllowStep(found.row, verb);
  return { carried, ...found };
}

async function settle(
  command: Command,
  number: number,
  asked: OfStep & { readonly because?: string | undefined },
  to: { readonly verb: StepVerb; readonly state: StepState; readonly kind: TimelineKind },
): Promise<Carried> {
  const { carried, row, step } = await beginStep(command, number, asked.step, to.verb);
  const because = asked.because ?? null;
  await recount(command, carried.run, to.kind, { step: step.text }, because);
  return progress(command, await settled(command, carried, { row, step }, to.state, because));
}

/** A step as it is once it has ended. What only somebody decided against was not exercised. */
export async function settled(
  command: Command,
  carried: Carried,
  { row, step }: { readonly row: StepRow; readonly step: RunbookStep },
  state: StepState,
  because: string | null,
): Promise<Carried> {
  const { now, actor } = command;
  if (state === "done" || state === "failed")
    await markExercised(command.tx, carried.run, step.hash, now);
  return withStep(command, carried, {
    ...row,
    state,
    because,
    startedAt: row.startedAt ?? now,
    endedAt: now,
    endedBy: markOf(actor),
    assignee: row.assignee ?? personOf(actor),
  });
}

export async function beginOne(command: Command, number: number, asked: OfStep): Promise<Carried> {
  const { carried, row, step } = await beginStep(command, number, asked.step, "begin");
  mustPassGates(carried, row.stepId);
  await recount(command, carried.run, "step begun", { step: step.text });
  const assignee = row.assignee ?? personOf(command.actor);
  const begun = { ...row, state: "in progress", startedAt: command.now, assignee } as const;
  return progress(command, await withStep(command, carried, begun));
}

export async function finishOne(
  command: Command,
  number: number,
  asked: OfStep & { readonly note?: string | undefined },
): Promise<Carried> {
  const { carried, row } = await beginStep(command, number, asked.step, "done");
  mustPassGates(carried, row.stepId);
  return settle(
    command,
    number,
    { step: asked.step, because: asked.note },
    { verb: "done", state: "done", kind: "step done" },
  );
}

export const skipOne = (
  command: Command,
  number: number,
  asked: OfStep & { readonly because: string },
): Promise<Carried> =>
  settle(command, number, asked, { verb: "skip", state: "skipped", kind: "step skipped" });

export const dismissOne = (
  command: Command,
  number: number,
  asked: OfStep & { readonly because?: string | undefined },
): Promise<Carried> =>
  settle(command, number, asked, {
    verb: "dismiss",
    state: "not applicable",
    kind: "step dismissed",
  });

export const failOne = (
  command: Command,
  number: number,
  asked: OfStep & { readonly because: string },
): Promise<Carried> =>
  settle(command, number, asked, { verb: "fail", state: "failed", kind: "step failed" });

/** Pending again, with its automation allowed to try anew. */
export async function reopenOne(
  command: Command,
  number: number,
  asked: OfStep & { readonly because: string },
): Promise<Carried> {
  const { carried, row, step } = await beginStep(command, number, asked.step, "reopen");
  await recount(command, carried.run, "step reopened", { step: step.text }, asked.because);
  return progress(command, await withStep(command, carried, reopened(row)));
}

export const reopened = (row: StepRow): StepRow => ({
  ...row,
  state: "pending",
  because: null,
  startedAt: null,
  endedAt: null,
  endedBy: null,
  assertion: null,
  stopped: false,
});

export async function assignOne(
  command: Command,
  number: number,
  asked: OfStep & { readonly person: string },
): Promise<Carried> {
  const { carried, row, step } = await beginStep(command, number, asked.step, "assign");
  mustKnowPerson(command.config, asked.person);
  const said = { step: step.text, person: asked.person };
  await recount(command, carried.run, "step assigned", said);
  return progress(
    command,
    await withStep(command, carried, { ...row, assignee: asked.person, byRole: false }),
  );
}

/** "No" settles the step: it does not apply. */
export async function answerOne(
  command: Command,
  number: number,
  asked: OfStep & { readonly answer: "yes" | "no" },
): Promise<Carried> {
  const { carried, row, step } = await beginStep(command, number, asked.step, "answer");
  if (step.guard === null) throw new Refusal("run.no_guard", { step: asked.step });
  const { answer } = asked;
  await recount(command, carried.run, "guard answered", { question: step.guard, answer });
  const answered = { ...row, guardAnswer: answer, guardBy: markOf(command.actor) };
  const now = await withStep(command, carried, answered);
  if (answer === "yes") return progress(command, now);
  const because = `${step.guard}: no`;
  return progress(
    command,
    await settled(command, now, { row: answered, step }, "not applicable", because),
  );
}

export async function giveInputs(
  command: Command,
  number: number,
  inputs: Readonly<Record<string, string>>,
): Promise<Carried> {
  const carried = await begin(command, number);
  await recount(command, carried.run, "inputs given", { names: Object.keys(inputs) });
  const run = { ...carried.run, inputs: { ...carried.run.inputs, ...inputs } };
  return progress(command, { ...carried, run });
}

/** Better words for a step: a patch to the document by byte offset. Neither it nor the run changes. */
export async function proposeFix(
  command: Command,
  number: number,
  asked: OfStep & { readonly text: string },
): Promise<Carried> {
  const carried = await begin(command, number, false);
  const { step } = mustHaveStep(carried, asked.step);
  const { run, version } = carried;
  await insertFix(command.tx, run.number, {
    id: command.world.chance.id(command.now),
    stepId: step.id,
    digest: version.digest,
    line: step.line,
    startOffset: step.range.startOffset,
    endOffset: step.range.endOffset,
    before: step.quote,
    after: asked.text,
    byActor: markOf(command.actor),
    at: command.now,
  });
  const said = { line: step.line, path: version.path };
  await recount(command, run, "fix proposed", said, asked.text);
  return carried;
}

/** Ends it. What is still open is named, unless a reason is given: then it is left out for that. */
export async function finish(
  command: Command,
  number: number,
  because: string | null,
): Promise<Carried> {
  const carried = await begin(command, number);
  const open = carried.steps.filter((row) => !isSettled(row));
  if (open.length > 0 && because === null) {
    throw new Refusal("run.steps_open", {
      id: runId(number),
      count: open.length,
      steps: open.slice(0, 10).map((row) => row.stepId),
    });
  }
  let now = carried;
  for (const row of open) {
    const { step } = mustHaveStep(now, row.stepId);
    await recount(command, now.run, "step skipped", { step: step.text }, because);
    now = await settled(command, now, { row, step }, "skipped", because);
  }
  return end(command, now, "finished", because);
}

export const abandon = async (
  command: Command,
  number: number,
  because: string,
): Promise<Carried> => abandonWith(command, await begin(command, number), because);

export const abandonWith = (
  command: Command,
  carried: Carried,
  because: string,
): Promise<Carried> => end(command, carried, "abandoned", because);

async function end(
  command: Command,
  carried: Carried,
  state: "finished" | "abandoned",
  because: string | null,
): Promise<Carried> {
  const { tx, now } = command;
  const settledCount = carried.steps.filter(isSettled).length;
  const counts = { settled: settledCount, all: carried.steps.length };
  await recount(
    command,
    carried.run,
    state === "finished" ? "run finished" : "run abandoned",
    counts,
    because,
  );
  // No phase begins any more; the clocks of what was done are kept, those of the rest taken back.
  await keepClocks(command, carried);
  for (const { subject, deadline } of await lockDeadlinesBelow(tx, `${runId(carried.run.number)}/`))
    await withdrawClock(command, subject, deadline.kind, `the run is ${state}`);
  const run = { ...carried.run, state, endedAt: now, attendAt: null };
  await saveRun(tx, run);
  return { ...carried, run };
}
