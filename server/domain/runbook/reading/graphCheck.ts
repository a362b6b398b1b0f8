/** What is wrong with a flowchart, or at odds with the text. Each is a hint; nothing is blocked by it. */
import type { GraphEdge, GraphNode, RunbookGraph } from "../../../../contract/runbook.ts";

export type GraphDefect =
  | { readonly kind: "dead end"; readonly node: GraphNode }
  | { readonly kind: "unreachable"; readonly node: GraphNode }
  | { readonly kind: "several starts"; readonly nodes: readonly GraphNode[] }
  | { readonly kind: "no effect"; readonly node: GraphNode; readonly meets: GraphNode }
  | {
      readonly kind: "rejoins";
      readonly node: GraphNode;
      readonly meets: GraphNode;
      readonly by: GraphNode;
    }
  | {
      readonly kind: "fork without condition";
      readonly node: GraphNode;
      readonly labels: readonly string[];
    }
  | {
      readonly kind: "loop without exit count";
      readonly nodes: readonly GraphNode[];
      readonly edge: GraphEdge;
    };

type Facts = {
  readonly byId: ReadonlyMap<string, GraphNode>;
  readonly out: ReadonlyMap<string, readonly GraphEdge[]>;
  readonly into: ReadonlyMap<string, readonly GraphEdge[]>;
};

const CLOSES =
  /\b(?:end|ends|ended|close|closed|done|finish|finished|complete|completed|stop|exit|resolved)\b/i;
/** Labels of a choice; others name who acts, so that all of them do. */
const CONDITION =
  /^(?:yes|no|true|false|ok|fail|failed|pass|passed|success|else|if|when|otherwise|sev|p[0-5])\b|[<>=?]|\b(?:not|un\w+able|found|normal|degraded|minor|major|complete|full|gradual|partial|high|low|critical)\b/i;

export function factsOf(graph: RunbookGraph): Facts {
  const out = new Map<string, GraphEdge[]>();
  const into = new Map<string, GraphEdge[]>();
  for (const edge of graph.edges) {
    out.set(edge.from, [...(out.get(edge.from) ?? []), edge]);
    into.set(edge.to, [...(into.get(edge.to) ?? []), edge]);
  }
  return { byId: new Map(graph.nodes.map((node) => [node.id, node])), out, into };
}

export function defectsOf(graph: RunbookGraph): readonly GraphDefect[] {
  if (graph.nodes.length < 2 || graph.edges.length === 0) return [];
  const facts = factsOf(graph);
  const roots = graph.nodes.filter(({ id }) => !facts.into.has(id));
  const reached = reach(
    roots.slice(0, 1).map(({ id }) => id),
    facts.out,
  );
  return [
    ...(roots.length > 1 ? [{ kind: "several starts" as const, nodes: roots }] : []),
    ...deadEnds(graph, facts),
    ...graph.nodes
      .filter(({ id }) => !reached.has(id) && roots.length === 1)
      .map((node) => ({ kind: "unreachable" as const, node })),
    ...graph.nodes.flatMap((node) => choiceDefects(node, facts)),
    ...loops(graph, facts),
  ];
}

export function reach(from: readonly string[], out: Facts["out"]): ReadonlySet<string> {
  const seen = new Set(from);
  const open = [...from];
  for (let id = open.pop(); id !== undefined; id = open.pop())
    for (const { to } of out.get(id) ?? [])
      if (!seen.has(to)) {
        seen.add(to);
        open.push(to);
      }
  return seen;
}

/** Ends of the flow that are not its end. One end alone is the end, whatever it is called. */
function deadEnds(graph: RunbookGraph, facts: Facts): readonly GraphDefect[] {
  const ends = graph.nodes.filter(({ id }) => !facts.out.has(id));
  if (ends.length < 2) return [];
  const meant = ends.filter(
    ({ label, id, shape }) => CLOSES.test(label) || CLOSES.test(id) || shape === "stadium",
  );
  return ends
    .filter((node) => meant.length > 0 && !meant.includes(node))
    .map((node) => ({ kind: "dead end" as const, node }));
}

