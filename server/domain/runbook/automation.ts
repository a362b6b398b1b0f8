/**
 * Actions of a run. What only reads may run by itself; what writes needs a click; what may destroy needs
 * a second person. Asking writes a row, and the engine does the rest. After three failures a step stops,
 * says what was learned, and asks a person.
 */
import { incidentId, runId } from "../../../contract/ids.ts";
import { durationMs } from "../../base/duration.ts";
import { Refusal } from "../../base/errors.ts";
import { sha256 } from "../../base/crypto.ts";
import { addMs, SECOND } from "../../base/instant.ts";
import { allow, markOf, may } from "../account/account.ts";
import { type Command, mustBePerson } from "../incident/commands.ts";
import {
  type ActionRegistry,
  type ActionRequest,
  type AnyAction,
  type Effect,
  higherRisk,
  type Risk,
  type UsableConnection,
} from "./action.ts";
import {
  type AttemptRow,
  findActiveAttempt,
  insertAttempt,
  listAttempts,
  saveAttempt,
} from "./attemptStore.ts";
import { type Bound, parametersOf } from "./binding.ts";
import { begin, incidentOf, mustHaveStep, recount, withStep } from "./carry.ts";
import { connectionFault } from "./check.ts";
import { progress } from "./progress.ts";
import { resolve, type Values } from "./references.ts";
import {
  type Carried,
  isSettled,
  missingInputs,
  mustAllowStep,
  mustPassGates,
  phaseOf,
} from "./run.ts";
import { tellSecondPerson } from "./telling.ts";
import { boundTo } from "./version.ts";
import type { RunbookStep } from "../../../contract/runbook.ts";

/** After so many failures a person is asked. */
export const MOST_ATTEMPTS = 3;
/** Before a look is tried again by itself. */
const BACKOFF_MS = [10 * SECOND, 60 * SECOND] as const;

/** A binding that may be used now, with its input put together. */
type Ready = {
  readonly bound: Bound;
  readonly action: AnyAction;
  readonly input: Readonly<Record<string, unknown>>;
  readonly risk: Risk;
  readonly step: RunbookStep;
};

/** Why a step's action cannot run, as the refusal that a person sees; or all that it needs. */
function ready(
  command: Pick<Command, "config">,
  registry: ActionRegistry,
  carried: Carried,
  facts: { readonly attempts: readonly AttemptRow[]; readonly stepId: string },
): Ready | Refusal {
  const { step } = mustHaveStep(carried, facts.stepId);
  const bound = boundTo(carried.version, facts.stepId);
  if (bound === null) return new Refusal("run.not_bound");
  if (bound.state !== "live") return new Refusal("run.suspended", { why: bound.because });
  const action = registry.find(bound.binding.action);
  if (action === null)
    return new Refusal("run.suspended", { why: `this Tocsin has no ${bound.binding.action}` });
  const owner = ownerOf(carried);
  const fault = connectionFault(command.config, action.connection, bound.connection, owner);
  if (fault !== null) return new Refusal("run.action_fault", { problem: fault });
  const values = valuesOf(carried, facts.attempts);
  const resolved = resolve(parametersOf(bound.binding), action, values);
  const [wrong] = resolved.faults;
  if (wrong !== undefined) return new Refusal("run.action_fault", { problem: wrong });
  const missing = [
    ...missingInputs(step, carried.run.inputs).map((name) => `input.${name}`),
    ...resolved.missing,
  ];
  if (missing.length > 0)
    return new Refusal("run.inputs_missing", { missing: [...new Set(missing)] });
  const read = action.input.safeParse(resolved.value);
  if (!read.success) {
    const issue = read.error.issues[0];
    const problem = `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "not valid"}`;
    return new Refusal("run.action_fault", { problem });
  }
  const connection =
    bound.connection === null ? null : command.config.get("connections", bound.connection);
  const risk = higherRisk(higherRisk(action.risk(read.data), bound.risk), connection?.body.risk);
  return { bound, action, input: resolved.value, risk, step };
}

/** The values that references of a sidecar can name. */
function valuesOf({ run, incident, version }: Carried, attempts: readonly AttemptRow[]): Values {
  const output: Record<string, Readonly<Record<string, unknown>>> = {};
  for (const { binding, stepId } of version.bindings) {
    if (binding.as === undefined) continue;
    const done = attempts.findLast(
      (each) => each.stepId === stepId && each.purpose === "run" && each.state === "done",
    );
    if (done?.output !== null && done !== undefined) output[binding.as] = done.output;
  }
  return {
    input: run.inputs,
    run: { id: runId(run.number), runbook: run.runbookId },
    incident:
      incident === null
        ? {}
        : {
            id: incidentId(incident.number),
            title: incident.title,
            severity: incident.severity,
            service: incident.serviceId ?? "",
            summary: incident.summary ?? incident.title,
            commander: incident.commanderId ?? "nobody",
          },
    output,
  };
}

