/**
 * Which terms hold for a severity, when a runbook, the configuration and the defaults all speak.
 *
 * Precedence, field by field: published runbooks, then what was applied (the policy named like the
 * owning team and the one named "default"), then the built-in defaults. The highest level that
 * states a field decides it. Where two sources of one level state the same field:
 * - deadlines, the postmortem and its review meeting: the stricter counts, because one team does
 *   not weaken what everybody promised ("none" holds only if nobody on that level asks for one);
 * - audiences: all of them are told;
 * - everything else describes or assigns: the more specific source, which comes first, counts.
 */
import { type ConfigEntry } from "../../../contract/config.ts";
import { type Target } from "../../../contract/escalation.ts";
import { SEVERITIES, type Severity } from "../../../contract/ids.ts";
import {
  type SeverityPolicy,
  type SeverityTerms,
  type UrgencyRule,
} from "../../../contract/policy.ts";
import { addDuration } from "../../base/duration.ts";
import { assert } from "../../base/errors.ts";
import { type Instant, instant } from "../../base/instant.ts";
import { DEFAULT_POLICY } from "./defaults.ts";

/** A value and where it stands written: "file:line", "API" or "defaults". */
export type Sourced<T> = { readonly value: T; readonly source: string };

/** One policy that counts, as one voice of its level. */
export type PolicyLayer = {
  readonly level: "runbook" | "applied";
  readonly policy: SeverityPolicy;
  readonly source: string;
  /** Nearer sources of single terms, where known: a runbook's table has a line for each. */
  readonly termSources?: Partial<Record<Severity, Partial<Record<keyof SeverityTerms, string>>>>;
};

export type EffectiveTerms = {
  readonly severity: Severity;
  readonly means: Sourced<string>;
  readonly examples: Sourced<readonly string[]>;
  readonly acknowledge: Sourced<string>;
  readonly mitigate: Sourced<string>;
  readonly resolve: Sourced<string>;
  readonly clockHours: Sourced<NonNullable<SeverityTerms["clockHours"]>>;
  /** Null: no updates are owed. */
  readonly updateEvery: Sourced<string> | null;
  /** A value of null: a postmortem is optional. */
  readonly postmortemWithin: Sourced<string | null>;
  readonly reviewMeeting: Sourced<boolean>;
  /** Null: whoever is on call for the service. */
  readonly commander: Sourced<Target> | null;
  readonly commanderWhen: Sourced<NonNullable<SeverityTerms["commanderWhen"]>>;
  readonly tells: readonly Sourced<string>[];
  readonly urgency: Sourced<NonNullable<SeverityTerms["urgency"]>>;
  /** A value of null: an acknowledge counts until the end. */
  readonly acknowledgeLease: Sourced<string | null>;
};

/** What urgency depends on beside the severity. */
type UrgencyFacts = {
  /** Of the most important service; null: none is in the catalogue. */
  readonly tier: number | null;
  /** Whether it is within the hours of the team in charge; null: it has none. */
  readonly inHours: boolean | null;
};

const LEVELS = ["runbook", "applied", "defaults"] as const;

type Voice = Omit<PolicyLayer, "level"> & { readonly level: (typeof LEVELS)[number] };

const DEFAULTS: Voice = { level: "defaults", policy: DEFAULT_POLICY, source: "defaults" };

/**
 * The voices that count for incidents of `team` (null: nobody's), the more specific first within
 * their level. Entries owned by the defaults are left out: they come last by themselves.
 */
export function policyLayers(facts: {
  readonly runbooks: readonly Omit<PolicyLayer, "level">[];
  readonly applied: readonly ConfigEntry<"policies">[];
  readonly team: string | null;
}): readonly PolicyLayer[] {
  const stated = facts.applied.filter((entry) => entry.owner !== "default");
  const own = stated.filter((entry) => entry.id === facts.team && entry.id !== "default");
  const common = stated.filter((entry) => entry.id === "default");
  return [
    ...facts.runbooks.map((runbook): PolicyLayer => ({ ...runbook, level: "runbook" })),
    ...[...own, ...common].map((entry): PolicyLayer => ({
      level: "applied",
      policy: entry.body,
      source: entry.source === null ? "API" : `${entry.source.file}:${entry.source.line}`,
    })),
  ];
}

/** The terms that hold for `severity`, each with its source; the defaults are always underneath. */
export function effectiveTerms(severity: Severity, layers: readonly PolicyLayer[]): EffectiveTerms {
  const stated = <F extends keyof SeverityTerms>(field: F) =>
    topmost(layers, (voice) => {
      const value = voice.policy.severities[severity]?.[field];
      const source = voice.termSources?.[severity]?.[field] ?? voice.source;
      return value === undefined ? null : { value: value as NonNullable<typeof value>, source };
    });
  return {
    severity,
    means: mostSpecific(stated("means")),
    examples: mostSpecific(stated("examples")),
    acknowledge: strictest(stated("acknowledge")),
    mitigate: strictest(stated("mitigate")),
    resolve: strictest(stated("resolve")),
    clockHours: mostSpecific(stated("clockHours")),
    updateEvery: strictestOrNull(stated("updateEvery")),
    postmortemWithin: postmortemDemanded(stated("postmortemWithin")),
    reviewMeeting: demandedByAny(stated("reviewMeeting")),
    commander: stated("commander")[0] ?? null,
    commanderWhen: mostSpecific(stated("commanderWhen")),
    tells: union(stated("tells")),
    urgency: mostSpecific(stated("urgency")),
    acknowledgeLease: noneIsNull(mostSpecific(stated("acknowledgeLease"))),
  };
}

