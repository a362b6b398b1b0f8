/** The document as a tree of sections, each with the blocks that stand directly below its heading. */
import type { Heading, Nodes, Root, RootContent } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmTableFromMarkdown } from "mdast-util-gfm-table";
import { gfmTaskListItemFromMarkdown } from "mdast-util-gfm-task-list-item";
import { gfmTable } from "micromark-extension-gfm-table";
import { gfmTaskListItem } from "micromark-extension-gfm-task-list-item";
import { type Phrase, phraseOf, spanOf } from "./phrase.ts";
import type { Source, Span } from "./source.ts";

export type Section = {
  /** 0: what stands before the first heading, or the document itself. */
  readonly depth: number;
  /** Without number, emoji and closing colon. */
  readonly title: string;
  /** As it stands. */
  readonly heading: Phrase | null;
  readonly blocks: RootContent[];
  readonly children: Section[];
  readonly parent: Section | null;
  /** Headings without words below it, which begin nothing. */
  readonly hollow: Span[];
  readonly line: number;
  /** From its heading to its end, with everything below it. */
  span: Span;
};

const EXTENSIONS = [gfmTable(), gfmTaskListItem()];
const TREE_EXTENSIONS = [gfmTableFromMarkdown(), gfmTaskListItemFromMarkdown()];

/** `text` is the document's with front matter blanked out, so that offsets stay what they are. */
export const parseMarkdown = (text: string): Root =>
  fromMarkdown(text, { extensions: EXTENSIONS, mdastExtensions: TREE_EXTENSIONS });

/** How deep the tree goes; counted without recursion, because it may be deep. */
export function depthOf(root: Root): number {
  let deepest = 0;
  const open: [node: Nodes, depth: number][] = [[root, 0]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [node, depth] = next;
    deepest = Math.max(deepest, depth);
    if ("children" in node) for (const child of node.children) open.push([child, depth + 1]);
  }
  return deepest;
}

/** The tree of sections; its root stands for the whole document. */
export function outlineOf(source: Source, root: Root): Section {
  const end = source.text.length;
  const top: Section = {
    depth: 0,
    title: "",
    heading: null,
    blocks: [],
    children: [],
    parent: null,
    hollow: [],
    line: 1,
    span: { start: 0, end },
  };
  let current = top;
  for (const node of root.children) {
    if (node.type !== "heading") {
      current.blocks.push(node);
      continue;
    }
    const heading = phraseOf(source.text, node);
    if (heading.text.trim() === "") {
      current.hollow.push(spanOf(node));
      continue;
    }
    current = openSection(source, current, node, heading);
  }
  closeAll(current, end);
  return top;
}

function openSection(source: Source, before: Section, node: Heading, heading: Phrase): Section {
  let parent = before;
  const start = spanOf(node).start;
  while (parent.parent !== null && parent.depth >= node.depth) {
    parent.span = { start: parent.span.start, end: start };
    parent = parent.parent;
  }
  const section: Section = {
    depth: node.depth,
    title: titleOf(heading.text),
    heading,
    blocks: [],
    children: [],
    parent,
    hollow: [],
    line: source.lineAt(start),
    span: { start, end: start },
  };
  parent.children.push(section);
  return section;
}

function closeAll(last: Section, end: number): void {
  for (let section: Section | null = last; section?.parent; section = section.parent)
    section.span = { start: section.span.start, end };
}

const NUMBER_PREFIX = /^(?:§\s?)?\d{1,3}(?:\.\d{1,3}){0,5}[.):]?\s+(?=\S)/;
const LETTER_PREFIX = /^[A-Z][.)]\s+(?=\S)/;

/** A heading's words without number, emoji, anchors and closing marks. */
export function titleOf(text: string): string {
  const plain = text
    .replace(/\{#[^}]{0,80}\}/g, "")
    .replace(/\s+/g, " ")
    .replace(/^(?:\d\uFE0F?\u20E3\s{0,3}){1,2}/u, "")
    .replace(/^[^\p{L}\p{N}("'`§$<[{*_/.-]{1,8}/u, "")
    .trim();
  const bare = plain.replace(NUMBER_PREFIX, "").replace(LETTER_PREFIX, "");
  return trimEnd(bare, " :#*_");
}

/** `text` without any of `letters` at its end. */
export function trimEnd(text: string, letters: string): string {
  let end = text.length;
  while (end > 0 && letters.includes(text[end - 1] ?? "")) end--;
  return text.slice(0, end);
}

/** The sections in the order of the document, without the root. */
export function* sectionsOf(section: Section): Generator<Section> {
  for (const child of section.children) {
    yield child;
    yield* sectionsOf(child);
  }
}

/** Where its heading stands; for the root, where its first block does. */
export function headSpanOf(section: Section): Span {
  if (section.heading !== null) return section.heading.span;
  const first = section.blocks[0] ?? null;
  return first === null ? { start: 0, end: 0 } : spanOf(first);
}

/** True where it or one above it is in the set. */
export const isWithin = (section: Section | null, set: ReadonlySet<Section>): boolean =>
  section !== null && (set.has(section) || isWithin(section.parent, set));

/** Words as an id: lower case, joined by dashes, at most 60 letters long. */
export function slug(text: string): string {
  const words = text
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .slice(0, 60);
  return trimEnd(words.replace(/^-/, ""), "-");
}

/** Hands out ids that are unique among those it gave. */
export function unique(): (wanted: string) => string {
  const taken = new Set<string>();
  const counts = new Map<string, number>();
  return (wanted) => {
    const base = wanted === "" ? "part" : wanted;
    let count = counts.get(base) ?? 1;
    let id = base;
    while (taken.has(id)) id = `${base}-${++count}`;
    counts.set(base, count);
    taken.add(id);
    return id;
  };
}