/** A click. What may destroy waits for a second person; everything else is due at once. */
export async function askAction(
  command: Command,
  registry: ActionRegistry,
  number: number,
  asked: { readonly step: string; readonly dryRun: boolean },
): Promise<Carried> {
  const carried = await begin(command, number);
  const { row, step } = mustHaveStep(carried, asked.step);
  mustAllowStep(row, "run-action");
  if (step.guard !== null && row.guardAnswer !== "yes")
    throw new Refusal("run.guard", { question: step.guard });
  mustPassGates(carried, row.stepId);
  const attempts = await listAttempts(command.tx, number);
  const owner = ownerOf(carried);
  const is = ready(command, registry, carried, { attempts, stepId: asked.step });
  if (is instanceof Refusal) throw is;
  allowAction(command, is.action, owner);
  await mustBeFree(command, carried, asked.step);
  if (row.stopped && !asked.dryRun) throw stopped(attempts, asked.step);
  if (asked.dryRun && is.action.dryRun === null)
    throw new Refusal("run.no_dry_run", { action: is.bound.binding.action });
  const needsSecond = is.risk === "destructive" && !asked.dryRun;
  // Whoever asks for something that may destroy is a person, so that the other can be another one.
  if (needsSecond) mustBePerson(command.actor);
  await addAttempt(command, carried, attempts, is, {
    purpose: asked.dryRun ? "dry run" : "run",
    state: needsSecond ? "asked" : "due",
    dueAt: needsSecond ? null : command.now,
  });
  if (needsSecond) {
    const said = { action: is.bound.binding.action, step: step.text, risk: is.risk };
    await recount(command, carried.run, "action asked", said);
    await tellSecondPerson(command, carried, step, is.bound.binding.action);
  }
  const begun =
    row.state === "pending" && !asked.dryRun
      ? { ...row, state: "in progress" as const, startedAt: command.now }
      : row;
  return progress(command, await withStep(command, carried, begun));
}

/** The right to use what the owner of the runbook was given, in the owner's team. */
function allowAction(command: Command, action: AnyAction, owner: string | null): void {
  if (owner === null && may(command.actor, action.permission, "any")) return;
  allow(command.actor, action.permission, owner);
}

const ownerOf = ({ version }: Carried): string | null => version.settings.owner ?? null;

async function mustBeFree(command: Command, carried: Carried, stepId: string): Promise<void> {
  const active = await findActiveAttempt(command.tx, carried.run.number, stepId);
  if (active !== null) throw new Refusal("run.action_busy", { state: active.state });
}

const stopped = (attempts: readonly AttemptRow[], stepId: string): Refusal =>
  new Refusal("run.action_stopped", {
    learned: attempts.findLast((each) => each.stepId === stepId)?.learned ?? "nothing",
  });

async function addAttempt(
  command: Command,
  carried: Carried,
  attempts: readonly AttemptRow[],
  { bound, input, risk, step }: Ready,
  how: Pick<AttemptRow, "purpose" | "state" | "dueAt">,
): Promise<void> {
  const ofStep = attempts.filter((each) => each.stepId === step.id);
  await insertAttempt(command.tx, {
    ...how,
    id: command.world.chance.id(command.now),
    runNumber: carried.run.number,
    stepId: step.id,
    attempt: (ofStep.at(-1)?.attempt ?? 0) + 1,
    action: bound.binding.action,
    risk,
    askedBy: markOf(command.actor),
    approvedBy: null,
    askedAt: command.now,
    leaseUntil: null,
    endedAt: null,
    idempotencyKey: keyOf(carried, step.id, how.purpose, input, ofStep),
    input,
    output: null,
    learned: null,
  });
}

/** The same for every try of one intent; another once it was done, so that doing it again is possible. */
function keyOf(
  { run }: Carried,
  stepId: string,
  purpose: AttemptRow["purpose"],
  input: unknown,
  ofStep: readonly AttemptRow[],
): string {
  const done = ofStep.filter((each) => each.purpose === purpose && each.state === "done").length;
  const intent = JSON.stringify([run.number, run.startedAt, stepId, purpose, done, input]);
  return sha256(Buffer.from(intent)).toString("hex").slice(0, 32);
}

