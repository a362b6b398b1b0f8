/** Whether matchers mean an alert. Patterns run on RE2, so no pattern can hang the house. */
import { RE2JS } from "re2js";
import { type Matcher, matcherText, readMatcher } from "../../../contract/matcher.ts";
import { assert } from "../../base/errors.ts";
import type { Snapshot } from "../config/config.ts";

/** What of an alert can be matched. */
export type MatchedAlert = {
  readonly title: string;
  readonly severity: string;
  readonly source: string | null;
  readonly serviceId: string;
  readonly keyId: string;
  readonly dedupKey: string;
  readonly labels: Readonly<Record<string, string>>;
};

/** Every value that an alert has under a name; none stands for an empty one. */
export type ValuesOf = (name: string) => readonly string[];

/** Names that Tocsin knows beside the labels. */
const KNOWN = new Set([
  "service",
  "team",
  "tier",
  "key",
  "severity",
  "title",
  "source",
  "dedup_key",
]);

/** Labels that every alert which is meant has with this very value: a name that stands for a label alone. */
export const equalLabels = (
  matchers: readonly string[],
): readonly { readonly name: string; readonly value: string }[] =>
  matchers.flatMap((text) => {
    const matcher = readMatcher(text);
    if (matcher?.operator !== "=" || matcher.value === "" || KNOWN.has(matcher.name)) return [];
    return [{ name: matcher.name, value: matcher.value }];
  });

/**
 * The alert's labels, and what Tocsin knows beside them: `service`, `team`, `tier`, `key`, `severity`,
 * `title`, `source`, `dedup_key`. Where a label has such a name too, both values count: who mutes
 * `service=checkout` means the service of the catalogue as well as the tool's own label.
 */
export function valuesOf(config: Snapshot, alert: MatchedAlert): ValuesOf {
  const service = config.get("services", alert.serviceId)?.body;
  const known: Readonly<Record<string, string | null | undefined>> = {
    service: alert.serviceId,
    team: service?.team,
    tier: service === undefined ? null : String(service.tier),
    key: alert.keyId,
    severity: alert.severity,
    title: alert.title,
    source: alert.source,
    dedup_key: alert.dedupKey,
  };
  return (name) => {
    const found = [
      Object.hasOwn(alert.labels, name) ? alert.labels[name] : null,
      Object.hasOwn(known, name) ? known[name] : null,
    ];
    return found.filter((value): value is string => value !== null && value !== undefined);
  };
}

/** One matcher, ready to be asked. */
export type Compiled = {
  readonly matcher: Matcher;
  matches(values: ValuesOf): boolean;
};

/** Ready matchers by their text: the same few are asked for every alert. */
const known = new Map<string, Compiled | string>();
const MOST_KNOWN = 5_000;

/** The matcher of a text, or the sentence that says what is wrong with its pattern. */
export function compileMatcher(text: string): Compiled | string {
  let found = known.get(text);
  if (found === undefined) {
    if (known.size >= MOST_KNOWN) known.clear();
    found = compiled(text);
    known.set(text, found);
  }
  return found;
}

function compiled(text: string): Compiled | string {
  const matcher = readMatcher(text);
  if (matcher === null) return "not a matcher";
  const { name, operator, value } = matcher;
  const isPattern = operator.endsWith("~");
  let pattern: RE2JS | null = null;
  try {
    if (isPattern) pattern = RE2JS.compile(value, RE2JS.DOTALL);
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    return words.replace(/^error parsing regexp: /, "");
  }
  const fits = (candidate: string): boolean =>
    pattern === null ? candidate === value : pattern.matches(candidate);
  const wanted = !operator.startsWith("!");
  return {
    matcher,
    matches(values) {
      const candidates = values(name);
      return (candidates.length === 0 ? fits("") : candidates.some(fits)) === wanted;
    },
  };
}

/** Whether all matchers mean the alert. They were checked when they were stored. */
export function allMatch(matchers: readonly string[], values: ValuesOf): boolean {
  return matchers.every((text) => {
    const ready = compileMatcher(text);
    assert(typeof ready !== "string", `a stored matcher compiles: ${text}`);
    return ready.matches(values);
  });
}

/** Whether an alert without any label and name would be meant: then everything is. */
export const matchesEmpty = (matchers: readonly string[]): boolean => allMatch(matchers, () => []);

/** The matchers in one normal form, for people and for comparison. */
export const normalMatchers = (matchers: readonly string[]): readonly string[] =>
  matchers.map((text) => {
    const matcher = readMatcher(text);
    return matcher === null ? text : matcherText(matcher);
  });
