/** Who is asked after whom: a line with arrows, an ordered list, a table; and “Escalate to X if …”. */
import type { List, RootContent } from "mdast";
import type { ConditionalEscalation, EscalationLevel } from "../../../../contract/runbook.ts";
import { type Item, itemsOf, labelOf } from "./blocks.ts";
import { findDurations } from "./durations.ts";
import { gridsIn } from "./grid.ts";
import { guardIn } from "./guard.ts";
import { type Section, slug } from "./outline.ts";
import { linesOf, partOf, type Phrase, phraseOf, sentencesOf } from "./phrase.ts";
import { evidence, type Source, squeeze } from "./source.ts";
import { classOfTitle, isRoleLike } from "./words.ts";

const ARROW = /\s?(?:\u2192|\u27a1\ufe0f?|\u21d2|\u279c|\u27a4|-{1,3}>|={1,2}>|\u2794)\s?/gu;
const ESCALATES = /\bescalat\w{1,5}/i;
const ROLE_COLUMN = /\b(?:contact|role|who|escalate to|team|owner|person|name)\b/i;
const PATH =
  /\bescalation (?:path|policy|matrix|order|chain|levels?|procedure|contacts?|list)\b|^escalation$/i;

/** The escalation path in a section's own blocks: the levels, in order. */
export function escalationIn(source: Source, section: Section): EscalationLevel[] {
  let label = section.title;
  for (const block of section.blocks) {
    if (block.type === "paragraph") {
      const phrase = phraseOf(source.text, block);
      const levels = arrowLevels(source, phrase, label);
      if (levels.length >= 2) return levels;
      label = labelOf(phrase) ?? squeeze(phrase.text).slice(-120);
      continue;
    }
    const levels = levelsOfBlock(source, block, label, section);
    if (levels.length >= 2) return levels;
  }
  return [];
}

function levelsOfBlock(
  source: Source,
  block: RootContent,
  label: string,
  section: Section,
): EscalationLevel[] {
  if (block.type === "list") {
    for (const { phrase } of itemsOf(source, block)) {
      const levels = phrase === null ? [] : arrowLevels(source, phrase, label);
      if (levels.length >= 2) return levels;
    }
    const isPath =
      PATH.test(label) ||
      (PATH.test(section.title) && classOfTitle(section.title) === "escalation");
    return isPath ? listLevels(source, block) : [];
  }
  if (!ESCALATES.test(section.title) && !ESCALATES.test(label)) return [];
  for (const grid of gridsIn(source, block)) {
    const roleColumn = grid.header.findIndex(({ text }) => ROLE_COLUMN.test(text));
    // Who is responsible for what is no order in which people are called.
    if (roleColumn < 0 || grid.header.some(({ text }) => /\bresponsib/i.test(text))) continue;
    const afterColumn = grid.header.findIndex(({ text }) =>
      /\b(?:after|time|when|timeout|sla|wait|response)\b/i.test(text),
    );
    const levels = grid.rows.flatMap((cells) => {
      const cell = cells[roleColumn];
      const after = findDurations(cells[afterColumn]?.text ?? "")[0]?.iso ?? null;
      return cell === undefined || squeeze(cell.text) === ""
        ? []
        : [level(source, cell, after, "a row of an escalation table")];
    });
    if (levels.length >= 2) return levels;
  }
  return [];
}

/** A line with two arrows or more between names; menus and data flows have none of the words. */
function arrowLevels(source: Source, phrase: Phrase, label: string): EscalationLevel[] {
  for (const line of linesOf(phrase)) {
    const arrows = [...line.text.matchAll(ARROW)].filter(
      ({ index }) =>
        !phrase.codes.some(({ at, value }) => at <= index && index < at + value.length),
    );
    if (arrows.length < 2 || line.text.length > 400) continue;
    const isNamed = ESCALATES.test(label) || ESCALATES.test(phrase.text);
    const parts = partsBetween(line, arrows);
    const roles = parts.filter(({ text }) => isRoleLike(withoutTime(text)));
    if (!isNamed && roles.length < parts.length) continue;
    return parts.map((part) => {
      const after = findDurations(part.text)[0]?.iso ?? null;
      return level(source, part, after, "names between arrows");
    });
  }
  return [];
}

