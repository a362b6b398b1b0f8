/** The words other tools use for how bad it is, and what Tocsin makes of them. */
import { type AlertSeverity } from "../../../contract/signal.ts";

/** Shown where a tool has no words of its own. */
export const SEVERITY_WORDS = {
  critical: "critical",
  crit: "critical",
  page: "critical",
  fatal: "critical",
  emergency: "critical",
  disaster: "critical",
  error: "error",
  err: "error",
  high: "error",
  major: "error",
  warning: "warning",
  warn: "warning",
  medium: "warning",
  minor: "warning",
  info: "info",
  informational: "info",
  information: "info",
  notice: "info",
  low: "info",
  none: "info",
  ok: "info",
  debug: "info",
  "any other": "warning",
} as const satisfies Record<string, AlertSeverity>;

const SEVERITY_OF_WORD: ReadonlyMap<string, AlertSeverity> = new Map(
  Object.entries(SEVERITY_WORDS),
);

/**
 * The severity a word stands for, whatever its case. A missing or unknown word is a warning: it is
 * worked on, wakes nobody by itself, and the tool's own word stays among the labels for a rule.
 */
export function severityOfWord(word: string | null | undefined): AlertSeverity {
  if (word === null || word === undefined) return "warning";
  return SEVERITY_OF_WORD.get(word) ?? SEVERITY_OF_WORD.get(word.trim().toLowerCase()) ?? "warning";
}

/** The words that are ours. */
export const OWN_WORDS = {
  critical: "critical",
  error: "error",
  warning: "warning",
  info: "info",
} as const satisfies Record<string, AlertSeverity>;

/** What lines of logs say by a number, as ArcSight and IBM band it. */
export const ONE_TO_TEN = {
  "1": "info",
  "2": "info",
  "3": "info",
  "4": "warning",
  "5": "warning",
  "6": "warning",
  "7": "error",
  "8": "error",
  "9": "critical",
  "10": "critical",
} as const satisfies Record<string, AlertSeverity>;

/** The five priorities that many tools share, P1 being the worst. */
export const PRIORITIES = {
  P1: "critical",
  P2: "error",
  P3: "warning",
  P4: "info",
  P5: "info",
} as const satisfies Record<string, AlertSeverity>;

/** “P3”, “p3” and 3 are the same priority. */
export const priorityOf = (value: unknown): keyof typeof PRIORITIES | null => {
  const text = typeof value === "number" ? String(value) : value;
  const digit = typeof text === "string" ? /^p?([1-5])$/i.exec(text.trim())?.[1] : undefined;
  return digit === undefined ? null : (`P${digit}` as keyof typeof PRIORITIES);
};
