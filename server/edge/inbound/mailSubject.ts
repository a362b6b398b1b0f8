/**
 * What the subject of a mail says: whether something is ill or over, how bad it is, and what it is about.
 * A mail that is wrongly taken for an end loses a page, so that a word such as “closed” or “ok” counts only
 * where it says the state, and never behind a “not” or under a head such as “CRITICAL:”.
 */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { severityOfWord } from "./severityWords.ts";
import { type Status } from "./telling.ts";

/** Words in a subject; one without any is a warning. */
export const MAIL_SEVERITIES = {
  critical: "critical",
  crit: "critical",
  emergency: "critical",
  fatal: "critical",
  down: "critical",
  offline: "critical",
  alarm: "error",
  error: "error",
  failed: "error",
  failure: "error",
  unreachable: "error",
  high: "error",
  warning: "warning",
  warn: "warning",
  info: "info",
  notice: "info",
} as const satisfies Record<string, AlertSeverity>;

const words = (list: string): string => list.replaceAll(" ", "|");
const SEVERITY = new RegExp(String.raw`\b(${Object.keys(MAIL_SEVERITIES).join("|")})\b`, "i");

/** What mail programs put before a subject when it is answered or passed on. */
const PASSED_ON = /^(?:\s*(?:re|fwd?|fw|aw|wg|tr|rv|sv|vs|antw)(?:\[\d\])?\s*:)+\s*/i;

/** States that say the end, that somebody has it, and that something is ill. */
const OVER = words(
  "resolved recovered recovery cleared closed ok up success succeeded normal healthy online deactivated ended",
);
const SEEN = words("acknowledged acknowledgement ack");
const ILL = words(
  "problem critical crit emergency fatal firing fired triggered alarm down offline unreachable activated open",
);
/** Words that introduce an end as readily as a beginning: “Alert: web-1 recovered”. */
const NEWS = words("alert error failed failure warning warn info notice notification unknown unkn");
const STATES = `${OVER}|${SEEN}|${ILL}|${NEWS}`;

/** “CRITICAL:”, “[FIRING:2]”, “** PROBLEM”, “DOWN |” at the front. */
const HEAD = new RegExp(
  String.raw`^\s*(?:[[(]\W{0,4}(${STATES})(?:\W+\d+)?\W{0,2}[\])]|\*\*+\s*(${STATES})\b|(${STATES})(?:\s*[:|]|\s+[-–—]\s)) *`,
  "i",
);
/** A state alone in brackets further on: “[shop] [Up] 200”. */
const BRACKETS = new RegExp(String.raw`[[(]\W{0,4}(${STATES})(?:\W+\d+)?\W{0,2}[\])]`, "i");
/** “OK -> CRIT”, “from WARNING to OK”: what it became counts. */
const BECAME = new RegExp(
  String.raw`\b(?:${STATES})\s*(?:->|=>|→)\s*(${STATES})\b|\bfrom\s+(?:${STATES})\s+to\s+(${STATES})\b`,
  "i",
);

const NOT = String.raw`(?:\b(?:not|never|cannot|unable|without|nor|no)\b|n['’]t\b|\bfail(?:s|ed|ure)? to\b)[^:;|\]]{0,25}`;
const SURELY_OVER = words("resolved recovered recovery cleared deactivated");
/** Anywhere in a subject, where nothing denies it. */
const STRONG = new RegExp(
  String.raw`\b(?:${SURELY_OVER}|back to normal|back up|back online|up again|down ended)\b`,
  "i",
);
/** A state at the end, or said by “is”. */
const WEAK = new RegExp(
  String.raw`\b(?:is|are|was|now|to)\s+(?:now\s+|back\s+)?(?:ok|up(?! to\b)|healthy|online|normal|closed)\b|\b(?:ok|up)\W*$|^(?:ok|closed|success)\b|\bclosed\s*:`,
  "i",
);
const DENIED = new RegExp(
  String.raw`${NOT}\b(?:${SURELY_OVER}|resolve|recover|clear|ok|up|healthy|online|normal|closed)\b`,
  "i",
);

const is = (list: string, word: string): boolean => new RegExp(`^(?:${list})$`, "i").test(word);

/** The states in front, one behind the other, and what is left behind them. */
function headsOf(title: string): readonly [heads: readonly string[], rest: string] {
  const heads: string[] = [];
  let rest = title.replace(PASSED_ON, "");
  for (let found = HEAD.exec(rest); found !== null && heads.length < 5; found = HEAD.exec(rest)) {
    heads.push(found[1] ?? found[2] ?? found[3] ?? "");
    rest = rest.slice(found[0].length);
  }
  return [heads, rest];
}

const becameIn = (title: string): string | undefined => {
  const found = BECAME.exec(title);
  return found?.[1] ?? found?.[2];
};

/** So much of a subject is read: a first line may be as long as whoever wrote it liked. */
const READ_MAX = 1_000;

/** Whether the subject tells of a beginning, of an end, or that somebody has it. */
export function mailStatus(subject: string): Status {
  const title = subject.slice(0, READ_MAX);
  const became = becameIn(title);
  if (became !== undefined) return is(OVER, became) ? "resolved" : "firing";
  const [heads, rest] = headsOf(title);
  const bracket = heads.length === 0 ? BRACKETS.exec(rest)?.[1] : undefined;
  const said = bracket === undefined ? heads : [bracket];
  if (said.some((head) => is(OVER, head))) return "resolved";
  if (said.some((head) => is(SEEN, head))) return "acknowledged";
  if (said.some((head) => is(ILL, head))) return "firing";
  if (/\backnowledge(d|ment)\b/i.test(rest)) return "acknowledged";
  if (DENIED.test(rest)) return "firing";
  if (STRONG.test(rest)) return "resolved";
  return said.length === 0 && WEAK.test(rest) ? "resolved" : "firing";
}

/** How bad it is by the first word that says so; by what it became, where it says that. */
export function mailSeverity(subject: string): AlertSeverity {
  const title = subject.slice(0, READ_MAX);
  const word = SEVERITY.exec(becameIn(title) ?? title)?.[0]?.toLowerCase();
  return word === undefined
    ? severityOfWord(null)
    : MAIL_SEVERITIES[word as keyof typeof MAIL_SEVERITIES];
}

/** Spans and measures move from mail to mail: “in 5m 0s”, “92 %”, “[FIRING:2]”. */
const MOVES =
  /\b(?:in|after|for)\s+(?:\d{1,9}\s?(?:d|h|m|s|ms|days?|hours?|min|minutes?|sec|seconds?)\b[\s,]*)+|\d{1,9}(?:[.,]\d{1,9})?\s?%|\b(?:firing|resolved):\d{1,9}|\d{1,4}[-:./]\d{1,2}(?:[-:./]\d{1,4})?/gi;
/** What says the state, the severity and the time, and not what is ill. */
const STATE = new RegExp(
  String.raw`\b(?:${STATES}|high|back to normal|up again|back|is|are|was|has|have|been|now|went|changed|from|to)\b|[^\p{L}\p{N}]+`,
  "giu",
);

/** What is left of a subject once the words of its state are gone: the same at the beginning and the end. */
export const mailSubject = (title: string): string =>
  title
    .slice(0, READ_MAX)
    .replace(PASSED_ON, "")
    .replaceAll(MOVES, " ")
    .replaceAll(STATE, " ")
    .replaceAll(/\s+/g, " ")
    .trim()
    .toLowerCase();
