/**
 * Who is on call: layers stacked, overrides on top, and a reason for every answer. All of it is
 * made from one walk over the moments at which the answer may change.
 */
import type { Layer, Schedule } from "../../../contract/oncall.ts";
import { assert } from "../../base/errors.ts";
import { addMs, DAY, earlier, type Instant } from "../../base/instant.ts";
import {
  type Hold,
  holdsFrom,
  type Shift,
  shiftAt,
  type Silence,
  silenceAt,
  type Span,
  zoneOf,
} from "./rotation.ts";

/** One person replaces another for a span. */
export type Override = Span & {
  readonly id: string;
  readonly person: string;
  /**
   * Null: takes the whole schedule. Otherwise only while this person holds it, by a layer or by an
   * earlier override: who is away is covered wherever their name would have come up.
   */
  readonly replaces: string | null;
};

/** `wins`: this is the answer. `covered`: would be the answer if nothing above it were. */
export type Verdict = "wins" | "covered";

/** One line of an explanation, from which a text can be written. */
export type Reason =
  /** `waits`: the person it replaces does not hold the schedule at this instant. */
  | { readonly kind: "override"; readonly verdict: Verdict | "waits"; readonly override: Override }
  | {
      readonly kind: "layer holds";
      readonly verdict: Verdict;
      readonly layer: string;
      readonly zone: string;
      readonly shift: Shift;
    }
  | {
      readonly kind: "layer silent";
      readonly layer: string;
      readonly zone: string;
      readonly because: Silence;
      /** When it next has somebody; null when never. */
      readonly until: Instant | null;
    };

export type OnCallAnswer = {
  /** Null: a gap, nobody is on call. */
  readonly person: string | null;
  /**
   * When the shift, override or gap that gives this answer ceases to; where an override replaces a
   * person, also when that person's shift ends. The next answer may name the same person (see
   * {@link nextHandoff}). Null: never, as far as is known.
   */
  readonly until: Instant | null;
  /** The stack seen from above: overrides from the latest, then layers from the last. */
  readonly because: readonly Reason[];
};

export type FinalShift = Span & {
  readonly person: string | null;
  /** The layer that gives the person; null for an override or a gap. */
  readonly layer: string | null;
  readonly overrideId: string | null;
};

/** A handoff of the whole schedule: the person on call changes, somebody or nobody. */
export type Handoff = {
  readonly at: Instant;
  readonly from: string | null;
  readonly to: string | null;
};

/**
 * Who is on call at an instant, until when, and why. The last layer that has somebody wins; an
 * override wins over all layers. `overrides` stand in the order of their creation, a later one wins
 * over an earlier, and those still to come are among them: they bound `until`.
 */
export function whoIsOnCall(
  schedule: Schedule,
  overrides: readonly Override[],
  at: Instant,
): OnCallAnswer {
  const steps = stepsFrom(schedule, overrides, at);
  const first = steps.next().value;
  assert(first !== undefined, "a schedule has an answer for every instant");
  let until = first.until;
  for (const step of steps) {
    if (!sameHolder(step.holder, first.holder)) break;
    until = step.until;
  }
  const because = reasonsAt(schedule, overrides, at, first.holder);
  return { person: personOf(first.holder), until, because };
}

/**
 * Spans that cover `from` up to `to` exactly, in order and each after the other, with whoever is on
 * call; null where nobody is. Neighbours differ in person, layer or override.
 */
export function finalShifts(
  schedule: Schedule,
  overrides: readonly Override[],
  from: Instant,
  to: Instant,
): readonly FinalShift[] {
  assert(from <= to, "a span does not end before it starts");
  const shifts: FinalShift[] = [];
  if (from === to) return shifts;
  for (const { startsAt, until, holder } of stepsFrom(schedule, overrides, from)) {
    if (startsAt >= to) break;
    const endsAt = until === null || until > to ? to : until;
    const next: FinalShift = { startsAt, endsAt, ...namesOf(holder) };
    const last = shifts.at(-1);
    if (last !== undefined && sameNames(last, next))
      shifts[shifts.length - 1] = { ...last, endsAt };
    else shifts.push(next);
  }
  return shifts;
}

