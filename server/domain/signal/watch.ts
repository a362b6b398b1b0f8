/**
 * What a look at one watched series leads to. A rule with a condition watches every series of its
 * measure: it rings once when the condition holds, says that it is over once it is healthy, and in
 * a gap does neither. Pure: rules, state, samples and `now` in, the next state out.
 */
import type { Condition, Rule } from "../../../contract/signal.ts";
import { durationMs } from "../../base/duration.ts";
import { addMs, DAY, earlier, type Instant } from "../../base/instant.ts";
import type { Snapshot } from "../config/config.ts";
import { effectiveRules } from "../policy/published.ts";
import { judge, type Sample, samplesNeededSince, type Verdict } from "./condition.ts";
import { pollEveryMs } from "./query.ts";
import {
  inOrder,
  measurementRulesFrom,
  type Outcome,
  outcomeOf,
  type RuleEntry,
  type RuleFinding,
  type RuleSource,
} from "./rules.ts";
import { fingerprint } from "./signal.ts";

/** A rule that watches numbers. */
export type WatchRule = {
  readonly id: string;
  readonly source: RuleSource | null;
  readonly body: Rule;
  readonly condition: Condition;
  /** The measure's name; that of a query is made of what it asks. */
  readonly measure: string;
  readonly outcome: Outcome;
};

/** One query that is polled, for all rules that share it. */
export type WatchQuery = {
  readonly measure: string;
  readonly server: string;
  readonly query: string;
  /** Whose numbers these are when their labels name no known service. */
  readonly serviceId: string;
  readonly everyMs: number;
};

export type WatchRules = {
  readonly byId: ReadonlyMap<string, WatchRule>;
  /** In the order in which rules decide. */
  readonly byMeasure: ReadonlyMap<string, readonly WatchRule[]>;
  readonly queries: ReadonlyMap<string, WatchQuery>;
  /** Rules that cannot watch anything; they are left out. */
  readonly findings: readonly RuleFinding[];
  /** Samples older than this matter to no rule. */
  readonly keepMs: number;
};

/** What a number is about. */
export type Subject = {
  readonly measure: string;
  readonly serviceId: string;
  readonly keyId: string;
  readonly labels: Readonly<Record<string, string>>;
};

/** Stands for the intake key of numbers that nobody sent. */
export const POLLED_KEY = "polled";

/** The rules of a snapshot that watch numbers, the defaults last; made once per snapshot. */
export function watchRulesReader(): (config: Snapshot) => WatchRules {
  const made = new WeakMap<Snapshot, WatchRules>();
  return (config) => {
    let rules = made.get(config);
    if (rules === undefined) {
      rules = watchRules(effectiveRules(config));
      made.set(config, rules);
    }
    return rules;
  };
}

/**
 * The entries that watch numbers. Of two with one id the first counts: a team's own rule replaces
 * the default of its name.
 */
export function watchRules(entries: readonly RuleEntry[]): WatchRules {
  const byId = new Map<string, WatchRule>();
  const byMeasure = new Map<string, WatchRule[]>();
  const queries = new Map<string, WatchQuery>();
  const findings: RuleFinding[] = [];
  let keepMs = DAY;
  for (const { id, source, body } of measurementRulesFrom(entries).toSorted(inOrder)) {
    const { condition } = body;
    if (condition === undefined || byId.has(id)) continue;
    const problem = problemOf(body, condition);
    if (problem !== null) {
      findings.push({ ruleId: id, source, text: `rule “${id}”: ${problem}` });
      continue;
    }
    const query = queryOf(body, condition);
    const measure = query?.measure ?? condition.measure ?? "";
    const rule = { id, source, body, condition, measure, outcome: outcomeOf(body) };
    byId.set(id, rule);
    byMeasure.set(measure, [...(byMeasure.get(measure) ?? []), rule]);
    if (query !== null) queries.set(measure, sooner(queries.get(measure), query));
    keepMs = Math.max(keepMs, -samplesNeededSince(condition, EPOCH));
  }
  return { byId, byMeasure, queries, findings, keepMs };
}

const EPOCH = 0 as Instant;

function problemOf(body: Rule, condition: Condition): string | null {
  if (condition.promql === undefined) return null;
  if (body.services?.length !== 1) {
    return "a query names one service: its numbers are of that, unless their label “service” differs";
  }
  return body.keys === undefined
    ? null
    : "the numbers of a query come by no key, so none can be named";
}

function queryOf(body: Rule, { promql, gap }: Condition): WatchQuery | null {
  const serviceId = body.services?.[0];
  if (promql === undefined || serviceId === undefined) return null;
  const { server, query } = promql;
  const measure = `query ${fingerprint({ server, query, serviceId }).slice(0, 32)}`;
  return { measure, server, query, serviceId, everyMs: pollEveryMs(durationMs(gap)) };
}

const sooner = (known: WatchQuery | undefined, query: WatchQuery): WatchQuery =>
  known !== undefined && known.everyMs < query.everyMs ? known : query;

/** The rules that watch the subject, in their order. */
export const watching = (rules: WatchRules, subject: Subject): readonly WatchRule[] =>
  (rules.byMeasure.get(subject.measure) ?? []).filter((rule) => watches(rule, subject));

