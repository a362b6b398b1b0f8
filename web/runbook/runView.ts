/** A run as it is shown: which step is next, how each one stands, and what can be done with it. Pure. */
import type { Attempt, RunDetail, RunPhase, RunStep } from "../../contract/run.ts";
import { said, t } from "../kit/words.ts";

const SETTLED: readonly RunStep["state"][] = ["done", "skipped", "not applicable", "withdrawn"];
export const isSettled = ({ state }: Pick<RunStep, "state">): boolean => SETTLED.includes(state);

export const everyStep = (run: Pick<RunDetail, "phases">): readonly RunStep[] =>
  run.phases.flatMap(({ steps }) => steps);

/** What asks for attention first: what is yours and begun, what failed, then the order of the document. */
export function nextStep(run: Pick<RunDetail, "phases">, me: string | null): RunStep | null {
  const open = everyStep(run).filter((step) => !isSettled(step) && gateBefore(run, step) === null);
  return (
    open.find((step) => step.state === "in progress" && step.assignee === me) ??
    open.find((step) => step.state === "failed") ??
    open.find((step) => activeAttempt(step) === null) ??
    open[0] ??
    null
  );
}

/** The step behind this one that is still open, around the end. */
export function stepAfter(run: Pick<RunDetail, "phases">, id: string | null): RunStep | null {
  const steps = everyStep(run);
  const here = steps.findIndex((step) => step.id === id);
  const order = [...steps.slice(here + 1), ...steps.slice(0, here + 1)];
  return order.find((step) => !isSettled(step)) ?? null;
}

/** The gate that must be settled before a step, or null. */
export function gateBefore(
  run: Pick<RunDetail, "phases">,
  step: Pick<RunStep, "phase">,
): RunPhase | null {
  const own = run.phases.findIndex(({ id }) => id === step.phase);
  return (
    run.phases
      .slice(0, Math.max(own, 0))
      .find((phase) => phase.gate === "required" && !phase.steps.every(isSettled)) ?? null
  );
}

const ACTIVE: readonly Attempt["state"][] = ["asked", "due", "under way"];
export const activeAttempt = ({ automation }: RunStep): Attempt | null =>
  automation?.attempts.findLast(({ state }) => ACTIVE.includes(state)) ?? null;

export const waitsForSecond = (step: RunStep): Attempt | null => {
  const active = activeAttempt(step);
  return active?.state === "asked" ? active : null;
};

export type StepFace =
  | "pending"
  | "yours"
  | "in progress"
  | "done"
  | "skipped"
  | "not applicable"
  | "failed"
  | "second person"
  | "withdrawn";

export function faceOf(step: RunStep, me: string | null): StepFace {
  if (waitsForSecond(step) !== null) return "second person";
  if (step.state === "in progress" || step.state === "pending")
    return step.assignee !== null && step.assignee === me ? "yours" : step.state;
  return step.state;
}

/** The words beside the mark, for whoever does not see it. */
export const faceWords = (face: StepFace): string =>
  face === "second person" ? t("waits for a second person") : said(face);

type Whys = { readonly mayRun: boolean; readonly me: string | null };

/** Why nothing of a step can be done now, whatever it is; null when something can. */
export function whyNotAtAll(run: RunDetail, step: RunStep, { mayRun }: Whys): string | null {
  if (run.state !== "running") return `${run.id} is ${run.state}.`;
  if (!mayRun) return t("This needs the right “runbooks.run”.");
  const gate = gateBefore(run, step);
  if (gate === null) return null;
  const open = gate.steps.filter((each) => !isSettled(each)).length;
  return open === 1
    ? t("{title} is a gate: 1 step is still open.", { title: gate.title })
    : t("{title} is a gate: {open} steps are still open.", { title: gate.title, open });
}

/** Why its action cannot be run now; null when it can. */
export function whyNotRun(run: RunDetail, step: RunStep, whys: Whys): string | null {
  const all = whyNotAtAll(run, step, whys);
  if (all !== null) return all;
  const { automation } = step;
  if (automation === null) return t("It is not bound to an action.");
  if (automation.state === "suspended")
    return t("Suspended: {because}. Do it by hand.", {
      because: automation.because ?? "its words changed",
    });
  if (step.guard !== null && step.guard.answer !== "yes") return t("Answer its question first.");
  if (step.missingInputs.length > 0)
    return t("It needs {list}.", { list: step.missingInputs.join(", ") });
  if (automation.stopped) return t("It stopped after 3 attempts. Do it by hand, or reopen it.");
  const active = activeAttempt(step);
  if (active !== null)
    return active.state === "asked" ? t("It waits for a second person.") : t("It is under way.");
  return step.state === "pending" || step.state === "in progress"
    ? null
    : t("The step is {state}.", { state: said(step.state) });
}

/** Why this person cannot be the second; null when they can. */
export function whyNotSecond(run: RunDetail, step: RunStep, whys: Whys): string | null {
  const asked = waitsForSecond(step);
  if (asked === null) return t("Nothing waits for a second person.");
  if (asked.askedBy.id !== null && asked.askedBy.id === whys.me) return t("Not you: you asked.");
  if (whys.me === null) return t("Only a person can be the second.");
  return whyNotAtAll(run, step, whys);
}

/** “Triage”, done or since when: the state of a phase in one word and instant. */
export function phaseFace(phase: RunPhase): {
  readonly settled: boolean;
  readonly at: string | null;
} {
  const settled = phase.steps.every(isSettled);
  if (!settled) return { settled, at: phase.enteredAt };
  const ends = phase.steps.flatMap(({ endedAt }) => endedAt ?? []).toSorted();
  return { settled, at: ends.at(-1) ?? null };
}