/** The spans between `from` and `to` in which nobody is on call. */
export function gaps(
  schedule: Schedule,
  overrides: readonly Override[],
  from: Instant,
  to: Instant,
): readonly Span[] {
  return finalShifts(schedule, overrides, from, to)
    .filter((shift) => shift.person === null)
    .map(({ startsAt, endsAt }) => ({ startsAt, endsAt }));
}

/** A bound, or one person alone would be searched for a successor forever; costs 10 ms at most. */
const HANDOFF_HORIZON_MS = 3 * 366 * DAY;

/**
 * The next moment after `at` at which another person, or nobody, is on call. Null when that does
 * not happen within three years, as where one person is alone in a schedule.
 */
export function nextHandoff(
  schedule: Schedule,
  overrides: readonly Override[],
  at: Instant,
): Handoff | null {
  const horizon = addMs(at, HANDOFF_HORIZON_MS);
  let from: string | null | undefined;
  for (const { startsAt, holder } of stepsFrom(schedule, overrides, at)) {
    const to = personOf(holder);
    if (startsAt > horizon) return null;
    if (from !== undefined && to !== from) return { at: startsAt, from, to };
    from = to;
  }
  return null;
}

/** What gives the answer at an instant. */
type Holder =
  | { readonly kind: "nobody" }
  | { readonly kind: "layer"; readonly layer: Layer; readonly shift: Shift }
  /** `over`: what it covers; null when it covers whatever there is, so that nothing was asked. */
  | { readonly kind: "override"; readonly override: Override; readonly over: Holder | null };

/** From `startsAt` until `until` nothing changes; null is never. */
type Step = { readonly startsAt: Instant; readonly until: Instant | null; readonly holder: Holder };

/** The walk: one step after the other from `from` on, each ending where an answer may change. */
function* stepsFrom(
  schedule: Schedule,
  overrides: readonly Override[],
  from: Instant,
): Generator<Step, void> {
  const stack = schedule.layers
    .map((layer) => cursorOver(layer, schedule.timezone, from))
    .reverse();
  const relevant = overrides.filter((o) => o.endsAt > from && o.startsAt < o.endsAt);
  let at = from;
  for (;;) {
    const base = topOf(stack, at);
    const { winner } = overridesAt(relevant, personOf(base.holder), at);
    const edge = nextEdge(relevant, at);
    // Under an override of the whole schedule handoffs change nothing, and it may last for years.
    const hidden = winner !== null && !relevant.some((o) => o.replaces !== null && isAlive(o, at));
    const until = hidden ? edge : earlier(base.until, edge);
    const holder: Holder =
      winner === null
        ? base.holder
        : { kind: "override", override: winner, over: hidden ? null : base.holder };
    yield { startsAt: at, until, holder };
    if (until === null) return;
    at = until;
  }
}

/** A layer read forward in time: what it holds at an instant not before the last one asked for. */
type Cursor = {
  readonly layer: Layer;
  readonly read: (at: Instant) => { readonly hold: Hold | null; readonly until: Instant | null };
};

function cursorOver(layer: Layer, scheduleZone: string, from: Instant): Cursor {
  let holds = holdsFrom(layer, scheduleZone, from);
  let next = holds.next().value;
  return {
    layer,
    read(at) {
      if (next !== undefined && next.endsAt <= at) next = holds.next().value;
      if (next !== undefined && next.endsAt <= at) {
        // An override may have hidden years of shifts: counted again from here, not walked.
        holds = holdsFrom(layer, scheduleZone, at);
        next = holds.next().value;
      }
      if (next === undefined) return { hold: null, until: null };
      return next.startsAt <= at
        ? { hold: next, until: next.endsAt }
        : { hold: null, until: next.startsAt };
    },
  };
}

