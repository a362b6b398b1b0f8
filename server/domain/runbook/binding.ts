/**
 * Joins the bindings of a sidecar to the steps of a document. An exact anchor is live. Anything that is
 * only similar is suspended to manual until somebody confirms it, and what fits nothing is an orphan,
 * which blocks publishing. So an edit of a document can take automation away, and never add or widen it.
 */
import type { Risk } from "../../../contract/action.ts";
import type { BindingState } from "../../../contract/published.ts";
import type { RunbookDocument, RunbookStep } from "../../../contract/runbook.ts";
import type { Anchor, Binding, Sidecar } from "../../../contract/sidecar.ts";
import { type ActionRegistry, type AnyAction, higherRisk } from "./action.ts";

/** A binding as a version keeps it. */
export type Bound = {
  /** The step's id; null: none fits. */
  readonly stepId: string | null;
  readonly binding: Binding;
  readonly connection: string | null;
  readonly risk: Risk;
  /** What counts after risk has had its say: only what reads may run by itself. */
  readonly mode: Binding["mode"];
  readonly state: BindingState;
  readonly because: string | null;
  readonly line: number;
};

/** Below this two sentences are different ones. */
const SIMILAR = 0.55;

export const everyStep = (document: Pick<RunbookDocument, "plans">): readonly RunbookStep[] =>
  document.plans.flatMap((plan) => plan.phases.flatMap((phase) => phase.steps));

/** All bindings of a sidecar, in its order. */
export function bind(
  document: Pick<RunbookDocument, "plans">,
  sidecar: Sidecar,
  actions: ActionRegistry,
  lineOf: (path: string) => number,
): readonly Bound[] {
  const steps = everyStep(document);
  const taken = new Set<string>();
  return sidecar.bindings.map((binding, index): Bound => {
    const action = actions.find(binding.action);
    const match = matchAnchor(steps, binding.step);
    const judged = judge(match, action, binding);
    const twice = match.step !== null && taken.has(match.step.id);
    if (match.step !== null) taken.add(match.step.id);
    return {
      stepId: match.step?.id ?? null,
      binding,
      connection: connectionOf(binding),
      ...riskAndMode(action, binding),
      ...(twice && judged.state === "live"
        ? { state: "suspended", because: "another binding has this step already" }
        : judged),
      line: lineOf(`bindings.${index}`),
    };
  });
}

type Match = { readonly step: RunbookStep | null; readonly exact: boolean; readonly why: string };

/** The step that an anchor means, and whether it is surely that one. */
export function matchAnchor(steps: readonly RunbookStep[], anchor: Anchor): Match {
  const same = steps.filter((step) => step.path === anchor.path && step.hash === anchor.hash);
  const [only] = same;
  if (only !== undefined && same.length === 1) return { step: only, exact: true, why: "" };
  if (only !== undefined)
    return { step: only, exact: false, why: `${same.length} steps have these words` };
  const moved = steps.filter((step) => step.hash === anchor.hash);
  if (moved[0] !== undefined)
    return { step: moved[0], exact: false, why: `the step stands in ${moved[0].path} now` };
  let best: { step: RunbookStep; score: number } | null = null;
  for (const step of steps) {
    const near = step.path === anchor.path ? 0 : 0.15;
    const score = similarity(step.text, anchor.quote) - near;
    if (score >= SIMILAR && (best === null || score > best.score)) best = { step, score };
  }
  if (best === null) return { step: null, exact: false, why: "no step has words like these" };
  return { step: best.step, exact: false, why: `its words are “${best.step.text}” now` };
}

function judge(
  { step, exact, why }: Match,
  action: AnyAction | null,
  binding: Binding,
): Pick<Bound, "state" | "because"> {
  if (step === null) return { state: "orphan", because: why };
  if (action === null) return { state: "orphan", because: `there is no action ${binding.action}` };
  if (!exact) return { state: "suspended", because: why };
  return { state: "live", because: null };
}

function riskAndMode(action: AnyAction | null, binding: Binding): Pick<Bound, "risk" | "mode"> {
  const read = action?.input.safeParse(parametersOf(binding));
  // What cannot be judged before its values are known counts as the worst.
  const own: Risk =
    action !== null && read?.success === true ? action.risk(read.data) : "destructive";
  const risk = higherRisk(own, binding.risk);
  return { risk, mode: binding.mode === "auto" && risk !== "read" ? "approve" : binding.mode };
}

const connectionOf = ({ with: given }: Binding): string | null =>
  typeof given["connection"] === "string" ? given["connection"] : null;

/** What the action itself is given: everything but the connection. */
export function parametersOf({ with: given }: Binding): Readonly<Record<string, unknown>> {
  const { connection: _, ...parameters } = given;
  return parameters;
}

/** Shared pairs of letters over all pairs (Dice): 1 for the same words, 0 for none in common. */
export function similarity(a: string, b: string): number {
  const [one, other] = [pairs(a), pairs(b)];
  if (one.size === 0 && other.size === 0) return a.trim() === b.trim() ? 1 : 0;
  let shared = 0;
  let all = 0;
  for (const [pair, count] of one) {
    shared += Math.min(count, other.get(pair) ?? 0);
    all += count;
  }
  for (const count of other.values()) all += count;
  return (2 * shared) / all;
}

function pairs(text: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const even = text.toLowerCase().replace(/\s+/g, " ").trim().slice(0, 2_000);
  for (let at = 0; at + 1 < even.length; at += 1) {
    const pair = even.slice(at, at + 2);
    found.set(pair, (found.get(pair) ?? 0) + 1);
  }
  return found;
}