function choiceDefects(node: GraphNode, facts: Facts): readonly GraphDefect[] {
  const edges = facts.out.get(node.id) ?? [];
  if (edges.length < 2) return [];
  const defects: GraphDefect[] = [];
  const targets = [...new Set(edges.map(({ to }) => to))];
  const [first] = targets;
  const meets = facts.byId.get(first ?? "");
  if (targets.length === 1 && meets !== undefined) defects.push({ kind: "no effect", node, meets });
  if (node.shape === "decision") defects.push(...rejoining(node, targets, facts));
  const labels = edges.flatMap(({ label }) => (label === null ? [] : [label]));
  if (
    node.shape !== "decision" &&
    targets.length > 1 &&
    labels.length === edges.length &&
    labels.every((label) => !CONDITION.test(label))
  )
    defects.push({ kind: "fork without condition", node, labels });
  return defects;
}

/** One branch goes through a single node straight to where the other leads. */
function rejoining(
  node: GraphNode,
  targets: readonly string[],
  facts: Facts,
): readonly GraphDefect[] {
  return targets.flatMap((through) => {
    const [only, ...others] = facts.out.get(through) ?? [];
    const by = facts.byId.get(through);
    const meets = facts.byId.get(only?.to ?? "");
    const isOnlyWay = (facts.into.get(through) ?? []).length === 1;
    if (
      only === undefined ||
      others.length > 0 ||
      by === undefined ||
      meets === undefined ||
      !isOnlyWay
    )
      return [];
    const goesOn = (facts.out.get(meets.id) ?? []).length > 0;
    return targets.includes(only.to) && only.to !== through && goesOn
      ? [{ kind: "rejoins" as const, node, meets, by }]
      : [];
  });
}

/** Edges that lead back, each with the nodes of its loop. Counted loops say so in a label. */
function loops(graph: RunbookGraph, facts: Facts): readonly GraphDefect[] {
  const order = depthFirst(graph, facts);
  return order.back.slice(0, 50).flatMap((edge) => {
    const ahead = reach([edge.to], facts.out);
    const behind = reach([edge.from], facts.into.size === 0 ? new Map() : reversed(facts.into));
    const nodes = graph.nodes.filter(({ id }) => ahead.has(id) && behind.has(id));
    const words = [
      ...nodes.map(({ label }) => label),
      ...graph.edges
        .filter(
          ({ from, to }) =>
            nodes.some(({ id }) => id === from) && nodes.some(({ id }) => id === to),
        )
        .map(({ label }) => label ?? ""),
    ].join(" ");
    const isCounted =
      /\b(?:\d+ ?(?:x|times|attempts|tries|retries)|max(?:imum)?|up to \d+|attempts?|retries)\b/i.test(
        words,
      );
    return isCounted ? [] : [{ kind: "loop without exit count" as const, nodes, edge }];
  });
}

const reversed = (into: Facts["into"]): ReadonlyMap<string, readonly GraphEdge[]> =>
  new Map(
    [...into].map(([id, edges]) => [
      id,
      edges.map((edge) => ({ ...edge, from: edge.to, to: edge.from })),
    ]),
  );

/** Edges to a node that is still open when they are walked: one for each loop. */
function depthFirst(graph: RunbookGraph, facts: Facts): { readonly back: readonly GraphEdge[] } {
  const state = new Map<string, "open" | "done">();
  const back: GraphEdge[] = [];
  for (const { id: root } of graph.nodes) {
    if (state.has(root)) continue;
    const stack: { readonly id: string; next: number }[] = [{ id: root, next: 0 }];
    state.set(root, "open");
    while (stack.length > 0) {
      const top = stack.at(-1);
      if (top === undefined) break;
      const edge = facts.out.get(top.id)?.[top.next++];
      if (edge === undefined) {
        state.set(top.id, "done");
        stack.pop();
      } else if (state.get(edge.to) === "open") back.push(edge);
      else if (!state.has(edge.to)) {
        state.set(edge.to, "open");
        stack.push({ id: edge.to, next: 0 });
      }
    }
  }
  return { back };
}
