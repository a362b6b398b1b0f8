/** Runs as people see them: every step with its state, its clock, its question and its automation. */
import { incidentId, runId } from "../../../contract/ids.ts";
import type {
  Attempt,
  Run as RunView,
  RunDetail,
  RunEvent,
  RunStep,
} from "../../../contract/run.ts";
import type { RunbookPhase, RunbookStep } from "../../../contract/runbook.ts";
import { fill, TIMELINE, type TimelineKind } from "../../../contract/texts.ts";
import type { Queryable } from "../../base/db.ts";
import { type Instant, toIso, toIsoOrNull } from "../../base/instant.ts";
import type { ActorMark } from "../account/account.ts";
import type { Snapshot } from "../config/config.ts";
import { deadlineView } from "../deadline/present.ts";
import { type DeadlineRow, listDeadlinesBelow } from "../deadline/store.ts";
import { actionId, type ActionRegistry, higherRisk } from "./action.ts";
import { type AttemptRow, listAttempts } from "./attemptStore.ts";
import { listFixBranches } from "./fixBranchStore.ts";
import { valueOf } from "./forms.ts";
import { personFor, roleOf } from "./people.ts";
import { clockSubject } from "./progress.ts";
import { listRecordsOf, listTables } from "./recordStore.ts";
import {
  type Carried,
  isGate,
  missingInputs,
  resolvedText,
  type Run,
  stepOf,
  type StepRow,
} from "./run.ts";
import { type EventRow, listFixes, type RunWithCounts } from "./runStore.ts";
import { boundTo, changesBetween, planOf, stepsOfPlan } from "./version.ts";
import { findCurrent } from "./versionStore.ts";

export function byView(mark: ActorMark): { kind: string; id: string | null } {
  switch (mark.kind) {
    case "person":
      return { kind: "person", id: mark.personId };
    case "token":
      return { kind: "token", id: mark.label };
    case "key":
      return { kind: "key", id: mark.keyId };
    case "engine":
      return { kind: "engine", id: null };
  }
}

export const runView = (run: Run, counts: { settled: number; steps: number }): RunView => ({
  id: runId(run.number),
  runbook: run.runbookId,
  digest: run.digest,
  plan: run.planId,
  title: run.title,
  state: run.state,
  incident: run.incidentNumber === null ? null : incidentId(run.incidentNumber),
  team: run.teamId,
  drill: run.drill,
  startedAt: toIso(run.startedAt),
  endedAt: toIsoOrNull(run.endedAt),
  startedBy: byView(run.startedBy),
  because: run.because,
  stepsSettled: counts.settled,
  stepsAll: counts.steps,
});

export const listedView = (run: RunWithCounts): RunView => runView(run, run);

export const eventView = (row: EventRow): RunEvent => {
  const said = TIMELINE[row.kind as TimelineKind] ?? row.kind;
  const sentence = fill(said, { ...row.params, text: row.text });
  return {
    id: row.id,
    at: toIso(row.at),
    kind: row.kind,
    actor: byView(row.actor),
    params: row.params,
    text: row.text === null || sentence.includes(row.text) ? sentence : `${sentence} ${row.text}`,
  };
};

type Parts = {
  readonly carried: Carried;
  readonly attempts: readonly AttemptRow[];
  readonly clocks: readonly DeadlineRow[];
  readonly actions: ActionRegistry;
  readonly config: Snapshot;
  readonly now: Instant;
};

const SETTLED: readonly string[] = ["done", "skipped", "not applicable", "withdrawn"];