/** The topmost layer that holds; layers below it are not read, since they cannot change it. */
function topOf(
  stack: readonly Cursor[],
  at: Instant,
): { readonly holder: Holder; readonly until: Instant | null } {
  let until: Instant | null = null;
  for (const { layer, read } of stack) {
    const state = read(at);
    until = earlier(until, state.until);
    if (state.hold !== null)
      return { holder: { kind: "layer", layer, shift: state.hold.shift }, until };
  }
  return { holder: { kind: "nobody" }, until };
}

/** Which override wins over `person`, and which of those alive at `at` apply at all. */
function overridesAt(
  overrides: readonly Override[],
  person: string | null,
  at: Instant,
): { readonly winner: Override | null; readonly applied: ReadonlySet<Override> } {
  let winner: Override | null = null;
  const applied = new Set<Override>();
  const named = new Set(person === null ? [] : [person]);
  for (const override of overrides) {
    if (!isAlive(override, at)) continue;
    if (override.replaces !== null && !named.has(override.replaces)) continue;
    applied.add(override);
    named.add(override.person);
    winner = override;
  }
  return { winner, applied };
}

const isAlive = (span: Span, at: Instant): boolean => span.startsAt <= at && at < span.endsAt;

function nextEdge(overrides: readonly Override[], at: Instant): Instant | null {
  let next: Instant | null = null;
  for (const { startsAt, endsAt } of overrides) {
    if (startsAt > at) next = earlier(next, startsAt);
    if (endsAt > at) next = earlier(next, endsAt);
  }
  return next;
}

function reasonsAt(
  schedule: Schedule,
  overrides: readonly Override[],
  at: Instant,
  holder: Holder,
): readonly Reason[] {
  const zone = schedule.timezone;
  const reasons: Reason[] = [];
  let covered = holder.kind === "override";
  let person: string | null = null;
  for (const layer of schedule.layers.toReversed()) {
    const place = { layer: layer.name, zone: zoneOf(layer, zone) };
    const shift = shiftAt(layer, zone, at);
    if (shift === null) {
      const until = holdsFrom(layer, zone, at).next().value?.startsAt ?? null;
      reasons.push({ kind: "layer silent", ...place, because: silenceAt(layer, zone, at), until });
      continue;
    }
    reasons.push({ kind: "layer holds", verdict: covered ? "covered" : "wins", ...place, shift });
    person ??= shift.person;
    covered = true;
  }
  const { winner, applied } = overridesAt(overrides, person, at);
  for (const override of overrides) {
    if (!isAlive(override, at)) continue;
    const verdict = override === winner ? "wins" : applied.has(override) ? "covered" : "waits";
    reasons.unshift({ kind: "override", verdict, override });
  }
  return reasons;
}

function personOf(holder: Holder): string | null {
  switch (holder.kind) {
    case "nobody":
      return null;
    case "layer":
      return holder.shift.person;
    case "override":
      return holder.override.person;
  }
}

function namesOf(holder: Holder): Omit<FinalShift, keyof Span> {
  return {
    person: personOf(holder),
    layer: holder.kind === "layer" ? holder.layer.name : null,
    overrideId: holder.kind === "override" ? holder.override.id : null,
  };
}

const sameNames = (a: FinalShift, b: FinalShift): boolean =>
  a.person === b.person && a.layer === b.layer && a.overrideId === b.overrideId;

/** The same shift of the same layer, the same override over the same, or nobody both times. */
function sameHolder(a: Holder, b: Holder): boolean {
  if (a.kind === "layer") {
    return b.kind === "layer" && a.layer === b.layer && a.shift.index === b.shift.index;
  }
  if (a.kind === "nobody" || b.kind !== "override") return a.kind === b.kind;
  if (a.override !== b.override || a.over === null || b.over === null) {
    return a.override === b.override && a.over === b.over;
  }
  return sameHolder(a.over, b.over);
}
