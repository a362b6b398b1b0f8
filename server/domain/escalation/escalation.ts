/** Decides whom an escalation run pages next, and when. */
import type { Calendar } from "../../../contract/deadline.ts";
import type {
  EscalationPolicy,
  EscalationStep,
  StepCondition,
  Target,
} from "../../../contract/escalation.ts";
import type { Severity } from "../../../contract/ids.ts";
import { addMs, type Instant, MINUTE } from "../../base/instant.ts";
import { isOpen, nextOpening } from "../deadline/calendar.ts";

/** A policy at work on one incident. The policy is the one of the start: edits count from the next run. */
export type Run = {
  readonly id: string;
  readonly incidentNumber: number;
  readonly policyId: string;
  readonly policy: EscalationPolicy;
  /** The step that is due next, from 0. */
  readonly stepIndex: number;
  /** How often the list was gone through, from 0. */
  readonly round: number;
  readonly dueAt: Instant | null;
  /** Its step waits for business hours, which begin then. */
  readonly heldUntil: Instant | null;
  /** Who asked for the step that is due; null: its time has come. */
  readonly askedBy: string | null;
  /** Somebody gave the incident to others by name: when they do not answer, its own policy takes over. */
  readonly isReassigned: boolean;
  readonly startedAt: Instant;
  readonly stoppedAt: Instant | null;
  readonly stoppedBecause: string | null;
};

/** What the conditions of steps are about. */
export type Scene = {
  readonly severity: Severity;
  /** The labels of each of the incident's alerts. */
  readonly labels: readonly Readonly<Record<string, string>>[];
  /** Null: no hours are known, so that nothing waits for them. */
  readonly calendar: Calendar | null;
};

type Place = { readonly stepIndex: number; readonly round: number };
type Unmet = "its severities" | "its hours" | "its labels";
type PassedOver = Place & { readonly because: Unmet };

type Move =
  /** The step waits for business hours. */
  | { readonly kind: "hold"; readonly at: Place; readonly until: Instant }
  | {
      readonly kind: "page";
      readonly at: Place;
      readonly step: EscalationStep;
      readonly occasion: string;
      readonly next: Place & { readonly dueAt: Instant };
    };

export type Plan =
  | { readonly kind: "wait"; readonly until: Instant }
  | (Move & { readonly passedOver: readonly PassedOver[] })
  | {
      readonly kind: "stop";
      readonly because: "policy exhausted";
      readonly passedOver: readonly PassedOver[];
    };

/**
 * What a run does at `now`. A step whose conditions do not hold is passed over and takes no time; a whole
 * round of such steps ends the policy, since the next would be alike.
 */
export function planEscalation(run: Run, now: Instant, scene: Scene): Plan {
  if (run.dueAt !== null && now < run.dueAt) return { kind: "wait", until: run.dueAt };
  const { steps, repeat } = run.policy;
  const passedOver: PassedOver[] = [];
  let at: Place = { stepIndex: run.stepIndex, round: run.round };
  while (passedOver.length < steps.length && at.round <= repeat) {
    const step = steps[at.stepIndex];
    if (step === undefined) break;
    const because = unmet(step.when, scene, now);
    if (because === null) return { ...moveAt({ ...run, ...at }, step, scene, now), passedOver };
    passedOver.push({ ...at, because });
    at = placeAfter(run.policy, at);
  }
  return { kind: "stop", because: "policy exhausted", passedOver };
}

/**
 * A step's timeout counts from the moment it was due to page, not from when a slow node got to it, unless
 * that would already be over: nobody is skipped because we were late.
 */
function moveAt(run: Run, step: EscalationStep, scene: Scene, now: Instant): Move {
  const at = { stepIndex: run.stepIndex, round: run.round };
  const opensAt = step.inBusinessHours === true ? opening(run, scene, now) : null;
  if (opensAt !== null) return { kind: "hold", at, until: opensAt };
  const timeoutMs = step.timeoutMinutes * MINUTE;
  const onTime = addMs(run.dueAt ?? now, timeoutMs);
  const dueAt = onTime > now ? onTime : addMs(now, timeoutMs);
  const next = { ...placeAfter(run.policy, at), dueAt };
  return { kind: "page", at, step, occasion: occasionOf(run), next };
}

