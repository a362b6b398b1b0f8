/** Whether some words tell somebody to do something, what kind of doing it is, who does it, and when. */
import type { Confidence, StepKind } from "../../../../contract/runbook.ts";
import { slug } from "./outline.ts";
import { type Phrase, partOf } from "./phrase.ts";
import { baseOfGerund, baseOfThirdPerson, isRoleLike, VERB_KINDS } from "./words.ts";

export type Instruction = {
  readonly kind: StepKind;
  readonly confidence: Confidence;
  readonly reason: string;
};

export type Roles = {
  readonly names: readonly string[];
  readonly start: number;
  readonly end: number;
  readonly confidence: Confidence;
};

const LEADING =
  /^(?:(?:and|then|next|now|first|firstly|second|secondly|third|finally|lastly|also|please|immediately|quickly|carefully|manually|always|again|afterwards?|alternatively|otherwise|optionally|remember to|be sure to|try to|if possible|if necessary|if needed|if applicable|as needed|temporarily|simply|just|only|periodically|regularly|continuously|actively|directly|safely|gracefully|briefly|independently|where possible|when possible|after that|at (?:this|the same) time|in parallel|in addition|additionally|once (?:done|complete|finished)|before (?:anything|starting))[,:]?\s+){1,3}/i;
const PROHIBITION = /^(?:do not|don'?t|don’t|never|avoid|stop)\s/i;
const SUBJECT_DUTY =
  /^(?:you|we|(?:the|any|all|each|every|an?) [a-z -]{2,40}?|responders?|operators?|engineers?|teams?|everyone|everybody)\s+(?:should|must|need to|needs to|have to|has to|will need to|will have to|may need to|are required to|shall|can|could|might want to|may want to|want to)\s+(?:\w+ly\s+|also\s+|always\s+|first\s+|then\s+|not\s+)?([a-z-]+)/i;
const WEAK_DUTY = /\b(?:can|could|might want to|may want to|want to)\s/i;
const MAKE_SURE =
  /^(?:make sure|be sure|be careful|take care|take note|keep in mind|note that|bear in mind)\b/i;
const CONDITION =
  /^(?:if|when|whenever|once|after|before|for|to|in case|in order to|unless|while|during|as soon as|until|on|in|from|with|using|via|at|by|depending on|where|based on|as an?|since|given|within|every)\s/i;

/** Behind these a verb would be a noun: “Access is denied”. */
const AUXILIARY =
  /^(?:is|are|was|were|has|have|had|will|would|may|might|can|could|does|did|been|being|do|should|must)$/i;
/** Behind a word that is a noun more often: “Page fails”, “Request rate”. */
const NOUN_COMPANY =
  /^(?:of|be|also|contains?|shows?|means?|fails?|failed|errors?|failures?|issues?|rates?|times?|status|levels?|types?|names?|plans?|logs?|alerts?|reports?|counts?|requests?|teams?|centers?|leads?|points?|from)$/i;
/** These are nouns more often than verbs, unless a noun's company follows. */
const AMBIGUOUS = new Set(
  "access alert backup cap contact cost display document exit file filter focus force function head help hold host interview issue label lead limit link list load lock log measure message mount note offer order page patch pause plan point post power present print process profile prompt query rate read record release report request research reset restart result review roll route run sample scale scan schedule score script search sequence service set share shift show silence sound source split stage start state step stop store stream string support survey switch system table tag target task test time track transfer trigger tune turn type update upgrade use user value view wait watch work worker zip".split(
    " ",
  ),
);
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
  const direct = readVerb(text);
  if (direct !== null) return direct;
  if (afterLead !== "") {
    const after = readVerb(afterLead);
    if (after !== null) return { ...after, reason: `after its bold words, ${after.reason}` };
  }
  const byRole = readDuty(text) ?? readThirdPerson(phrase);
  // “You can see …” tells what is possible; with a command beside it, it tells what to do.
  const isIdle =
    byRole?.confidence === "possible" && phrase.codes.length === 0 && !text.endsWith(":");
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
  const bare = text.replace(LEADING, "").replace(/^\((?:optional|recommended)\)\s*/i, "");
  if (PROHIBITION.test(bare)) {
    return { kind: "act", confidence: "likely", reason: "it says what not to do" };
  }
  if (MAKE_SURE.test(bare))
    return { kind: "check", confidence: "likely", reason: "it says to make sure of something" };
  const start = verbAtStart(bare);
  if (start !== null) return start;
  if (!CONDITION.test(bare)) return null;
  for (const comma of bare
    .slice(0, 300)
    .matchAll(/(?:[,:;]\s+|\s(?=then\s))(?:then\s+|please\s+)?/g)) {
    const clause = bare.slice(comma.index + comma[0].length).replace(LEADING, "");
    const found = verbAtStart(clause) ?? readDuty(clause);
    if (found !== null) return { ...found, reason: `behind a condition, ${found.reason}` };
  }
  return null;
}

/** “Repoint” is “point” again. */
const verbKind = (word: string): StepKind | undefined =>
  VERB_KINDS.get(word) ??
  (/^re-?[a-z]{3}/.test(word) ? VERB_KINDS.get(word.replace(/^re-?/, "")) : undefined);

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
  if (AUXILIARY.test(follower)) return null;
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
    kind: refine(kind, text),
    confidence: isClear ? "certain" : "likely",
    reason: `it begins with the verb “${word}”`,
  };
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