/** The second person. It is never the first, and both have the right. */
export async function approveAction(
  command: Command,
  registry: ActionRegistry,
  number: number,
  stepId: string,
): Promise<Carried> {
  const { carried, step, attempt } = await mustBeAsked(command, number, stepId);
  const second = mustBePerson(command.actor);
  const { askedBy } = attempt;
  if (askedBy.kind !== "person" || askedBy.personId === second)
    throw new Refusal("run.second_person");
  const action = registry.find(attempt.action);
  if (action === null) throw new Refusal("run.suspended", { why: `there is no ${attempt.action}` });
  allowAction(command, action, ownerOf(carried));
  const agreed = {
    ...attempt,
    state: "due",
    dueAt: command.now,
    approvedBy: markOf(command.actor),
  };
  await saveAttempt(command.tx, agreed as AttemptRow);
  const said = { action: attempt.action, step: step.text };
  await recount(command, carried.run, "action approved", said);
  return progress(command, carried);
}

export async function refuseAction(
  command: Command,
  number: number,
  asked: { readonly step: string; readonly because: string },
): Promise<Carried> {
  const { carried, step, attempt } = await mustBeAsked(command, number, asked.step);
  await saveAttempt(command.tx, {
    ...attempt,
    state: "refused",
    endedAt: command.now,
    learned: asked.because,
  });
  const said = { action: attempt.action, step: step.text };
  await recount(command, carried.run, "action refused", said, asked.because);
  return progress(command, carried);
}

async function mustBeAsked(command: Command, number: number, stepId: string) {
  const carried = await begin(command, number);
  const { step } = mustHaveStep(carried, stepId);
  const attempt = await findActiveAttempt(command.tx, number, stepId);
  if (attempt?.state !== "asked") throw new Refusal("run.not_asked");
  return { carried, step, attempt };
}

/** Takes back what the last attempt did; as risky as doing it, and so asked for in the same way. */
export async function undoAction(
  command: Command,
  registry: ActionRegistry,
  number: number,
  stepId: string,
): Promise<Carried> {
  const carried = await begin(command, number, false);
  const { step } = mustHaveStep(carried, stepId);
  const attempts = await listAttempts(command.tx, number);
  const last = attempts.findLast(
    (each) => each.stepId === stepId && each.state === "done" && each.purpose !== "dry run",
  );
  const owner = ownerOf(carried);
  const bound = boundTo(carried.version, stepId);
  const action = last === undefined ? null : registry.find(last.action);
  if (
    last?.purpose !== "run" ||
    bound === null ||
    action === null ||
    !canUndo(command, action, bound)
  )
    throw new Refusal("run.no_undo", { action: bound?.binding.action ?? "this step" });
  allowAction(command, action, owner);
  await mustBeFree(command, carried, stepId);
  const needsSecond = last.risk === "destructive";
  if (needsSecond) mustBePerson(command.actor);
  const undone: Ready = { bound, action, input: last.input, risk: last.risk, step };
  await addAttempt(command, carried, attempts, undone, {
    purpose: "undo",
    state: needsSecond ? "asked" : "due",
    dueAt: needsSecond ? null : command.now,
  });
  if (needsSecond) await tellSecondPerson(command, carried, step, `${last.action}, taken back`);
  return carried.run.state === "running" ? progress(command, carried) : carried;
}

function canUndo({ config }: Pick<Command, "config">, action: AnyAction, bound: Bound): boolean {
  if (action.undo !== null) return true;
  const connection = bound.connection === null ? null : config.get("connections", bound.connection);
  return connection?.body.type === "command" && connection.body.undo !== undefined;
}

/**
 * The engine's part: what runs by itself. Only what reads does, in a phase that has been entered, behind
 * no gate, with its question answered by yes and its values there.
 */
export async function startAutomatic(
  command: Command,
  registry: ActionRegistry,
  carried: Carried,
): Promise<Carried> {
  const attempts = await listAttempts(command.tx, carried.run.number);
  let now = carried;
  for (const row of carried.steps) {
    if (row.stopped || isSettled(row) || row.state === "failed") continue;
    const bound = boundTo(carried.version, row.stepId);
    if (bound?.mode !== "auto" || bound.state !== "live") continue;
    if (!mayRunByItself(carried, row.stepId)) continue;
    const ofStep = attempts.filter((each) => each.stepId === row.stepId);
    if (ofStep.some((each) => ["asked", "due", "under way"].includes(each.state))) continue;
    const is = ready(command, registry, carried, { attempts, stepId: row.stepId });
    if (is instanceof Refusal || is.risk !== "read") continue;
    const failures = failuresSince(ofStep);
    const dueAt = addMs(command.now, failures === 0 ? 0 : (BACKOFF_MS[failures - 1] ?? 0));
    await addAttempt(command, now, attempts, is, { purpose: "run", state: "due", dueAt });
    if (row.state === "pending")
      now = await withStep(command, now, {
        ...row,
        state: "in progress",
        startedAt: command.now,
      });
  }
  return now;
}

