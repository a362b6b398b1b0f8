/**
 * The part of Mermaid that flowcharts of procedures use: nodes with shapes, edges with labels, chains,
 * “&”, subgraphs. Read letter by letter, so that no input makes it slow.
 */
import type { Code as CodeBlock } from "mdast";
import type { GraphEdge, GraphNode, RunbookGraph } from "../../../../contract/runbook.ts";
import { type Section, sectionsOf } from "./outline.ts";
import { spanOf } from "./phrase.ts";
import { evidence, type Source, type Span, squeeze } from "./source.ts";

const HEAD =
  /^\s{0,12}(?:graph|flowchart)(?:-\w{1,10})?(?:\s+(?:TB|TD|BT|RL|LR))?\s{0,9};?\s{0,9}$/i;
/** Lines that draw and say nothing about the flow. */
const STYLE =
  /^(?:style|classDef|class|click|linkStyle|subgraph|end|direction|accTitle|accDescr|title|%%)\b|^(?:%%|end$|:::)/;
/** More than this is no picture that anybody looked at. */
const MAX_EDGES = 2000;

const SHAPES: readonly (readonly [open: string, close: string, shape: GraphNode["shape"]])[] = [
  ["(((", ")))", "circle"],
  ["([", "])", "stadium"],
  ["((", "))", "circle"],
  ["[[", "]]", "box"],
  ["[(", ")]", "other"],
  ["{{", "}}", "other"],
  ["[/", "/]", "other"],
  ["[\\", "\\]", "other"],
  ["[", "]", "box"],
  ["(", ")", "round"],
  ["{", "}", "decision"],
  [">", "]", "other"],
];

type Cursor = { readonly text: string; at: number; readonly end: number };
type Ends = { readonly ids: readonly string[] };

export function graphsOf(
  source: Source,
  top: Section,
): { readonly graph: RunbookGraph; readonly section: Section }[] {
  return [top, ...sectionsOf(top)].flatMap((section) =>
    section.blocks.flatMap((block) => {
      const graph =
        block.type === "code" && /^mermaid\b/i.test(block.lang ?? "")
          ? graphIn(source, block)
          : null;
      return graph === null ? [] : [{ graph, section }];
    }),
  );
}