/** The urgency that holds for facts: of one voice its rules count before what it says of the severity. */
export const effectiveUrgency = (
  severity: Severity,
  layers: readonly PolicyLayer[],
  facts: UrgencyFacts,
): EffectiveTerms["urgency"] =>
  mostSpecific(
    topmost(layers, ({ policy, source, termSources }) => {
      const rule = policy.urgency?.find((each) => fitsUrgency(each, severity, facts));
      if (rule !== undefined) return { value: rule.urgency, source };
      const value = policy.severities[severity]?.urgency;
      const nearer = termSources?.[severity]?.urgency ?? source;
      return value === undefined ? null : { value, source: nearer };
    }),
  );

const fitsUrgency = (rule: UrgencyRule, severity: Severity, facts: UrgencyFacts): boolean =>
  (rule.severities === undefined || rule.severities.includes(severity)) &&
  (rule.tiers === undefined || (facts.tier !== null && rule.tiers.includes(facts.tier))) &&
  (rule.hours === undefined ||
    (facts.inHours !== null && facts.inHours === (rule.hours === "business")));

const noneIsNull = ({ value, source }: Sourced<string>): Sourced<string | null> => ({
  value: value === "none" ? null : value,
  source,
});

/** How often open action items are reviewed; the stricter of one level counts here too. */
export const actionItemReview = (layers: readonly PolicyLayer[]): Sourced<string> =>
  strictest(
    topmost(layers, ({ policy, source }) =>
      policy.actionItemReviewEvery === undefined
        ? null
        : { value: policy.actionItemReviewEvery, source },
    ),
  );

/** True when `a` is worse than `b`: SEV1 is the highest. */
export const isHigherSeverity = (a: Severity, b: Severity): boolean =>
  SEVERITIES.indexOf(a) < SEVERITIES.indexOf(b);

/** The worst of several, null of none: what a group of alerts or a merged incident is. */
export const highestSeverity = (severities: readonly Severity[]): Severity | null =>
  SEVERITIES.find((severity) => severities.includes(severity)) ?? null;

/**
 * Whether an incident may be put off now: its terms allow it, and an incident of a higher severity
 * is open. Deferring pauses its acknowledge clock, with that as the reason.
 */
export const mayDefer = (terms: EffectiveTerms, openSeverities: readonly Severity[]): boolean =>
  terms.commanderWhen.value === "may defer" &&
  openSeverities.some((severity) => isHigherSeverity(severity, terms.severity));

/** SEV4 is tracked, not run: it is work for the backlog, with deadlines and nothing that wakes. */
export const isRun = (severity: Severity): boolean => severity !== "SEV4";

/** What the highest level that says anything says, the more specific voice first. */
function topmost<T>(
  layers: readonly PolicyLayer[],
  read: (voice: Voice) => Sourced<T> | null,
): readonly Sourced<T>[] {
  const voices: readonly Voice[] = [...layers, DEFAULTS];
  for (const level of LEVELS) {
    const said = voices.filter((voice) => voice.level === level).map(read);
    const values = said.filter((value) => value !== null);
    if (values.length > 0) return values;
  }
  return [];
}

function mostSpecific<T>(values: readonly Sourced<T>[]): Sourced<T> {
  const first = values[0];
  assert(first !== undefined, "the default policy states every term");
  return first;
}

function strictest(values: readonly Sourced<string>[]): Sourced<string> {
  return values.reduce(
    (best, value) => (isShorter(value.value, best.value) ? value : best),
    mostSpecific(values),
  );
}

const strictestOrNull = (values: readonly Sourced<string>[]): Sourced<string> | null =>
  values.length === 0 ? null : strictest(values);

function postmortemDemanded(values: readonly Sourced<string>[]): Sourced<string | null> {
  const demands = values.filter((value) => value.value !== "none");
  if (demands.length > 0) return strictest(demands);
  return { value: null, source: mostSpecific(values).source };
}

const demandedByAny = (values: readonly Sourced<boolean>[]): Sourced<boolean> =>
  values.find((value) => value.value) ?? mostSpecific(values);

/** Every audience once, with the first source that names it. */
function union(values: readonly Sourced<readonly string[]>[]): readonly Sourced<string>[] {
  const found = new Map<string, Sourced<string>>();
  for (const { value, source } of values)
    for (const audience of value)
      if (!found.has(audience)) found.set(audience, { value: audience, source });
  return [...found.values()];
}

/** February 2023 is the shortest month: where 30 days meet one month, the month is the stricter. */
const SHORT_MONTH = instant(Date.UTC(2023, 1, 1));

/** Policies name few durations, and ask about them with every incident; a calendar is slow to ask. */
const MOST_KNOWN = 1_000;
const ENDS = new Map<string, Instant>();
function endOf(duration: string): Instant {
  let end = ENDS.get(duration);
  if (end === undefined) {
    end = addDuration(SHORT_MONTH, duration);
    if (ENDS.size >= MOST_KNOWN) ENDS.clear();
    ENDS.set(duration, end);
  }
  return end;
}

const isShorter = (a: string, b: string): boolean => endOf(a) < endOf(b);
