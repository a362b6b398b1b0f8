/** Who does something: at the beginning of the words, in a title, in a parenthesis behind it. */
import type { Confidence, StepKind } from "../../../../contract/runbook.ts";
import { slug } from "./outline.ts";
import { type Phrase, partOf } from "./phrase.ts";
import { AMBIGUOUS, baseOfThirdPerson, CONDITION, isRoleLike, VERB_KINDS } from "./words.ts";

export type Roles = {
  readonly names: readonly string[];
  readonly start: number;
  readonly end: number;
  readonly confidence: Confidence;
};

type Subject = {
  readonly names: readonly string[];
  readonly start: number;
  readonly end: number;
  readonly kind: StepKind;
  readonly isCode: boolean;
};

/** Who does something, where the words begin with them: a code span or a name of a role, then a verb. */
export function subjectOf(phrase: Phrase): Subject | null {
  const { text } = phrase;
  const offset = text.length - text.trimStart().length;
  const words = text.slice(offset, offset + 160);
  const codes = phrase.codes.filter(({ at }) => at < offset + 120);
  const first = codes[0];
  if (first !== undefined && first.at === offset) return codeSubject(text, codes);
  const opener = firstWord(words);
  // “Release Manager coordinates …”: a verb's twin in a name.
  const isNamed = AMBIGUOUS.has(opener) && /^\S+\s[A-Z]/.test(words);
  const isInstruction = VERB_KINDS.has(opener) && !isRoleLike(opener) && !isNamed;
  if (isInstruction || CONDITION.test(words)) return null;
  let at = 0;
  for (const word of words.split(/(?<=\s)/).slice(0, 9)) {
    const plain = word.trim();
    const lower = plain.toLowerCase().replace(/[^a-z-]/g, "");
    const isVerb =
      at > 0 &&
      (baseOfThirdPerson(lower) !== null || (VERB_KINDS.has(lower) && !/^[A-Z]/.test(plain)));
    const name = words
      .slice(0, at)
      .trim()
      .replace(/^(?:the|our|an?)\s+/i, "")
      .replace(/\s(?:will|may|should|must|can|shall|then|also|immediately)$/i, "");
    const isClean = !isNamed || !/\s(?:the|an?|your|our)\s/i.test(name);
    if (isVerb && isClean && isRoleLike(name) && /^[A-Z]/.test(words) && !NO_NAME.test(name)) {
      const base = baseOfThirdPerson(lower) ?? lower;
      return {
        names: name.split(/\s*(?:\+|&|\/|,| and | or )\s*/).filter((part) => part !== ""),
        start: offset + words.indexOf(name),
        end: offset + words.indexOf(name) + name.length,
        kind: VERB_KINDS.get(base) ?? "act",
        isCode: false,
      };
    }
    at += word.length;
  }
  return null;
}

/** A name of a role is no sentence. */
const NO_NAME = /\b(?:to|with|for|from|by|if|when|that|which|who|is|are|can|not|you|your|this)\b/i;

function codeSubject(text: string, codes: Phrase["codes"]): Subject | null {
  const names: string[] = [];
  let end = 0;
  for (const code of codes) {
    const between = text.slice(end, code.at).trim().toLowerCase();
    if (names.length > 0 && !/^(?:,|or|and|\/|&|, and|, or)$/.test(between)) break;
    if (!/^[a-z][a-z0-9 _-]{1,50}$/i.test(code.value)) break;
    names.push(code.value);
    end = code.at + code.value.length;
  }
  const [verb = ""] = text
    .slice(end)
    .trim()
    .split(/[^A-Za-z-]/, 1);
  const lower = verb.toLowerCase();
  const base = VERB_KINDS.has(lower) ? lower : baseOfThirdPerson(lower);
  if (names.length === 0 || base === null) return null;
  // `kubectl` shows …: a tool does nothing for us unless its name is one of a role.
  if (!names.some((name) => isRoleLike(name.replaceAll("-", " ")))) return null;
  const start = codes[0]?.at ?? 0;
  return { names, start, end, kind: VERB_KINDS.get(base) ?? "act", isCode: true };
}

