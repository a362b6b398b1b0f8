/**
 * Who is on call: layers stacked, overrides on top, and a reason for every answer. All of it is
 * made from one walk over the moments at which the answer may change.
 */
import type { Layer, Schedule } from "../../../contract/oncall.ts";
import { assert } from "../../base/errors.ts";
import { addMs, DAY, type Instant, instant } from "../../base/instant.ts";
import {
  firstHold,
  holdsFrom,
  type Shift,
  shiftAt,
  type Silence,
  silenceAt,
  type Span,
  zoneOf,
} from "./rotation.ts";
import {
  aliveAt,
  type Holder,
  isAlive,
  namesOfHolder,
  type Override,
  overridesAt,
  peopleOf,
  type Roster,
  rosterOf,
  sameHolder,
  stepsFrom,
  versionAt,
} from "./walk.ts";

export type { Override, Roster } from "./walk.ts";

/** `wins`: this is the answer. `covered`: would be the answer if nothing above it were. */
export type Verdict = "wins" | "covered";

/** One line of an explanation, from which a text can be written. */
export type Reason =
  /** `waits`: the person it replaces does not hold the schedule at this instant. */
  | { readonly kind: "override"; readonly verdict: Verdict | "waits"; readonly override: Override }
  | {
      readonly kind: "layer holds";
      /** `shadows`: hears quietly what whoever holds the schedule is paged for. */
      readonly verdict: Verdict | "shadows";
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
  /** Who holds it together with them. */
  readonly others: readonly string[];
  /** Who is being onboarded: told quietly when those are paged, never alone. */
  readonly shadows: readonly string[];
  /**
   * When the shift, override or gap that gives this answer ceases to; where an override replaces a
   * person, also when that person's shift ends. The next answer may name the same person (see
   * {@link nextHandoff}). Null: never, as far as is known.
   */
  readonly until: Instant | null;
  /** The stack seen from above: overrides from the latest, then layers from the last. */
  readonly because: readonly Reason[];
};

/** Everybody who holds it, the first before the others; nobody where that is so. */
export const holdersOf = (of: {
  readonly person: string | null;
  readonly others: readonly string[];
}): readonly string[] => (of.person === null ? [] : [of.person, ...of.others]);

export type FinalShift = Span & {
  readonly person: string | null;
  readonly others: readonly string[];
  /** The layer that gives the person; null for an override or a gap. */
  readonly layer: string | null;
  readonly overrideId: string | null;
};

/** A handoff of the whole schedule: those on call change, somebody or nobody. */
export type Handoff = {
  readonly at: Instant;
  readonly from: string | null;
  readonly to: string | null;
  /** Who holds it together with them from then on. */
  readonly toOthers: readonly string[];
};

/**
 * Who is on call at an instant, until when, and why. The last layer that has somebody wins; an
 * override wins over all layers. `overrides` stand in the order of their creation, a later one wins
 * over an earlier, and those still to come are among them: they bound `until`.
 */
export function whoIsOnCall(
  schedule: Schedule | Roster,
  overrides: readonly Override[],
  at: Instant,
): OnCallAnswer {
  const roster = rosterOf(schedule);
  const steps = stepsFrom(roster, overrides, at);
  const first = steps.next().value;
  assert(first !== undefined, "a schedule has an answer for every instant");
  let last = first;
  while (!last.isLast) {
    const next = steps.next().value;
    if (next === undefined || !sameHolder(next.holder, first.holder)) break;
    last = next;
  }
  const { until } = last;
  const [person = null, ...others] = namesOfHolder(first.holder);
  const counting = versionAt(roster, at);
  const because = counting === null ? [] : reasonsAt(counting, overrides, at);
  const shadows =
    person === null || counting === null
      ? []
      : shadowsAt(counting, overrides, at).filter((each) => ![person, ...others].includes(each));
  return { person, others, shadows, until, because };
}

/**
 * Spans that cover `from` up to `to` exactly, in order and each after the other, with whoever is on
 * call; null where nobody is. Neighbours differ in person, layer or override.
 */
export function finalShifts(
  schedule: Schedule | Roster,
  overrides: readonly Override[],
  from: Instant,
  to: Instant,
): readonly FinalShift[] {
  assert(from <= to, "a span does not end before it starts");
  const shifts: FinalShift[] = [];
  if (from === to) return shifts;
  for (const { startsAt, until, holder } of stepsFrom(rosterOf(schedule), overrides, from)) {
    if (startsAt >= to) break;
    const endsAt = until === null || until > to ? to : until;
    const next: FinalShift = { startsAt, endsAt, ...namesOf(holder) };
    const last = shifts.at(-1);
    if (last !== undefined && sameShift(last, next))
      shifts[shifts.length - 1] = { ...last, endsAt };
    else shifts.push(next);
  }
  return shifts;
}