function graphIn(source: Source, block: CodeBlock): RunbookGraph | null {
  const span = spanOf(block);
  const nodes = new Map<string, GraphNode>();
  const edges: GraphEdge[] = [];
  let isFlow = false;
  for (const line of statementsOf(source.text, span)) {
    const text = source.text.slice(line.start, line.end);
    if (text.trim() === "" || /^\s*(?:`{3}|~{3})/.test(text)) continue;
    if (!isFlow) {
      isFlow = HEAD.test(text);
      if (!isFlow && !/^\s*(?:%%|---|title:)/.test(text)) return null;
      continue;
    }
    if (STYLE.test(text.trim())) continue;
    readStatement(source, line, nodes, edges);
    if (edges.length > MAX_EDGES) break;
  }
  if (!isFlow) return null;
  return {
    ...evidence(
      source,
      span,
      "certain",
      "a flowchart; it is checked against the text and never executed",
    ),
    nodes: [...nodes.values()],
    edges: edges.slice(0, MAX_EDGES),
    line: source.lineAt(span.start),
  };
}

/** Lines, and what “;” parts on one line, outside of quotes and brackets. */
function* statementsOf(text: string, { start, end }: Span): Generator<Span> {
  let from = start;
  let depth = 0;
  let quoted = false;
  for (let at = start; at <= end; at++) {
    const letter = at === end ? "\n" : (text[at] ?? "\n");
    if (letter === '"') quoted = !quoted;
    if (!quoted && "([{|".includes(letter)) depth += letter === "|" ? 0 : 1;
    if (!quoted && ")]}".includes(letter)) depth = Math.max(0, depth - 1);
    if (letter === "\n" || (letter === ";" && depth === 0 && !quoted)) {
      const stop = at > from && text[at - 1] === "\r" ? at - 1 : at;
      yield { start: from, end: stop };
      from = at + 1;
      if (letter === "\n") {
        depth = 0;
        quoted = false;
      }
    }
  }
}

function readStatement(
  source: Source,
  span: Span,
  nodes: Map<string, GraphNode>,
  edges: GraphEdge[],
): void {
  const cursor: Cursor = { text: source.text, at: span.start, end: span.end };
  let from = readEnds(source, cursor, nodes);
  while (from !== null && edges.length <= MAX_EDGES) {
    const link = readLink(cursor);
    if (link === null) return;
    const to = readEnds(source, cursor, nodes);
    if (to === null) return;
    const spot = { start: span.start + leading(source.text, span), end: cursor.at };
    for (const a of from.ids)
      for (const b of to.ids)
        if (edges.length <= MAX_EDGES)
          edges.push({
            ...evidence(source, spot, "certain", "a line of the flowchart"),
            from: a,
            to: b,
            label: link.label,
            line: source.lineAt(span.start),
          });
    from = to;
  }
}

const leading = (text: string, { start, end }: Span): number => {
  let count = 0;
  while (start + count < end && /\s/.test(text[start + count] ?? "")) count++;
  return count;
};

/** One node, or several joined by “&”. */
function readEnds(source: Source, cursor: Cursor, nodes: Map<string, GraphNode>): Ends | null {
  const ids: string[] = [];
  for (;;) {
    const id = readNode(source, cursor, nodes);
    if (id === null) break;
    ids.push(id);
    skipBlanks(cursor);
    if (cursor.text[cursor.at] !== "&") break;
    cursor.at++;
  }
  return ids.length === 0 ? null : { ids };
}

function readNode(source: Source, cursor: Cursor, nodes: Map<string, GraphNode>): string | null {
  skipBlanks(cursor);
  const start = cursor.at;
  while (cursor.at < cursor.end && /[\p{L}\p{N}_.]/u.test(cursor.text[cursor.at] ?? ""))
    cursor.at++;
  const id = cursor.text.slice(start, cursor.at);
  if (id === "") return null;
  const shape = readShape(cursor);
  if (cursor.text.startsWith(":::", cursor.at)) {
    cursor.at += 3;
    while (cursor.at < cursor.end && /[\w-]/.test(cursor.text[cursor.at] ?? "")) cursor.at++;
  }
  const known = nodes.get(id);
  if (known === undefined || (shape !== null && known.label === known.id))
    nodes.set(id, {
      ...evidence(source, { start, end: cursor.at }, "certain", "a node of the flowchart"),
      id,
      label: shape?.label ?? id,
      shape: shape?.shape ?? "box",
      line: source.lineAt(start),
    });
  return id;
}

function readShape(
  cursor: Cursor,
): { readonly label: string; readonly shape: GraphNode["shape"] } | null {
  for (const [open, close, shape] of SHAPES) {
    if (!cursor.text.startsWith(open, cursor.at) || cursor.at + open.length > cursor.end) continue;
    const from = cursor.at + open.length;
    const quoted = cursor.text[from] === '"';
    const search = quoted ? `"${close}` : close;
    const at = cursor.text.slice(from, cursor.end).indexOf(search, quoted ? 1 : 0);
    if (at < 0) continue;
    const label = cursor.text.slice(from + (quoted ? 1 : 0), from + at);
    cursor.at = from + at + search.length;
    return { label: labelText(label), shape };
  }
  return null;
}

/** An arrow or a line, with its label: `-->|yes|`, `-- yes -->`, `-.->`, `==>`, `---`. */
function readLink(cursor: Cursor): { readonly label: string | null } | null {
  skipBlanks(cursor);
  const start = cursor.at;
  if (/[<ox]/.test(cursor.text[start] ?? "") && /[-=]/.test(cursor.text[start + 1] ?? ""))
    cursor.at++;
  const stroke = readStroke(cursor);
  if (stroke.length < 2) return null;
  let label: string | null = null;
  if (!/[>]$/.test(stroke) && (stroke === "--" || stroke === "==" || stroke === "-.")) {
    // Words up to the second stroke.
    const rest = cursor.text.slice(cursor.at, cursor.end);
    const close = /(?:--+>?|==+>?|\.-+>?|-\.->?)/.exec(rest);
    if (close === null) return null;
    label = labelText(rest.slice(0, close.index));
    cursor.at += close.index;
    readStroke(cursor);
  }
  skipBlanks(cursor);
  if (cursor.text[cursor.at] === "|") {
    const close = cursor.text.slice(cursor.at + 1, cursor.end).indexOf("|");
    if (close < 0) return null;
    label = labelText(cursor.text.slice(cursor.at + 1, cursor.at + 1 + close));
    cursor.at += close + 2;
  }
  return { label: label === "" ? null : label };
}

function readStroke(cursor: Cursor): string {
  const start = cursor.at;
  while (cursor.at < cursor.end && "-=.".includes(cursor.text[cursor.at] ?? "#")) cursor.at++;
  if (cursor.at > start && cursor.at < cursor.end && cursor.text[cursor.at] === ">") cursor.at++;
  return cursor.text.slice(start, cursor.at);
}

function skipBlanks(cursor: Cursor): void {
  while (cursor.at < cursor.end && /\s/.test(cursor.text[cursor.at] ?? "")) cursor.at++;
}

const labelText = (text: string): string =>
  squeeze(
    text
      .replace(/<br\s?\/?>/gi, " ")
      .replace(/^["']|["']$/g, "")
      .replace(
        /&(?:lt|gt|amp);/g,
        (entity) => ({ "&lt;": "<", "&gt;": ">", "&amp;": "&" })[entity] ?? entity,
      ),
  );