/** When the hours begin that a step waits for; null: now. Who asks for it by hand does not wait. */
function opening({ askedBy }: Run, { calendar }: Scene, now: Instant): Instant | null {
  if (calendar === null || askedBy !== null || isOpen(calendar, now)) return null;
  return nextOpening(calendar, now);
}

function placeAfter({ steps }: EscalationPolicy, { stepIndex, round }: Place): Place {
  return stepIndex < steps.length - 1
    ? { stepIndex: stepIndex + 1, round }
    : { stepIndex: 0, round: round + 1 };
}

/** What of a condition does not hold. Where no hours are known, a condition on them holds. */
function unmet(when: StepCondition | undefined, scene: Scene, now: Instant): Unmet | null {
  if (when === undefined) return null;
  const { severities, hours, labels } = when;
  if (severities !== undefined && !severities.includes(scene.severity)) return "its severities";
  if (hours !== undefined && scene.calendar !== null) {
    if (isOpen(scene.calendar, now) !== (hours === "business")) return "its hours";
  }
  const wanted = Object.entries(labels ?? {});
  const fits = scene.labels.some((alert) => wanted.every(([name, value]) => alert[name] === value));
  return wanted.length === 0 || fits ? null : "its labels";
}

/** When the run pages next if nobody answers `plan`; null: never again by this policy. */
export function pagesNextAt(run: Run, plan: Plan & { kind: "page" }, scene: Scene): Instant | null {
  const { dueAt } = plan.next;
  const then = planEscalation({ ...run, ...plan.next, askedBy: null }, dueAt, scene);
  if (then.kind === "page") return dueAt;
  return then.kind === "hold" ? then.until : null;
}

/** Who of the people of a step is next, when `last` was paged before; the first when nobody was. */
export function nextInTurn<T extends { readonly personId: string }>(
  people: readonly T[],
  last: string | null,
): T | null {
  const before = people.findIndex(({ personId }) => personId === last);
  return people[(before + 1) % people.length] ?? null;
}

/** The policy of an incident that somebody gave to others by name: once, as long as its own waits. */
export const policyOfReassigning = (
  to: readonly Target[],
  name: string,
  timeoutMinutes: number,
): EscalationPolicy => ({ name, steps: [{ notify: [...to], timeoutMinutes }], repeat: 0 });

/** Until when the step before the next one has time to answer, when it paged at `pagedAt`. */
export function answerDueAt(run: Pick<Run, "policy" | "stepIndex">, pagedAt: Instant): Instant {
  const { steps } = run.policy;
  const before = steps[(run.stepIndex + steps.length - 1) % steps.length];
  return addMs(pagedAt, (before?.timeoutMinutes ?? 0) * MINUTE);
}

/** Names one step of one round of one run: nobody is paged twice for it by the same method. */
export const occasionOf = (run: Pick<Run, "id" | "round" | "stepIndex">): string =>
  `${roundOf(run)}step ${run.stepIndex + 1}`;

/** What the occasions of one round begin with. */
export const roundOf = (run: Pick<Run, "id" | "round">): string =>
  `${run.id} round ${run.round + 1} `;

/** The people a step reaches, each with the target that named them; schedules are asked at `now`. */
export function peopleOf(
  step: EscalationStep,
  resolve: {
    readonly onCall: (scheduleId: string) => readonly string[];
    readonly members: (teamId: string) => readonly string[];
  },
): readonly { readonly personId: string; readonly target: Target }[] {
  const found = new Map<string, Target>();
  for (const target of step.notify) {
    for (const personId of peopleOfTarget(target, resolve)) {
      if (!found.has(personId)) found.set(personId, target);
    }
  }
  return [...found].map(([personId, target]) => ({ personId, target }));
}

function peopleOfTarget(
  target: Target,
  resolve: Parameters<typeof peopleOf>[1],
): readonly string[] {
  if ("person" in target) return [target.person];
  if ("team" in target) return resolve.members(target.team);
  return resolve.onCall(target.schedule);
}