/** The spans between `from` and `to` in which nobody is on call. */
export function gaps(
  schedule: Schedule | Roster,
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
  schedule: Schedule | Roster,
  overrides: readonly Override[],
  at: Instant,
): Handoff | null {
  const horizon = addMs(at, HANDOFF_HORIZON_MS);
  let from: readonly string[] | undefined;
  for (const { startsAt, holder } of stepsFrom(rosterOf(schedule), overrides, at)) {
    const to = namesOfHolder(holder);
    if (startsAt > horizon) return null;
    if (from !== undefined && !sameNames(from, to)) {
      const [first = null, ...toOthers] = to;
      return { at: startsAt, from: from[0] ?? null, to: first, toOthers };
    }
    from = to;
  }
  return null;
}

const sameNames = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name, index) => name === b[index]);

/** Who shadows the schedule at an instant, whoever holds it; not who is away and replaced. */
function shadowsAt(
  schedule: Schedule,
  overrides: readonly Override[],
  at: Instant,
): readonly string[] {
  const shadowing = schedule.layers.filter(({ shadow }) => shadow === true);
  if (shadowing.length === 0) return [];
  const found = shadowing.flatMap((layer) => {
    const shift = shiftAt(layer, schedule.timezone, at);
    return shift === null ? [] : peopleOf(shift);
  });
  const isAway = (person: string): boolean =>
    overrides.some((override) => override.replaces === person && isAlive(override, at));
  return [...new Set(found)].filter((person) => !isAway(person));
}

export type ShadowShift = Span & { readonly person: string; readonly layer: string };

/** The shifts that are shadowed between `from` and `to`, by layer. */
export function shadowShifts(
  schedule: Schedule | Roster,
  from: Instant,
  to: Instant,
): readonly ShadowShift[] {
  const roster = rosterOf(schedule);
  return roster.flatMap(({ from: since, body }, index): readonly ShadowShift[] => {
    const begin = index === 0 || since < from ? from : since;
    const end = Math.min(roster[index + 1]?.from ?? to, to);
    if (body === null || begin >= end) return [];
    return body.layers
      .filter(({ shadow }) => shadow === true)
      .flatMap((layer) => heldWithin(layer, body.timezone, begin, instant(end)));
  });
}

function heldWithin(
  layer: Layer,
  zone: string,
  from: Instant,
  to: Instant,
): readonly ShadowShift[] {
  const found: ShadowShift[] = [];
  for (const { shift, startsAt, endsAt } of holdsFrom(layer, zone, from)) {
    if (startsAt >= to) break;
    for (const person of peopleOf(shift))
      found.push({ person, layer: layer.name, startsAt, endsAt: endsAt > to ? to : endsAt });
  }
  return found;
}

function reasonsAt(
  schedule: Schedule,
  overrides: readonly Override[],
  at: Instant,
): readonly Reason[] {
  const zone = schedule.timezone;
  const held = schedule.layers.map((layer) => ({ layer, shift: shiftAt(layer, zone, at) }));
  const top = held.findLast(({ layer, shift }) => layer.shadow !== true && shift !== null);
  const people = top?.shift == null ? [] : peopleOf(top.shift);
  const alive = aliveAt(overrides, at);
  const { slots, applied } = overridesAt(alive, people);
  const reasons = held.toReversed().map(({ layer, shift }): Reason => {
    const place = { layer: layer.name, zone: zoneOf(layer, zone) };
    if (shift === null) {
      const until = firstHold(layer, zone, at)?.startsAt ?? null;
      return { kind: "layer silent", ...place, because: silenceAt(layer, zone, at), until };
    }
    const wins = layer === top?.layer && slots.some(({ override }) => override === null);
    const verdict = layer.shadow === true ? "shadows" : wins ? "wins" : "covered";
    return { kind: "layer holds", verdict, ...place, shift };
  });
  for (const override of alive) {
    const wins = slots.some((slot) => slot.override === override);
    const verdict = wins ? "wins" : applied.has(override) ? "covered" : "waits";
    reasons.unshift({ kind: "override", verdict, override });
  }
  return reasons;
}

function namesOf(holder: Holder): Omit<FinalShift, keyof Span> {
  const [person = null, ...others] = namesOfHolder(holder);
  const override = holder.slots[0]?.override ?? null;
  return {
    person,
    others,
    layer: override === null ? (holder.layer?.name ?? null) : null,
    overrideId: override?.id ?? null,
  };
}

const sameShift = (a: FinalShift, b: FinalShift): boolean =>
  a.person === b.person &&
  a.layer === b.layer &&
  a.overrideId === b.overrideId &&
  sameNames(a.others, b.others);
