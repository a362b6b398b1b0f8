/**
 * The words of a paragraph, a heading or a cell without their marks, with a way back: which part of the
 * source any part of the words came from.
 */
import type { Nodes, PhrasingContent } from "mdast";
import type { Span } from "./source.ts";

export type Code = { readonly value: string; readonly at: number; readonly span: Span };

export type Phrase = {
  /** Lines are kept apart by "\n"; code stands without its backticks. */
  readonly text: string;
  readonly span: Span;
  readonly codes: readonly Code[];
  /** Bold words at the beginning, such as “**Owner:** …”; `end` is where they end in `text`. */
  readonly lead: { readonly text: string; readonly end: number; readonly span: Span } | null;
  /** Links and images, with what they point at. */
  readonly links: readonly { readonly target: string; readonly span: Span }[];
  /** Everything that can be seen stands in italics. */
  readonly isItalic: boolean;
  /** HTML between the words, such as “<name>” that was meant as a blank to fill. */
  readonly tags: readonly Code[];
  locate(start: number, end: number): Span;
};

type Segment = { readonly at: number; readonly value: string; readonly span: Span };

/** The stretch of the source that a node covers. */
export const spanOf = (node: Nodes): Span => ({
  start: node.position?.start.offset ?? 0,
  end: node.position?.end.offset ?? 0,
});

const LINE_ENDINGS = /\r\n|\r/g;

/** Many rules look at the same paragraph; its words are put together once. */
const known = new WeakMap<Nodes, Phrase>();

export function phraseOf(source: string, node: Nodes): Phrase {
  const before = known.get(node);
  if (before !== undefined) return before;
  const nodes: readonly Nodes[] = "children" in node ? node.children : [node];
  const phrase = phraseOfAll(source, nodes as readonly PhrasingContent[], spanOf(node));
  known.set(node, phrase);
  return phrase;
}

type Collector = {
  text: string;
  italic: number;
  visible: number;
  readonly segments: Segment[];
  readonly codes: Code[];
  readonly tags: Code[];
  readonly links: { target: string; span: Span }[];
};

function phraseOfAll(source: string, nodes: readonly PhrasingContent[], span: Span): Phrase {
  const found: Collector = {
    text: "",
    italic: 0,
    visible: 0,
    segments: [],
    codes: [],
    tags: [],
    links: [],
  };
  let lead: Phrase["lead"] = null;
  for (const [index, node] of nodes.entries()) {
    collect(node, found, false);
    const isFirst = index === 0 || found.text.slice(0, 4).trim().length === 0;
    if (node.type === "strong" && (isFirst || isDecoration(nodes.slice(0, index))))
      lead ??= { text: leadText(node), end: found.text.length, span: spanOf(node) };
  }
  const { text, segments } = found;
  return {
    text,
    span,
    lead,
    codes: found.codes,
    tags: found.tags,
    links: found.links,
    isItalic: found.visible > 0 && found.italic === found.visible,
    locate: (start, end) => locate(source, segments, span, start, end),
  };
}

const leadText = (node: Nodes): string => {
  const inner: Collector = {
    text: "",
    italic: 0,
    visible: 0,
    segments: [],
    codes: [],
    tags: [],
    links: [],
  };
  collect(node, inner, false);
  return inner.text;
};

