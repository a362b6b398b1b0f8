/**
 * One layer: people in turn by the wall clock of a place. Shifts are counted, never walked, so that
 * a rotation begun ten years ago answers as fast as one begun today.
 */
import type { Layer, Restriction } from "../../../contract/oncall.ts";
import { type Instant, later, MINUTE } from "../../base/instant.ts";
import {
  FOREVER,
  type Hold,
  type Hours,
  place,
  type PlacedLayer,
  type Shift,
  shiftAfter,
  shiftFrom,
  startOf,
  windowsFrom,
} from "./placedLayer.ts";
import { minuteOn, wallOfMinute, WEEKDAYS } from "./turns.ts";
import { jumpsBetween, readingOf, wallAt } from "./wallclock.ts";

export type { Hold, Shift, Span } from "./placedLayer.ts";

/** Why a layer has nobody. */
export type Silence = "not started" | "ended" | "outside its hours";

/** What the clocks did to a shift. A `wall` is a local date and time, without an offset. */
export type ClockNote =
  /** The reading `wall` does not exist; what was due happens at `at`, when `shown` is shown. */
  | {
      readonly kind: "skipped";
      readonly edge: Edge;
      readonly wall: string;
      readonly at: Instant;
      readonly shown: string;
    }
  /** The reading `wall` comes twice; what was due happens at `at`, the first of them. */
  | {
      readonly kind: "doubled";
      readonly edge: Edge;
      readonly wall: string;
      readonly at: Instant;
      readonly againAt: Instant;
    }
  /** The clocks jump during the shift: forward when `byMs` is positive. */
  | { readonly kind: "clocks jump"; readonly at: Instant; readonly byMs: number };

/** Which moment of a shift a note is about; "hours" are the layer's restrictions. */
export type Edge = "shift start" | "shift end" | "hours start" | "hours end";

export type ShiftExplanation = {
  readonly zone: string;
  /** What the wall clock of `zone` shows when the shift starts and ends. */
  readonly startsWall: string;
  readonly endsWall: string;
  readonly lengthMs: number;
  /** What a shift of this layer lasts when no clock jumps and the layer does not end. */
  readonly usualMs: number;
  /** In order of time; empty on ordinary days. */
  readonly notes: readonly ClockNote[];
};

/** The zone whose wall clock a layer follows. */
export const zoneOf = (layer: Layer, scheduleZone: string): string =>
  layer.timezone ?? scheduleZone;

/**
 * The shift of this layer that holds the pager at an instant, or null when none does (before the
 * layer starts, after it ended, outside its restrictions). Consecutive shifts meet exactly.
 */
export function shiftAt(layer: Layer, scheduleZone: string, at: Instant): Shift | null {
  const hold = firstHold(layer, scheduleZone, at);
  return hold !== undefined && hold.startsAt <= at ? hold.shift : null;
}

/**
 * The first of {@link holdsFrom}. The last answer is kept with its layer: it stays the answer until that hold
 * ends, and the same instant is asked about for the answer, its reasons and whoever shadows.
 */
export function firstHold(layer: Layer, scheduleZone: string, from: Instant): Hold | undefined {
  const placed = place(layer, zoneOf(layer, scheduleZone));
  let { first } = placed;
  if (first === null || first.from > from || from >= (first.hold?.endsAt ?? FOREVER)) {
    first = { from, hold: readHolds(placed, from)() };
    placed.first = first;
  }
  const { hold } = first;
  return hold === undefined || hold.startsAt >= from ? hold : { ...hold, startsAt: from };
}

/** Why {@link shiftAt} answered null; meaningless where it did not. */
export function silenceAt(layer: Layer, scheduleZone: string, at: Instant): Silence {
  const placed = place(layer, zoneOf(layer, scheduleZone));
  if (at < startOf(placed, 0)) return "not started";
  return at >= placed.end ? "ended" : "outside its hours";
}

/**
 * Every hold of this layer from `from` on (the first is cut there), in order, made while it is
 * asked for: there is no end unless the layer has one. Holds that touch are of different shifts.
 */
export function* holdsFrom(
  layer: Layer,
  scheduleZone: string,
  from: Instant,
): Generator<Hold, void> {
  const next = readHolds(place(layer, zoneOf(layer, scheduleZone)), from);
  for (let hold = next(); hold !== undefined; hold = next()) yield hold;
}

/** Reads {@link holdsFrom} one by one; no generator, since most are asked for their first alone. */
function readHolds(placed: PlacedLayer, from: Instant): () => Hold | undefined {
  return placed.hours === null
    ? readShifts(placed, from)
    : joined(readPieces(placed, placed.hours, from));
}

/** Whole shifts as they follow each other. */
function readShifts(placed: PlacedLayer, from: Instant): () => Hold | undefined {
  let last: Shift | null = null;
  return () => {
    const shift = last === null ? shiftFrom(placed, from) : shiftAfter(placed, last);
    if (shift === undefined) return undefined;
    last = shift;
    return { shift, startsAt: later(shift.startsAt, from), endsAt: shift.endsAt };
  };
}

