/** Deadlines in the words of a step, a phase or a form, and from when they count. */
import type { DeadlineAnchor, RunbookDeadline } from "../../../../contract/runbook.ts";
import { findDurations, type FoundDuration } from "./durations.ts";
import type { Phrase } from "./phrase.ts";
import { severitiesMeant } from "./severity.ts";
import { evidence, type Source } from "./source.ts";

/** “within”, “no later than”: what makes a length of time a promise. */
const WITHIN =
  /(?:\b(?:within|in (?:less|no more|under) than|in under|no later than|not later than|no more than|in at most|at most|under|less than|up to|by)|[<\u2264])\s{0,3}(?:the (?:first|next) |the |a maximum of |at most |about |~|\*\*)?$/iu;
const EVERY = /\b(?:every|each|at least every|once (?:every|per|an?))\s{0,3}(?:\w+ly )?$/i;
/** The alert, or nature, does it; nobody promised. */
const NO_DUTY =
  /\b(?:will|would|is|are|was|were|has|have|had|expected|predicted|usually|typically|fires?|fired|firing|trigger(?:s|ed)|occurs?|happens?|happened|resolves? (?:itself|by itself|on its own)|fill(?:s|ed)?|expires?)\b[^.;]{0,40}$/i;
/** A machine does it again and again: “the job runs every 30 minutes”. */
const MACHINE =
  /\b(?:runs|polls|scrapes|executes|fires|refreshes|syncs|retries|reports|checks|sends|updates itself|happens|occurs|is (?:run|polled|scraped|refreshed|synced|evaluated|executed|updated|checked)|are (?:run|polled|scraped|refreshed|synced|evaluated|executed|collected)|(?:ran|polled|fired|happened|occurred))\b[^.;]{0,40}$/i;
/** It is over: “traffic recovered within 10 minutes”. */
const OVER =
  /\b(?:the|a|an|all|most|traffic|latency|errors?|service|services|it|they|this|we|customers|users)\s(?:\w+\s){0,3}(?:recovered|returned|subsided|cleared|dropped|fell|rose|came back|failed over|noticed|detected|mitigated|resolved|restored|took|lasted|responded|acknowledged)\b[^.;]{0,40}$/i;
const MUST = /\b(?:should|must|shall|needs?|required|due|ha(?:s|ve) to)\b/i;
const ADVERBS: Readonly<Record<string, string>> = {
  hourly: "PT1H",
  daily: "P1D",
  weekly: "P1W",
  monthly: "P1M",
  quarterly: "P3M",
  annually: "P1Y",
  yearly: "P1Y",
};

type Anchoring = {
  readonly anchor: DeadlineAnchor;
  readonly isAssumed: boolean;
  readonly why: string;
};

const EXPLICIT: readonly (readonly [DeadlineAnchor, RegExp])[] = [
  ["incident mitigated", /^\W{0,3}(?:of|after|from|following|since)\s.{0,30}\bmitigat/i],
  [
    "incident resolved",
    /^\W{0,3}(?:of|after|from|following|since)\s.{0,30}\b(?:resol|recover|clos|restor|post-?incident|end of)/i,
  ],
  [
    "page sent",
    /^\W{0,3}(?:of|after|from|following|since|upon)\s.{0,30}\b(?:pag(?:e|ed|ing)|alert|notification)\b/i,
  ],
  [
    "incident declared",
    /^\W{0,3}(?:of|after|from|following|since|upon)\s.{0,30}\b(?:declar|detect|discover|becom|report|start|start of|aware|incident (?:start|open|begin))/i,
  ],
  [
    "incident resolved",
    /^\W{0,3}(?:of|after|from|following)\s.{0,16}\b(?:incident|event|outage)\b/i,
  ],
];

const PAPER =
  /\b(?:post-?mortem|postmortems|post-incident|incident report|rca|root cause analysis|retrospective|after-action|lessons learned|review meeting)\b/i;
const VERBS: readonly (readonly [DeadlineAnchor, RegExp])[] = [
  ["incident resolved", PAPER],
  ["page sent", /\b(?:acknowledg\w{0,7}|ack|respond to the (?:page|alert)|join)\b/i],
  [
    "incident declared",
    /\b(?:mitigat\w{0,5}|contain\w{0,4}|resol\w{1,5}|restor\w{1,4}|declare|notif\w{1,6}|inform|page|escalat\w{0,4}|communicat\w{0,4}|post)\b/i,
  ],
];

/** From when it counts: what the words say, else what its verb makes likely. */
function anchorOf(text: string, found: FoundDuration): Anchoring {
  const after = text.slice(found.end, found.end + 80);
  for (const [anchor, pattern] of EXPLICIT)
    if (pattern.test(after))
      return { anchor, isAssumed: false, why: "the words behind it say from when" };
  const clause = clauseAround(text, found);
  for (const [anchor, pattern] of VERBS)
    if (pattern.test(clause)) return { anchor, isAssumed: true, why: "assumed from its verb" };
  return { anchor: "phase entered", isAssumed: true, why: "assumed: it counts from the phase" };
}

function clauseAround(text: string, { start, end }: FoundDuration): string {
  const before = text.lastIndexOf(". ", start);
  const after = text.indexOf(". ", end);
  return text.slice(before < 0 ? 0 : before + 2, after < 0 ? text.length : after).slice(0, 500);
}