function watches({ body, condition, measure }: WatchRule, subject: Subject): boolean {
  if (measure !== subject.measure) return false;
  // A query's labels may name another service than its rule.
  const pushed = condition.promql === undefined;
  if (pushed && body.services !== undefined && !body.services.includes(subject.serviceId))
    return false;
  if (body.keys !== undefined && !body.keys.includes(subject.keyId)) return false;
  return Object.entries(body.labels ?? {}).every(([name, value]) => {
    return Object.hasOwn(subject.labels, name) && subject.labels[name] === value;
  });
}

/** A series of numbers by its labels: short, because it stands in keys. */
export const seriesOf = (labels: Readonly<Record<string, string>>): string =>
  Object.keys(labels).length === 0 ? "" : fingerprint(labels);

/** What the store keeps about a rule and a series. */
export type WatchState = Subject & {
  readonly ruleId: string;
  readonly series: string;
  readonly firingSince: Instant | null;
  readonly owes: "ring" | "resolve" | null;
};

/** The verdict as it is kept, with the number that spoke last. */
export type KeptVerdict = Verdict & {
  readonly value: number | null;
  /** The rule that decided before this one, which holds too and therefore does not ring. */
  readonly decidedBefore?: string;
};

export type Look =
  | {
      readonly kind: "watch";
      readonly verdict: KeptVerdict | null;
      readonly firingSince: Instant | null;
      readonly owes: "ring" | "resolve" | null;
      readonly dueAt: Instant;
    }
  /** Nothing is known about the series any more, and nothing is open: no state is left behind. */
  | { readonly kind: "forget" };

/** A series that brings no samples is looked at this often, to be forgotten in the end. */
const FORGET_LOOK_MS = DAY;

/** The earliest sample that a look at the state can need. */
export function lookNeedsSince(rules: WatchRules, state: WatchState, now: Instant): Instant {
  return watching(rules, state).reduce((since, { condition }) => {
    const needed = samplesNeededSince(condition, now);
    return needed < since ? needed : since;
  }, now);
}

/**
 * Looks at a series at `now`. A rule that holds rings once, unless one before it in the order holds
 * too: the first that matches decides, here as for alerts. What is owed already stays owed: whoever
 * calls hands it over before the next look.
 */
export function look(
  rules: WatchRules,
  state: WatchState,
  samples: readonly Sample[],
  now: Instant,
): Look {
  const rule = rules.byId.get(state.ruleId);
  if (rule === undefined || !watches(rule, state)) return ended(state, now);
  const last = latest(samples, now);
  const verdict = { ...judge(rule.condition, samples, now), value: last?.value ?? null };
  const next = nextLook(rule.condition, verdict, samples, now);
  const { firingSince, owes } = state;
  const kept = { kind: "watch", verdict, firingSince, owes, dueAt: next } as const;
  switch (verdict.kind) {
    case "holds": {
      if (firingSince !== null) return kept;
      const before = decidesBefore(rules, state, samples, now);
      if (before === null) return { ...kept, firingSince: verdict.since, owes: "ring" };
      const dueAt = earlier(next, before.until) ?? next;
      return { ...kept, verdict: { ...verdict, decidedBefore: before.ruleId }, dueAt };
    }
    case "healthy":
      return firingSince === null ? kept : { ...kept, firingSince: null, owes: "resolve" };
    case "holding":
      return kept;
    case "gap": {
      const forgotten = verdict.from === null && firingSince === null && owes === null;
      return forgotten && !samples.some(({ at }) => at > now) ? { kind: "forget" } : kept;
    }
  }
}

/** The rule is gone or asks about something else: what it opened is over. */
function ended(state: WatchState, now: Instant): Look {
  if (state.firingSince === null && state.owes === null) return { kind: "forget" };
  const owes = state.firingSince === null ? state.owes : "resolve";
  return { kind: "watch", verdict: null, firingSince: null, owes, dueAt: now };
}

function decidesBefore(
  rules: WatchRules,
  state: WatchState,
  samples: readonly Sample[],
  now: Instant,
): { readonly ruleId: string; readonly until: Instant } | null {
  for (const rule of watching(rules, state)) {
    if (rule.id === state.ruleId) return null;
    const verdict = judge(rule.condition, samples, now);
    if (verdict.kind !== "holds") continue;
    return { ruleId: rule.id, until: nextLook(rule.condition, verdict, samples, now) };
  }
  return null;
}

/** When the verdict can be another one although no sample comes. */
function nextLook(
  condition: Condition,
  verdict: Verdict,
  samples: readonly Sample[],
  now: Instant,
): Instant {
  const last = latest(samples, now);
  const silence = last === null ? now : addMs(last.at, durationMs(condition.gap) + 1);
  let next = silence > now ? silence : addMs(now, FORGET_LOOK_MS);
  if (verdict.kind === "holding" && verdict.until < next) next = verdict.until;
  for (const { at } of samples) if (at > now && at < next) next = at;
  return next;
}

/** The sample that speaks at `now`, or spoke last. */
function latest(samples: readonly Sample[], now: Instant): Sample | null {
  let last: Sample | null = null;
  for (const sample of samples) {
    if (sample.at <= now && (last === null || sample.at >= last.at)) last = sample;
  }
  return last;
}
