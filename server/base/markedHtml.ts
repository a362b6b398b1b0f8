/**
 * Markdown of others as HTML in which stretches of their text carry marks: “this sentence is step 3”.
 * Nothing runs in it, nothing is fetched by it, and it holds the words as they were typed.
 */
import type { Element, ElementContent, Nodes, Root, Text } from "hast";
import rehypeSanitize, { defaultSchema } from "rehype-sanitize";
import rehypeStringify from "rehype-stringify";
import remarkGfm from "remark-gfm";
import remarkParse from "remark-parse";
import remarkRehype from "remark-rehype";
import { unified } from "unified";

/** A stretch of the text in UTF-16, and the name that its elements get in `data-marks`. */
export type MarkedSpan = { readonly id: string; readonly start: number; readonly end: number };

export type Marked = {
  readonly text: string;
  readonly spans: readonly MarkedSpan[];
  /** Shown as it stands, before the rest: Markdown knows no front matter. */
  readonly front: { readonly start: number; readonly end: number } | null;
};

const asTyped = (
  _: unknown,
  node: { readonly value: string; readonly position?: Text["position"] },
): Text => ({
  type: "text",
  value: node.value,
  ...(node.position === undefined ? {} : { position: node.position }),
});

const attributes = defaultSchema.attributes ?? {};
const SCHEMA = {
  ...defaultSchema,
  // A picture is a request to whoever keeps it: it is shown as a link instead.
  tagNames: (defaultSchema.tagNames ?? []).filter((name) => name !== "img"),
  attributes: {
    ...attributes,
    a: [...(attributes["a"] ?? []), ["rel", "noopener", "noreferrer", "nofollow"]],
    pre: ["dataFront"],
    span: ["dataMarks"],
    "*": [...(attributes["*"] ?? []), "dataLine"],
  },
} as typeof defaultSchema;

const parser = unified().use(remarkParse).use(remarkGfm).freeze();
const toTree = unified()
  .use(remarkRehype, { handlers: { html: asTyped }, clobberPrefix: "" })
  .freeze();
// Sanitising comes last, so that nothing made before it can slip through.
const finish = unified().use(rehypeSanitize, SCHEMA).use(rehypeStringify).freeze();

/** It may take long: call it in a thread that can be stopped. */
export function toMarkedHtml({ text, spans, front }: Marked): string {
  const body =
    front === null
      ? text
      : `${text.slice(0, front.start)}${text.slice(front.start, front.end).replace(/[^\r\n]/g, " ")}${text.slice(front.end)}`;
  const tree = toTree.runSync(parser.parse(body)) as Root;
  const sorted = spans.toSorted((a, b) => a.start - b.start || b.end - a.end);
  decorate(tree, { text, spans: sorted, slugs: new Map() });
  if (front !== null) tree.children.unshift(frontElement(text, sorted, front));
  return finish.stringify(finish.runSync(tree));
}

type Around = {
  readonly text: string;
  readonly spans: readonly MarkedSpan[];
  /** How often a heading's name was given. */
  readonly slugs: Map<string, number>;
};

const LINED = new Set(["h1", "h2", "h3", "h4", "h5", "h6", "p", "li", "tr", "pre", "blockquote"]);
const HEADING = /^h[1-6]$/;

/** Gives lines to blocks, names to headings, marks to words, and nothing to fetch to anything. */
function decorate(node: Root | Element, around: Around): void {
  const children = node.children as ElementContent[];
  for (let at = 0; at < children.length; at++) {
    const child = children[at];
    if (child === undefined) continue;
    if (child.type === "text") {
      const parts = markedText(child, place(child) ?? codePlace(node, around.text), around);
      children.splice(at, 1, ...parts);
      at += parts.length - 1;
    } else if (child.type === "element") {
      const shown = harmless(child);
      children[at] = shown;
      decorate(shown, around);
      const line = shown.position?.start.line;
      if (line !== undefined && LINED.has(shown.tagName)) shown.properties["dataLine"] = line;
      if (HEADING.test(shown.tagName)) shown.properties["id"] ??= slugOf(shown, around.slugs);
    }
  }
}

