/**
 * One layer: people in turn by the wall clock of a place. Shifts are counted, never walked, so that
 * a rotation begun ten years ago answers as fast as one begun today.
 */
import type { Layer, Restriction } from "../../../contract/oncall.ts";
import { type Instant, instant, later, MINUTE } from "../../base/instant.ts";
import { minuteOfWall, turnsOf, type WallMinute, wallOfMinute, wallOn, WEEKDAYS } from "./turns.ts";
import {
  firstInstantAt,
  firstInstantAtMinute,
  jumpsBetween,
  minuteAt,
  readingOf,
  wallAt,
} from "./wallclock.ts";

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

const firstHolds = new WeakMap<Layer, FirstHold>();
type FirstHold = {
  readonly zone: string;
  readonly from: Instant;
  readonly hold: Hold | undefined;
};

/**
 * The first of {@link holdsFrom}. The last answer is kept with its layer: it stays the answer until that hold
 * ends, and the same instant is asked about for the answer, its reasons and whoever shadows.
 */
export function firstHold(layer: Layer, scheduleZone: string, from: Instant): Hold | undefined {
  const zone = zoneOf(layer, scheduleZone);
  const last = firstHolds.get(layer);
  const { hold } =
    last !== undefined && last.zone === zone && last.from <= from && from < endOfHold(last)
      ? last
      : keepFirst(layer, zone, from);
  return hold === undefined || hold.startsAt >= from ? hold : { ...hold, startsAt: from };
}

const endOfHold = ({ hold }: FirstHold): Instant => hold?.endsAt ?? FOREVER;

function keepFirst(layer: Layer, zone: string, from: Instant): FirstHold {
  const first = { zone, from, hold: holdsFrom(layer, zone, from).next().value ?? undefined };
  firstHolds.set(layer, first);
  return first;
}

/** Why {@link shiftAt} answered null; meaningless where it did not. */
export function silenceAt(layer: Layer, scheduleZone: string, at: Instant): Silence {
  const zone = zoneOf(layer, scheduleZone);
  if (at < rotationOf(layer, zone).startOf(0)) return "not started";
  return at >= endOf(layer, zone) ? "ended" : "outside its hours";
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
  const zone = zoneOf(layer, scheduleZone);
  if (layer.restrictions.length === 0) {
    for (const shift of shiftsFrom(layer, zone, from)) {
      yield { shift, startsAt: later(shift.startsAt, from), endsAt: shift.endsAt };
    }
    return;
  }
  let open: Hold | null = null;
  for (const piece of piecesFrom(layer, zone, from)) {
    if (open !== null && open.shift === piece.shift && open.endsAt === piece.startsAt) {
      open = { ...piece, startsAt: open.startsAt };
    } else {
      if (open !== null) yield open;
      open = piece;
    }
  }
  if (open !== null) yield open;
}

/** Shifts cut to the windows of the restrictions; two pieces of one shift may touch. */
function* piecesFrom(layer: Layer, zone: string, from: Instant): Generator<Hold, void> {
  const begin = later(from, rotationOf(layer, zone).startOf(0));
  const windows = windowsFrom(layer.restrictions, zone, begin);
  let window = windows.next().value;
  for (const shift of shiftsFrom(layer, zone, from)) {
    while (window !== undefined && window.startsAt < shift.endsAt) {
      const startsAt = later(window.startsAt, shift.startsAt);
      yield { shift, startsAt, endsAt: sooner(window.endsAt, shift.endsAt) };
      if (window.endsAt > shift.endsAt) break;
      window = windows.next().value;
    }
  }
}

