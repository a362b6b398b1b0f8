/**
 * The walk over the moments at which the answer may change: versions one after the other, in each of them layers
 * stacked, overrides on top.
 */
import type { Layer, Schedule } from "../../../contract/oncall.ts";
import { earlier, type Instant, instant } from "../../base/instant.ts";
import type { ScheduleVersion } from "../config/config.ts";
import { firstHold, type Hold, holdsFrom, type Shift, type Span } from "./rotation.ts";

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

/** What a schedule said and says, in order; each counts until the next, the first since ever. */
export type Roster = readonly ScheduleVersion[];

/** A schedule that never changes is a roster of one. */
export const rosterOf = (of: Schedule | Roster): Roster =>
  "layers" in of ? [{ from: instant(0), body: of }] : of;

/** What counts at an instant. */
export const versionAt = (roster: Roster, at: Instant): Schedule | null =>
  (roster.findLast(({ from }) => from <= at) ?? roster[0])?.body ?? null;

/** One of the people who hold a schedule together, and the override that put them there. */
type Slot = { readonly person: string; readonly override: Override | null };

/** Who holds the schedule, and what gives that answer. */
export type Holder = {
  /** The topmost layer that holds; null: none does, or an override of the whole hides what there is. */
  readonly layer: Layer | null;
  readonly shift: Shift | null;
  /** Nobody where empty. */
  readonly slots: readonly Slot[];
};

/** From `startsAt` until `until` nothing changes; null is never. */
export type Step = {
  readonly startsAt: Instant;
  readonly until: Instant | null;
  readonly holder: Holder;
  /** The step after it surely has another holder: what gives this answer ends. False: it may have. */
  readonly isLast: boolean;
};

/** One step after the other from `from` on, each ending where an answer may change. */
export function* stepsFrom(
  roster: Roster,
  overrides: readonly Override[],
  from: Instant,
): Generator<Step, void> {
  for (const [index, { from: since, body }] of roster.entries()) {
    const end = roster[index + 1]?.from ?? null;
    if (end !== null && end <= from) continue;
    const start = index === 0 || since < from ? from : since;
    if (end === null) {
      yield* stepsOf(body, overrides, start);
      continue;
    }
    for (const step of stepsOf(body, overrides, start)) {
      if (step.startsAt >= end) break;
      const isCut = step.until === null || step.until > end;
      yield isCut ? { ...step, until: end, isLast: false } : step;
    }
  }
}

function* stepsOf(
  schedule: Schedule | null,
  overrides: readonly Override[],
  from: Instant,
): Generator<Step, void> {
  const stack = (schedule === null ? [] : pagedLayers(schedule))
    .map((layer) => cursorOver(layer, schedule!.timezone, from))
    .reverse();
  let at = from;
  for (;;) {
    const { base, until: baseUntil } = topOf(stack, at);
    const alive = aliveAt(overrides, at);
    const edge = nextEdge(overrides, at);
    // Under an override of the whole schedule handoffs change nothing, and it may last for years.
    const isHidden = alive.length > 0 && alive.every(({ replaces }) => replaces === null);
    const { slots } = overridesAt(alive, base === null ? [] : peopleOf(base.shift));
    const until = isHidden ? edge : earlier(baseUntil, edge);
    const given = isHidden || base === null ? { layer: null, shift: null } : base;
    // Where a layer begins or ceases to hold, the layer or its shift is another from then on.
    const isLast = !isHidden && until === baseUntil;
    yield { startsAt: at, until, holder: { ...given, slots }, isLast };
    if (until === null) return;
    at = until;
  }
}

/** Layers whose people hold the pager; shadows never do. */
export const pagedLayers = ({ layers }: Schedule): readonly Layer[] =>
  layers.some(({ shadow }) => shadow === true)
    ? layers.filter(({ shadow }) => shadow !== true)
    : layers;

/** A layer read forward in time: what it holds at an instant not before the last one asked for. */
type Cursor = {
  readonly layer: Layer;
  readonly read: (at: Instant) => { readonly hold: Hold | null; readonly until: Instant | null };
};