/** Links lead out of here knowingly, and to parts of the page by the names that headings get. */
function harmless(element: Element): Element {
  if (element.tagName === "img") {
    const { src, alt } = element.properties;
    const words = typeof alt === "string" && alt !== "" ? alt : "picture";
    const link: Element = {
      ...element,
      tagName: "a",
      properties: { href: typeof src === "string" ? src : "" },
      children: [{ type: "text", value: words }],
    };
    return harmless(link);
  }
  if (element.tagName !== "a") return element;
  const { href, ...others } = element.properties;
  if (typeof href !== "string") return element;
  if (href.startsWith("#"))
    return { ...element, properties: { ...others, href: `#user-content-${href.slice(1)}` } };
  // A relative address would lead to a page of this server that has nothing to do with it.
  if (!/^(?:https?:\/\/|mailto:)/i.test(href))
    return { ...element, tagName: "span", properties: { title: href } };
  return {
    ...element,
    properties: { ...others, href, rel: ["noopener", "noreferrer", "nofollow"] },
  };
}

type Place = { readonly start: number; readonly end: number };

function place({ position }: Pick<Nodes, "position">): Place | null {
  const start = position?.start.offset;
  const end = position?.end.offset;
  return start === undefined || end === undefined ? null : { start, end };
}

/** The words of a fence stand below its first line; those of a code span behind its back ticks. */
function codePlace(node: Root | Element, text: string): Place | null {
  const whole = place(node);
  if (whole === null || node.type === "root") return null;
  const opening = /^[ \t>]*(`{3,}|~{3,})[^\n]*\n/.exec(text.slice(whole.start, whole.end));
  return { start: whole.start + (opening?.[0].length ?? 0), end: whole.end };
}

function markedText(node: Text, at: Place | null, { text, spans }: Around): ElementContent[] {
  if (at === null || node.value.trim() === "") return [node];
  const here = spans.filter(({ start, end }) => start < at.end && end > at.start);
  if (here.length === 0) return [node];
  const { value } = node;
  const offsets = alignment(value, text.slice(at.start, at.end)).map((each) => each + at.start);
  const places = here.map(({ id, start, end }) => ({
    id,
    from: rank(offsets, start),
    to: rank(offsets, end),
  }));
  const inside = places.flatMap(({ from, to }) => [from, to]);
  const cuts = [...new Set([0, value.length, ...inside])].toSorted((a, b) => a - b);
  return cuts.slice(0, -1).map((from, index): ElementContent => {
    const to = cuts[index + 1] ?? value.length;
    const ids = places.filter((each) => each.from < to && each.to > from).map(({ id }) => id);
    const words: Text = { type: "text", value: value.slice(from, to) };
    if (ids.length === 0) return words;
    return {
      type: "element",
      tagName: "span",
      properties: { dataMarks: ids.join(" ") },
      children: [words],
    };
  });
}

const ENTITY = /&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});/iy;

/**
 * Where each character of a text stands in its source, which has escapes, entities and the marks of
 * blocks between them. What cannot be found stands at the end.
 */
function alignment(value: string, source: string): number[] {
  const offsets: number[] = [];
  let at = 0;
  for (let index = 0; index < value.length; index++) {
    while (at < source.length && writtenLength(value, index, source, at) === 0) at += 1;
    offsets.push(at);
    const length = writtenLength(value, index, source, at);
    // An entity may stand for a character of two halves.
    const isPair = length > 1 && (value.codePointAt(index) ?? 0) > 0xffff;
    if (isPair) offsets.push(at);
    if (isPair) index += 1;
    at += length;
  }
  return offsets;
}

/** How much of the source writes this character, by itself or as an entity; 0: something else is there. */
function writtenLength(value: string, index: number, source: string, at: number): number {
  if (source[at] === "&") {
    ENTITY.lastIndex = at;
    const entity = ENTITY.exec(source)?.[0];
    if (entity !== undefined && !value.startsWith(entity, index)) return entity.length;
  }
  return source[at] === value[index] && at < source.length ? 1 : 0;
}

/** How many of the sorted offsets are below this one. */
function rank(offsets: readonly number[], offset: number): number {
  let low = 0;
  let high = offsets.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((offsets[middle] ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

function frontElement(text: string, spans: readonly MarkedSpan[], front: Place): Element {
  const value = text.slice(front.start, front.end).trimEnd();
  const words: Text = { type: "text", value };
  const children = markedText(words, front, { text, spans, slugs: new Map() });
  return {
    type: "element",
    tagName: "pre",
    properties: { dataFront: true, dataLine: 1 },
    children,
  };
}

/** As the usual hosts of repositories name headings, so that links of a document go on working. */
function slugOf(element: Element, given: Map<string, number>): string {
  const words = wordsOf(element)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replace(/\s/g, "-");
  const count = given.get(words) ?? 0;
  given.set(words, count + 1);
  return count === 0 ? words : `${words}-${count}`;
}

const wordsOf = (element: Element): string =>
  element.children
    .map((child) =>
      child.type === "text" ? child.value : child.type === "element" ? wordsOf(child) : "",
    )
    .join("");
