/** Owner, review, status, title: what a reader needs to know before trusting a document. */
import type { LintInput, Say } from "./linting.ts";
import { headSpanOf, sectionsOf, slug } from "./outline.ts";
import { endOfLine, type Span } from "./source.ts";

const SKILL_NAME = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;
/** What a sentence does not end with. */
const OPEN_END = /(?:\s(?:[a-z]{1,2}|pr|and|or|the|of|with|incl?|includes|for)|[,\u2026]|\.{3})$/;
const DRAFT = /\b(?:draft|wip|work in progress|proposed|proposal|outdated|obsolete|deprecated)\b/i;
const MIN_CUT = 60;

export function lintMetadata(input: LintInput, say: Say): void {
  const { document, front, top, isSkill, isReport, source } = input;
  const { metadata } = document;
  const head = headOf(input);
  if (front?.problem) say("E005", front.span, { problem: front.problem });
  if (metadata.owner === null) say("W101", head);
  if (metadata.lastReviewed === null && !isReport) {
    say("W102", head);
    const changed = metadata.entries.find(({ value }) => value === metadata.lastUpdated);
    if (metadata.lastUpdated !== null && changed !== undefined)
      say("I006", { evidence: changed, line: changed.line }, { key: changed.key });
  }
  for (const entry of metadata.entries) {
    const at = { evidence: entry, line: entry.line };
    if (entry.key === "status" && DRAFT.test(entry.value)) say("W103", at, { status: entry.value });
    if (isSkill && entry.key === "name" && !SKILL_NAME.test(entry.value))
      say("I004", at, { name: entry.value, better: slug(entry.value) });
    const isProse = entry.key === "description" && entry.value.length >= MIN_CUT;
    if (isProse && OPEN_END.test(entry.value) && !/[.!?)"”]$/.test(entry.value))
      say("I005", at, { key: entry.key, end: entry.value.slice(-30) });
  }
  if (front?.form === "underscore-rule") say("I001", front.span);
  if (![...sectionsOf(top)].some(({ depth }) => depth === 1) && source.text.trim() !== "")
    say("I002", head);
  const isIdle =
    document.plans.length === 0 && document.forms.length === 0 && document.checklists.length === 0;
  const hasPolicy = document.policy.severities.length > 0 || document.policy.triggers.length > 0;
  if (document.kind === "reference" || (isIdle && !hasPolicy))
    say("I003", head, { reason: document.reason });
}

/** The title, or what stands first. */
function headOf({ top, source }: LintInput): Span {
  const [first] = top.children;
  if (first?.heading) return headSpanOf(first);
  const start = Math.max(0, source.text.search(/\S/));
  return { start, end: endOfLine(source.text, start) };
}