function cursorOver(layer: Layer, scheduleZone: string, from: Instant): Cursor {
  // Walked only by whom the first hold is not enough.
  let holds: Generator<Hold, void> | null = null;
  let next = firstHold(layer, scheduleZone, from);
  return {
    layer,
    read(at) {
      if (next !== undefined && next.endsAt <= at && holds !== null)
        next = holds.next().value ?? undefined;
      if (next !== undefined && next.endsAt <= at) {
        // An override may have hidden years of shifts: counted again from here, not walked.
        holds = holdsFrom(layer, scheduleZone, at);
        next = holds.next().value ?? undefined;
      }
      if (next === undefined) return { hold: null, until: null };
      return next.startsAt <= at
        ? { hold: next, until: next.endsAt }
        : { hold: null, until: next.startsAt };
    },
  };
}

type Base = { readonly layer: Layer; readonly shift: Shift };

/** The topmost layer that holds; layers below it are not read, since they cannot change it. */
function topOf(
  stack: readonly Cursor[],
  at: Instant,
): { readonly base: Base | null; readonly until: Instant | null } {
  let until: Instant | null = null;
  for (const { layer, read } of stack) {
    const state = read(at);
    until = earlier(until, state.until);
    if (state.hold !== null) return { base: { layer, shift: state.hold.shift }, until };
  }
  return { base: null, until };
}

/** Everybody of a shift; the first of them is asked first where only one can be. */
export const peopleOf = ({ person, others }: Shift): readonly string[] => [person, ...others];

/**
 * Who is left of `people` when the overrides under way have done their part, and which of those apply at all.
 * Each person's place is replaced by itself; an override of the whole schedule makes one place of all.
 */
export function overridesAt(
  overrides: readonly Override[],
  people: readonly string[],
): { readonly slots: readonly Slot[]; readonly applied: ReadonlySet<Override> } {
  if (overrides.length === 0)
    return { slots: people.map((person) => ({ person, override: null })), applied: NO_OVERRIDES };
  let slots = people.map((person): Slot & { readonly named: readonly string[] } => ({
    person,
    override: null,
    named: [person],
  }));
  const applied = new Set<Override>();
  for (const override of overrides) {
    const { person, replaces } = override;
    if (replaces === null) {
      slots = [{ person, override, named: [...slots.flatMap(({ named }) => named), person] }];
    } else {
      const isNamed = slots.map(({ named }) => named.includes(replaces));
      if (!isNamed.includes(true)) continue;
      slots = slots.map((slot, index) =>
        isNamed[index] === true ? { person, override, named: [...slot.named, person] } : slot,
      );
    }
    applied.add(override);
  }
  return { slots, applied };
}

const NO_OVERRIDES: ReadonlySet<Override> = new Set();

export const isAlive = (span: Span, at: Instant): boolean =>
  span.startsAt <= at && at < span.endsAt;

const NONE: readonly Override[] = [];

/** The overrides under way; most of the time there are none, which takes no array. */
export function aliveAt(overrides: readonly Override[], at: Instant): readonly Override[] {
  let alive: Override[] | null = null;
  for (const override of overrides) if (isAlive(override, at)) (alive ??= []).push(override);
  return alive ?? NONE;
}

/** The first instant after `at` at which an override begins or ends. */
function nextEdge(overrides: readonly Override[], at: Instant): Instant | null {
  let next = Infinity;
  for (const { startsAt, endsAt } of overrides) {
    const edge = startsAt > at ? startsAt : endsAt;
    if (edge > at && edge < next && startsAt < endsAt) next = edge;
  }
  return next === Infinity ? null : instant(next);
}

/** The people of a holder, each once. */
export const namesOfHolder = ({ slots }: Holder): readonly string[] =>
  slots.length < 2
    ? slots.map(({ person }) => person)
    : [...new Set(slots.map(({ person }) => person))];

/** The same shift of the same layer under the same overrides, or nobody both times. */
export const sameHolder = (a: Holder, b: Holder): boolean =>
  a.layer === b.layer &&
  a.shift?.index === b.shift?.index &&
  a.slots.length === b.slots.length &&
  a.slots.every(({ override }, index) => override === b.slots[index]?.override);
