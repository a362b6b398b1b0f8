/**
 * Whether an alert that a rule declares may speak now, or waits and why. Pure: what is in force, what
 * its group has seen and `now` in, a hold or nothing out. A person's word comes first; what is critical
 * or declares a SEV1 never waits for company.
 */
import { spoken } from "../../base/duration.ts";
import { addMs, type Instant, MINUTE } from "../../base/instant.ts";
import type { Snapshot } from "../config/config.ts";
import type { CalmTerms } from "../signal/waiting.ts";
import { type ValuesOf, valuesOf } from "../silence/matching.ts";
import { means, type Mute, muteName, type Span } from "../silence/silence.ts";
import type { AlertRow } from "./alert.ts";
import type { Hold } from "./hold.ts";
import { type Inhibitor, inhibitorOf } from "./inhibition.ts";

/** What is in force while alerts of one group are looked at. */
export type CalmFacts = {
  readonly config: Snapshot;
  readonly now: Instant;
  readonly mutes: readonly { readonly mute: Mute; readonly span: Span }[];
  readonly inhibitors: readonly Inhibitor[];
  readonly terms: CalmTerms;
  readonly group: GroupFacts;
};

/** What the group of the alerts has seen. */
export type GroupFacts = {
  /** How its holds call it. */
  readonly ref: string;
  readonly rule: string;
  /** When the first alert that waits for company has waited long enough; null: none waits. */
  readonly waitsUntil: Instant | null;
  /** How many of its alerts came within the rule's window, those that are asked about included. */
  readonly seen: number;
  /** The open incident that it would join: its name, and when alerts last joined it. */
  readonly incident: {
    readonly id: string;
    readonly severity: string;
    readonly joinedAt: Instant;
  } | null;
  /** How often each alert fired within the rule's window, by its id; absent: once. */
  readonly firings: ReadonlyMap<string, number>;
};

type Stage = (alert: AlertRow, facts: CalmFacts, values: ValuesOf) => Hold | null;

/** Why the alert waits; null: it speaks. */
export function holdOf(alert: AlertRow, facts: CalmFacts): Hold | null {
  const values = valuesOf(facts.config, alert);
  for (const stage of STAGES) {
    const hold = stage(alert, facts, values);
    if (hold !== null) return hold;
  }
  return null;
}

/** What is critical, or declares a SEV1, waits for no company. */
export const isUrgent = (alert: Pick<AlertRow, "severity" | "declareSeverity">): boolean =>
  alert.severity === "critical" || alert.declareSeverity === "SEV1";

const hold = (
  alert: AlertRow,
  { config, now }: CalmFacts,
  facts: Pick<Hold, "because" | "by" | "params" | "until">,
): Hold => ({ ...facts, since: alert.hold?.since ?? now, config: config.version });

const silenced: Stage = (alert, facts, values) => {
  const silence = silenceOf(facts.mutes, alert.serviceId, values);
  return silence === null ? null : hold(alert, facts, silence);
};

/** What a mute in force says of an alert that it means: asked before all else, also by a storm. */
export function silenceOf(
  mutes: CalmFacts["mutes"],
  serviceId: string,
  values: ValuesOf,
): Pick<Hold, "because" | "by" | "params" | "until"> | null {
  const meant = mutes.filter(({ mute }) => means(mute, serviceId, values));
  // The one that lasts longest: when the others end, nothing changes.
  const last = meant.toSorted((a, b) => b.span.to - a.span.to)[0];
  if (last === undefined) return null;
  const { mute, span } = last;
  const params = { name: muteName(mute), owner: mute.owner, reason: mute.reason };
  return { because: "silenced", by: mute.ref, params, until: span.to };
}

/** How often it is looked at whether the other alert still fires. */
const INHIBITED_AGAIN_MS = MINUTE;

const inhibited: Stage = (alert, facts, values) => {
  const by = inhibitorOf(facts.inhibitors, alert, values);
  if (by === null) return null;
  const params = { inhibition: by.inhibitionId, source: by.title };
  const until = addMs(facts.now, INHIBITED_AGAIN_MS);
  return hold(alert, facts, {
    because: "inhibited",
    by: `inhibition:${by.inhibitionId}`,
    params,
    until,
  });
};

const heldBack: Stage = (alert, facts) => {
  const until = addMs(alert.firstReceivedAt, facts.terms.holdBackMs);
  if (until <= facts.now) return null;
  const params = { rule: facts.group.rule, length: spoken(facts.terms.holdBackMs) };
  return hold(alert, facts, {
    because: "held back",
    by: `rule:${facts.group.rule}`,
    params,
    until,
  });
};

const flapping: Stage = (alert, facts) => {
  const { flapping: terms } = facts.terms;
  if (terms === null || isUrgent(alert)) return null;
  const times = facts.group.firings.get(alert.id) ?? 1;
  const until = addMs(alert.firstReceivedAt, terms.steadyMs);
  if (times < terms.times || until <= facts.now) return null;
  const params = {
    rule: facts.group.rule,
    times,
    within: spoken(terms.withinMs),
    steady: spoken(terms.steadyMs),
  };
  return hold(alert, facts, { because: "flapping", by: `rule:${facts.group.rule}`, params, until });
};

const tooFew: Stage = (alert, facts) => {
  const { atLeast } = facts.terms;
  // What has an incident already has been enough once.
  if (atLeast === null || facts.group.incident !== null || facts.group.seen >= atLeast.count)
    return null;
  const windowEnd = addMs(alert.firstReceivedAt, atLeast.withinMs);
  const params = {
    rule: facts.group.rule,
    count: atLeast.count,
    within: spoken(atLeast.withinMs),
    found: facts.group.seen,
  };
  // After its window it counts for nothing any more: it is let go, and stays in the list.
  const until = windowEnd > facts.now ? windowEnd : null;
  return hold(alert, facts, { because: "too few", by: facts.group.ref, params, until });
};

const groupWait: Stage = (alert, facts) => {
  const { waitMs } = facts.terms.group;
  if (waitMs === 0 || facts.group.incident !== null || isUrgent(alert)) return null;
  const own = alert.hold?.because === "group wait" ? alert.hold.until : null;
  const until = own ?? facts.group.waitsUntil ?? addMs(facts.now, waitMs);
  if (until <= facts.now) return null;
  const params = { rule: facts.group.rule, length: spoken(waitMs) };
  return hold(alert, facts, { because: "group wait", by: facts.group.ref, params, until });
};

/** Whether it waited for the others with whom its incident was declared: it belongs to it from the start. */
export const isCompany = ({ hold: held }: Pick<AlertRow, "hold">): boolean =>
  held !== null && COMPANY.has(held.because);
const COMPANY: ReadonlySet<Hold["because"]> = new Set(["group wait", "too few"]);

const groupInterval: Stage = (alert, facts) => {
  const { intervalMs } = facts.terms.group;
  const { incident } = facts.group;
  if (isCompany(alert)) return null;
  // What is worse than its incident raises it, and that does not wait.
  if (intervalMs === 0 || incident === null || isUrgent(alert)) return null;
  if ((alert.declareSeverity ?? "") < incident.severity) return null;
  const until = addMs(incident.joinedAt, intervalMs);
  if (until <= facts.now) return null;
  const params = { rule: facts.group.rule, incident: incident.id, length: spoken(intervalMs) };
  return hold(alert, facts, { because: "group interval", by: facts.group.ref, params, until });
};

/** In the order in which they are asked. */
const STAGES: readonly Stage[] = [
  silenced,
  inhibited,
  heldBack,
  flapping,
  tooFew,
  groupWait,
  groupInterval,
];