/** Every promise in the words. `anchor` overrides what the verb would say, such as for a form. */
export function deadlinesIn(
  source: Source,
  phrase: Phrase,
  anchor?: { readonly anchor: DeadlineAnchor; readonly why: string },
): RunbookDeadline[] {
  const { text } = phrase;
  const durations = findDurations(text.slice(0, 4000));
  const found = durations.flatMap((duration, index): RunbookDeadline[] => {
    const before = text.slice(Math.max(0, duration.start - 80), duration.start);
    const repeats = EVERY.test(before);
    const isListed = isInSeverityList(text, duration, durations[index - 1]);
    if (!repeats && !WITHIN.test(before) && !isListed) return [];
    if (
      /\b(?:by|under|up to)\s{0,3}$/i.test(before) &&
      !/\d/.test(text.slice(duration.start, duration.end))
    )
      return [];
    if (
      !repeats &&
      (NO_DUTY.test(before) || OVER.test(before)) &&
      !/\b(?:should|must|shall|need|required|due)\b/i.test(before)
    )
      return [];
    if (
      !repeats &&
      /\b(?:takes?|taking|took|lasts?)\s(?:\w+\s){0,2}(?:less|more|under|up|about|at)?\b.{0,14}$/i.test(
        before,
      )
    )
      return [];
    if (repeats && MACHINE.test(before) && !MUST.test(before)) return [];
    const said = anchorOf(text, duration);
    const anchoring =
      anchor === undefined || !said.isAssumed ? said : { ...anchor, isAssumed: true };
    const severities = severitiesOf(text, duration, durations[index - 1], durations[index + 1]);
    const span = phrase.locate(...wordsAround(text, duration));
    return (severities.length === 0 ? [null] : severities).map((severity) => ({
      ...evidence(
        source,
        span,
        anchoring.isAssumed ? "likely" : "certain",
        repeats
          ? "“every” and a length of time"
          : `a length of time that is promised; ${anchoring.why}`,
      ),
      iso: duration.iso,
      anchor: repeats ? "step entered" : anchoring.anchor,
      severity,
      repeats,
      calendar: duration.calendar,
      line: source.lineAt(span.start),
    }));
  });
  return [...found, ...adverbsIn(source, phrase)];
}

/** With the word that makes it a promise: “within 48 hours”. */
function wordsAround(text: string, { start, end }: FoundDuration): [number, number] {
  const before = text.slice(Math.max(0, start - 40), start);
  const found = WITHIN.exec(before) ?? EVERY.exec(before);
  return [found === null ? start : start - (before.length - found.index), end];
}

/** “every 30 minutes (P1), every 2 hours (P2)”, “SEV1 (within 48 hours)”, “SEV1: 15 min”. */
function severitiesOf(
  text: string,
  found: FoundDuration,
  previous: FoundDuration | undefined,
  next: FoundDuration | undefined,
): readonly string[] {
  const after = text.slice(found.end, Math.min(next?.start ?? text.length, found.end + 60));
  const behind = /^\s{0,2}(?:\(([^()]{1,40})\)|for\s([^.;()]{1,40}))/i.exec(after);
  const named = severitiesMeant(behind?.[1] ?? behind?.[2] ?? "");
  if (named.length > 0) return named;
  const from = previous === undefined ? 0 : previous.end;
  const before = text.slice(Math.max(from, found.start - 60), found.start);
  const open = /([^(),;:]{1,40})[(:]\s{0,2}[^():]{0,30}$/.exec(before)?.[1];
  return open === undefined ? [] : severitiesMeant(open);
}

const isInSeverityList = (
  text: string,
  found: FoundDuration,
  previous: FoundDuration | undefined,
): boolean =>
  /^\s{0,2}\(/.test(text.slice(found.end, found.end + 3)) &&
  severitiesOf(text, found, previous, undefined).length > 0;

function adverbsIn(source: Source, phrase: Phrase): RunbookDeadline[] {
  const match =
    /^(?:\W{0,3}[A-Za-z-]{3,20}(?: [a-z]{2,16}){0,3} )(hourly|daily|weekly|monthly|quarterly|annually|yearly)\b/i.exec(
      phrase.text,
    );
  const word = match?.[1];
  const iso = word === undefined ? undefined : ADVERBS[word.toLowerCase()];
  if (match === null || word === undefined || iso === undefined) return [];
  const start = match[0].length - word.length;
  const span = phrase.locate(start, match[0].length);
  return [
    {
      ...evidence(source, span, "likely", "an adverb that says how often"),
      iso,
      anchor: "step entered",
      severity: null,
      repeats: true,
      calendar: "always",
      line: source.lineAt(span.start),
    },
  ];
}

/** A bare length of time in a parenthesis behind a title: “Contain (SRE, < 15 min)”. */
export function deadlinesOfTitle(source: Source, phrase: Phrase): RunbookDeadline[] {
  const open = Math.max(
    phrase.text.lastIndexOf("("),
    phrase.text.search(/[\u2013\u2014:-]\s{1,2}[<\u2264]?\s?(?:within )?\d{1,3}\s?[a-z]{1,8}$/iu),
  );
  if (open < 0) return [];
  return findDurations(phrase.text)
    .filter(({ start }) => start > open)
    .slice(0, 1)
    .map((found) => {
      const span = phrase.locate(found.start, found.end);
      return {
        ...evidence(source, span, "likely", "a length of time behind a title"),
        iso: found.iso,
        anchor: "phase entered",
        severity: null,
        repeats: false,
        calendar: found.calendar,
        line: source.lineAt(span.start),
      };
    });
}
