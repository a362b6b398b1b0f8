/**
 * A layer in its place: when its turns and its hours begin by the clock on the wall there. All that is known of one
 * is kept in one row, made once for each layer of a configuration: the first to ask about a thousand schedules pays
 * for three thousand of them.
 */
import type { Layer, Restriction } from "../../../contract/oncall.ts";
import { type Instant, instant } from "../../base/instant.ts";
import { minuteOn, minutesOf, type Turns, turnsOf, WEEKDAYS } from "./turns.ts";
import { clockOf, firstInstantAtMinute, minuteAt, type WallClock } from "./wallclock.ts";

/** From `startsAt` up to, not including, `endsAt`. Never empty. */
export type Span = { readonly startsAt: Instant; readonly endsAt: Instant };

/** One whole turn, from handoff to handoff, whatever the layer's restrictions leave of it. */
export type Shift = Span & {
  readonly person: string;
  /** Who has the turn together with them. */
  readonly others: readonly string[];
  /** Counted from 0 at the layer's first handoff. A turn that a clock jump swallowed is counted. */
  readonly index: number;
};

/** An unbroken part of a shift in which the layer does hold the pager. */
export type Hold = Span & { readonly shift: Shift };

export type PlacedLayer = {
  readonly layer: Layer;
  readonly clock: WallClock;
  readonly turns: Turns;
  /** When the layer ends; later than anything where it does not. */
  readonly end: Instant;
  /** Null: round the clock. */
  readonly hours: Hours | null;
  /** The last answer of `firstHold`. */
  first: FirstHold | null;
};

/** What restrictions say of a day, counted in minutes from its midnight, by the day of the week. */
export type Hours = readonly (readonly DayHours[])[];
type DayHours = { readonly opens: number; readonly closes: number };

export type FirstHold = { readonly from: Instant; readonly hold: Hold | undefined };

/** Later than any date a schedule can name: stands for a layer without an end. */
export const FOREVER = instant(Number.MAX_SAFE_INTEGER);

const placed = new WeakMap<Layer, PlacedLayer>();

/** The layer by the clock of `zone`. A layer is asked about in one zone, its own or its schedule's. */
export function place(layer: Layer, zone: string): PlacedLayer {
  let found = placed.get(layer);
  if (found?.clock.zone !== zone) placed.set(layer, (found = newlyPlaced(layer, zone)));
  return found;
}

function newlyPlaced(layer: Layer, zone: string): PlacedLayer {
  const clock = clockOf(zone);
  const { endsOn, handoffAt, restrictions } = layer;
  return {
    layer,
    clock,
    turns: turnsOf(layer),
    end: endsOn === undefined ? FOREVER : firstInstantAtMinute(minuteOn(endsOn, handoffAt), clock),
    hours: restrictions.length === 0 ? null : hoursOf(restrictions),
    first: null,
  };
}

function hoursOf(restrictions: readonly Restriction[]): Hours {
  const week: DayHours[][] = WEEKDAYS.map(() => []);
  for (const { days, from, to } of restrictions) {
    const opens = minutesOf(from);
    const hours = { opens, closes: minutesOf(to) + (to > from ? 0 : DAY_MINUTES) };
    for (const day of days ?? WEEKDAYS) week[WEEKDAYS.indexOf(day)]!.push(hours);
  }
  if (restrictions.length > 1) for (const day of week) day.sort((a, b) => a.opens - b.opens);
  return week;
}

const DAY_MINUTES = 1_440;

/** When a turn begins; turns are counted from 0. */
export const startOf = ({ turns, clock }: PlacedLayer, index: number): Instant =>
  firstInstantAtMinute(turns.minuteOf(index), clock);

/** The last turn that has started by then, or one soon before it; negative before the first. */
function startedBy(of: PlacedLayer, at: Instant): number {
  // The reading may be ahead of the turn (its handoff is still to come), or behind it where clocks
  // went back over a handoff and the new turn goes on.
  let index = of.turns.indexAt(minuteAt(at, of.clock));
  while (startOf(of, index) > at) index--;
  return index;
}

/** The first shift that ends after `from`; none where the layer has ended. */
export const shiftFrom = (of: PlacedLayer, from: Instant): Shift | undefined =>
  shiftOfTurn(of, Math.max(0, startedBy(of, from < of.end ? from : of.end)), from);

/** The shift after this one. */
export const shiftAfter = (of: PlacedLayer, { index, endsAt }: Shift): Shift | undefined =>
  shiftOfTurn(of, index + 1, endsAt);

/** The first shift from this turn on that ends after `from`; a skipped day may have swallowed a turn whole. */
function shiftOfTurn(of: PlacedLayer, turn: number, from: Instant): Shift | undefined {
  let startsAt = startOf(of, turn);
  for (let index = turn; startsAt < of.end; index++) {
    const nextStart = startOf(of, index + 1);
    const endsAt = nextStart < of.end ? nextStart : of.end;
    if (startsAt < endsAt && endsAt > from) return shiftOf(of.layer, index, startsAt, endsAt);
    startsAt = nextStart;
  }
  return undefined;
}

const NOBODY: readonly string[] = [];

function shiftOf({ people }: Layer, index: number, startsAt: Instant, endsAt: Instant): Shift {
  const turn = people[index % people.length]!;
  return typeof turn === "string"
    ? { person: turn, others: NOBODY, index, startsAt, endsAt }
    : { person: turn[0]!, others: turn.slice(1), index, startsAt, endsAt };
}

/** A window of the hours of a layer; the reader of {@link windowsFrom} moves it on. */
export type Window = { startsAt: Instant; endsAt: Instant };

/**
 * Reads the union of the hours from `from` on, in order and without overlap; windows may touch. An edge is reached
 * as a handoff is, so hours that meet on the wall meet in time. Each call moves `window` to the next.
 */
export function windowsFrom(
  { clock }: PlacedLayer,
  hours: Hours,
  from: Instant,
  window: Window,
): () => void {
  // A window lasts a day at most, so one of yesterday may still be open, but none before it.
  let day = Math.floor(minuteAt(from, clock) / DAY_MINUTES) - 1;
  let ofDay = hours[weekdayOf(day)]!;
  let position = 0;
  let reached = from;
  return () => {
    for (;;) {
      while (position === ofDay.length) {
        day += 1;
        ofDay = hours[weekdayOf(day)]!;
        position = 0;
      }
      const { opens, closes } = ofDay[position++]!;
      const midnight = day * DAY_MINUTES;
      const endsAt = firstInstantAtMinute(midnight + closes, clock);
      if (endsAt <= reached) continue;
      const startsAt = firstInstantAtMinute(midnight + opens, clock);
      if (startsAt === endsAt) continue;
      window.startsAt = startsAt > reached ? startsAt : reached;
      window.endsAt = endsAt;
      reached = endsAt;
      return;
    }
  };
}

/** Monday is 0. The first day of 1970 was a Thursday. */
const weekdayOf = (day: number): number => (((day + 3) % 7) + 7) % 7;