export async function presentRun(
  tx: Queryable,
  config: Snapshot,
  actions: ActionRegistry,
  carried: Carried,
  now: Instant,
): Promise<RunDetail> {
  const { run, version, plan, steps } = carried;
  const attempts = await listAttempts(tx, run.number);
  const clocks = await listDeadlinesBelow(tx, `${runId(run.number)}/`);
  const parts: Parts = { carried, attempts, clocks, actions, config, now };
  const records = await listRecordsOf(tx, await listTables(tx, run.number), run.number);
  const fixes = await listFixes(tx, run.number);
  const branches = await listFixBranches(tx, run.number);
  const settled = steps.filter((row) => SETTLED.includes(row.state)).length;
  const withdrawn = steps.filter((row) => stepOf(plan, row.stepId) === null);
  return {
    ...runView(run, { settled, steps: steps.length }),
    source: { path: version.path, version: version.number },
    newer: await newerView(tx, carried),
    phases: [
      ...plan.phases.map((phase) => ({
        id: phase.id,
        title: phase.title,
        role: phase.role,
        appliesWhen: phase.appliesWhen,
        gate: isGate(carried, phase) ? ("required" as const) : ("advisory" as const),
        enteredAt: toIsoOrNull(carried.phases.get(phase.id) ?? null),
        steps: phase.steps.flatMap((step) => stepView(parts, phase, step)),
      })),
      ...(withdrawn.length === 0 ? [] : [withdrawnPhase(withdrawn)]),
    ],
    inputs: inputsOf(carried),
    forms: version.plan.forms.map((form) => ({
      id: form.id,
      title: form.title,
      sections: form.sections.map((section) => ({
        title: section.title,
        fields: section.fields.map((field) => ({
          label: field.label,
          type: field.type,
          options: [...field.options],
          value: valueOf(carried, form, field),
        })),
      })),
    })),
    escalation: await Promise.all(
      plan.escalation.map(async ({ role, after }) => {
        const person = await personFor({ tx, config, now }, carried, role);
        return { role, people: person === null ? [] : [person], after };
      }),
    ),
    conditionalEscalations: plan.conditionalEscalations.map(({ to, condition }) => ({
      to: [...to],
      condition,
    })),
    records: records.map(({ table, id, values }) => ({ table, id, values: { ...values } })),
    fixes: fixes.map((fix) => ({
      id: fix.id,
      step: fix.stepId,
      line: fix.line,
      by: byView(fix.byActor),
      at: toIso(fix.at),
    })),
    fixBranches: branches.map(({ branch, state, commit, because, askedBy, askedAt }) => ({
      branch,
      state,
      commit,
      because,
      by: byView(askedBy),
      at: toIso(askedAt),
    })),
  };
}

async function newerView(tx: Queryable, carried: Carried): Promise<RunDetail["newer"]> {
  const { run, plan } = carried;
  if (run.state !== "running") return null;
  const current = await findCurrent(tx, run.runbookId);
  if (current === null || current.digest === run.digest) return null;
  const changes = changesBetween(plan, planOf(current.plan, run.planId));
  const changedSteps = changes.filter(({ change }) => change !== "same").length;
  const what = changedSteps === 0 ? "its settings" : `${changedSteps} step(s)`;
  const banner = `The runbook moved on to version ${current.number}: ${what} changed. This run keeps version ${carried.version.number}.`;
  return { digest: current.digest, changedSteps, banner };
}

function stepView(parts: Parts, phase: RunbookPhase, step: RunbookStep): readonly RunStep[] {
  const { carried, clocks, now } = parts;
  const { run, plan } = carried;
  const row = carried.steps.find((each) => each.stepId === step.id);
  if (row === undefined) return [];
  const subject = clockSubject(run.number, step.id);
  return [
    {
      ...rowView(row),
      phase: phase.id,
      text: step.text,
      resolvedText: resolvedText(step, run.inputs),
      kind: step.kind,
      line: step.line,
      role: roleOf(plan, step.id),
      guard:
        step.guard === null
          ? null
          : {
              question: step.guard,
              answer: row.guardAnswer,
              by: row.guardBy === null ? null : byView(row.guardBy),
            },
      inputs: step.inputs.map(({ name }) => name),
      missingInputs: [...missingInputs(step, run.inputs)],
      assertion:
        step.assertion === null
          ? null
          : { text: step.assertion.text, expect: step.assertion.expect, result: row.assertion },
      records: step.records.map(({ table, columns }) => ({ table, columns: [...columns] })),
      audience: [...step.audience],
      substeps: step.substeps.map(({ text }) => text),
      attachments: step.attachments.map((each) => ({ ...each })),
      deadlines: clocks
        .filter((clock) => clock.subject === subject)
        .map((clock) => deadlineView(clock, now)),
      automation: automationView(parts, row, step),
    },
  ];
}

