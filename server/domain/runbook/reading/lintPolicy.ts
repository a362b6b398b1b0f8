/** Promises that contradict each other, leave gaps, or cannot be kept as they are written. */
import type {
  PolicyTrigger,
  RunbookDeadline,
  RunbookDocument,
} from "../../../../contract/runbook.ts";
import { findDurations, secondsOf } from "./durations.ts";
import type { LintInput, Say } from "./linting.ts";
import { squeeze } from "./source.ts";

export function lintPolicy({ document, policy, source }: LintInput, say: Say): void {
  for (const [first, second] of policy.conflicts)
    say("W209", second.cell.span, {
      severity: second.severity,
      first: squeeze(first.cell.text),
      line: source.lineAt(first.cell.span.start),
      second: squeeze(second.cell.text),
    });
  const { triggers } = document.policy;
  for (const trigger of triggers) {
    const at = { evidence: trigger, line: trigger.line };
    if (trigger.comparator === null) say("W205", at, { text: trigger.text });
    else if (trigger.window === null) say("W206", at, { text: trigger.text });
  }
  lintCoverage(document, say);
  lintBands(triggers, say);
  for (const deadline of allDeadlines(document)) {
    const at = { evidence: deadline, line: deadline.line };
    if (deadline.confidence !== "certain" && !deadline.repeats)
      say("W201", at, { quote: deadline.quote, anchor: deadline.anchor });
    if (deadline.calendar === "business") say("W202", at, { quote: deadline.quote });
  }
  for (const { escalation } of document.plans) {
    const [first] = escalation;
    if (first !== undefined && escalation.every(({ after }) => after === null))
      say(
        "W203",
        { evidence: first, line: first.line },
        { path: escalation.map(({ quote }) => quote).join(" → ") },
      );
  }
  lintTriggersOfPlans(document, say);
  lintAssignments({ policy, document }, say);
}

export const allDeadlines = (document: RunbookDocument): readonly RunbookDeadline[] => [
  ...document.plans.flatMap(({ phases, deadlines }) => [
    ...deadlines,
    ...phases.flatMap((phase) => [
      ...phase.deadlines,
      ...phase.steps.flatMap((step) => step.deadlines),
    ]),
  ]),
  ...document.forms.flatMap(({ deadlines }) => deadlines),
];

/** Where some severities are declared by themselves, the others are missed. */
function lintCoverage({ policy: { severities, triggers } }: RunbookDocument, say: Say): void {
  if (triggers.length === 0) return;
  for (const severity of severities)
    if (!triggers.some((trigger) => trigger.severity === severity.name))
      say("W208", { evidence: severity, line: severity.line }, { severity: severity.name });
}

type Band = {
  readonly trigger: PolicyTrigger;
  readonly from: number;
  readonly to: number;
  readonly seconds: number;
};

function bandOf(trigger: PolicyTrigger): Band | null {
  const { comparator, threshold, thresholdTo } = trigger;
  if (comparator === null || threshold === null) return null;
  const seconds = trigger.window === null ? 0 : secondsOf(trigger.window);
  if (comparator === "between")
    return { trigger, from: threshold, to: thresholdTo ?? threshold, seconds };
  if (comparator === ">" || comparator === ">=")
    return { trigger, from: threshold, to: Number.POSITIVE_INFINITY, seconds };
  return null;
}

/** The same measure at several severities: ranges should meet, and the worse must not need longer. */
function lintBands(triggers: readonly PolicyTrigger[], say: Say): void {
  const byMeasure = new Map<string, Band[]>();
  for (const trigger of triggers) {
    const band = bandOf(trigger);
    if (band === null) continue;
    const key = `${trigger.measure?.toLowerCase() ?? ""} ${trigger.unit ?? ""} ${trigger.percentile ?? ""}`;
    byMeasure.set(key, [...(byMeasure.get(key) ?? []), band]);
  }
  for (const bands of byMeasure.values()) {
    const sorted = bands.toSorted((a, b) => a.from - b.from);
    for (const [index, low] of sorted.entries()) {
      const at = { evidence: low.trigger, line: low.trigger.line };
      const measure = low.trigger.measure ?? "it";
      const unit = low.trigger.unit ?? "";
      const high = sorted[index + 1];
      if (high === undefined || high.trigger.severity === low.trigger.severity) continue;
      if (low.to < high.from)
        say("W207", at, { measure, gap: `between ${low.to} and ${high.from} ${unit}` });
      else if (low.to > high.from && low.to !== Number.POSITIVE_INFINITY)
        say("W210", at, {
          measure,
          first: low.trigger.severity,
          second: high.trigger.severity,
          overlap: `${high.from} to ${low.to} ${unit}`,
        });
      if (high.seconds > 0) {
        const top = { evidence: high.trigger, line: high.trigger.line };
        const covered = low.to === Number.POSITIVE_INFINITY && low.seconds < high.seconds;
        if (!covered)
          say("W207", top, {
            measure,
            gap: `above ${high.from} ${unit} for up to ${timeOf(high.seconds)}, not even ${low.trigger.severity},`,
          });
      }
      if (low.seconds > 0)
        say("W207", at, {
          measure,
          gap: `${rangeOf(low)} ${unit} for up to ${timeOf(low.seconds)}`,
        });
    }
  }
}

const rangeOf = ({ from, to }: Band): string =>
  to === Number.POSITIVE_INFINITY ? `above ${from}` : `${from} to ${to}`;

const timeOf = (seconds: number): string =>
  seconds % 3600 === 0
    ? `${seconds / 3600} h`
    : seconds % 60 === 0
      ? `${seconds / 60} min`
      : `${seconds} s`;

function lintTriggersOfPlans({ plans }: RunbookDocument, say: Say): void {
  const seen = new Map<string, string>();
  for (const plan of plans) {
    if (plan.trigger === null) continue;
    const key = plan.trigger
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, " ")
      .trim();
    const first = seen.get(key);
    const at = plan.sources["trigger"] ?? plan;
    if (first !== undefined)
      say("E006", { evidence: at, line: plan.line }, { first, second: plan.title });
    else seen.set(key, plan.title);
  }
}

const AT_ONCE = /\b(?:immediate(?:ly)?|at once|instantly|right away|straight away|asap)\b/i;

/** “Immediately assigned” beside “acknowledge within 1 hour”. */
function lintAssignments(
  { policy, document }: Pick<LintInput, "policy" | "document">,
  say: Say,
): void {
  for (const { severity, phrase } of policy.assignments) {
    const words = AT_ONCE.exec(phrase.text)?.[0];
    const promised = document.policy.severities.find(({ name }) => name === severity);
    const drawn = timeInGraph(document, severity);
    const time = drawn ?? promised?.acknowledge ?? null;
    if (words !== undefined && time !== null && secondsOf(time) > 0)
      say("W211", phrase.span, { severity, words, time });
  }
}

/** The time that the node behind a severity's node shows. */
function timeInGraph({ graphs }: RunbookDocument, severity: string): string | null {
  for (const { nodes, edges } of graphs) {
    const node = nodes.find(({ id, label }) => id === severity || label.startsWith(severity));
    const next = edges.find(({ from }) => from === node?.id)?.to;
    const label = nodes.find(({ id }) => id === next)?.label ?? "";
    const [first] = findDurations(label);
    if (first !== undefined) return first.iso;
  }
  return null;
}
