/** Flowcharts: their own defects, and where text and picture disagree. */
import type { RunbookDocument, RunbookGraph } from "../../../../contract/runbook.ts";
import { findDurations } from "./durations.ts";
import { defectsOf, factsOf, type GraphDefect, reach } from "./graphCheck.ts";
import type { LintInput, Say } from "./linting.ts";
import { severityOfCell } from "./severity.ts";
import { phaseTitle } from "./words.ts";

export function lintGraphs(input: LintInput, say: Say): void {
  const { document } = input;
  for (const graph of document.graphs) {
    for (const defect of defectsOf(graph)) sayDefect(defect, graph, say);
    comparePhases(graph, document, say);
    compareTimes(graph, document, say);
    compareAssignments(graph, input, say);
  }
}

function sayDefect(defect: GraphDefect, graph: RunbookGraph, say: Say): void {
  switch (defect.kind) {
    case "dead end":
      return say("W301", at(defect.node), { node: defect.node.label });
    case "unreachable":
      return say("W306", at(defect.node), { node: defect.node.label });
    case "several starts":
      return defect.nodes.slice(1).forEach((node) => say("W306", at(node), { node: node.label }));
    case "no effect":
      return say("W302", at(defect.node), { node: defect.node.label, meets: defect.meets.label });
    case "rejoins":
      return say("W305", at(defect.node), {
        node: defect.node.label,
        by: defect.by.label,
        meets: defect.meets.label,
      });
    case "fork without condition":
      return say("W303", at(defect.node), {
        node: defect.node.label,
        labels: defect.labels.join(", "),
      });
    case "loop without exit count":
      return say("W304", at(defect.edge), {
        path: defect.nodes.map(({ id }) => id).join(", "),
      });
  }
  return void graph;
}

const at = (thing: {
  readonly range: RunbookGraph["range"];
  readonly quote: string;
  readonly line: number;
}) => ({
  evidence: thing,
  line: thing.line,
});

/** Phases of the picture against phases of the text. */
function comparePhases(graph: RunbookGraph, { plans }: RunbookDocument, say: Say): void {
  const drawn = graph.nodes.flatMap((node) => {
    const parts = phaseTitle(node.label);
    return parts === null || parts.number === null
      ? []
      : [{ node, number: parts.number, title: parts.rest }];
  });
  if (drawn.length < 2) return;
  const written = plans.flatMap(({ phases }) =>
    phases.flatMap((phase) => {
      const parts = phaseTitle(phase.quote.replace(/^#{1,6}\s{1,4}/, ""));
      return parts === null || parts.number === null
        ? []
        : [{ phase, number: parts.number, title: phase.title }];
    }),
  );
  if (written.length === 0) return;
  if (drawn.length !== written.length)
    say("W307", at(graph), {
      difference: `The flowchart has ${drawn.length} phases, the text ${written.length}.`,
    });
  for (const { node, number, title } of drawn) {
    const other = written.find((one) => one.number === number);
    if (other !== undefined && plainWords(other.title) !== plainWords(title))
      say("W307", at(node), {
        difference: `Phase ${number} is “${title}” in the flowchart and “${other.title}” on line ${other.phase.line}.`,
      });
  }
}

const plainWords = (text: string): string =>
  text
    .toLowerCase()
    .replace(/\band\b|&/g, " ")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();

type Branch = { readonly severity: string; readonly node: RunbookGraph["nodes"][number] };

const branchesOf = (graph: RunbookGraph): readonly Branch[] =>
  graph.nodes.flatMap((node) => {
    const severity = severityOfCell(node.id) ?? severityOfCell(node.label);
    return severity === null ? [] : [{ severity, node }];
  });

/** “< 15 minutes” in the node behind a severity against the table's time to acknowledge. */
function compareTimes(graph: RunbookGraph, { policy }: RunbookDocument, say: Say): void {
  for (const { severity, node } of branchesOf(graph)) {
    const promised = policy.severities.find(({ name }) => name === severity);
    const next = graph.edges.find(({ from }) => from === node.id)?.to;
    const label = graph.nodes.find(({ id }) => id === next);
    const [drawn] = findDurations(label?.label ?? "");
    if (
      promised?.acknowledge === undefined ||
      promised.acknowledge === null ||
      drawn === undefined ||
      label === undefined
    )
      continue;
    if (drawn.iso !== promised.acknowledge)
      say("W209", at(label), {
        severity,
        first: promised.acknowledge,
        line: promised.sources["acknowledge"] === undefined ? promised.line : promised.line,
        second: drawn.iso,
      });
  }
}

const ASSIGNS = /\b(?:assign\w{0,3}|commander|on-?call|engineer|page|owner)\b/i;

/** A severity whose branch assigns nobody, though the text has a rule for it. */
function compareAssignments(graph: RunbookGraph, { policy }: LintInput, say: Say): void {
  if (policy.assignments.length === 0) return;
  const facts = factsOf(graph);
  const branches = branchesOf(graph);
  const assigned = branches.filter(({ node }) => assigns(graph, node.id, facts.out));
  if (assigned.length === 0) return;
  for (const { severity, node } of branches) {
    const rule = policy.assignments.find((one) => one.severity === severity);
    if (rule === undefined || assigned.some((one) => one.node === node)) continue;
    say("W308", at(node), { severity, words: rule.phrase.text });
  }
}

/** Whether one of the next two nodes on the way assigns somebody. */
function assigns(graph: RunbookGraph, id: string, out: ReturnType<typeof factsOf>["out"]): boolean {
  const near = (out.get(id) ?? []).flatMap(({ to }) => [
    to,
    ...(out.get(to) ?? []).map((edge) => edge.to),
  ]);
  const reached = reach([id], out);
  return graph.nodes.some(
    (node) => near.includes(node.id) && reached.has(node.id) && ASSIGNS.test(node.label),
  );
}
