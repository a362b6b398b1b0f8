/** Whether some words tell somebody to do something, what kind of doing it is, who does it, and when. */
import type { Confidence, StepKind } from "../../../../contract/runbook.ts";
import { clauseStarts, hasCondition } from "./clause.ts";
import { isCommand, kindOfCode } from "./commands.ts";
import { type Phrase, sentencesOf } from "./phrase.ts";
import { behindLead, firstWord, subjectOf } from "./roles.ts";
import { AMBIGUOUS, baseOfGerund, isRoleLike, VERB_KINDS } from "./words.ts";

export type Instruction = {
  readonly kind: StepKind;
  readonly confidence: Confidence;
  readonly reason: string;
};

const LEADING =
  /^(?:(?:and|then|next|now|first|firstly|second|secondly|third|finally|lastly|also|please|immediately|quickly|carefully|manually|always|again|afterwards?|alternatively|otherwise|optionally|remember to|be sure to|try to|if possible|if necessary|if needed|if applicable|as needed|temporarily|simply|just|only|periodically|regularly|continuously|actively|directly|safely|gracefully|briefly|independently|where possible|when possible|after that|at (?:this|the same) time|in parallel|in addition|additionally|once (?:done|complete|finished)|before (?:anything|starting))[,:]?\s+){1,3}/i;
