/** Decides whom an escalation run pages next, and when. */
import type { EscalationPolicy, EscalationStep, Target } from "../../../contract/escalation.ts";
import { addMs, type Instant, MINUTE } from "../../base/instant.ts";

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
  readonly startedAt: Instant;
  readonly stoppedAt: Instant | null;
  readonly stoppedBecause: string | null;
};

export type Plan =
  | { readonly kind: "wait"; readonly until: Instant }
  | {
      readonly kind: "page";
      readonly step: EscalationStep;
      readonly occasion: string;
      readonly next: {
        readonly stepIndex: number;
        readonly round: number;
        readonly dueAt: Instant;
      };
    }
  | { readonly kind: "stop"; readonly because: "policy exhausted" };

/**
 * What a run does at `now`. A step's timeout counts from the moment it was due to page, not from when a
 * slow node got to it, unless that would already be over: nobody is skipped because we were late.
 */
export function planEscalation(run: Run, now: Instant): Plan {
  if (run.dueAt !== null && now < run.dueAt) return { kind: "wait", until: run.dueAt };
  const step = run.policy.steps[run.stepIndex];
  if (step === undefined || run.round > run.policy.repeat)
    return { kind: "stop", because: "policy exhausted" };
  const last = run.stepIndex === run.policy.steps.length - 1;
  const timeoutMs = step.timeoutMinutes * MINUTE;
  const onTime = addMs(run.dueAt ?? now, timeoutMs);
  return {
    kind: "page",
    step,
    occasion: occasionOf(run),
    next: {
      stepIndex: last ? 0 : run.stepIndex + 1,
      round: last ? run.round + 1 : run.round,
      dueAt: onTime > now ? onTime : addMs(now, timeoutMs),
    },
  };
}

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
    readonly onCall: (scheduleId: string) => string | null;
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
  const person = resolve.onCall(target.schedule);
  return person === null ? [] : [person];
}
