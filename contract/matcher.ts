/**
 * Matchers: which alerts are meant, in the form that people know from their monitoring: `team=web`,
 * `alertname=~"Disk.*"`, `severity!=info`. A pattern matches the whole value. A name that an alert
 * does not have counts as an empty value.
 */
import { z } from "zod";

export const MATCHER_OPERATORS = ["=", "!=", "=~", "!~"] as const;
export type MatcherOperator = (typeof MATCHER_OPERATORS)[number];

export type Matcher = {
  readonly name: string;
  readonly operator: MatcherOperator;
  readonly value: string;
};

const FORM = /^\s*([^\s=!~"]+)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^"\s]*))\s*$/s;

/** Reads one matcher; null when it is none. In quotes, `\"`, `\\` and `\n` stand for themselves. */
export function readMatcher(text: string): Matcher | null {
  const found = FORM.exec(text);
  if (found === null) return null;
  const [, name = "", operator = "=", quoted, bare = ""] = found;
  const value =
    quoted === undefined
      ? bare
      : quoted.replace(/\\(["\\n])/g, (_, kept: string) => (kept === "n" ? "\n" : kept));
  return { name, operator: operator as MatcherOperator, value };
}

export const matcherText = ({ name, operator, value }: Matcher): string =>
  `${name}${operator}"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;

export const MatcherText = z
  .string()
  .max(2_500)
  .refine((text) => readMatcher(text) !== null, 'a matcher such as alertname=~"Disk.*"');