/** Shifts cut to the windows of the hours; two pieces of one shift may touch. */
function readPieces(placed: PlacedLayer, hours: Hours, from: Instant): () => Hold | undefined {
  let shift = shiftFrom(placed, from);
  const window = { startsAt: from, endsAt: from };
  const nextWindow = windowsFrom(placed, hours, later(from, startOf(placed, 0)), window);
  return () => {
    if (shift === undefined) return undefined;
    // What is left of the window belongs to the shifts after this one.
    if (window.endsAt > shift.endsAt) shift = shiftAfter(placed, shift);
    else nextWindow();
    while (shift !== undefined && window.startsAt >= shift.endsAt)
      shift = shiftAfter(placed, shift);
    if (shift === undefined) return undefined;
    const startsAt = later(window.startsAt, shift.startsAt);
    return { shift, startsAt, endsAt: sooner(window.endsAt, shift.endsAt) };
  };
}

/** Pieces of one shift that touch are one hold. */
function joined(nextPiece: () => Hold | undefined): () => Hold | undefined {
  let ahead: Hold | undefined;
  return () => {
    let hold = ahead ?? nextPiece();
    ahead = undefined;
    while (hold !== undefined && hold.endsAt < hold.shift.endsAt) {
      ahead = nextPiece();
      if (ahead?.shift !== hold.shift || ahead.startsAt !== hold.endsAt) break;
      hold = { ...hold, endsAt: ahead.endsAt };
      ahead = undefined;
    }
    return hold;
  };
}

/** How a shift of this layer lies on the wall clock, with a note for every jump that touches it. */
export function explainShift(layer: Layer, scheduleZone: string, shift: Shift): ShiftExplanation {
  const zone = zoneOf(layer, scheduleZone);
  const { turns } = place(layer, zone);
  const starts = turns.minuteOf(shift.index);
  const ends = turns.minuteOf(shift.index + 1);
  const { endsOn, handoffAt } = layer;
  const last = endsOn === undefined ? ends : Math.min(ends, minuteOn(endsOn, handoffAt));

  const notes = [
    ...edgeNote("shift start", wallOfMinute(starts), zone),
    ...edgeNote("shift end", wallOfMinute(last), zone),
  ];
  // A jump at the very start is already behind the shift; one at its very end still shortens it.
  for (const jump of jumpsBetween(zone, shift.startsAt, shift.endsAt)) {
    notes.push({ kind: "clocks jump", at: jump.at, byMs: jump.byMs });
    notes.push(...hoursNotes(layer.restrictions, zone, shift, jump.at));
  }
  return {
    zone,
    startsWall: wallText(wallAt(shift.startsAt, zone)),
    endsWall: wallText(wallAt(shift.endsAt, zone)),
    lengthMs: shift.endsAt - shift.startsAt,
    usualMs: (ends - starts) * MINUTE,
    notes: notes.sort((a, b) => a.at - b.at),
  };
}

const coversDay = (restriction: Restriction, day: Temporal.PlainDate): boolean =>
  restriction.days?.includes(WEEKDAYS[day.dayOfWeek - 1]!) ?? true;

/** The readings between which a restriction that begins on `day` is open. */
function windowOn(
  restriction: Restriction,
  day: Temporal.PlainDate,
): readonly [opens: Temporal.PlainDateTime, closes: Temporal.PlainDateTime] {
  const closesOn = restriction.to > restriction.from ? day : day.add({ days: 1 });
  return [wallOn(day, restriction.from), wallOn(closesOn, restriction.to)];
}

function edgeNote(edge: Edge, wall: Temporal.PlainDateTime, zone: string): ClockNote[] {
  const reading = readingOf(wall, zone);
  const { at } = reading;
  switch (reading.kind) {
    case "once":
      return [];
    case "skipped": {
      const shown = wallText(wallAt(at, zone));
      return [{ kind: "skipped", edge, wall: wallText(wall), at, shown }];
    }
    case "doubled":
      return [{ kind: "doubled", edge, wall: wallText(wall), at, againAt: reading.againAt }];
  }
}

/** Notes on the hours that open or close at a reading which this jump skips or doubles. */
function hoursNotes(
  restrictions: readonly Restriction[],
  zone: string,
  shift: Shift,
  jumpAt: Instant,
): ClockNote[] {
  const notes: ClockNote[] = [];
  const jumpDay = wallAt(jumpAt, zone).toPlainDate();
  for (let back = 2; back >= -1; back--) {
    const day = jumpDay.subtract({ days: back });
    for (const restriction of restrictions) {
      if (!coversDay(restriction, day)) continue;
      const [opens, closes] = windowOn(restriction, day);
      notes.push(...edgeNote("hours start", opens, zone), ...edgeNote("hours end", closes, zone));
    }
  }
  return notes.filter((note) => note.at >= shift.startsAt && note.at <= shift.endsAt);
}

const wallOn = (day: Temporal.PlainDate, time: string): Temporal.PlainDateTime =>
  wallOfMinute(minuteOn(day.toString(), time));

const wallText = (wall: Temporal.PlainDateTime): string =>
  wall.toString({ smallestUnit: "minute" });
const sooner = (a: Instant, b: Instant): Instant => (a < b ? a : b);
