/** A published version: its digest, what it holds, and how two versions differ step by step. */
import canonicalizeModule from "canonicalize";
import type { RunbookDocument, RunbookPlan, RunbookStep } from "../../../contract/runbook.ts";
import type { Sidecar } from "../../../contract/sidecar.ts";
import { sha256 } from "../../base/crypto.ts";
import type { Instant } from "../../base/instant.ts";
import type { ActorMark } from "../account/account.ts";
import { type Bound, matchAnchor } from "./binding.ts";

const canonicalize = canonicalizeModule as unknown as (value: unknown) => string;

export type SourceMark = {
  readonly kind: "upload" | "folder" | "git" | "built in";
  readonly id: string | null;
  readonly path: string;
  readonly commit: string | null;
};

export type Version = {
  readonly runbookId: string;
  readonly digest: string;
  readonly number: number;
  readonly path: string;
  readonly documentSha256: string;
  readonly sidecarSha256: string | null;
  readonly parser: string;
  readonly actions: readonly string[];
  readonly plan: RunbookDocument;
  readonly settings: Sidecar;
  readonly bindings: readonly Bound[];
  readonly publishedAt: Instant;
  readonly publishedBy: ActorMark;
};

export type RunbookRow = {
  readonly id: string;
  readonly title: string;
  readonly ownerTeam: string | null;
  readonly digest: string | null;
  readonly source: SourceMark;
  readonly reviewDueAt: Instant;
};

/** What a run is pinned to: the document, the sidecar, the actions' versions and the parser's. */
export function digestOf(parts: {
  readonly documentSha256: string;
  readonly sidecarSha256: string | null;
  readonly actions: readonly string[];
  readonly parser: string;
}): string {
  const actions = [...new Set(parts.actions)].toSorted();
  return sha256(Buffer.from(canonicalize({ ...parts, actions }))).toString("hex");
}

/**
 * What of a document is run: its plans, and each checklist as a plan of one phase, which has neither
 * clock nor trigger.
 */
export function runnable(document: RunbookDocument): readonly RunbookPlan[] {
  return [...document.plans, ...document.checklists.map(planOfChecklist)];
}

function planOfChecklist(list: RunbookDocument["checklists"][number]): RunbookPlan {
  const evidence = {
    range: list.range,
    quote: list.quote,
    confidence: list.confidence,
    reason: list.reason,
  };
  const path = `${list.id}/items`;
  const steps = list.items.map((item, index): RunbookStep => ({
    range: item.range,
    quote: item.quote,
    confidence: item.confidence,
    reason: item.reason,
    id: `${path}/${index + 1}`,
    text: item.text,
    kind: "manual",
    role: null,
    roles: [],
    group: null,
    deadlines: [],
    guard: null,
    inputs: [],
    assertion: null,
    line: item.line,
    path,
    hash: sha256(Buffer.from(item.text.toLowerCase().replace(/\s+/g, " ").trim())).toString("hex"),
    records: [],
    audience: [],
    channel: null,
    attachments: [],
    substeps: [],
    checked: item.checked,
    optional: false,
    destructive: false,
    sources: {},
  }));
  return {
    ...evidence,
    id: list.id,
    title: list.title,
    trigger: null,
    alert: null,
    phases: [
      {
        ...evidence,
        id: "items",
        title: list.title,
        role: null,
        appliesWhen: null,
        steps,
        deadlines: [],
        line: list.line,
        sources: {},
      },
    ],
    escalation: [],
    conditionalEscalations: [],
    deadlines: [],
    inputs: [],
    extent: list.range,
    line: list.line,
    sources: {},
  };
}

export const planOf = (document: RunbookDocument, id: string): RunbookPlan | null =>
  runnable(document).find((plan) => plan.id === id) ?? null;

export const stepsOfPlan = (plan: RunbookPlan): readonly RunbookStep[] =>
  plan.phases.flatMap((phase) => phase.steps);

export type StepChange =
  | {
      readonly change: "same" | "changed";
      readonly before: RunbookStep;
      readonly after: RunbookStep;
    }
  | { readonly change: "added"; readonly before: null; readonly after: RunbookStep }
  | { readonly change: "removed"; readonly before: RunbookStep; readonly after: null };

/** Steps of two versions of a plan, matched as anchors are; each of the newer one is used once. */
export function changesBetween(
  before: RunbookPlan,
  after: RunbookPlan | null,
): readonly StepChange[] {
  const left = new Set(after === null ? [] : stepsOfPlan(after));
  const found = new Map<RunbookStep, { step: RunbookStep; exact: boolean }>();
  const old = stepsOfPlan(before);
  // Exact matches first, so that a similar step cannot take the place of the very one.
  for (const exactly of [true, false]) {
    for (const step of old) {
      if (found.has(step)) continue;
      const match = matchAnchor([...left], { path: step.path, quote: step.text, hash: step.hash });
      const same = match.step !== null && match.step.hash === step.hash;
      if (match.step === null || (exactly && !same)) continue;
      found.set(step, { step: match.step, exact: same });
      left.delete(match.step);
    }
  }
  const changes = old.map((step): StepChange => {
    const match = found.get(step);
    if (match === undefined) return { change: "removed", before: step, after: null };
    return { change: match.exact ? "same" : "changed", before: step, after: match.step };
  });
  return [
    ...changes,
    ...[...left].map((step): StepChange => ({ change: "added", before: null, after: step })),
  ];
}

/** The binding of a step that a version has, if any: a suspended one is shown and never runs. */
export const boundTo = (version: Pick<Version, "bindings">, stepId: string): Bound | null =>
  version.bindings.find((bound) => bound.stepId === stepId && bound.state === "live") ??
  version.bindings.find((bound) => bound.stepId === stepId) ??
  null;

export const countsOf = (bindings: readonly Bound[]) => ({
  bound: bindings.filter(({ state }) => state === "live").length,
  suspended: bindings.filter(({ state }) => state === "suspended").length,
});
