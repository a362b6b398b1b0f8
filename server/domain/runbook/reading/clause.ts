/**
 * Where what is to be done begins: behind a condition (“If it is full, …”), a purpose (“To see them run …”) or
 * a place (“In the menu select …”), with or without a comma.
 */
import { AMBIGUOUS, CONDITION, VERB_KINDS } from "./words.ts";

const MARK =
  /(?:[,:;]\s+|\s(?:[\u2013\u2014-]|\u2192|\u21D2|->|=>)\s+|\s(?=then\s))(?:then\s+|please\s+)?/gu;
/** How far into a sentence its condition may reach. */
const REACH = 300;

export const hasCondition = (text: string): boolean => CONDITION.test(text);

/** Places where what is to be done may begin, likelier ones first. */
export function* clauseStarts(
  text: string,
): Generator<{ readonly end: number; readonly start: number }> {
  const near = text.slice(0, REACH);
  for (const mark of near.matchAll(MARK))
    yield { end: mark.index, start: mark.index + mark[0].length };
  const bare = withoutMark(near);
  if (bare !== null) yield { end: bare, start: bare };
}

/** Before these words no imperative begins: “to run”, “you run”, “the run”. */
const NO_VERB_BEHIND =
  /^(?:to|not|and|or|but|a|an|the|my|your|our|its|their|his|her|this|that|these|those|you|we|they|i|it|he|she|who|which|what|whether|if|can|could|should|must|may|might|will|would|shall|do|does|did|don't|cannot|can't|of|in|for|with|from|by|on|at|as|than|been|be|is|are|was|were|has|have|had|no|any|all|each|every|some|more|most|first|last|new|old|then|also|please|only|like|via|per|using|without)$/i;
const FINITE =
  /\b(?:is|are|was|were|has|have|had|do|does|did|can|cannot|can't|isn't|aren't|wasn't|weren't|didn't|doesn't|don't|you|we|they|it|there|this|that|\w{3,20}(?:ed|fails?|occurs?|happens?|appears?|persists?|continues?|remains?|shows?|returns?))\b/i;
/** “a rolling reboot of each node”: behind a noun. */
const NOUN_FOLLOWS =
  /^(?:of|is|are|was|were|has|have|had|will|would|may|might|can|to|in|on|for|and|or|which|at|by)$/i;
/** These are verbs before such words too: “escalate to”, “log in”. */
const GOES_ON =
  /^(?:escalate|switch|move|return|go|proceed|log|sign|connect|ssh|roll|fail|fall|scale|wait|look|check|reach|navigate|redirect|submit|listen|click|turn|shut)$/;
const DUTY = /^(?:you|we|they|operators?|engineers?|responders?)$/i;

/** “If you get locale errors ensure that …”: the place of the verb that nothing sets off. */
function withoutMark(text: string): number | null {
  const opener = /^\S+/.exec(text)?.[0].toLowerCase() ?? "";
  const isPurpose = /^(?:in order )?to\s/i.test(text);
  const isLoose = isPurpose || PLACE.test(opener);
  const words = [...text.matchAll(/\S+/g)];
  for (let index = isPurpose ? 3 : 2; index < words.length; index++) {
    const at = words[index]?.index ?? 0;
    const word = (words[index]?.[0] ?? "").toLowerCase();
    const before = (words[index - 1]?.[0] ?? "").toLowerCase();
    const next = words[index + 1]?.[0] ?? "";
    if (/[.!?]$/.test(before)) return null;
    const isClause = DUTY.test(word) || /^(?:the|it['’]?s?)$/.test(word);
    if (!isClause && !mayBegin(before, word, next, isLoose)) continue;
    // A condition has said something by then; “if the restart …” has not.
    if (!isLoose && !FINITE.test(text.slice(opener.length, at))) continue;
    if (!isClause) return at;
    if (DUTY.test(word) && !isPurpose && REASON.test(before)) return null;
    if (DUTY.test(word) && DOES.test(text.slice(at, at + 60))) return index >= 3 ? at : null;
    if (BEST_WAY.test(text.slice(at, at + 60))) return at;
  }
  return null;
}

const PLACE = /^(?:in|on|at|from|under|within|using|via|with|through|inside)$/;
const REASON = /^(?:so|that|because|since|which|where|as)$/;
const DOES = /^\S+\s(?:\w+ly\s)?(?:can|should|must|need|will|have|may)\b/i;
const BEST_WAY =
  /^(?:the (?:only |best |next |easiest )?(?:way|option|solution)\b|it(?:['’]s| is| may be) (?:best|easiest|safest))/i;

/** An imperative, by the words around it. */
function mayBegin(before: string, word: string, next: string, isLoose: boolean): boolean {
  const bare = word.replace(/[^a-z-]/g, "");
  if (!VERB_KINDS.has(bare) || bare.endsWith("ing") || /[,;)]$/.test(word)) return false;
  if (NO_VERB_BEHIND.test(before) || before.endsWith("ly")) return false;
  if (AMBIGUOUS.has(bare) && !isSurelyVerb(word, next, isLoose)) return false;
  const isNoun = /^(?:of|is|are|was|were|has)$/i.test(next);
  if (NOUN_FOLLOWS.test(next) && (isNoun || !GOES_ON.test(word))) return false;
  return next !== "" || word.endsWith(":");
}

/** “use kubectl …”, “run the …”, “change from …”: nouns are not followed so. */
const isSurelyVerb = (word: string, next: string, isLoose: boolean): boolean =>
  /^["“'‘`(<$[{/]|^(?:the|a|an|this|these|your|our|all|any|it|them)$/i.test(next) ||
  (/^(?:use|run)$/.test(word) && !/^(?:of|case|cases|is|rate|time|was|has)\b/i.test(next)) ||
  /^(?:use|run):$/.test(word) ||
  (isLoose && /^(?:change|set|enter|type)$/.test(word) && /^(?:from|to|it|up|off|on)$/i.test(next));
