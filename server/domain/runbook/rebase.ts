/** A run goes on with a newer version: what is done stays done, by whoever did it. */
import type { z } from "zod";
import type { getRunChanges } from "../../../contract/run.ts";
import type { Queryable } from "../../base/db.ts";
import { Refusal } from "../../base/errors.ts";
import { withdrawClock } from "../deadline/commands.ts";
import type { Command } from "../incident/commands.ts";
import { findActiveAttempt } from "./attemptStore.ts";
import { begin, recount } from "./carry.ts";
import { clockSubject, progress } from "./progress.ts";
import { type Carried, isSettled, type StepRow } from "./run.ts";
import { insertSteps, listSteps, renameStep, saveRun, saveStep } from "./runStore.ts";
import { changesBetween, planOf, stepsOfPlan } from "./version.ts";
import { findCurrent } from "./versionStore.ts";

type Changes = z.input<(typeof getRunChanges)["reply"]>;

export async function changesView(tx: Queryable, carried: Carried): Promise<Changes> {
  const { run, plan, steps } = carried;
  const current = await findCurrent(tx, run.runbookId);
  const newest = current ?? carried.version;
  const changes = changesBetween(plan, planOf(newest.plan, run.planId));
  return {
    pinned: run.digest,
    newest: newest.digest,
    steps: changes.map(({ change, before, after }) => ({
      change,
      before:
        before === null
          ? null
          : {
              id: before.id,
              text: before.text,
              state: steps.find((row) => row.stepId === before.id)?.state ?? "pending",
            },
      after: after === null ? null : { id: after.id, text: after.text },
    })),
  };
}

/**
 * Maps what is done by the anchors of the steps, adds the new ones as pending and marks those that are
 * gone as withdrawn. Bindings that drift has suspended are suspended in the newer version as well.
 */
export async function rebase(command: Command, number: number, digest: string): Promise<Carried> {
  const { tx } = command;
  const carried = await begin(command, number);
  const { run, plan } = carried;
  const current = await findCurrent(tx, run.runbookId);
  if (current === null) throw new Refusal("runbook.not_found", { id: run.runbookId });
  if (current.digest !== digest)
    throw new Refusal("runbook.digest_old", { id: run.runbookId, digest: current.digest });
  if (current.digest === run.digest)
    throw new Refusal("run.newest_already", { id: `RUN-${number}` });
  const newPlan = planOf(current.plan, run.planId);
  if (newPlan === null) {
    const plans = current.plan.plans.map(({ id }) => id);
    throw new Refusal("runbook.plan", { id: run.runbookId, plan: run.planId, plans });
  }
  for (const row of carried.steps) {
    const active = await findActiveAttempt(tx, number, row.stepId);
    if (active !== null) throw new Refusal("run.action_busy", { state: active.state });
  }
  const changes = changesBetween(plan, newPlan);
  const places = new Map(stepsOfPlan(newPlan).map((step, index) => [step.id, index]));
  // Two steps that swap their names would meet on the way: first all get names that nobody has.
  for (const { before, after } of changes)
    if (before !== null && after !== null)
      await renameStep(tx, number, before.id, `moving ${before.id}`);
  for (const { change, before, after } of changes) {
    if (change === "removed") await withdrawStep(command, carried, before.id, before.text);
    if (change === "same" || change === "changed") {
      await renameStep(tx, number, `moving ${before.id}`, after.id);
      const row = rowOf(carried, before.id);
      const position = places.get(after.id) ?? row.position;
      // Other words: whoever had not done it yet sees it anew; what was done was done as it said then.
      const stopped = change === "same" ? row.stopped : false;
      await saveStep(tx, number, { ...row, stepId: after.id, position, stopped });
      if (before.id !== after.id)
        await withdrawClock(command, clockSubject(number, before.id), "runbook step", "renamed");
    }
    if (change === "added") await insertSteps(tx, number, [after.id], places.get(after.id) ?? 0);
  }
  const rebased = { ...run, digest: current.digest };
  await saveRun(tx, rebased);
  const count = (change: string): number => changes.filter((each) => each.change === change).length;
  await recount(command, run, "run rebased", {
    version: current.number,
    digest: current.digest.slice(0, 12),
    changed: count("changed"),
    added: count("added"),
    removed: count("removed"),
  });
  return progress(command, {
    ...carried,
    run: rebased,
    version: current,
    plan: newPlan,
    steps: await listSteps(tx, number),
  });
}

const rowOf = ({ steps }: Carried, id: string): StepRow => {
  const row = steps.find((each) => each.stepId === id);
  if (row === undefined) throw new Error(`broken promise: a run has a row for its step ${id}`);
  return row;
};

async function withdrawStep(
  command: Command,
  carried: Carried,
  id: string,
  text: string,
): Promise<void> {
  const row = rowOf(carried, id);
  await withdrawClock(command, clockSubject(carried.run.number, id), "runbook step", "withdrawn");
  if (isSettled(row) && row.state !== "withdrawn") {
    // What was done stays on the record, under the words that it had.
    await saveStep(command.tx, carried.run.number, { ...row, text });
    return;
  }
  await saveStep(command.tx, carried.run.number, { ...row, state: "withdrawn", text });
}
