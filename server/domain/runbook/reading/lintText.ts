/** Words that nobody can act on, places that lead nowhere, gaps. */
import type { Nodes } from "mdast";
import { anchorsOf } from "./checklists.ts";
import type { LintInput, Say } from "./linting.ts";
import { headSpanOf, type Section, sectionsOf } from "./outline.ts";
import { spanOf } from "./phrase.ts";
import { phaseTitle } from "./words.ts";

/** Words that stand for something agreed elsewhere, when nothing says what. */
const VAGUE =
  /\b(?:off-?peak (?:window|hours)|peak hours|maintenance window|change window|predefined (?:api|process|procedure)|standard (?:process|procedure)|usual (?:process|channels?)|appropriate (?:team|person|people|channels?)|relevant (?:teams?|people|parties)|(?<!\d )(?:\d{1,3}|one) cycles?|in a timely manner|reasonable time)\b/gi;
const TODO =
  /^(?:TODO|TBD|FIXME|TBC|WIP|XXX|coming soon|to be (?:written|added|defined|done))\b[:.]?/i;
const PERSON =
  /(?:^|[\s:(,])(?:contact|ask|call|page|notify|email|escalate to|reach out to|owner:|lead:)\s{1,2}(?<name>[A-Z][a-z]{2,14} [A-Z][a-z]{2,18})(?![\w-])/g;
/** Capital letters that are no name of a person. */
const NO_PERSON =
  /\b(?:Team|Support|Officer|Manager|Engineer|Engineers|Lead|Commander|Security|Data|Platform|Legal|Operations|Service|Services|Desk|Center|Centre|Incident|Response|Database|Customer|Success|Product|Network|Infrastructure|Privacy|Compliance|Chief|Head|Vice|Site|Reliability|On|Call|Primary|Secondary|Human|Resources|Public|Relations|Finance|Growth|Trust|Affected|Internal|External|Executive|Senior|Business|Owner|Owners|Department|Group|Office|Administrator|Admin|Console|Cloud|Amazon|Google|Azure|Microsoft|Subject|Matter|Expert|Liaison|Deputy|General|Counsel|Law|Enforcement|Account|Premium|Enterprise|Help|Stakeholders|Leadership|Management|Board|Director|Pager|Duty|Status|Page|Release|Quality|Assurance|Development|Analytics|Domain|Guild|Squad|Analyst|Responder|Responders)\b/;

export function lintText(input: LintInput, say: Say): void {
  const { source, top, document } = input;
  const prose = proseOf(input);
  for (const { start, end } of prose) {
    const text = source.text.slice(start, end);
    for (const found of text.matchAll(VAGUE)) {
      const word = found[0];
      if (isDefined(input, word, start + found.index)) continue;
      say("W401", { start: start + found.index, end: start + found.index + word.length }, { word });
    }
    for (const found of text.matchAll(PERSON)) {
      const name = found.groups?.["name"] ?? "";
      if (NO_PERSON.test(name)) continue;
      const from = start + found.index + found[0].lastIndexOf(name);
      say("W204", { start: from, end: from + name.length }, { name });
    }
    const foreign = FOREIGN.exec(text);
    if (foreign !== null) say("I007", { start, end });
  }
  lintAnchors(input, say);
  lintSections(top, input, say);
  lintTodos(input, say);
  for (const { phases } of document.plans)
    for (const phase of phases)
      if (phase.steps.length === 0)
        say("W408", { evidence: phase, line: phase.line }, { title: phase.title });
}

/** A run of letters of a script that English is not written in. */
const FOREIGN =
  /[\p{Script=Thai}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Cyrillic}\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Devanagari}]{4}/u;

/** Paragraphs, wherever they stand, without those of code. */
function proseOf({ root }: LintInput): readonly { readonly start: number; readonly end: number }[] {
  const found: { start: number; end: number }[] = [];
  const open: Nodes[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.type === "paragraph") found.push(spanOf(node));
    else if ("children" in node) open.push(...node.children);
  }
  return found.toSorted((a, b) => a.start - b.start);
}

/** The word stands a second time with something that tells what it is. */
function isDefined({ source }: LintInput, word: string, at: number): boolean {
  if (/^(?:in a timely|reasonable)/i.test(word)) return false;
  const lower = source.text.toLowerCase();
  const wanted = word.toLowerCase();
  for (let next = lower.indexOf(wanted); next >= 0; next = lower.indexOf(wanted, next + 1)) {
    const behind = source.text.slice(next + wanted.length, next + wanted.length + 24);
    if (/^\s{0,2}(?:[:=(]\s?(?=.{0,20}\d)|(?:is|are|means)\s)/.test(behind)) return true;
    if (
      next !== at &&
      /^#{1,6}[^\n]*$/.test(source.text.slice(source.text.lastIndexOf("\n", next) + 1, next + 2))
    )
      return true;
  }
  return false;
}

/** Links to headings that are not there. */
function lintAnchors({ source, top, document }: LintInput, say: Say): void {
  const anchors = anchorsOf(source, top);
  for (const link of document.links) {
    if (!link.target.startsWith("#") || link.target === "#") continue;
    const wanted = safeDecode(link.target.slice(1)).toLowerCase();
    if (!anchors.has(wanted))
      say("W402", { evidence: link, line: link.line }, { target: link.target });
  }
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function lintSections(top: Section, { document }: LintInput, say: Say): void {
  const forms = new Set(document.forms.flatMap((form) => form.sections.map(({ line }) => line)));
  const isForm = document.kind === "form";
  for (const section of sectionsOf(top)) {
    const isEmpty =
      section.blocks.filter(({ type }) => type !== "thematicBreak" && type !== "html").length === 0;
    if (isEmpty && section.children.length === 0 && !isForm && !forms.has(section.line))
      say("W403", headSpanOf(section), { title: section.title });
  }
  for (const section of [top, ...sectionsOf(top)]) {
    const numbers = section.children.flatMap((child) => {
      const number = phaseTitle(child.title)?.number ?? null;
      return number === null ? [] : [{ child, number }];
    });
    for (const [index, { child, number }] of numbers.entries()) {
      const before = numbers[index - 1]?.number;
      if (before !== undefined && number > before + 1)
        say("W407", headSpanOf(child), { before, after: number });
    }
  }
}

function lintTodos({ root }: LintInput, say: Say): void {
  const open: Nodes[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (!("children" in node)) continue;
    for (const [at, child] of node.children.entries()) {
      if (child.type !== "inlineCode" && child.type !== "text") continue;
      const words = child.value.trim();
      const next = node.children[at + 1];
      // “Write `TODO` notes into the room” speaks of the word.
      const isSpokenOf = /^\w+$/.test(words) && next?.type === "text" && /^ [a-z]/.test(next.value);
      if (TODO.test(words) && !isSpokenOf)
        say("W406", spanOf(child), { text: words.replace(/[.,;:]$/, "") });
    }
    open.push(...node.children);
  }
}
