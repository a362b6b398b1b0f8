/** Starts, hurries and stops escalation runs. The caller has locked the incident. */
import type { EscalationPolicy } from "../../../contract/escalation.ts";
import { pipelined, type Tx } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";
import type { World } from "../../base/world.ts";
import { dropUnstarted, findLastHandOver } from "../notification/store.ts";
import { answerDueAt, type Run } from "./escalation.ts";
import { insertRun, lockActiveRun, lockLastRun, saveRun } from "./store.ts";

type NamedPolicy = { readonly id: string; readonly body: EscalationPolicy };
/** Who asked for it, when a person did. */
type Asked = Partial<Pick<Run, "askedBy" | "isReassigned">>;

/** Puts a policy to work on an incident, its first step due at once. One that is at work is stopped. */
export async function startEscalation(
  tx: Tx,
  world: World,
  incidentNumber: number,
  policy: NamedPolicy,
  now: Instant,
  asked: Asked = {},
): Promise<void> {
  await stopEscalation(tx, incidentNumber, "replaced", now);
  await insertRun(tx, newRun(world, incidentNumber, policy, now, asked));
}

/** A policy that goes to work, its first step due at once. */
export const newRun = (
  world: World,
  incidentNumber: number,
  policy: NamedPolicy,
  now: Instant,
  asked: Asked = {},
): Run => ({
  id: world.chance.id(now),
  incidentNumber,
  policyId: policy.id,
  policy: policy.body,
  stepIndex: 0,
  round: 0,
  dueAt: now,
  heldUntil: null,
  askedBy: asked.askedBy ?? null,
  isReassigned: asked.isReassigned ?? false,
  startedAt: now,
  stoppedAt: null,
  stoppedBecause: null,
});

/** Another policy takes over from a run that nobody answered; what is still on its way goes on. */
export async function succeedEscalation(
  tx: Tx,
  world: World,
  run: Run,
  policy: NamedPolicy,
  now: Instant,
): Promise<void> {
  await saveRun(tx, { ...run, dueAt: null, stoppedAt: now, stoppedBecause: "handed over" });
  await insertRun(tx, newRun(world, run.incidentNumber, policy, now));
}

/**
 * Somebody asks for the next step now: of the run at work, or of the last one where somebody had it. A
 * policy that is exhausted, or never began, begins anew.
 */
export async function escalateNow(
  tx: Tx,
  world: World,
  incidentNumber: number,
  policy: NamedPolicy | null,
  askedBy: string,
  now: Instant,
): Promise<void> {
  const active = await lockActiveRun(tx, incidentNumber);
  const run = active ?? (await lockLastRun(tx, incidentNumber));
  const isOver = active === null && run?.stoppedBecause === "policy exhausted";
  if (run !== null && !isOver) {
    const again = { heldUntil: null, askedBy, stoppedAt: null, stoppedBecause: null };
    await saveRun(tx, { ...run, ...again, dueAt: now });
  } else if (policy !== null) {
    await startEscalation(tx, world, incidentNumber, policy, now, { askedBy });
  }
}

/**
 * Goes on where the last run was stopped, with the time that its last step still has: an incident that
 * flaps wakes nobody again and does not start its patience anew. Where nobody was reached yet, or the
 * policy was exhausted, it starts from the beginning.
 */
export async function continueEscalation(
  tx: Tx,
  world: World,
  incidentNumber: number,
  policy: NamedPolicy,
  now: Instant,
): Promise<void> {
  const last = await lockLastRun(tx, incidentNumber);
  const pagedAt = last === null ? null : await findLastHandOver(tx, incidentNumber, last.id);
  if (last === null || pagedAt === null || last.round > last.policy.repeat) {
    return startEscalation(tx, world, incidentNumber, policy, now);
  }
  const dueAt = answerDueAt(last, pagedAt);
  await saveRun(tx, {
    ...last,
    dueAt: dueAt > now ? dueAt : now,
    stoppedAt: null,
    stoppedBecause: null,
  });
}

/**
 * Stops the run and drops every page of it that has not been started, in the caller's transaction:
 * later, one of them would still wake someone.
 */
export async function stopEscalation(
  tx: Tx,
  incidentNumber: number,
  because: string,
  now: Instant,
): Promise<Run | null> {
  const [run] = await pipelined([
    lockActiveRun(tx, incidentNumber),
    dropUnstarted(tx, incidentNumber, because),
  ]);
  if (run !== null)
    await saveRun(tx, {
      ...run,
      dueAt: null,
      heldUntil: null,
      stoppedAt: now,
      stoppedBecause: because,
    });
  return run;
}

/** Makes the next step due now, because a page of the current one could not be delivered. */
export async function hurryEscalation(
  tx: Tx,
  incidentNumber: number,
  now: Instant,
): Promise<boolean> {
  const run = await lockActiveRun(tx, incidentNumber);
  if (run === null || run.dueAt === null || run.dueAt <= now) return false;
  await saveRun(tx, { ...run, dueAt: now });
  return true;
}

/** Holds the run back until it is resumed: its incident was deferred. */
export async function holdEscalation(
  tx: Tx,
  incidentNumber: number,
  because: string,
): Promise<void> {
  const run = await lockActiveRun(tx, incidentNumber);
  if (run !== null) await saveRun(tx, { ...run, dueAt: null });
  await dropUnstarted(tx, incidentNumber, because);
}

/** Lets a held run go on at once. */
export async function resumeEscalation(
  tx: Tx,
  incidentNumber: number,
  now: Instant,
): Promise<void> {
  const run = await lockActiveRun(tx, incidentNumber);
  if (run !== null && run.dueAt === null) await saveRun(tx, { ...run, dueAt: now });
}
