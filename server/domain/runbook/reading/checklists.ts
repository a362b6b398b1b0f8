/** Reusable lists without clock or trigger, what is still open, and what a document points at. */
import type { Nodes } from "mdast";
import type { ChecklistItem, RunbookChecklist, RunbookLink } from "../../../../contract/runbook.ts";
import { type Item, itemsOf } from "./blocks.ts";
import { isWithin, type Section, sectionsOf, slug } from "./outline.ts";
import { spanOf } from "./phrase.ts";
import { evidence, type Source, squeeze } from "./source.ts";
import { classOfTitle } from "./words.ts";

export type ChecklistsRead = {
  readonly checklists: readonly RunbookChecklist[];
  readonly sections: ReadonlySet<Section>;
};

/** `taken`: sections whose steps belong to a plan, or that are forms. */
export function readChecklists(
  source: Source,
  top: Section,
  taken: ReadonlySet<Section>,
  isSkill: boolean,
  give: (id: string) => string,
): ChecklistsRead {
  const checklists: RunbookChecklist[] = [];
  const sections = new Set<Section>();
  for (const section of sectionsOf(top)) {
    if (taken.has(section) || isWithin(section, sections)) continue;
    const isTitled =
      classOfTitle(section.title) === "checklist" && (!isSkill || NAMED.test(section.title));
    const isTasks = !isSkill && isTaskList(source, section) && !isIdleTitle(section);
    if (!isTitled && !isTasks) continue;
    const items = itemsBelow(source, section);
    if (items.length < (isTitled ? 1 : 2)) continue;
    const span = section.heading?.span ?? section.span;
    const reason = isTitled
      ? "a list below a heading that names a checklist"
      : "a list of boxes to tick, with no trigger";
    checklists.push({
      ...evidence(source, span, isTitled ? "certain" : "likely", reason),
      id: give(slug(section.title)),
      title: section.title,
      items,
      line: section.line,
    });
    sections.add(section);
  }
  return { checklists, sections };
}

/** In a skill, prerequisites are those of the skill. */
const NAMED = /\bchecklists?\b|\bdefinition of done\b/i;

const isIdleTitle = ({ title }: Section): boolean =>
  ["reference", "report", "open"].includes(classOfTitle(title));

function isTaskList(source: Source, section: Section): boolean {
  const items = section.blocks.flatMap((block) =>
    block.type === "list" ? itemsOf(source, block) : [],
  );
  return items.length >= 2 && items.every(({ checked }) => checked !== null);
}

function itemsBelow(source: Source, section: Section): ChecklistItem[] {
  return [section, ...sectionsOf(section)].flatMap((part) =>
    part.blocks.flatMap((block) =>
      block.type === "list" ? itemsIn(source, itemsOf(source, block), 0) : [],
    ),
  );
}

function itemsIn(source: Source, items: readonly Item[], depth: number): ChecklistItem[] {
  return items.flatMap(({ phrase, checked, lists }) => {
    const inner = lists.flatMap((list) => itemsIn(source, itemsOf(source, list), depth + 1));
    if (phrase === null || phrase.text.trim() === "") return inner;
    const own: ChecklistItem = {
      ...evidence(source, phrase.span, "certain", "an item of a checklist"),
      text: squeeze(phrase.text),
      checked,
      depth,
      line: source.lineAt(phrase.span.start),
    };
    return [own, ...inner];
  });
}

/** The items of sections such as “Open Items”. */
export function readFollowUps(
  source: Source,
  top: Section,
): {
  readonly items: ChecklistItem[];
  readonly sections: ReadonlySet<Section>;
} {
  const sections = new Set(
    [...sectionsOf(top)].filter(({ title }) => classOfTitle(title) === "open"),
  );
  return { items: [...sections].flatMap((section) => itemsBelow(source, section)), sections };
}

/** Without scheme or host: what may be a file beside the document, or a place in it. */
const RELATIVE = /^(?![a-z][a-z0-9+.-]{1,20}:)(?!\/\/)[^\s]{1,500}$/i;
const FILE = /^(?:\.{1,2}\/)?[\w.-]{1,80}(?:\/[\w .-]{1,80}){0,8}\.(?:md|mdx|markdown|rst|adoc)$/i;

const WRITES =
  /\b(?:save|write|export|output|store|dump|create|generate|produce|consolidate|record|append)(?:[ds]|ing)?\b[^.]{0,60}(?:\b(?:to|into|in|as|at)\b)?[\s:]*$/i;

/** Relative links, and files named in code, once each for every target and line. */
export function linksOf(source: Source, top: Section): RunbookLink[] {
  const found = new Map<string, RunbookLink>();
  const put = (target: string, node: Nodes, reason: string): void => {
    const span = spanOf(node);
    const line = source.lineAt(span.start);
    const key = `${target}:${line}`;
    if (!found.has(key))
      found.set(key, {
        ...evidence(source, span, reason.startsWith("a link") ? "certain" : "likely", reason),
        target,
        line,
      });
  };
  const written = new Set<string>();
  const visit = (node: Nodes): void => {
    if (
      (node.type === "link" || node.type === "image" || node.type === "definition") &&
      RELATIVE.test(node.url)
    )
      put(node.url, node, "a link without a host");
    if (node.type === "inlineCode" && FILE.test(node.value))
      put(node.value, node, "the name of a document");
    if (!("children" in node)) return;
    for (const [at, child] of node.children.entries()) {
      const before = node.children[at - 1];
      // What the procedure itself writes need not be there yet.
      if (child.type === "inlineCode" && before?.type === "text" && WRITES.test(before.value))
        written.add(child.value);
      visit(child);
    }
  };
  for (const section of [top, ...sectionsOf(top)]) for (const block of section.blocks) visit(block);
  return [...found.values()].filter(({ target }) => !written.has(target));
}

/** The ids that headings get on code hosts, and those set in HTML. */
export function anchorsOf(source: Source, top: Section): ReadonlySet<string> {
  const anchors = new Set<string>();
  const counts = new Map<string, number>();
  for (const { heading } of sectionsOf(top)) {
    if (heading === null) continue;
    const base = heading.text
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/\s/g, "-");
    const count = counts.get(base) ?? 0;
    counts.set(base, count + 1);
    anchors.add(count === 0 ? base : `${base}-${count}`);
    const own = /\{#([\w-]{1,80})\}/.exec(heading.text)?.[1];
    if (own !== undefined) anchors.add(own.toLowerCase());
  }
  for (const found of source.text.matchAll(/\b(?:id|name)=["']([^"'\n]{1,120})["']/g))
    anchors.add((found[1] ?? "").toLowerCase());
  return anchors;
}
