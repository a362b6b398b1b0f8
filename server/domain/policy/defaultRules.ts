/**
 * What declares an incident by itself, until a team's own rules say otherwise: they come first,
 * because these stand far back in the order. Five ways into SEV1, four into SEV2, and three by which
 * Tocsin rings about itself.
 *
 * Measures, to be pushed or queried under these names. Percentages are 0–100.
 *
 * | measure                      | unit     | one sample says                                     |
 * |------------------------------|----------|-----------------------------------------------------|
 * | error_rate                   | %        | share of requests that failed on the server's side  |
 * | authentication_failure_rate  | %        | share of sign-ins that failed                       |
 * | database_connection_failures | failures | connections that failed since the last sample       |
 * | payment_failure_rate         | %        | share of payments that failed for our reasons       |
 * | p95_seconds                  | s        | response time that 95 of 100 requests stay within   |
 * | availability                 | %        | share of checks of a major feature that succeeded   |
 * | support_tickets              | tickets  | new support tickets in the past hour, sent hourly   |
 * | tocsin_error_rate            | %        | requests that Tocsin failed; each node sends its own |
 * | tocsin_unaccounted           | rows     | what waits for nothing, found once a minute          |
 * | tocsin_break_glass           | uses     | a break-glass code was used                         |
 *
 * The procedure names no length of time for failing sign-ins, connections and payments: they
 * declare at their first sample. Ten per cent belongs to the band of 5–10 %, because SEV1 begins
 * above it.
 */
import type { ConfigEntry } from "../../../contract/config.ts";
import type { Severity } from "../../../contract/ids.ts";
import type { Condition, Rule } from "../../../contract/signal.ts";

/** The measure by which each node tells how many of its requests failed. */
export const OWN_ERROR_RATE = "tocsin_error_rate";
/** The measure by which the reconciler tells how much it has found. */
export const OWN_UNACCOUNTED = "tocsin_unaccounted";
/** The measure by which the use of a break-glass code is told. */
export const OWN_BREAK_GLASS = "tocsin_break_glass";

/** Security alerts count from `warning` upwards; a break-in or a theft of data at any level. */
const SECURITY_ALERT = `
  "class" in labels && labels["class"].lowerAscii() == "security" && severity != "info"
  || "category" in labels
    && labels["category"].re("(?i)^(unauthori[sz]ed[ _-]?access|(data[ _-]?)?exfiltration)$")
`.trim();

export const DEFAULT_RULES: readonly ConfigEntry<"rules">[] = [
  declares("SEV1", "default-error-rate-high", "Error rate above 10 %", 100_010, {
    condition: { ...above("error_rate", 10, "%"), sustained: "PT5M" },
  }),
  declares("SEV1", "default-authentication-failures", "Sign-ins fail", 100_020, {
    condition: above("authentication_failure_rate", 5, "%"),
  }),
  declares("SEV1", "default-database-connections", "The database cannot be reached", 100_030, {
    condition: above("database_connection_failures", 0, "failures"),
  }),
  declares("SEV1", "default-payment-failures", "Payments fail", 100_040, {
    condition: above("payment_failure_rate", 1, "%"),
  }),
  declares("SEV1", "default-security-alert", "Security alert", 100_050, { when: SECURITY_ALERT }),
  declares("SEV2", "default-error-rate-raised", "Error rate of 5–10 %", 100_110, {
    condition: {
      ...above("error_rate", 5, "%"),
      comparator: ">=",
      upTo: 10,
      sustained: "PT15M",
    },
  }),
  declares("SEV2", "default-slow-responses", "Responses slower than 5 s", 100_120, {
    condition: { ...above("p95_seconds", 5, "s"), sustained: "PT10M" },
  }),
  declares("SEV2", "default-availability", "A major feature is unavailable", 100_130, {
    condition: { ...above("availability", 95, "%"), comparator: "<", sustained: "PT15M" },
  }),
  declares("SEV2", "default-support-tickets", "Three times the usual support tickets", 100_140, {
    condition: { ...above("support_tickets", 3, "×"), baseline: "P1W", gap: "PT2H" },
  }),
  declares("SEV2", "default-own-errors", "Tocsin fails more than 5 % of requests", 100_150, {
    condition: { ...above(OWN_ERROR_RATE, 5, "%"), sustained: "PT1M" },
  }),
  declares("SEV2", "default-own-unaccounted", "Tocsin has lost track of something", 100_160, {
    condition: above(OWN_UNACCOUNTED, 0, "rows"),
  }),
  declares("SEV2", "default-own-break-glass", "A break-glass code was used", 100_170, {
    condition: above(OWN_BREAK_GLASS, 0, "uses"),
  }),
];

/** Samples are expected once a minute: two missed ones are a gap. */
function above(measure: string, threshold: number, unit: string): Condition {
  return { measure, unit, comparator: ">", threshold, sustained: "PT0S", gap: "PT2M" };
}

function declares(
  severity: Severity,
  id: string,
  name: string,
  order: number,
  asks: Pick<Rule, "when" | "condition">,
): ConfigEntry<"rules"> {
  const body: Rule = { name, ...asks, then: { declare: severity, autoResolve: false }, order };
  return { kind: "rules", id, body, owner: "default", source: null };
}