const PROHIBITION = /^(?:(?:do not|don'?t|don’t|never|avoid)\s|stop\s\w{3,20}ing\b)/i;
/** What follows is to be done all the same. */
const SEE_TO_IT =
  /^(?:(?:be|make) (?:prepared|ready) to|(?:make|be) sure (?:to|that you|you)|ensure (?:to|you)|take care to|(?:do not|don'?t|don’t|never) forget to)\s+(?:also\s|always\s)?/i;
const SUBJECT_DUTY =
  /^(?:you|we|(?:the|any|all|each|every|an?) [a-z -]{2,40}?|responders?|operators?|engineers?|teams?|everyone|everybody)\s+(?:(?:also|easily|then|now|always|usually|typically|simply)\s+)?(?:should|must|need to|needs to|have to|has to|will need to|will have to|may need to|(?:will |may )?(?:\w+ly )?(?:are|be) (?:required|expected|asked) to|shall|(?:can|could|may) (?:also )?(?:try|attempt) to|can|could|might want to|may want to|want to)\s+(?:\w+ly\s+|also\s+|always\s+|first\s+|then\s+|not\s+)?([a-z-]+)/i;
const ONLY_THEN =
  /^(?:only )?(?:then|after that|afterwards|once that is done) (?:should|must) (?:you|we)\s+([a-z-]+)/i;
/** “The next step is to …”, “it is best to …”. */
const WAY =
  /^(?:(?:the|a|your|our|another|one)\s)?(?:very\s)?(?:next|first|last|best|only|easiest|fastest|safest|quickest|simplest|usual|recommended|immediate|final|second|third|other|preferred)\s(?:\w+\s){0,3}?(?:step|thing|way|option|approach|solution|action|move|fix|workaround|remedy|measure)s?\s(?:here |now |then |(?:to|for|of) (?:\w+ ){1,5}?)?is\s(?:usually |often |likely |probably |then |simply |therefore )?to\s([a-z-]+)/i;
const THE_WAY =
  /^(?:the|one|another) way to (?:go|do (?:this|that|it|so)|fix (?:this|it)) is to\s([a-z-]+)/i;
const BEST =
  /^it(?:['’]s| is| may be| might be| would be| is usually| is generally)\s(?:(?:highly|strongly|very|usually|often|generally|also)\s)?(?:best|easiest|safest|recommended|advisable|advised|necessary|required|essential|critical|important that you)\s?(?:to|that you)?\s([a-z-]+)/i;
/** “Try to” is weak, and yet it tells what to do. */
const TRYING = /\b(?:can|could|may) (?:also )?(?:try|attempt)\b/i;
const WEAK_DUTY = /\b(?:can|could|might want to|may want to|want to)\s/i;
const MAKE_SURE =
  /^(?:make sure|be sure|be careful|take care|take note|keep in mind|note that|bear in mind)\b/i;
/** Behind these a verb would be a noun: “Access is denied”. */
const AUXILIARY =
  /^(?:is|are|was|were|has|have|had|will|would|may|might|can|could|does|did|been|being|do|should|must)$/i;
/** Behind a word that is a noun more often: “Page fails”, “Request rate”. */
const NOUN_COMPANY =
  /^(?:of|be|also|contains?|shows?|means?|fails?|failed|errors?|failures?|issues?|rates?|times?|status|levels?|types?|names?|plans?|logs?|alerts?|reports?|counts?|requests?|teams?|centers?|leads?|points?|from)$/i;
const OBJECT_WORD =
  /^(?:the|a|an|all|any|each|every|both|your|our|its|their|his|her|this|that|these|those|which|whether|if|for|to|on|off|up|down|out|in|into|over|with|via|by|back|from|through|at|and|or|as|it|them|him|us|new|no|only|one|two|both|another|other|affected|existing|current|recent|failed|failing|incident|down|more|until|\W.*)$/i;

/** The instruction in these words, or null where they only tell how things are. */
export function instructionIn(phrase: Phrase): Instruction | null {
  const before = known.get(phrase);
  if (before !== undefined) return before;
  const found = readInstruction(phrase);
  known.set(phrase, found);
  return found;
}

/** Asked for the same words by many rules. */
const known = new WeakMap<Phrase, Instruction | null>();

function readInstruction(phrase: Phrase): Instruction | null {
  const text = phrase.text.trim();
  if (text === "") return null;
  const ledBy = phrase.lead;
  const afterLead =
    ledBy === null ? "" : phrase.text.slice(ledBy.end).replace(/^[\s:.\u2013\u2014-]{1,6}/u, "");
  // Code at the beginning is a command or a name, whatever it is spelled like.
  if (phrase.codes[0]?.at === 0) return readThirdPerson(phrase);
  // “Change Manager approves …” begins with a name, not with a verb.
  const isNamed = AMBIGUOUS.has(firstWord(text)) && /^\S+\s[A-Z]/.test(text);
  const named = isNamed ? readThirdPerson(phrase) : null;
  if (named !== null) return named;
  const direct = readVerb(text);
  if (direct !== null) return direct;
  if (afterLead !== "") {
    const after = readVerb(afterLead);
    if (after !== null) return { ...after, reason: `after its bold words, ${after.reason}` };
  }
  const led = phrase.lead === null ? null : readThirdPerson(behindLead(phrase).phrase);
  if (led !== null) return { ...led, reason: `after its bold words, ${led.reason}` };
  const byRole =
    readDuty(text.replace(LEADING, "")) ??
    readDuty(text) ??
    readWay(text) ??
    readThirdPerson(phrase);
  // “You can see …” tells what is possible; with a command beside it, it tells what to do.
  const isIdle =
    byRole?.confidence === "possible" &&
    phrase.codes.length === 0 &&
    !text.endsWith(":") &&
    !TRYING.test(text) &&
    !WAY.test(text) &&
    !BEST.test(text);
  if (byRole !== null) return isIdle ? null : byRole;
  const label = /^(?:[^\s:.,;!?]{1,24}\s){0,3}[^\s:.,;!?]{1,24}:\s+(?=\S)/.exec(text);
  const behind =
    label === null || /\b(?:is|are|should|must|can|will)\b/.test(label[0])
      ? null
      : readVerb(text.slice(label[0].length));
  if (behind === null) return null;
  return { ...behind, confidence: "likely", reason: `behind a label, ${behind.reason}` };
}

function readVerb(text: string): Instruction | null {
  const bare = text
    .replace(/^(?:(?:\p{Extended_Pictographic}|\uFE0F|\u200D|\u20E3){1,4}\s{0,3})/u, "")
    .replace(LEADING, "")
    .replace(/^\((?:optional|recommended)\)\s*/i, "");
  const seen = SEE_TO_IT.exec(bare);
  const wanted = seen === null ? null : verbAtStart(bare.slice(seen[0].length));
  if (wanted !== null) return { ...wanted, reason: `it says to see to it; ${wanted.reason}` };
  if (PROHIBITION.test(bare))
    return { kind: "act", confidence: "likely", reason: "it says what not to do" };
  if (MAKE_SURE.test(bare))
    return { kind: "check", confidence: "likely", reason: "it says to make sure of something" };
  const start = verbAtStart(bare);
  if (start !== null) return start;
  return hasCondition(bare) ? behindCondition(bare) : null;
}

function behindCondition(text: string): Instruction | null {
  for (const { start, end } of clauseStarts(text)) {
    const found = readClause(text.slice(start));
    if (found === null) continue;
    const isUnmarked = start === end;
    return {
      // “To see who is blocked, run …” looks; nothing is changed.
      kind: found.kind === "act" && isLooking(text) ? "check" : found.kind,
      confidence: isUnmarked && found.confidence === "certain" ? "likely" : found.confidence,
      reason: `behind a condition, ${found.reason}`,
    };
  }
  return null;
}

function readClause(text: string): Instruction | null {
  const clause = text.replace(LEADING, "");
  return verbAtStart(clause) ?? readDuty(clause) ?? readWay(clause);
}

/** True where the words, behind a condition's mark, tell what to do. */
export const isTold = (text: string): boolean => {
  const clause = text.replace(LEADING, "");
  return readClause(text) !== null || PROHIBITION.test(clause) || MAKE_SURE.test(clause);
};

const isLooking = (text: string): boolean => {
  const verb = /^(?:in order )?to\s(?:\w+ly\s)?([a-z-]+)/i.exec(text)?.[1]?.toLowerCase();
  return verb !== undefined && VERB_KINDS.get(verb) === "check";
};

/** “The only way is to create …”, “it is best to purge …”. */
function readWay(text: string): Instruction | null {
  const near = text.slice(0, 240);
  const [, verb = ""] = WAY.exec(near) ?? BEST.exec(near) ?? THE_WAY.exec(near) ?? [];
  const kind = VERB_KINDS.get(verb.toLowerCase());
  if (kind === undefined || /^(?:understand|note|consider|keep|know|have)$/i.test(verb))
    return null;
  return { kind, confidence: "possible", reason: "it says which way is best" };
}

/** “Repoint” is “point” again, “undrain” undoes “drain”. */
const verbKind = (word: string): StepKind | undefined =>
  VERB_KINDS.get(word) ??
  (/^(?:re|un)-?[a-z]{3}/.test(word)
    ? VERB_KINDS.get(word.replace(/^(?:re|un)-?/, ""))
    : undefined);

function verbAtStart(text: string): Instruction | null {
  const [first = "", second = "", third = ""] = text.slice(0, 120).split(/\s+/, 3);
  const word = first.toLowerCase().replace(/[^a-z-]/g, "");
  const kind = verbKind(word);
  if (kind === undefined || word === "") return null;
  // “Page:” and “Status:” are labels.
  if (/[:.,;?]$/.test(first) && !/^[a-z]+[.]$/i.test(text)) {
    if (!first.endsWith(":") && !first.endsWith(",")) return null;
    if (first.endsWith(":")) return null;
  }
  if (second === "")
    return { kind, confidence: "possible", reason: `one word, the verb “${word}”` };
  const follower = second.replace(/[^\w]/g, "");
  if (AUXILIARY.test(follower) || (AMBIGUOUS.has(word) && /^\d{1,3}$/.test(follower))) return null;
  if (AMBIGUOUS.has(word) && NOUN_COMPANY.test(follower) && !isPhrasal(word, second)) return null;
  // “Access to logs is described there.”
  const [clause = ""] = text
    .slice(0, 120)
    .split(/[,;:(]|\b(?:if|when|unless|until|so|that|which)\b/, 1);
  const early = clause.split(/\s+/).slice(2, 5);
  const isToldOf = !/^(?:whoever|who|what|that|which|whether|if|why|how|where)$/i.test(follower);
  if (AMBIGUOUS.has(word) && isToldOf && early.some((one) => AUXILIARY.test(one))) return null;
  const isClear = !AMBIGUOUS.has(word) || OBJECT_WORD.test(second) || isObject(second, third);
  return {
    kind: isFollowedByDeed(kind, text) ? "act" : refine(kind, text),
    confidence: isClear ? "certain" : "likely",
    reason: `it begins with the verb “${word}”`,
  };
}

/** “Find and terminate …”: it does not end with looking. */
function isFollowedByDeed(kind: StepKind, text: string): boolean {
  if (kind !== "check") return false;
  const [, verb = ""] =
    /^\S+(?: for| out)?(?:,| and| then| or){1,2} (?:then |\w+ly )?([a-z-]+)\b/i.exec(text) ?? [];
  if (VERB_KINDS.get(verb.toLowerCase()) === "act") return true;
  const [, second = ""] =
    /^\S+ (?:the|any|all|an?|which|what) [^,.;]{3,60} and (?:then )?([a-z-]+) (?:it|them|the|any|all|each|those|these|its|their|your)\b/i.exec(
      text,
    ) ?? [];
  return VERB_KINDS.get(second.toLowerCase()) === "act";
}

const isPhrasal = (word: string, second: string): boolean =>
  [
    "list",
    "review",
    "update",
    "note",
    "read",
    "view",
    "restart",
    "restore",
    "load",
    "retry",
  ].includes(word) && !/^(?:of|fails?)$/i.test(second);

const isObject = (second: string, third: string): boolean =>
  /^[`"“'(<$#@[{/]/.test(second) || /^[A-Z]/.test(second) || OBJECT_WORD.test(third);

/** A choice between ways; a choice in a menu is only a click. */
const PICKING =
  /\b(?:whether|between|among|which|one of|either|strateg(?:y|ies)|approach|option|plan|path|method|severity|level|priority|when|if|depending|based on|appropriate)\b/;
/** “Run this to see …”: what is done changes nothing. */
const TO_LOOK =
  /^(?:run|use|execute|issue|open|go|navigate|browse|perform|access|type|call|log ?in|login)\b.{0,200}?\bto (?:see|check|verify|confirm|list|view|inspect|find|identify|determine|show|display|print|examine|look|validate|retrieve|understand|read|watch|get (?:a |the )?(?:list|status|health|state|name|id|details|info|logs|output|current|number))\b/;

/** What the words say beyond the verb. */
function refine(kind: StepKind, text: string): StepKind {
  const lower = text.slice(0, 240).toLowerCase();
  if (
    /^hold\b.{0,40}\b(?:meetings?|post-?mortem|review|retrospective|call|debrief\w{0,3}|stand-?up)\b/.test(
      lower,
    )
  )
    return "act";
  if (/^take (?:a )?(?:quick |closer |careful )?look\b|^track down\b/.test(lower)) return "check";
  if (/^(?:choose|select|pick)\b/.test(lower)) return PICKING.test(lower) ? "decide" : "act";
  if (kind === "act" && TO_LOOK.test(lower)) return "check";
  if (
    /^(?:provide|give|send|circulate)\b.{0,30}\b(?:updates?|briefings?|summar(?:y|ies))\b/.test(
      lower,
    )
  )
    return "communicate";
  if (/^release\b.{0,40}\b(?:statement|communications?|announcement|notice|message)\b/.test(lower))
    return "communicate";
  if (/^log(?:ging)?[ -]?(?:in|into|on|onto|out|off)\b/.test(lower)) return "act";
  if (/\b(?:post-?mortem|incident report|rca|post-incident (?:report|review))\b/.test(lower)) {
    if (
      /^(?:file|complete|fill|write|draft|create|conduct|publish|prepare|start|document)\b/.test(
        lower,
      )
    )
      return "form";
  }
  if (
    /^(?:update|post)\b.{0,40}\b(?:status ?page|stakeholders?|customers?|channel|executives?|leadership|users)\b/.test(
      lower,
    )
  )
    return "communicate";
  if (/^(?:post|send|share|publish|raise|open)\b/.test(lower))
    return /^(?:raise|open)\b/.test(lower)
      ? /\bwith\b/.test(lower)
        ? "communicate"
        : "act"
      : "communicate";
  if (/^(?:fill (?:in|out)|complete the (?:form|template|checklist))\b/.test(lower)) return "form";
  if (
    /^update\b.{0,60}\b(?:log|table|ticket|record|document|timeline|runbook|incident|case file)\b/.test(
      lower,
    )
  )
    return "record";
  if (/^(?:determine|decide|assess) (?:whether|if)\b/.test(lower)) return "decide";
  if (/^(?:link|create|open|file)\b.{0,40}\b(?:ticket|issue|record|entry)\b/.test(lower))
    return "record";
  return kind;
}

function readDuty(text: string): Instruction | null {
  const found = SUBJECT_DUTY.exec(text.slice(0, 200)) ?? ONLY_THEN.exec(text.slice(0, 200));
  if (found === null) return null;
  const kind = VERB_KINDS.get((found[1] ?? "").toLowerCase());
  const [, article] =
    /^(?:the|an?) ([a-z -]{2,40}?) (?:should|must|need|has|have|will|shall|can|could|may|might|are|want)\b/i.exec(
      text,
    ) ?? [];
  if (kind === undefined || (article !== undefined && !isRoleLike(article))) return null;
  return {
    kind: refine(kind, text.slice(found.index + found[0].length - (found[1] ?? "").length)),
    confidence: WEAK_DUTY.test(found[0]) ? "possible" : "likely",
    reason: `it says what somebody ${WEAK_DUTY.test(found[0]) ? "can" : "should"} do`,
  };
}

/** “`release-manager` coordinates …”, “Support enters …”. */
function readThirdPerson(phrase: Phrase): Instruction | null {
  const subject = subjectOf(phrase);
  if (subject === null) return null;
  return {
    kind: subject.kind,
    confidence: subject.isCode ? "certain" : "likely",
    reason: "it says who does what",
  };
}

const OPTIONAL =
  /^\W{0,3}\(?optional(?:ly)?\b|\((?:optional|if (?:applicable|needed|necessary|possible|available|required))\)|\b(?:if (?:applicable|possible|needed|necessary|available)|as (?:needed|necessary|appropriate)|where (?:possible|applicable)|optionally)\b/i;
/** What stands behind “so that they may …” is about somebody else. */
export const isOptional = (text: string): boolean =>
  OPTIONAL.test(text.replace(/,? so (?:that )?(?:they|it|we|others)\b.*$/i, ""));

/** A title such as “Restarting the broker” tells what is done below it. */
export const isDoingTitle = (title: string): boolean => {
  const word = firstWord(title).replace(/[^a-z-]/g, "");
  return VERB_KINDS.has(word) || baseOfGerund(word) !== null;
};

/** The part of a phrase behind its bold words. */
export const afterLead = (phrase: Phrase): Phrase =>
  phrase.lead === null ? phrase : behindLead(phrase).phrase;

/** Below a heading that promises steps: a command, a verb that we do not know, something told further on. */
export function impliedIn(phrase: Phrase): Instruction | null {
  const before = implied.get(phrase);
  if (before !== undefined) return before;
  const found = readImplied(phrase);
  implied.set(phrase, found);
  return found;
}

const implied = new WeakMap<Phrase, Instruction | null>();

function readImplied(phrase: Phrase): Instruction | null {
  const [code] = phrase.codes;
  const command = code?.at === 0 ? code.value : phrase.text;
  const behind = code?.at === 0 ? phrase.text.slice(code.value.length) : "";
  if (isCommand(command) && (code?.at === 0 || /\s-{1,2}\w|\s\S+\s/.test(command)))
    return /^\s{0,2}(?:will|is|are|was|can|\w{3,20}s)\s/.test(behind)
      ? null
      : { kind: kindOfCode(command) ?? "act", confidence: "likely", reason: "a command to type" };
  const [first, ...others] = sentencesOf(phrase);
  if (first === undefined || /\?\s{0,2}$/.test(first.text)) return null;
  for (const sentence of others.slice(0, 4)) {
    const told = instructionIn(sentence);
    if (told !== null && told.confidence !== "possible")
      return { ...told, confidence: "likely", reason: `a later sentence tells; ${told.reason}` };
  }
  return UNKNOWN_VERB.test(phrase.text.trim())
    ? { kind: "act", confidence: "possible", reason: "it begins like an instruction" }
    : null;
}

/** “Overview the timeline”: hardly anything but a verb stands before an article. */
const UNKNOWN_VERB =
  /^(?!(?:in|on|at|for|with|as|when|all|both|most|some|not|only|given|by|from|of|to|if|is|are|was|were|per|via|that|this|these|those|where|while|after|before|under|over|within|during|until|since|because|although|though|but|and|or|so|than|then|there|here|what|which|who|why|how|whether|half|twice|just|even|about|around|across|against|through|between|behind|below|above|into|onto|off|out|up|down|like|unlike|plus|no|any|every|each|such|quite|rather|once|also|has|have|had|does|did|do)\b)[a-z]{3,15}(?<!ed|ing|ly|[^s]s) (?:the|your|our|their|its|this|these|all|any|each|every|both) \w/i;
