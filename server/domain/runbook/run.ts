/**
 * Runs: a plan of a pinned version, carried out step by step. Order is advice: any step may be begun at
 * any time, unless its sidecar makes an earlier phase a gate.
 */
import type { RunState, StepState } from "../../../contract/run.ts";
import { runId } from "../../../contract/ids.ts";
import type {
  RunbookDeadline,
  RunbookPhase,
  RunbookPlan,
  RunbookStep,
} from "../../../contract/runbook.ts";
import { Refusal } from "../../base/errors.ts";
import type { Instant } from "../../base/instant.ts";
import type { ActorMark } from "../account/account.ts";
import type { Incident } from "../incident/incident.ts";
import type { Version } from "./version.ts";

export type Run = {
  readonly number: number;
  readonly runbookId: string;
  readonly digest: string;
  readonly planId: string;
  readonly title: string;
  readonly state: RunState;
  readonly incidentNumber: number | null;
  readonly teamId: string | null;
  readonly drill: boolean;
  readonly because: string;
  readonly startKey: string | null;
  readonly startedBy: ActorMark;
  readonly startedAt: Instant;
  readonly endedAt: Instant | null;
  readonly inputs: Readonly<Record<string, string>>;
  readonly forms: Readonly<Record<string, Readonly<Record<string, string | boolean | number>>>>;
  readonly attendAt: Instant | null;
  readonly synced: string;
};

export type StepRow = {
  readonly stepId: string;
  readonly position: number;
  readonly state: StepState;
  readonly because: string | null;
  readonly assignee: string | null;
  /** The assignee has it by a role, and whoever takes over the role takes over the step. */
  readonly byRole: boolean;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
  readonly endedBy: ActorMark | null;
  readonly late: boolean;
  readonly guardAnswer: "yes" | "no" | null;
  readonly guardBy: ActorMark | null;
  readonly assertion: "held" | "broken" | null;
  readonly stopped: boolean;
  /** Of a withdrawn step: what it said. */
  readonly text: string | null;
};

/** A run with everything that decisions about it need. */
export type Carried = {
  readonly run: Run;
  readonly version: Version;
  readonly plan: RunbookPlan;
  readonly steps: readonly StepRow[];
  readonly phases: ReadonlyMap<string, Instant>;
  /** Locked before the run. */
  readonly incident: Incident | null;
  /** Who has which role in the incident. */
  readonly roles: readonly { readonly role: string; readonly personId: string }[];
};

/** What clocks of a run hang on in its incident; another text means that something happened there. */
export const syncOf = (incident: Incident | null): string =>
  incident === null
    ? ""
    : [
        incident.state,
        incident.severity,
        incident.mitigatedAt ?? "",
        incident.resolvedAt ?? "",
      ].join("|");

/** Verb → the states that allow it. */
export const STEP_ALLOWED = {
  begin: ["pending"],
  done: ["pending", "in progress", "failed"],
  skip: ["pending", "in progress", "failed"],
  dismiss: ["pending", "in progress", "failed"],
  fail: ["pending", "in progress"],
  reopen: ["done", "skipped", "not applicable", "failed"],
  assign: ["pending", "in progress", "failed"],
  answer: ["pending", "in progress"],
  "run-action": ["pending", "in progress"],
} as const satisfies Record<string, readonly StepState[]>;

export type StepVerb = keyof typeof STEP_ALLOWED;

const SETTLED: readonly StepState[] = ["done", "skipped", "not applicable", "withdrawn"];
export const isSettled = (step: Pick<StepRow, "state">): boolean => SETTLED.includes(step.state);

/** Refuses a verb that the step's state does not allow, saying what is allowed now. */
export function mustAllowStep(step: Pick<StepRow, "state">, verb: StepVerb): void {
  const allows = (each: StepVerb): boolean =>
    (STEP_ALLOWED[each] as readonly string[]).includes(step.state);
  if (allows(verb)) return;
  const allowed = (Object.keys(STEP_ALLOWED) as StepVerb[]).filter(allows);
  throw new Refusal("run.step_state", { state: step.state, verb, allowed });
}

export function mustRun(run: Pick<Run, "number" | "state">): void {
  if (run.state !== "running")
    throw new Refusal("run.over", { id: runId(run.number), state: run.state });
}

/** "plan/phase", as a step's path and a sidecar's gate name it. */
export const phasePath = (plan: Pick<RunbookPlan, "id">, phase: Pick<RunbookPhase, "id">): string =>
  `${plan.id}/${phase.id}`;

export const phaseOf = (plan: RunbookPlan, stepId: string): RunbookPhase | null =>
  plan.phases.find((phase) => phase.steps.some((step) => step.id === stepId)) ?? null;