/** An emoji, a number or an empty box before the bold words. */
const isDecoration = (nodes: readonly PhrasingContent[]): boolean => {
  const [only] = nodes;
  if (nodes.length !== 1 || only?.type !== "text") return false;
  return only.value.length <= 6 && !/[A-Za-z[(]/.test(only.value);
};

function collect(node: Nodes, found: Collector, italic: boolean): void {
  switch (node.type) {
    case "text":
      return add(node.value.replace(LINE_ENDINGS, "\n"), node, found, italic);
    case "inlineCode": {
      const value = node.value.replace(LINE_ENDINGS, "\n");
      found.codes.push({ value, at: found.text.length, span: spanOf(node) });
      return add(value, node, found, italic);
    }
    case "break":
      return add("\n", node, found, italic);
    case "image":
      found.links.push({ target: node.url, span: spanOf(node) });
      return add(node.alt ?? "", node, found, italic);
    case "html":
      found.tags.push({ value: node.value, at: found.text.length, span: spanOf(node) });
      return add(/^<br\s?\/?>$/i.test(node.value) ? "\n" : "", node, found, italic);
    case "link":
      found.links.push({ target: node.url, span: spanOf(node) });
      break;
    default:
  }
  if ("children" in node)
    for (const child of node.children) collect(child, found, italic || node.type === "emphasis");
}

function add(value: string, node: Nodes, found: Collector, italic: boolean): void {
  const letters = value.trim().length;
  found.visible += letters;
  if (italic) found.italic += letters;
  if (value !== "") found.segments.push({ at: found.text.length, value, span: spanOf(node) });
  found.text += value;
}

function locate(
  source: string,
  segments: readonly Segment[],
  span: Span,
  start: number,
  end: number,
): Span {
  const inside = segments.filter(
    ({ at, value }) => at < end && at + value.length > start && value.length > 0,
  );
  const first = inside[0];
  const last = inside.at(-1);
  if (first === undefined || last === undefined) return span;
  const from = offsetIn(source, first, Math.max(0, start - first.at)).start;
  const to = offsetIn(source, last, Math.min(last.value.length, end - last.at) - 1).end;
  return { start: Math.min(from, to), end: Math.max(from, to) };
}

/** Where one letter of a segment stands in the source. */
function offsetIn(source: string, segment: Segment, index: number): Span {
  const { value, span } = segment;
  if (span.end - span.start === value.length)
    return { start: span.start + index, end: span.start + index + 1 };
  const offsets = placesOf(source, segment);
  const at = Math.min(Math.max(0, index), value.length - 1) * 2;
  return { start: offsets[at] ?? span.start, end: offsets[at + 1] ?? span.end };
}

/** Walked once for all letters: a paragraph of many sentences asks for as many places. */
const places = new WeakMap<Segment, Int32Array>();

/** Begin and end of every letter. Escapes, entities and indents are stepped over. */
function placesOf(source: string, segment: Segment): Int32Array {
  const before = places.get(segment);
  if (before !== undefined) return before;
  const { value, span } = segment;
  const found = new Int32Array(value.length * 2);
  let at = span.start;
  for (let letter = 0; letter < value.length; letter++) {
    const wanted = value[letter] ?? "";
    at = skipTo(source, at, span.end, wanted);
    found[letter * 2] = at;
    at = endOfLetter(source, at, span.end, wanted);
    found[letter * 2 + 1] = at;
  }
  places.set(segment, found);
  return found;
}

const isBlank = (letter: string): boolean => letter === " " || letter === "\t" || letter === "\n";

function skipTo(source: string, from: number, end: number, wanted: string): number {
  for (let at = from; at < end; at++) {
    const letter = source[at] ?? "";
    if (letter === wanted || (wanted === "\n" && letter === "\r")) return at;
    if (letter === "&" || !(isBlank(letter) || ">\\`\r".includes(letter))) return at;
  }
  return Math.min(from, end);
}

function endOfLetter(source: string, at: number, end: number, wanted: string): number {
  if (source[at] === "\r" && source[at + 1] === "\n") return Math.min(at + 2, end);
  if (source[at] === "&" && wanted !== "&") {
    const semicolon = source.slice(at, Math.min(at + 40, end)).indexOf(";");
    if (semicolon > 0) return at + semicolon + 1;
  }
  return Math.min(at + 1, end);
}

/** A part of a phrase as a phrase. */
export function partOf(phrase: Phrase, start: number, end: number): Phrase {
  const text = phrase.text.slice(start, end);
  return {
    text,
    span: phrase.locate(start, end),
    codes: phrase.codes
      .filter(({ at }) => at >= start && at < end)
      .map((code) => ({ ...code, at: code.at - start })),
    tags: phrase.tags
      .filter(({ at }) => at >= start && at < end)
      .map((tag) => ({ ...tag, at: tag.at - start })),
    lead:
      phrase.lead !== null && start < phrase.lead.end && start === 0
        ? { ...phrase.lead, end: Math.min(phrase.lead.end, end) }
        : null,
    links: phrase.links,
    isItalic: phrase.isItalic,
    locate: (from, to) => phrase.locate(start + from, start + to),
  };
}

/** Its lines, each trimmed; empty ones are left out. */
export function linesOf(phrase: Phrase): readonly Phrase[] {
  const lines: Phrase[] = [];
  let start = 0;
  for (const line of phrase.text.split("\n")) {
    const trimmed = line.trim();
    const from = start + (line.length - line.trimStart().length);
    if (trimmed !== "") lines.push(withLead(phrase, partOf(phrase, from, from + trimmed.length)));
    start += line.length + 1;
  }
  return lines;
}

/** A line inside a paragraph may begin with bold words of its own. */
const withLead = (whole: Phrase, line: Phrase): Phrase =>
  line.lead !== null || whole.span.start === line.span.start ? line : line;

const SENTENCE_END = /[.!?:](?=[\s)"”]|$)/g;
const ABBREVIATION = /\b(?:e\.g|i\.e|etc|vs|approx|incl|resp|cf|no|fig|dept|st|mr|ms|dr)\.$/i;

/** “2.” at the beginning of a line: an item that Markdown took for words of the paragraph. */
const NUMBERED_LINE = /\n\s{0,8}\d{1,2}[.)]\s+/g;
const AT_NUMBER = /^\s{0,8}\d{1,2}[.)]\s+/;

/** Its sentences. What ends within code or in an abbreviation is no end. */
export function sentencesOf(phrase: Phrase): readonly Phrase[] {
  const ends = [...phrase.text.matchAll(SENTENCE_END)]
    .filter(({ 0: mark }) => mark !== ":")
    .map(({ index }) => index + 1)
    .filter((end) => !ABBREVIATION.test(phrase.text.slice(Math.max(0, end - 8), end)))
    .filter((end) => !isInside(phrase.text.slice(0, end), phrase.text.slice(end, end + 4)))
    .filter((end) => !/\n\s{0,8}\d{1,2}\.$/.test(phrase.text.slice(Math.max(0, end - 12), end)))
    .filter(
      (end) => !phrase.codes.some(({ at, value }) => at < end - 1 && end <= at + value.length),
    );
  const numbers = new Set([...phrase.text.matchAll(NUMBERED_LINE)].map(({ index }) => index));
  const stops = [...new Set([...ends, ...numbers, phrase.text.length])].toSorted((a, b) => a - b);
  const parts: Phrase[] = [];
  let start = 0;
  for (const end of stops) {
    const raw = phrase.text.slice(start, end);
    const mark = numbers.has(start) ? (AT_NUMBER.exec(raw)?.[0].length ?? 0) : 0;
    const from = start + Math.max(mark, raw.length - raw.trimStart().length);
    if (raw.slice(mark).trim() !== "")
      parts.push(partOf(phrase, from, start + raw.trimEnd().length));
    start = end;
  }
  return parts;
}

/** A small letter goes on, unless a new line begins with it behind a whole word. */
const isInside = (before: string, after: string): boolean =>
  /^\s+[a-z(]/.test(after) && !(/^\s*\n/.test(after) && /[a-z]{3,}[.!?]$/.test(before.slice(-5)));