/** What the words say beyond the verb. */
function refine(kind: StepKind, text: string): StepKind {
  const lower = text.slice(0, 240).toLowerCase();
  if (
    /^hold\b.{0,40}\b(?:meetings?|post-?mortem|review|retrospective|call|debrief\w{0,3}|stand-?up)\b/.test(
      lower,
    )
  )
    return "act";
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
    /^update\b.{0,60}\b(?:log|table|ticket|record|document|timeline|runbook|incident)\b/.test(lower)
  )
    return "record";
  if (/^(?:determine|decide|assess) (?:whether|if)\b/.test(lower)) return "decide";
  if (/^(?:link|create|open|file)\b.{0,40}\b(?:ticket|issue|record|entry)\b/.test(lower))
    return "record";
  return kind;
}

function readDuty(text: string): Instruction | null {
  const found = SUBJECT_DUTY.exec(text.slice(0, 200));
  if (found === null) return null;
  const kind = VERB_KINDS.get((found[1] ?? "").toLowerCase());
  const [, article] =
    /^(?:the|an?) ([a-z -]{2,40}?) (?:should|must|need|has|have|will|shall|can|could|may|might|are|want)\b/i.exec(
      text,
    ) ?? [];
  if (kind === undefined || (article !== undefined && !isRoleLike(article))) return null;
  return {
    kind,
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

type Subject = {
  readonly names: readonly string[];
  readonly start: number;
  readonly end: number;
  readonly kind: StepKind;
  readonly isCode: boolean;
};

/** Who does something, where the words begin with them: a code span or a name of a role, then a verb. */
function subjectOf(phrase: Phrase): Subject | null {
  const { text } = phrase;
  const offset = text.length - text.trimStart().length;
  const words = text.slice(offset, offset + 160);
  const codes = phrase.codes.filter(({ at }) => at < offset + 120);
  const first = codes[0];
  if (first !== undefined && first.at === offset) return codeSubject(text, codes);
  const opener = firstWord(words);
  const isInstruction = VERB_KINDS.has(opener) && !isRoleLike(opener);
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
    if (isVerb && isRoleLike(name) && /^[A-Z]/.test(words) && !NO_NAME.test(name)) {
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
    !VERB_KINDS.has(firstWord(label[1]))
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

const firstWord = (text: string): string => text.trim().split(/\s/, 1)[0]?.toLowerCase() ?? "";

const STEPS_FOR =
  /^(?:steps|actions|tasks|duties|responsibilities|instructions|checklist) (?:for|of) (?:the )?(.{2,60})$/i;

/** “Steps for Incident Commander”. */
export function roleOfSteps(title: string): Roles | null {
  const name = STEPS_FOR.exec(title.trim())?.[1];
  if (name === undefined || !isRoleLike(name)) return null;
  const start = title.lastIndexOf(name);
  return { names: [slug(name)], start, end: start + name.length, confidence: "likely" };
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
    if (!isRoleLike(name) || /\d/.test(name) || VERB_KINDS.has(firstWord(name))) continue;
    const start = at + inner.indexOf(name);
    return { names: [slug(name)], start, end: start + name.length, confidence: "likely" };
  }
  return null;
}

const OPTIONAL =
  /^\W{0,3}\(?optional(?:ly)?\b|\((?:optional|if (?:applicable|needed|necessary|possible|available|required))\)|\b(?:if (?:applicable|possible|needed|necessary|available)|as (?:needed|necessary|appropriate)|where (?:possible|applicable)|optionally)\b/i;
export const isOptional = (text: string): boolean => OPTIONAL.test(text);

const DESTRUCTIVE =
  /\b(?:rm\s+-[a-z]*[rf]|drop\s+(?:table|database|schema|index|keyspace|collection)|truncate(?:\s+table)?\s|delete\s+from\b|kubectl\s[^\n]{0,80}\bdelete\b|kubectl\s+drain\b|helm\s+(?:uninstall|delete)\b|terraform\s+destroy\b|pg_terminate_backend|pg_drop_|aws\s[^\n]{0,80}\b(?:delete|terminate|deregister)-|gcloud\s[^\n]{0,80}\bdelete\b|az\s[^\n]{0,80}\bdelete\b|mkfs\b|dd\s+if=|wipefs|git\s+push\s[^\n]{0,40}--force|-exec\s+rm\b|-delete\b|flushall|flushdb|apt-get\s+(?:purge|remove)|yum\s+remove|kill\s+-9|shutdown\s+-|docker\s[^\n]{0,40}\b(?:rm|prune)\b|force-new-cluster|--purge\b|--force-delete)/i;
/** True where carrying this out may not be taken back. */
export const isDestructive = (text: string): boolean => DESTRUCTIVE.test(text);

/** A title such as “Restarting the broker” tells what is done below it. */
export const isDoingTitle = (title: string): boolean => {
  const word = firstWord(title).replace(/[^a-z-]/g, "");
  return VERB_KINDS.has(word) || baseOfGerund(word) !== null;
};

/** The part of a phrase behind its bold words. */
export function afterLead(phrase: Phrase): Phrase {
  if (phrase.lead === null) return phrase;
  const rest = phrase.text.slice(phrase.lead.end);
  const gap = /^[\s:.\u2013\u2014>-]{0,6}/u.exec(rest)?.[0].length ?? 0;
  return partOf(phrase, phrase.lead.end + gap, phrase.text.length);
}