function mayRunByItself(carried: Carried, stepId: string): boolean {
  const phase = phaseOf(carried.plan, stepId);
  if (phase === null || !carried.phases.has(phase.id)) return false;
  const { row, step } = mustHaveStep(carried, stepId);
  if (step.guard !== null && row.guardAnswer !== "yes") return false;
  try {
    mustPassGates(carried, stepId);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

/** Failures in a row, since it was last done or asked for anew by a person who reopened the step. */
export function failuresSince(ofStep: readonly AttemptRow[]): number {
  let count = 0;
  for (const attempt of ofStep.toReversed()) {
    if (attempt.purpose === "dry run" || attempt.state === "refused") continue;
    if (attempt.state !== "failed" && attempt.state !== "unknown") break;
    count += 1;
  }
  return count % MOST_ATTEMPTS;
}

/** What is to happen for an attempt that is due, with the secrets that it used. */
export type Prepared =
  | {
      readonly effect: Effect;
      readonly action: AnyAction;
      readonly request: ActionRequest<never>;
      readonly secrets: readonly string[];
    }
  | { readonly words: string }
  | { readonly fault: string };

/** Puts an attempt together as an effect. Pure but for configuration and secrets. */
export function prepare(
  command: Pick<Command, "config" | "world" | "now">,
  registry: ActionRegistry,
  carried: Carried,
  attempt: AttemptRow,
): Prepared {
  const action = registry.find(attempt.action);
  const bound = boundTo(carried.version, attempt.stepId);
  if (action === null || bound === null || bound.state !== "live")
    return { fault: "its binding is not there any more" };
  const owner = ownerOf(carried);
  const fault = connectionFault(command.config, action.connection, bound.connection, owner);
  if (fault !== null) return { fault };
  const secrets: string[] = [];
  try {
    const read = action.input.safeParse(attempt.input);
    if (!read.success) return { fault: "its input is not valid any more" };
    const request: ActionRequest<never> = {
      input: read.data,
      connection: usable(command, undoOf(command, attempt, bound.connection), secrets),
      idempotencyKey: attempt.idempotencyKey,
      correlation: {
        run: runId(attempt.runNumber),
        step: attempt.stepId,
        incident: incidentOf(carried.run),
      },
      timeoutMs: timeoutOf(action, bound),
      now: command.now,
    };
    const planned = plannedFor(action, request, attempt.purpose);
    if (planned === null) return { fault: "there is nothing to take back" };
    return "words" in planned ? planned : { effect: planned, action, request, secrets };
  } catch (error) {
    if (error instanceof RangeError || error instanceof MissingSecret)
      return { fault: error.message };
    throw error;
  }
}

function plannedFor(
  action: AnyAction,
  request: ActionRequest<never>,
  purpose: AttemptRow["purpose"],
): Effect | { readonly words: string } | null {
  if (purpose === "dry run") return action.dryRun?.(request) ?? null;
  if (purpose === "undo" && action.undo !== null) return action.undo(request);
  return action.plan(request);
}

/** A command is taken back by another one, which its connection names. */
function undoOf(
  { config }: Pick<Command, "config">,
  attempt: AttemptRow,
  connection: string | null,
): string | null {
  if (attempt.purpose !== "undo" || connection === null) return connection;
  const body = config.get("connections", connection)?.body;
  return body?.type === "command" ? (body.undo ?? connection) : connection;
}

class MissingSecret extends Error {}

function usable(
  { config, world }: Pick<Command, "config" | "world">,
  id: string | null,
  secrets: string[],
): UsableConnection | null {
  const connection = id === null ? null : config.get("connections", id);
  if (connection === null || id === null) return null;
  return {
    id,
    connection: connection.body,
    secret(reference) {
      const value = world.secret(reference);
      if (value === null)
        throw new MissingSecret(`${reference.slice("env:".length)} is not set, which ${id} needs`);
      secrets.push(value);
      return value;
    },
  };
}

/** A sidecar can only shorten it. */
const timeoutOf = (action: AnyAction, { binding }: Bound): number =>
  binding.timeout === undefined
    ? action.timeoutMs
    : Math.min(action.timeoutMs, Math.max(SECOND, durationMs(binding.timeout)));
