/** The condition on a step, as a question that somebody answers before it. */
import { clauseStarts } from "./clause.ts";
import { isTold } from "./instruction.ts";
import { type Phrase, sentencesOf } from "./phrase.ts";

export type Guard = { readonly question: string; readonly start: number; readonly end: number };

/** What stands behind the first sentence is no condition on it. */
const firstSentence = (phrase: Phrase): string => {
  const [first] = sentencesOf(phrase);
  return first === undefined
    ? phrase.text
    : phrase.text.slice(0, phrase.text.indexOf(first.text) + first.text.length);
};

/** Small words before a condition: “(Optional) If …”, “Then, if …”. */
const BEFORE =
  /^(?:\W{0,3}\((?:optional|recommended)\)|(?:and|then|next|now|also|finally|first|otherwise|additionally|optional(?:ly)?)\b)[,:]?\s+/i;
const LEADING =
  /^(?:if|when|whenever|in case|for|unless|in the event that|once|as soon as|should)\s+/i;
const TRAILING_IF =
  /(?:^|[\s,(;\u2014-])(if|when|whenever|unless|in case|only if|provided that|once|in the event that)\s+(?=\S)/giu;
/** “check if …” asks; “so if …” tells why. Neither makes anything conditional. */
const ASKING =
  /\b(?:check|checks|see|verify|determine|confirm|know|decide|ask|find out|test|evaluate|understand|sure|tell|wonder|assess|clear|consider|identify|even|particularly|especially|as|what|so|because|since|but|that|e\.g\.|for example)[,:]?\s*$/i;
const LOOSE =
  /^(?:possible|needed|necessary|applicable|available|appropriate|required|relevant|desired|known|any|feasible|so|not|in doubt|ready|done|finished|complete|completed|found|identified|confirmed|that(?! (?:did|does|is|fail|work))|prompted|asked|requested|told|instructed|to)\b|^(?:you|we) (?:have|need|must|want|wish|like|can|could|may|prefer)(?: to)?(?:[\s,.;:!?]*$| help it\b)|^(?:you|we) absolutely\b/i;
/** “…, if they come from the image they will need the same”: a clause of its own. */
const OWN_CLAUSE =
  /^(?:\S+\s){2,}.*\b(?:it|they|you|we|this|that|there) (?:will|would|may|might|can|could|should)\b/i;

/** The condition on an instruction, as a question to answer with yes or no. */
export function guardIn(phrase: Phrase): Guard | null {
  const text = firstSentence(phrase);
  const skipped = BEFORE.exec(text)?.[0].length ?? 0;
  const leading = LEADING.exec(text.slice(skipped));
  if (leading !== null) {
    const from = skipped + leading[0].length;
    const end = endOfCondition(text, skipped, from);
    if (end === null) return null;
    const inner = text.slice(from, end);
    const isFor = /^for\s/i.test(leading[0]);
    if (isFor && !isConditionalFor(inner)) return null;
    if (/^should\s/i.test(leading[0]) && !/^(?:the|this|that|any|a|an|it|there|you)\s/i.test(inner))
      return null;
    if (LOOSE.test(inner)) return null;
    return { question: question(leading[0], inner), start: skipped, end };
  }
  for (const found of text.matchAll(TRAILING_IF)) {
    const word = found[1] ?? "";
    if (/^once$/i.test(word)) continue;
    if (ASKING.test(text.slice(Math.max(0, found.index - 20), found.index + 1))) continue;
    if (/^(?:if|when)$/i.test(word) && isQuestionOf(text.slice(0, found.index))) continue;
    if (isAside(text.slice(0, found.index + 1))) continue;
    const from = found.index + found[0].length;
    const inner = text.slice(from, endOfClause(text, from));
    if (LOOSE.test(inner) || OWN_CLAUSE.test(inner) || inner.trim().length < 3) continue;
    const start = found.index + found[0].search(/[a-z]/i);
    return { question: question(word, inner), start, end: from + inner.trimEnd().length };
  }
  return null;
}

/** It stands in a parenthesis that tells something of its own, or belongs to a later “do not …”. */
function isAside(before: string): boolean {
  const open = before.lastIndexOf("(");
  if (open >= 0 && before.indexOf(")", open) < 0 && /\w/.test(before.slice(open + 1))) return true;
  const comma = Math.max(before.lastIndexOf(", "), before.lastIndexOf("; "));
  return (
    comma > 0 && /^[,;]\s(?:and |but )?(?:do not|don['’]?t|never)\b/i.test(before.slice(comma))
  );
}

/** “Ask the owner if it may go”: the question is the instruction. */
const isQuestionOf = (before: string): boolean =>
  /^(?:\W{0,3}(?:first|then|next|also|please|and)?,? ?)(?:(?:ask|decide|tell|determine|find out|figure out|see|know|understand)\b[^,.;]{0,120}|(?:check|verify|confirm|test|look|evaluate|assess|identify|monitor|take a look)(?: \w+){0,2})\s?$/i.test(
    before.slice(0, 200),
  );

/** “For Athena overruns, …” limits; “for example, …” and “for each host, …” do not. */
const isConditionalFor = (inner: string): boolean =>
  !/^(?:example|instance|each|every|all|this|these|that|the (?:rest|following|first)|more|now|most|any|those|details|reference|both|a list|further|simplicity)\b/i.test(
    inner,
  );

/** “If A, and B, do C”: up to where something is told; else to the first mark. */
function endOfCondition(text: string, skipped: number, from: number): number | null {
  let first: number | null = null;
  for (const { start, end } of clauseStarts(text.slice(skipped))) {
    if (skipped + end < from) continue;
    if (start > end) first ??= skipped + end;
    if (isTold(text.slice(skipped + start))) return skipped + end;
  }
  // “If customers were affected:” above a list.
  const colon = /:\s*$/.exec(text);
  return first ?? colon?.index ?? null;
}

/** Up to the end of the clause, or of the parenthesis that it stands in. */
function endOfClause(text: string, from: number): number {
  let depth = 0;
  const stop = Math.min(text.length, from + 260);
  for (let at = from; at < stop; at++) {
    const letter = text[at] ?? "";
    if (letter === "(") depth++;
    if (letter === ")" && --depth < 0) return at;
    if (depth > 0) continue;
    const isLast = at + 1 >= text.length || /\s/.test(text[at + 1] ?? "");
    if (letter === "\n" || letter === ";" || (letter === "." && isLast)) return at;
    if (
      /^(?:\s\u2014\s|, (?:then|and|in which case|but|so|otherwise)\s)/u.test(
        text.slice(at, at + 16),
      )
    )
      return at;
    if (letter === "," && isTold(text.slice(at + 2, at + 120))) return at;
  }
  return stop;
}

function question(word: string, inner: string): string {
  const bare = inner
    .replace(/\s+/g, " ")
    .trim()
    .replace(/[.,:;!?]{1,3}$/, "");
  const text = /^unless/i.test(word.trim()) ? `not ${bare}` : bare;
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}?`;
}
