/** “Error rate 5-10 % for > 15 minutes” → measure, comparator, threshold, unit, window. */
import type { PolicyTrigger } from "../../../../contract/runbook.ts";
import { findDurations } from "./durations.ts";

export type Measure = Pick<
  PolicyTrigger,
  "measure" | "comparator" | "threshold" | "thresholdTo" | "unit" | "percentile" | "window"
>;

const UNIT =
  "(?<unit>%|percent\\b|percentage points\\b|ms\\b|milliseconds?\\b|seconds?\\b|secs?\\b|s\\b|minutes?\\b|mins?\\b|hours?\\b|hrs?\\b|days?\\b|x\\b|times\\b|\\u00d7|gb\\b|mb\\b|kb\\b|tb\\b|gib\\b|mib\\b|[a-z]{2,12}\\/(?:s|sec|second|min|minute|hour)\\b|rps\\b|qps\\b|[a-z][a-z-]{2,24}(?![a-z]))?";
const NUMBER = "(?:[$\\u20ac\\u00a3]\\s?)?(?<number>\\d{1,12}(?:[.,]\\d{1,6})?)(?<kilo>k\\b)?";
const COMPARE =
  "(?<word>>=|<=|=>|\\u2265|\\u2264|>|<|=|(?:is |are |goes |rises |stays |remains |was |be )?(?:greater than or equal to|less than or equal to|greater than|higher than|larger than|more than|less than|lower than|fewer than|at least|at most|no more than|above|over|below|under)|exceed(?:s|ed|ing)?|(?:drops?|falls?|dips?) (?:below|under|to)|(?:rises?|climbs?|goes|spikes?|jumps?) (?:above|over|past|to)|up to|reach(?:es)?)";
const SINGLE = new RegExp(`${COMPARE}\\s{0,3}(?:a |the )?${NUMBER}\\s{0,2}${UNIT}`, "iu");
const BETWEEN = new RegExp(
  `(?:between\\s{1,2})?(?<low>\\d{1,9}(?:\\.\\d{1,6})?)\\s?%?\\s?(?:-|\\u2013|\\u2014|to|and)\\s?(?<high>\\d{1,9}(?:\\.\\d{1,6})?)\\s{0,2}${UNIT}`,
  "iu",
);
const PERCENTILE =
  /\bp(\d{2}(?:\.\d{1,2})?|100)\b|\b(\d{2}(?:\.\d{1,2})?)(?:th|st|nd|rd)?[ -]percentile\b/i;
const WINDOW =
  /\b(?:for|over|within|in|during|lasting|sustained(?: for)?|last|past)\s{1,3}(?:at least|more than|longer than|over|a|the|the last|the past|>=|>|\u2265)?\s{0,3}(?=\d|an?\b|one\b|two\b|three\b|five\b|ten\b|fifteen\b|thirty\b)/giu;
const BASELINE = /\b(?:baseline|normal|average|usual|expected|typical|previous|last week)\b/i;

const NOTHING: Measure = {
  measure: null,
  comparator: null,
  threshold: null,
  thresholdTo: null,
  unit: null,
  percentile: null,
  window: null,
};

/** What the words measure; all null where no number is compared. */
export function measureIn(text: string): Measure {
  const window = windowIn(text);
  const before =
    window === null ? text : `${text.slice(0, window.start)} ${text.slice(window.end)}`;
  const single = SINGLE.exec(before.slice(0, 400));
  const between = BETWEEN.exec(before.slice(0, 400));
  const percentile = percentileIn(text);
  const useBetween =
    between !== null && (single === null || between.index < single.index) && hasUnit(between);
  const found = useBetween ? between : single;
  if (found === null) return { ...NOTHING, window: null };
  const groups = found.groups ?? {};
  const number = (name: string): number =>
    Number((groups[name] ?? "").replace(",", ".")) * (groups["kilo"] === undefined ? 1 : 1000);
  const named = nameOf(before, found.index);
  const unit = unitOf(groups["unit"] ?? "", before.slice(found.index));
  // “more than 50 failed logins”: what is counted stands behind the number.
  const isBehind =
    named === null && unit !== null && /^[a-z]{3}/.test(unit) && !/^(?:min|baseline)/.test(unit);
  const unitAt = found[0].length - (groups["unit"] ?? "").length;
  const counted = isBehind
    ? before
        .slice(found.index + unitAt)
        .trim()
        .slice(0, 160)
    : null;
  return {
    measure: counted ?? named,
    comparator: useBetween ? "between" : comparatorOf(groups["word"] ?? ""),
    threshold: useBetween ? number("low") : number("number"),
    thresholdTo: useBetween ? number("high") : null,
    unit: counted === null ? unit : null,
    percentile,
    window: window?.iso ?? null,
  };
}

const hasUnit = (found: RegExpExecArray): boolean => (found.groups?.["unit"] ?? "") !== "";

function windowIn(
  text: string,
): { readonly iso: string; readonly start: number; readonly end: number } | null {
  for (const found of text.matchAll(WINDOW)) {
    const from = found.index + found[0].length;
    const [first] = findDurations(text.slice(from, from + 40));
    if (first !== undefined && first.start === 0)
      return { iso: first.iso, start: found.index, end: from + first.end };
  }
  return null;
}

function percentileIn(text: string): string | null {
  const found = PERCENTILE.exec(text);
  const number = found?.[1] ?? found?.[2];
  return number === undefined ? null : `p${number}`;
}

/** The noun before the comparison, without articles and linking verbs. */
function nameOf(text: string, end: number): string | null {
  const name = text
    .slice(0, end)
    .replace(/[(\s:,\u2013\u2014-]{1,8}$/u, "")
    .replace(/^(?:if|when|whenever|the|an?|any|alert:)\s/i, "")
    .replace(/\s(?:is|are|has|goes|rises|stays)$/i, "")
    .trim();
  return name === "" ? null : name.slice(0, 160);
}

function comparatorOf(word: string): Measure["comparator"] {
  const lower = word.toLowerCase().trim();
  if ([">=", "=>", "\u2265"].includes(lower) || /at least|or equal to|reach/.test(lower))
    return /less/.test(lower) ? "<=" : ">=";
  if (["<=", "\u2264"].includes(lower) || /at most|no more|up to/.test(lower)) return "<=";
  if (lower === "=") return "=";
  return lower === "<" || /below|under|less|lower|fewer|drop|fall|dip/.test(lower) ? "<" : ">";
}

function unitOf(unit: string, rest: string): string | null {
  const lower = unit.toLowerCase();
  if (lower === "") return BASELINE.test(rest.slice(0, 40)) ? "x baseline" : null;
  if (lower === "%" || lower.startsWith("percent")) return "%";
  if (lower === "x" || lower === "times" || lower === "\u00d7")
    return BASELINE.test(rest) ? "x baseline" : "x";
  if (lower.startsWith("ms") || lower.startsWith("milli")) return "ms";
  if (/^s(?:ec(?:ond)?s?)?$/.test(lower)) return "s";
  if (/^min(?:ute)?s?$/.test(lower)) return "min";
  if (/^h(?:ou)?rs?$/.test(lower)) return "h";
  return /^(?:for|in|over|and|or|of|on|within|per|during|from|with|the)$/.test(lower)
    ? null
    : lower;
}