const rowView = (row: StepRow) => ({
  id: row.stepId,
  state: row.state,
  because: row.because,
  assignee: row.assignee,
  startedAt: toIsoOrNull(row.startedAt),
  endedAt: toIsoOrNull(row.endedAt),
  endedBy: row.endedBy === null ? null : byView(row.endedBy),
  late: row.late,
});

/** What an older version asked for and the newest does not any more. */
const withdrawnPhase = (rows: readonly StepRow[]): RunDetail["phases"][number] => ({
  id: "withdrawn",
  title: "Withdrawn",
  role: null,
  appliesWhen: null,
  gate: "advisory",
  enteredAt: null,
  steps: rows.map((row) => ({
    ...rowView(row),
    phase: "withdrawn",
    text: row.text ?? row.stepId,
    resolvedText: row.text ?? row.stepId,
    kind: "manual" as const,
    line: 1,
    role: null,
    guard: null,
    inputs: [],
    missingInputs: [],
    assertion: null,
    records: [],
    audience: [],
    substeps: [],
    attachments: [],
    deadlines: [],
    automation: null,
  })),
});

function automationView(parts: Parts, row: StepRow, step: RunbookStep): RunStep["automation"] {
  const bound = boundTo(parts.carried.version, step.id);
  if (bound === null) return null;
  const action = parts.actions.find(bound.binding.action);
  const attempts = parts.attempts.filter((attempt) => attempt.stepId === step.id);
  const gone = action === null ? `this Tocsin has no ${bound.binding.action}` : null;
  const because = bound.state === "live" ? gone : bound.because;
  const connection =
    bound.connection === null ? null : parts.config.get("connections", bound.connection);
  const undoable = action !== null && (action.undo !== null || action.connection === "command");
  return {
    action: action === null ? bound.binding.action : actionId(action),
    mode: bound.mode,
    // As it would run: a connection can raise it.
    risk: higherRisk(bound.risk, connection?.body.risk),
    state: because === null ? "live" : "suspended",
    because,
    canDryRun: action?.dryRun !== null && action !== null,
    canUndo:
      undoable && attempts.some(({ purpose, state }) => purpose === "run" && state === "done"),
    attempts: attempts.map(attemptView),
    stopped: row.stopped,
  };
}

const attemptView = (attempt: AttemptRow): Attempt => ({
  id: attempt.id,
  attempt: attempt.attempt,
  purpose: attempt.purpose,
  state: attempt.state,
  askedBy: byView(attempt.askedBy),
  approvedBy: attempt.approvedBy === null ? null : byView(attempt.approvedBy),
  askedAt: toIso(attempt.askedAt),
  endedAt: toIsoOrNull(attempt.endedAt),
  input: { ...attempt.input },
  output: attempt.output === null ? null : { ...attempt.output },
  learned: attempt.learned,
});

/** Every value that the plan asks for, once, with what was given. */
function inputsOf({ run, version, plan }: Carried): RunDetail["inputs"] {
  const all = [
    ...version.plan.inputs,
    ...plan.inputs,
    ...stepsOfPlan(plan).flatMap((step) => step.inputs),
  ];
  const byName = new Map(all.map((input) => [input.name, input.description]));
  for (const name of Object.keys(run.inputs)) if (!byName.has(name)) byName.set(name, null);
  return [...byName].map(([name, description]) => ({
    name,
    description,
    value: run.inputs[name] ?? null,
  }));
}
