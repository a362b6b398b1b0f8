/**
 * Reading a wall clock that jumps. One rule for every reading, so that whatever ends and whatever
 * begins at the same reading meet exactly: a reading is reached at the first instant at which the
 * clock on the wall shows it or a later one.
 */
import { assert } from "../../base/errors.ts";
import { type Instant, instant, MINUTE } from "../../base/instant.ts";
import { minuteOfWall, type WallMinute, wallOfMinute } from "./turns.ts";

/** What a date and time of day meant in a place: shown once, never, or twice. */
export type Reading =
  | { readonly kind: "once"; readonly at: Instant }
  | { readonly kind: "skipped"; readonly at: Instant }
  | { readonly kind: "doubled"; readonly at: Instant; readonly againAt: Instant };

/** A jump of the clocks: forward when `byMs` is positive, back when it is negative. */
export type Jump = { readonly at: Instant; readonly byMs: number };

/**
 * The first instant at which the clock of `zone` shows `wall` or later: the moment of the jump for
 * a reading that is skipped, the first occurrence for one that is doubled. It never decreases while
 * `wall` grows.
 */
export function firstInstantAt(wall: Temporal.PlainDateTime, zone: string): Instant {
  if (wall.second !== 0 || wall.millisecond !== 0) return lookUp(wall, zone);
  return firstInstantAtMinute(minuteOfWall(wall), clockOf(zone));
}

/** The clock on the walls of a place, with what was read from it. */
export type WallClock = {
  readonly zone: string;
  /**
   * Handoffs and hours of a place fall on the same few readings, whosever they are, and asking the zone for one
   * costs some ten microseconds.
   */
  readonly instants: Map<WallMinute, Instant>;
  /** What it showed last; many layers are asked about one instant. */
  shown: { readonly at: Instant; readonly minute: WallMinute } | null;
};

const clocks = new Map<string, WallClock>();
const MOST_KNOWN = 20_000;

/** The clock of a zone that exists; one for everybody who asks. */
export function clockOf(zone: string): WallClock {
  let clock = clocks.get(zone);
  if (clock === undefined)
    clocks.set(zone, (clock = { zone, instants: new Map<WallMinute, Instant>(), shown: null }));
  return clock;
}

/** {@link firstInstantAt} for a reading in whole minutes. */
export function firstInstantAtMinute(minute: WallMinute, clock: WallClock): Instant {
  let at = clock.instants.get(minute);
  if (at === undefined) {
    at = lookUp(wallOfMinute(minute), clock.zone);
    if (clock.instants.size >= MOST_KNOWN) clock.instants.clear();
    clock.instants.set(minute, at);
  }
  return at;
}

function lookUp(wall: Temporal.PlainDateTime, zone: string): Instant {
  const early = wall.toZonedDateTime(zone, { disambiguation: "earlier" });
  if (early.toPlainDateTime().equals(wall)) return instant(early.epochMilliseconds);
  // Within a gap, "earlier" lies before the jump by less than the gap: the next jump is the one.
  const jump = early.getTimeZoneTransition("next");
  assert(jump !== null, "a skipped reading has a jump after it");
  return instant(jump.epochMilliseconds);
}

/** How often the clock of `zone` shows `wall`, and when. `at` is that of {@link firstInstantAt}. */
export function readingOf(wall: Temporal.PlainDateTime, zone: string): Reading {
  const at = firstInstantAt(wall, zone);
  const late = wall.toZonedDateTime(zone, { disambiguation: "later" });
  if (!late.toPlainDateTime().equals(wall)) return { kind: "skipped", at };
  const againAt = instant(late.epochMilliseconds);
  return againAt === at ? { kind: "once", at } : { kind: "doubled", at, againAt };
}

/** What the clock of `zone` shows at an instant. */
export const wallAt = (at: Instant, zone: string): Temporal.PlainDateTime =>
  zoned(at, zone).toPlainDateTime();

/** The same in whole minutes, without the seconds that have passed since. */
export function minuteAt(at: Instant, clock: WallClock): WallMinute {
  if (clock.shown?.at === at) return clock.shown.minute;
  const offsetMs = zoned(at, clock.zone).offsetNanoseconds / 1_000_000;
  const minute = Math.floor((at + offsetMs) / MINUTE);
  clock.shown = { at, minute };
  return minute;
}

/** Every jump of the clock of `zone` after `from`, up to and including `to`, in order. */
export function jumpsBetween(zone: string, from: Instant, to: Instant): readonly Jump[] {
  const jumps: Jump[] = [];
  let here = zoned(from, zone);
  for (;;) {
    const next = here.getTimeZoneTransition("next");
    if (next === null || next.epochMilliseconds > to) return jumps;
    const before = next.subtract({ milliseconds: 1 });
    const byMs = (next.offsetNanoseconds - before.offsetNanoseconds) / 1_000_000;
    jumps.push({ at: instant(next.epochMilliseconds), byMs });
    here = next;
  }
}

function zoned(at: Instant, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
}
