/** Which alerts are one incident: the same rule, and the same values of what it groups by. */
import type { Snapshot } from "../config/config.ts";
import { type MatchedAlert, valuesOf } from "../silence/matching.ts";
import type { GroupTerms } from "../signal/waiting.ts";

/**
 * The group of an alert within its rule: its service, where groups do not reach across services, and the
 * values that the rule groups by. The unique index of open incidents is over rule and group.
 */
export function groupKey(terms: GroupTerms, config: Snapshot, alert: MatchedAlert): string {
  const service = terms.acrossServices ? "" : alert.serviceId;
  if (terms.by.length === 0) return service;
  const values = valuesOf(config, alert);
  // A label of the tool comes first in its values, as in matchers.
  const pairs = terms.by.map((name) => `${name}=${(values(name)[0] ?? "").slice(0, 200)}`);
  return [service, ...pairs].join("\u001f").slice(0, 2_000);
}

/** The same for people: "checkout, region=eu". */
export const groupText = (key: string): string =>
  key
    .split("\u001f")
    .filter((part) => part !== "")
    .join(", ");
