/** What every verb of a run shares: lock the incident, then the run; load; allow; write the fact down. */
import { incidentId, runId } from "../../../contract/ids.ts";
import type { TimelineKind } from "../../../contract/texts.ts";
import { assert, Refusal } from "../../base/errors.ts";
import type { Queryable } from "../../base/db.ts";
import { record } from "../../base/ledger.ts";
import {
  actorRef,
  allow,
  ENGINE_READER,
  markOf,
  may,
  type Reader,
  readerOf,
} from "../account/account.ts";
import { allowOn, chronicle, type Command } from "../incident/commands.ts";
import type { Incident } from "../incident/incident.ts";
import { findIncident, listRoles, lockIncident } from "../incident/store.ts";
import { type Carried, mustRun, type Run, stepOf, type StepRow } from "./run.ts";
import {
  findIncidentOf,
  findRun,
  insertEvent,
  listPhases,
  listSteps,
  lockRun,
  saveStep,
} from "./runStore.ts";
import type { RunbookStep } from "../../../contract/runbook.ts";
import { planOf } from "./version.ts";
import { findVersion } from "./versionStore.ts";

export const notFound = (number: number): Refusal =>
  new Refusal("run.not_found", { id: runId(number) });

/** Locks a run that the reader may see, its incident before it; null when there is none. */
export async function lockCarried(
  command: Command,
  reader: Reader,
  number: number,
): Promise<Carried | null> {
  const { tx } = command;
  const ofIncident = await findIncidentOf(tx, number);
  if (ofIncident === undefined) return null;
  const incident = ofIncident === null ? null : await lockIncident(tx, reader, ofIncident);
  if (ofIncident !== null && incident === null) return null;
  const run = await lockRun(tx, reader, number);
  return run === null ? null : loaded(tx, run, incident);
}

/** The same to look at, without locks. */
export async function findCarried(
  tx: Queryable,
  reader: Reader,
  number: number,
): Promise<Carried | null> {
  const run = await findRun(tx, reader, number);
  if (run === null) return null;
  const incident =
    run.incidentNumber === null ? null : await findIncident(tx, ENGINE_READER, run.incidentNumber);
  return loaded(tx, run, incident);
}

async function loaded(tx: Queryable, run: Run, incident: Incident | null): Promise<Carried> {
  const version = await findVersion(tx, run.runbookId, run.digest);
  assert(version, "a run has the version that it is pinned to");
  const plan = planOf(version.plan, run.planId);
  assert(plan, "a version has the plan of its runs");
  return {
    run,
    version,
    plan,
    steps: await listSteps(tx, run.number),
    phases: await listPhases(tx, run.number),
    incident,
    roles: incident === null ? [] : await listRoles(tx, incident.number),
  };
}

/** The run that a person may act on, which must be running unless said otherwise. */
export async function begin(command: Command, number: number, running = true): Promise<Carried> {
  const carried = await lockCarried(command, readerOf(command.actor), number);
  if (carried === null) throw notFound(number);
  await allowRun(command, carried.run, carried.incident);
  if (running) mustRun(carried.run);
  return carried;
}

/** The right counts on the incident, or where there is none in the team of the run. */
export async function allowRun(
  command: Command,
  run: Pick<Run, "teamId">,
  incident: Incident | null,
): Promise<void> {
  if (incident !== null) return allowOn(command, "runbooks.run", incident);
  if (run.teamId === null && may(command.actor, "runbooks.run", "any")) return;
  allow(command.actor, "runbooks.run", run.teamId);
}

export function mustHaveStep(
  carried: Carried,
  stepId: string,
): { readonly row: StepRow; readonly step: RunbookStep } {
  const row = carried.steps.find((each) => each.stepId === stepId);
  const step = stepOf(carried.plan, stepId);
  if (row === undefined || step === null)
    throw new Refusal("run.step_unknown", { id: runId(carried.run.number), step: stepId });
  return { row, step };
}

/** Saves a step and gives back the run as it is with it. */
export async function withStep(
  command: Command,
  carried: Carried,
  changed: StepRow,
): Promise<Carried> {
  await saveStep(command.tx, carried.run.number, changed);
  const steps = carried.steps.map((row) => (row.stepId === changed.stepId ? changed : row));
  return { ...carried, steps };
}

/** Writes a fact of a run: among its own, on the timeline of its incident, and in the ledger. */
export async function recount(
  command: Command,
  run: Pick<Run, "number" | "incidentNumber">,
  kind: TimelineKind,
  params: Readonly<Record<string, unknown>> = {},
  text: string | null = null,
): Promise<void> {
  const { tx, world, actor, now } = command;
  const id = world.chance.id(now);
  const said = { run: runId(run.number), ...params };
  await insertEvent(tx, run.number, {
    id,
    at: now,
    kind,
    actor: markOf(actor),
    params: said,
    text,
  });
  if (run.incidentNumber !== null) return chronicle(command, run.incidentNumber, kind, said, text);
  await record(tx, world, {
    stream: `run:${run.number}`,
    at: now,
    actorRef: actorRef(actor),
    action: kind,
    objectRef: `run:${run.number}`,
    payload: { entry: id, params: said, text },
  });
}

export const incidentOf = (run: Pick<Run, "incidentNumber">): string | null =>
  run.incidentNumber === null ? null : incidentId(run.incidentNumber);
