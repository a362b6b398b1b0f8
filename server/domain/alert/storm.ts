/** A storm: keys that send more than can be decided about at once. Its alerts are one incident. */
import type { Instant } from "../../base/instant.ts";

/** What one key has put into the spool, and what of it is decided about. */
export type StormKey = {
  readonly keyId: string;
  readonly since: Instant;
  readonly lastAt: Instant;
  readonly spooled: number;
  readonly projected: number;
};

/** The rule in whose name alerts of a storm join one incident, and the group that it is. */
export const STORM_RULE = "alert-storm";
export const STORM_GROUP = "storm";

/** Why its rule is another one; the one that would have spoken follows. */
export const IN_A_STORM = "it came in a storm; rule ";

/** Why an alert of a loud key is none of the storm's; the rule that spoke follows. */
export const AHEAD_OF_A_STORM = "it went ahead of a storm; ";

const SOURCES_TOLD = 5;

/** "prometheus (1200000), node-exporter (3000)": who sends most. */
export const topSources = (keys: readonly StormKey[]): string =>
  keys
    .slice(0, SOURCES_TOLD)
    .map(({ keyId, spooled }) => `${keyId} (${spooled})`)
    .join(", ");

export const spooledOf = (keys: readonly StormKey[]): number =>
  keys.reduce((sum, { spooled }) => sum + spooled, 0);

export const waitingOf = (keys: readonly StormKey[]): number =>
  keys.reduce((sum, { spooled, projected }) => sum + spooled - projected, 0);