function partsBetween(line: Phrase, arrows: readonly RegExpExecArray[]): readonly Phrase[] {
  const parts: Phrase[] = [];
  let start = 0;
  // “Escalation path: a → b”: what stands before the colon is no level.
  const colon = line.text.slice(0, arrows[0]?.index ?? 0).lastIndexOf(": ");
  if (colon >= 0) start = colon + 2;
  for (const end of [...arrows.map(({ index }) => index), line.text.length]) {
    const raw = line.text.slice(start, end).replace(/[.;]\s{0,3}$/, "");
    const from = start + (raw.length - raw.trimStart().length);
    if (raw.trim() !== "") parts.push(partOf(line, from, start + raw.trimEnd().length));
    const arrow = arrows.find(({ index }) => index === end);
    start = end + (arrow?.[0].length ?? 0);
  }
  return parts;
}

const withoutTime = (text: string): string => text.replace(/\([^()]{0,60}\)/g, "").trim();

/** Items that tell at length what somebody does are a procedure, not names in order. */
const areSentences = (items: readonly Item[]): boolean =>
  items.filter(({ phrase }) => {
    const words = phrase === null ? "" : phrase.text.slice(phrase.lead?.end ?? 0);
    return words.length > 60 && /\.\s*$/.test(words);
  }).length *
    2 >=
  items.length;

function listLevels(source: Source, list: List): EscalationLevel[] {
  if (areSentences(itemsOf(source, list))) return [];
  return itemsOf(source, list).flatMap(({ phrase }) => {
    if (phrase === null) return [];
    const after = findDurations(phrase.text)[0]?.iso ?? null;
    const name =
      /^(?:[Ll]evel \d[:.)]?\s{0,2}|[Ll]\d[:.)]\s{0,2}|[Tt]ier \d[:.)]?\s{0,2})?([^:(\u2013\u2014]{2,80})/u.exec(
        phrase.text,
      );
    const words = name?.[1]?.trim() ?? "";
    const at = phrase.text.indexOf(words);
    if (words === "" || words.length > 70) return [];
    const role = /^(?:page|call|contact|notify|escalate to)\s/i.exec(words)?.[0].length ?? 0;
    return [
      level(
        source,
        partOf(phrase, at + role, at + words.length),
        after,
        "an item of an escalation list",
      ),
    ];
  });
}

const level = (
  source: Source,
  phrase: Phrase,
  after: string | null,
  reason: string,
): EscalationLevel => ({
  ...evidence(source, phrase.span, reason.includes("arrows") ? "certain" : "likely", reason),
  role: slug(withoutTime(phrase.text)),
  after,
  line: source.lineAt(phrase.span.start),
});

const TO =
  /\bescalate(?:d)?\s(?:(?:the )?(?:incident|issue|this|it|immediately|directly|further)\s)?to\s(?:the\s)?([^.;:,\n]{2,90})/i;
const CONTACT = /^\W{0,3}escalation contacts?\W{0,4}:\s{0,3}([^.\n]{2,120})/i;

/** “Escalate to X if …” and “Escalation contact: X + Y if …”. */
export function conditionalIn(source: Source, phrase: Phrase): ConditionalEscalation[] {
  return sentencesOf(phrase).flatMap((sentence): ConditionalEscalation[] => {
    const words = sentence.text.replaceAll("\n", " ");
    const found = TO.exec(words) ?? CONTACT.exec(words);
    if (found?.[1] === undefined) return [];
    const [names = ""] = found[1].split(
      /\s(?:if|when|unless|once|after|in case|via|for|by|with|using|at|as|on(?!-?\s?call)|who)\s/i,
    );
    const to = names
      .replace(/\([^()]{0,60}\)/g, "")
      .split(/\s?(?:\+|&|,|\band\b|\bor\b|\/)\s?/)
      .map((name) => name.trim().replace(/^the\s/i, ""))
      .filter((name) => name !== "" && name.length <= 60);
    if (to.length === 0) return [];
    return [
      {
        ...evidence(
          source,
          sentence.span,
          "likely",
          "it says whom to escalate to; a person judges when",
        ),
        to: to.map(slug).filter((name) => name !== ""),
        condition: guardIn(sentence)?.question ?? null,
        line: source.lineAt(sentence.span.start),
      },
    ];
  });
}

/** Every such sentence in a section's own paragraphs. */
export const conditionalsOf = (source: Source, section: Section): ConditionalEscalation[] =>
  section.blocks.flatMap((block) =>
    block.type === "paragraph" ? conditionalIn(source, phraseOf(source.text, block)) : [],
  );
