/**
 * Whether an alert that a rule declares may speak now, or waits and why. Pure: what is in force and
 * `now` in, a hold or nothing out. Order matters only for the reason that is shown: a person's word
 * comes first.
 */
import type { Instant } from "../../base/instant.ts";
import type { Snapshot } from "../config/config.ts";
import { valuesOf } from "../silence/matching.ts";
import { means, type Mute, muteName, type Span } from "../silence/silence.ts";
import type { AlertRow } from "./alert.ts";
import type { Hold } from "./hold.ts";

/** What is in force while alerts are looked at. */
export type CalmFacts = {
  readonly config: Snapshot;
  readonly mutes: readonly { readonly mute: Mute; readonly span: Span }[];
  readonly now: Instant;
};

/** Why the alert waits; null: it speaks. */
export function holdOf(alert: AlertRow, facts: CalmFacts): Hold | null {
  return silencedBy(alert, facts);
}

function silencedBy(alert: AlertRow, { config, mutes, now }: CalmFacts): Hold | null {
  const values = valuesOf(config, alert);
  const meant = mutes.filter(({ mute }) => means(mute, alert.serviceId, values));
  // The one that lasts longest: when the others end, nothing changes.
  const last = meant.toSorted((a, b) => b.span.to - a.span.to)[0];
  if (last === undefined) return null;
  const { mute, span } = last;
  return {
    because: "silenced",
    by: mute.ref,
    params: { name: muteName(mute), owner: mute.owner, reason: mute.reason },
    since: alert.hold?.since ?? now,
    until: span.to,
    config: config.version,
  };
}