export const stepOf = (plan: RunbookPlan, stepId: string): RunbookStep | null =>
  plan.phases.flatMap((phase) => phase.steps).find((step) => step.id === stepId) ?? null;

export const isGate = (
  { version, plan }: Pick<Carried, "version" | "plan">,
  phase: RunbookPhase,
): boolean => version.settings.gates.includes(phasePath(plan, phase));

export const stepsOfPhase = (
  { steps }: Pick<Carried, "steps">,
  phase: RunbookPhase,
): readonly StepRow[] => steps.filter((row) => phase.steps.some((step) => step.id === row.stepId));

/** Refuses to begin what stands behind a gate that is not settled. */
export function mustPassGates(carried: Carried, stepId: string): void {
  const { plan } = carried;
  const own = plan.phases.findIndex((phase) => phase.steps.some((step) => step.id === stepId));
  for (const phase of plan.phases.slice(0, Math.max(own, 0))) {
    if (!isGate(carried, phase)) continue;
    const open = stepsOfPhase(carried, phase).filter((row) => !isSettled(row)).length;
    if (open > 0) throw new Refusal("run.gate", { phase: phase.title, open });
  }
}

/**
 * The phases that have been reached but not entered yet: the first; one of whose steps somebody began;
 * and the one behind a phase that is settled.
 */
export function newlyEntered(carried: Carried): readonly RunbookPhase[] {
  const { plan, phases } = carried;
  const settled = (phase: RunbookPhase): boolean => stepsOfPhase(carried, phase).every(isSettled);
  const touched = (phase: RunbookPhase): boolean =>
    stepsOfPhase(carried, phase).some(
      (row) => row.state !== "pending" && row.state !== "withdrawn",
    );
  const found: RunbookPhase[] = [];
  let reached = true;
  for (const phase of plan.phases) {
    if (!phases.has(phase.id) && (reached || touched(phase))) found.push(phase);
    reached &&= settled(phase);
  }
  return found;
}

const severityNumber = (name: string): string | null =>
  /^(?:sev|severity|p|s)[\s-]*([0-9])/i.exec(name.trim())?.[1] ?? null;

/** The deadline of a list that holds for a severity: its own before one for all; the strictest of them. */
export function deadlineFor(
  deadlines: readonly RunbookDeadline[],
  severity: string | null,
): RunbookDeadline | null {
  const own = deadlines.filter(
    (each) =>
      each.severity !== null &&
      severity !== null &&
      severityNumber(each.severity) === severityNumber(severity),
  );
  const common = deadlines.filter((each) => each.severity === null);
  const from = own.length > 0 ? own : common;
  return from.toSorted((a, b) => approximateMs(a.iso) - approximateMs(b.iso))[0] ?? null;
}

const approximateMs = (iso: string): number =>
  Temporal.Duration.from(iso).total({ unit: "milliseconds", relativeTo: "2023-02-01" });

/** From when a deadline counts; null while that has not happened. */
export function anchorOf(
  carried: Carried,
  deadline: Pick<RunbookDeadline, "anchor">,
  at: {
    readonly phaseId: string;
    readonly startedAt: Instant | null;
    readonly pagedAt: Instant | null;
  },
): Instant | null {
  const { run, incident, phases } = carried;
  const entered = phases.get(at.phaseId) ?? null;
  switch (deadline.anchor) {
    case "incident declared":
      return incident?.declaredAt ?? run.startedAt;
    case "page sent":
      return at.pagedAt ?? incident?.declaredAt ?? run.startedAt;
    case "plan started":
      return run.startedAt;
    case "step entered":
      return at.startedAt ?? entered;
    case "incident mitigated":
      return incident === null ? entered : incident.mitigatedAt;
    case "incident resolved":
      return incident === null ? entered : incident.resolvedAt;
    case "phase entered":
    case "unknown":
      return entered;
  }
}

/** Puts the inputs of a run into words of the document: `$NAME`, `<name>`, `{{name}}`, `[Name]`. */
export function resolvedText(step: RunbookStep, inputs: Readonly<Record<string, string>>): string {
  return step.inputs.reduce((text, input) => {
    const value = inputs[input.name];
    if (value === undefined) return text;
    return text.replaceAll(input.quote, () => value);
  }, step.text);
}

export const missingInputs = (
  step: RunbookStep,
  inputs: Readonly<Record<string, string>>,
): readonly string[] =>
  step.inputs.map(({ name }) => name).filter((name) => inputs[name] === undefined);

/** The words for a role are the same whatever their case and dashes. */
export const sameRole = (a: string, b: string): boolean => roleKey(a) === roleKey(b);
const roleKey = (role: string): string =>
  role
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
