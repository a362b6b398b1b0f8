/** What came of an attempt, and what follows: a step done, another try, or a person who is asked. */
import type { RunbookStep } from "../../../contract/runbook.ts";
import { assert } from "../../base/errors.ts";
import { addMs, SECOND } from "../../base/instant.ts";
import { ENGINE_READER } from "../account/account.ts";
import type { Command } from "../incident/commands.ts";
import type { ActionRegistry, ActionResult } from "./action.ts";
import { type AttemptRow, findAttempt, listAttempts, saveAttempt } from "./attemptStore.ts";
import { failuresSince, MOST_ATTEMPTS } from "./automation.ts";
import { lockCarried, mustHaveStep, recount, withStep } from "./carry.ts";
import { progress } from "./progress.ts";
import { redact, redactText } from "./redact.ts";
import { type Carried, type StepRow } from "./run.ts";
import { saveRun } from "./runStore.ts";
import { reopened, settled } from "./steps.ts";
import { tellStopped } from "./telling.ts";

/** How long an attempt may be under way before its node counts as gone. */
export const leaseMs = (timeoutMs: number): number => timeoutMs + 30 * SECOND;

/**
 * Records what came of an attempt. `secrets` were used for it and stand nowhere in what is kept. A result
 * that comes after its lease, when the attempt has been given up, changes nothing.
 */
export async function settleAttempt(
  command: Command,
  registry: ActionRegistry,
  id: string,
  result: ActionResult,
  secrets: readonly string[],
): Promise<void> {
  const seen = await findAttempt(command.tx, id);
  assert(seen, "an attempt is never deleted");
  const carried = await lockCarried(command, ENGINE_READER, seen.runNumber);
  const attempt = await findAttempt(command.tx, id);
  if (carried === null || attempt?.state !== "under way") return;
  const ended: AttemptRow = {
    ...attempt,
    state: result.kind,
    dueAt: null,
    leaseUntil: null,
    endedAt: command.now,
    output:
      "output" in result && result.output !== undefined ? redact(result.output, secrets) : null,
    learned: redactText(result.learned, secrets).slice(0, 1_000),
  };
  await saveAttempt(command.tx, ended);
  const { row, step } = mustHaveStep(carried, attempt.stepId);
  const after =
    result.kind === "done"
      ? await whenDone(command, carried, { row, step }, ended)
      : await whenFailed(command, carried, { row, step }, ended, registry);
  if (after.run.state === "running") await progress(command, after);
  else await saveRun(command.tx, after.run);
}

type Found = { readonly row: StepRow; readonly step: RunbookStep };

const said = (attempt: AttemptRow, step: RunbookStep) => ({
  action: attempt.action,
  step: step.text,
  learned: attempt.learned,
});

async function whenDone(
  command: Command,
  carried: Carried,
  { row, step }: Found,
  attempt: AttemptRow,
): Promise<Carried> {
  const { purpose } = attempt;
  const kind =
    purpose === "undo" ? "action undone" : purpose === "dry run" ? "action tried" : "action done";
  await recount(command, carried.run, kind, said(attempt, step));
  if (purpose === "dry run") return carried;
  if (purpose === "undo") return withStep(command, carried, reopened(row));
  const assertion = step.assertion === null ? row.assertion : "held";
  // A person may have settled the step meanwhile; what they said stands.
  if (row.state !== "pending" && row.state !== "in progress")
    return withStep(command, carried, { ...row, assertion });
  return settled(command, carried, { row: { ...row, assertion }, step }, "done", attempt.learned);
}

async function whenFailed(
  command: Command,
  carried: Carried,
  { row, step }: Found,
  attempt: AttemptRow,
  registry: ActionRegistry,
): Promise<Carried> {
  const { action, purpose } = attempt;
  await recount(command, carried.run, "action failed", said(attempt, step));
  if (purpose !== "run") return carried;
  const all = await listAttempts(command.tx, carried.run.number);
  const ofStep = all.filter((each) => each.stepId === step.id);
  const broken = step.assertion === null ? row.assertion : "broken";
  const isOpen = row.state === "pending" || row.state === "in progress";
  const unsafe = attempt.state === "unknown" && registry.find(action)?.repeatable !== true;
  if (failuresSince(ofStep) !== 0 && !unsafe)
    return withStep(command, carried, { ...row, assertion: broken });
  const attempts = Math.min(ofStep.length, MOST_ATTEMPTS);
  await recount(command, carried.run, "action stopped", { ...said(attempt, step), attempts });
  await tellStopped(command, carried, step, attempt);
  const stoppedRow: StepRow = { ...row, assertion: broken, stopped: true };
  if (!isOpen) return withStep(command, carried, stoppedRow);
  return settled(command, carried, { row: stoppedRow, step }, "failed", attempt.learned);
}

/** An attempt whose node is gone: nobody saw how it ended. */
export const lostWith = (attempt: Pick<AttemptRow, "action">): ActionResult => ({
  kind: "unknown",
  learned: `nobody saw how ${attempt.action} ended; it may have happened`,
});

/** Claims an attempt for this node. */
export const claimed = (
  attempt: AttemptRow,
  now: Command["now"],
  timeoutMs: number,
): AttemptRow => {
  const until = addMs(now, leaseMs(timeoutMs));
  return { ...attempt, state: "under way", leaseUntil: until, dueAt: until };
};
