/** ISO 8601 durations ("PT15M", "P1W", "P1M"), the one written form of a length of time. */
import { DAY, HOUR, instant, type Instant, MINUTE, SECOND } from "./instant.ts";

const UNITS: readonly (readonly [ms: number, one: string])[] = [
  [DAY, "d"],
  [HOUR, "h"],
  [MINUTE, "min"],
  [SECOND, "s"],
];

/** True when the text is an ISO 8601 duration that does not point backwards. */
export function isDuration(text: string): boolean {
  try {
    return Temporal.Duration.from(text).sign >= 0;
  } catch {
    return false;
  }
}

/**
 * Milliseconds of a duration made of weeks or smaller. A month has no fixed length, so durations
 * with months or years must be added to an instant instead: see {@link addDuration}.
 */
export function durationMs(iso: string): number {
  const d = Temporal.Duration.from(iso);
  if (d.years !== 0 || d.months !== 0) throw new RangeError(`${iso} has no fixed length`);
  return (
    d.weeks * 7 * DAY +
    d.days * DAY +
    d.hours * HOUR +
    d.minutes * MINUTE +
    d.seconds * SECOND +
    d.milliseconds
  );
}

/** `at` plus a duration on the wall clock of `zone`, so that "one month" ends on the right day. */
export function addDuration(at: Instant, iso: string, zone = "UTC"): Instant {
  const then = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).add(iso);
  return instant(then.epochMilliseconds);
}

/** A length of time for people: "4 min 12 s", "2 d 3 h". Two units at most, never a bare number. */
export function spoken(ms: number): string {
  let rest = Math.max(0, Math.round(ms / SECOND) * SECOND);
  const parts: string[] = [];
  for (const [unit, name] of UNITS) {
    const count = Math.floor(rest / unit);
    if (count > 0) parts.push(`${count} ${name}`);
    rest -= count * unit;
    if (parts.length === 2) break;
  }
  return parts.length === 0 ? "0 s" : parts.join(" ");
}