/** Who does it: “`role` leads …”, “IC: …”, “(Primary on-call)” at the end of a lead-in, “via `role`”. */
export function rolesIn(phrase: Phrase): Roles | null {
  const behind = phrase.lead === null ? null : behindLead(phrase);
  const led = behind === null ? null : subjectOf(behind.phrase);
  if (behind !== null && led !== null) {
    const { names, start, end } = led;
    const [from, to] = [behind.at + start, behind.at + end];
    return { names: names.map(slug), start: from, end: to, confidence: "likely" };
  }
  const inLead = phrase.lead === null ? null : roleOfTitle(phrase.lead.text.trim());
  if (inLead !== null) return inLead;
  const subject = subjectOf(phrase);
  if (subject !== null) {
    const { names, start, end, isCode } = subject;
    return { names: names.map(slug), start, end, confidence: isCode ? "certain" : "likely" };
  }
  const label = /^([A-Za-z][A-Za-z /&-]{1,40}):\s/.exec(phrase.text);
  if (
    label?.[1] !== undefined &&
    !CONDITION.test(`${label[1]} `) &&
    isRoleLike(label[1]) &&
    !isInstructing(label[1])
  )
    return { names: [slug(label[1])], start: 0, end: label[1].length, confidence: "likely" };
  for (const code of phrase.codes) {
    const before = phrase.text.slice(Math.max(0, code.at - 8), code.at).toLowerCase();
    if (!/\b(?:via|by|to|with)\s$/.test(before)) continue;
    if (
      !/^[a-z]+(?:-[a-z]+){1,5}$/.test(code.value) ||
      !isRoleLike(code.value.replaceAll("-", " "))
    )
      continue;
    return {
      names: [slug(code.value)],
      start: code.at,
      end: code.at + code.value.length,
      confidence: "likely",
    };
  }
  return null;
}

/** “**Status updates:** IR Lead provides …”: the words behind the bold ones. */
export function behindLead(phrase: Phrase): { readonly phrase: Phrase; readonly at: number } {
  const from = phrase.lead?.end ?? 0;
  const gap = /^[\s:.\u2013\u2014>-]{0,6}/u.exec(phrase.text.slice(from))?.[0].length ?? 0;
  return { phrase: partOf(phrase, from + gap, phrase.text.length), at: from + gap };
}

/** “restart it”, but neither “Release Manager” nor “Triage Lead”. */
const isInstructing = (name: string): boolean => {
  const first = firstWord(name);
  const kind = VERB_KINDS.get(first);
  if (kind === undefined || AMBIGUOUS.has(first)) return false;
  return kind === "communicate" || !/^[A-Z]\S*\s[A-Z]/.test(name);
};

export const firstWord = (text: string): string =>
  text.trim().split(/\s/, 1)[0]?.toLowerCase() ?? "";

const STEPS_FOR =
  /^(?:steps|actions|tasks|duties|responsibilities|instructions|checklist) (?:for|of) (?:the )?(.{2,60})$/i;

/** “Steps for Incident Commander”. */
export function roleOfSteps(title: string): Roles | null {
  const name = STEPS_FOR.exec(title.trim())?.[1];
  if (name === undefined || !isRoleLike(name)) return null;
  const start = title.lastIndexOf(name);
  return { names: [slug(name)], start, end: start + name.length, confidence: "likely" };
}

const LEADS =
  /^(?:the |our |an? )?(.{2,50}?)(?: \([^()]{1,12}\))? (?:should|must|will|shall|needs? to|has to|have to|is responsible for|are responsible for)(?: then| also| now)?:\s*$/i;

/** “The IC should:” above a list. */
export function roleOfLead(phrase: Phrase): Roles | null {
  const name = LEADS.exec(phrase.text.trim())?.[1];
  if (name === undefined || !isRoleLike(name) || /^(?:if|when|once|after|before)\b/i.test(name))
    return null;
  const start = phrase.text.indexOf(name);
  return { names: [slug(name)], start, end: start + name.length, confidence: "likely" };
}

/** One word that names a part and nothing else a document is about. */
const ONE_WORD =
  /^(?:scribe|deputy|facilitator|liaison|commander|communicator|responders?|operators?|sres?|dbas?|ic)$/i;
const OF_A_ROLE =
  /^(?:[A-Z][\w-]{1,20} ){1,4}(?:Commander|Lead|Leader|Manager|Engineers?|Officer|Liaison|Scribe|Coordinator|Experts?|Responders?|Operators?|Director|Owner|Analyst|Deputy)(?: \([A-Z]{1,5}\))?$/i;

/** “Incident Commander” as a heading: what stands below is theirs. */
export function roleOfHeading(title: string): Roles | null {
  const bare = title.trim();
  if (!(ONE_WORD.test(bare) || OF_A_ROLE.test(bare)) || isInstructing(bare)) return null;
  const name = bare.replace(/ \([A-Z]{1,5}\)$/i, "");
  return {
    names: [slug(name)],
    start: title.indexOf(name),
    end: title.indexOf(name) + name.length,
    confidence: "likely",
  };
}

const PARENTHESIS = /\(([^()]{2,80})\)\s*:?$/;

/** The role in the parenthesis behind a title: “Triage (Primary On-Call)”, “Contain (SRE, < 15 min)”. */
export function roleOfTitle(title: string): Roles | null {
  const found = PARENTHESIS.exec(title.slice(-120));
  const inner = found?.[1];
  if (inner === undefined) return null;
  const at = title.lastIndexOf(inner);
  for (const part of inner.split(/[,;]/)) {
    const name = part.trim();
    if (!isRoleLike(name) || /\d/.test(name) || isInstructing(name)) continue;
    const start = at + inner.indexOf(name);
    return { names: [slug(name)], start, end: start + name.length, confidence: "likely" };
  }
  return null;
}
