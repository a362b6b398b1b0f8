/** Times of incidents as distributions, and hours as nights. Pure: a number that cannot be right is named. */
import type { Distribution, TimeKind } from "../../../contract/insights.ts";
import { SEVERITIES, type Severity } from "../../../contract/ids.ts";
import { DAY, type Instant } from "../../base/instant.ts";

export type TimedIncident = {
  readonly number: number;
  readonly title: string;
  readonly severity: Severity;
  readonly detectedAt: Instant;
  readonly declaredAt: Instant;
  readonly acknowledgedAt: Instant | null;
  readonly mitigatedAt: Instant | null;
  readonly resolvedAt: Instant | null;
};

export type Measured =
  | { readonly kind: TimeKind; readonly state: "known"; readonly ms: number }
  | { readonly kind: TimeKind; readonly state: "open" }
  | { readonly kind: TimeKind; readonly state: "invalid"; readonly because: string };

const KINDS: readonly TimeKind[] = ["acknowledge", "mitigate", "resolve"];
/** A tool's clock that is further off than this is not believed. */
const LONGEST_BEFORE_MS = 90 * DAY;

/** The three times of an incident, from when it was detected. */
export const measured = (incident: TimedIncident): readonly Measured[] =>
  KINDS.map((kind) => measure(incident, kind));

function measure(incident: TimedIncident, kind: TimeKind): Measured {
  const { detectedAt, declaredAt, acknowledgedAt, mitigatedAt, resolvedAt } = incident;
  // Whoever resolves without saying “mitigated” has mitigated as well.
  const ends = {
    acknowledge: acknowledgedAt,
    mitigate: mitigatedAt ?? resolvedAt,
    resolve: resolvedAt,
  }[kind];
  if (ends === null) return { kind, state: "open" };
  if (detectedAt > declaredAt)
    return { kind, state: "invalid", because: "detected after it was declared" };
  if (declaredAt - detectedAt > LONGEST_BEFORE_MS)
    return { kind, state: "invalid", because: "detected more than 90 days before it was declared" };
  if (ends < detectedAt)
    return { kind, state: "invalid", because: `${kind}d before it was detected` };
  return { kind, state: "known", ms: ends - detectedAt };
}

/** The value below which this share lies, between two of them where it falls there. */
export function quantile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const low = sorted[Math.floor(place)];
  const high = sorted[Math.ceil(place)];
  return low === undefined || high === undefined ? null : low + (high - low) * (place % 1);
}

/** One for each kind and severity that has an incident. */
export function distributions(incidents: readonly TimedIncident[]): readonly Distribution[] {
  return KINDS.flatMap((kind) =>
    SEVERITIES.flatMap((severity) => {
      const all = incidents
        .filter((incident) => incident.severity === severity)
        .map((incident) => measure(incident, kind));
      if (all.length === 0) return [];
      const known = all.flatMap((each) => (each.state === "known" ? [each.ms] : []));
      return {
        kind,
        severity,
        count: known.length,
        medianMs: quantile(known, 0.5),
        p90Ms: quantile(known, 0.9),
        longestMs: quantile(known, 1),
        open: all.filter(({ state }) => state === "open").length,
        invalid: all.filter(({ state }) => state === "invalid").length,
      };
    }),
  );
}

/** From ten in the evening to seven in the morning, where the person is. */
export const NIGHT = { from: 22, to: 7 } as const;

/** The night in which an instant lies, by the day on which it began; null by day. */
export function nightOf(at: Instant, zone: string): string | null {
  const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
  if (local.hour >= NIGHT.from) return local.toPlainDate().toString();
  if (local.hour < NIGHT.to) return local.toPlainDate().subtract({ days: 1 }).toString();
  return null;
}