/** How a shift of this layer lies on the wall clock, with a note for every jump that touches it. */
export function explainShift(layer: Layer, scheduleZone: string, shift: Shift): ShiftExplanation {
  const zone = zoneOf(layer, scheduleZone);
  const rotation = rotationOf(layer, zone);
  const lastWall = endWallOf(layer);
  const starts = rotation.minuteOf(shift.index);
  const ends = rotation.minuteOf(shift.index + 1);
  const last = lastWall === null ? ends : Math.min(ends, minuteOfWall(lastWall));

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

/** The turns of a layer in its place: which turn an instant belongs to and when a turn starts. */
type Rotation = {
  /** The reading of the wall clock at which a turn starts. */
  minuteOf(index: number): WallMinute;
  startOf(index: number): Instant;
  /** The last turn that has started by then, or one soon before it; negative before the first. */
  startedBy(at: Instant): number;
};

const rotations = new WeakMap<Layer, Map<string, Rotation>>();
/** Made once for each layer of a configuration: the engine asks for the same few turns again and again. */
function rotationOf(layer: Layer, zone: string): Rotation {
  let ofLayer = rotations.get(layer);
  if (ofLayer === undefined) rotations.set(layer, (ofLayer = new Map()));
  let rotation = ofLayer.get(zone);
  if (rotation === undefined) ofLayer.set(zone, (rotation = makeRotation(layer, zone)));
  return rotation;
}

function makeRotation(layer: Layer, zone: string): Rotation {
  const turns = turnsOf(layer);
  const startOf = (index: number): Instant => firstInstantAtMinute(turns.minuteOf(index), zone);
  return {
    minuteOf: turns.minuteOf,
    startOf,
    startedBy(at) {
      // The reading may be ahead of the turn (its handoff is still to come), or behind it where clocks
      // went back over a handoff and the new turn goes on.
      let index = turns.indexAt(minuteAt(at, zone));
      while (startOf(index) > at) index--;
      return index;
    },
  };
}

const NOBODY: readonly string[] = [];

/** Shifts that end after `from`, in order, without a turn that a skipped day swallowed whole. */
function* shiftsFrom(layer: Layer, zone: string, from: Instant): Generator<Shift, void> {
  const rotation = rotationOf(layer, zone);
  const end = endOf(layer, zone);
  let index = Math.max(0, rotation.startedBy(sooner(from, end)));
  let startsAt = rotation.startOf(index);
  for (; startsAt < end; index++) {
    const nextStart = rotation.startOf(index + 1);
    const endsAt = sooner(nextStart, end);
    if (startsAt < endsAt && endsAt > from) {
      const turn = layer.people[index % layer.people.length]!;
      const [person, others] =
        typeof turn === "string" ? [turn, NOBODY] : [turn[0]!, turn.slice(1)];
      yield { person, others, index, startsAt, endsAt };
    }
    startsAt = nextStart;
  }
}

/**
 * The union of the restrictions from `from` on, as spans in order and without overlap; spans may
 * touch. An edge is reached as a handoff is, so hours that meet on the wall meet in time.
 */
function* windowsFrom(
  restrictions: readonly Restriction[],
  zone: string,
  from: Instant,
): Generator<Span, void> {
  // A window lasts a day at most, so one of yesterday may still be open, but none before it.
  let day = Math.floor(minuteAt(from, zone) / DAY_MINUTES) - 1;
  let reached = from;
  for (; ; day += 1) {
    for (const span of windowsOfDay(restrictions, zone, day)) {
      if (span.endsAt <= reached || span.startsAt === span.endsAt) continue;
      yield { startsAt: later(span.startsAt, reached), endsAt: span.endsAt };
      reached = span.endsAt;
    }
  }
}

/** What restrictions say of a day, counted in minutes from its midnight, by the day of the week. */
type Hours = readonly (readonly { readonly opens: number; readonly closes: number }[])[];
const hours = new WeakMap<readonly Restriction[], Hours>();
const DAY_MINUTES = 1_440;

function hoursOf(restrictions: readonly Restriction[]): Hours {
  let week = hours.get(restrictions);
  if (week === undefined) {
    week = WEEKDAYS.map((weekday) =>
      restrictions
        .filter(({ days }) => days?.includes(weekday) ?? true)
        .map(({ from, to }) => ({
          opens: minutesOf(from),
          closes: minutesOf(to) + (to > from ? 0 : DAY_MINUTES),
        }))
        .sort((a, b) => a.opens - b.opens),
    );
    hours.set(restrictions, week);
  }
  return week;
}

/** The windows that open on a day, which is counted from 1970 on. */
function windowsOfDay(
  restrictions: readonly Restriction[],
  zone: string,
  dayNumber: number,
): readonly Span[] {
  // The first day of 1970 was a Thursday.
  const weekday = (((dayNumber + 3) % 7) + 7) % 7;
  const midnight = dayNumber * DAY_MINUTES;
  return hoursOf(restrictions)[weekday]!.map(({ opens, closes }) => ({
    startsAt: firstInstantAtMinute(midnight + opens, zone),
    endsAt: firstInstantAtMinute(midnight + closes, zone),
  }));
}

const minutesOf = (time: string): number =>
  Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

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

const handoffOn = (layer: Layer, date: string): Temporal.PlainDateTime =>
  wallOn(Temporal.PlainDate.from(date), layer.handoffAt);

const endWallOf = (layer: Layer): Temporal.PlainDateTime | null =>
  layer.endsOn === undefined ? null : handoffOn(layer, layer.endsOn);

/** Later than any date a schedule can name: stands for a layer without an end. */
const FOREVER = instant(Number.MAX_SAFE_INTEGER);

function endOf(layer: Layer, zone: string): Instant {
  const wall = endWallOf(layer);
  return wall === null ? FOREVER : firstInstantAt(wall, zone);
}

const wallText = (wall: Temporal.PlainDateTime): string =>
  wall.toString({ smallestUnit: "minute" });
const sooner = (a: Instant, b: Instant): Instant => (a < b ? a : b);
