/**
 * The slow and obvious calculator that the tests hold the fast one against; nothing else imports
 * it. It never converts a wall-clock time into an instant: it reads the clock on the wall minute by
 * minute (by Intl, not Temporal) and keeps the highest reading so far. By that mark, which never
 * goes back, skipped and doubled hours need no thought: whatever the mark has passed has happened.
 */
import type { Weekday } from "../../../contract/ids.ts";
import type { Layer, Schedule } from "../../../contract/oncall.ts";
import { DAY, HOUR, type Instant, MINUTE } from "../../base/instant.ts";
import type { Override } from "./oncall.ts";

const WEEKDAYS: readonly Weekday[] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/** What a clock on the wall shows, as milliseconds as if it hung in Greenwich. */
export function wallReader(zone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat("sv-SE", {
    timeZone: zone,
    dateStyle: "short",
    timeStyle: "medium",
  });
  return (at) => Date.parse(`${format.format(at).replace(" ", "T")}Z`);
}

/** Reads the wall every `stepMs`; gives the highest reading up to each of those instants. */
export function marks(zone: string, from: number, to: number, stepMs: number): Map<number, number> {
  const read = wallReader(zone);
  const found = new Map<number, number>();
  let highest = -Infinity;
  for (let at = from; at <= to; at += stepMs) {
    highest = Math.max(highest, read(at));
    found.set(at, highest);
  }
  return found;
}

const timeOfDay = (text: string): number =>
  (Number(text.slice(0, 2)) * 60 + Number(text.slice(3))) * MINUTE;

/** The reading at which the turn after this one begins, found by trying every day or hour after it. */
function nextTurn(layer: Layer, turnStart: number, turns: number): number {
  if (layer.lengths !== undefined)
    return turnStart + layer.lengths[turns % layer.lengths.length]! * DAY;
  switch (layer.every) {
    case "hour":
      return turnStart + layer.count * HOUR;
    case "day":
      return turnStart + layer.count * DAY;
    case "week":
      return turnStart + layer.count * 7 * DAY;
    default:
      break;
  }
  let months = 0;
  for (let at = turnStart + DAY; ; at += DAY) {
    if (new Date(at).getUTCDate() === 1) months++;
    const due = layer.rule === undefined ? months >= layer.count : true;
    if (due && beginsTurn(layer, at)) return at;
  }
}

/** Whether a shift may change on the day of this reading. */
function beginsTurn(layer: Layer, at: number): boolean {
  const date = new Date(at);
  if (layer.rule !== undefined) {
    // The only rules that the tests make up: certain days of every week.
    const days = layer.rule.replace("FREQ=WEEKLY;BYDAY=", "").split(",");
    return days.includes(WEEKDAYS[date.getUTCDay()]!.slice(0, 2).toUpperCase());
  }
  const isLastOfMonth = new Date(at + DAY).getUTCDate() === 1;
  if (layer.on === undefined) {
    const day = Number(layer.startsOn.slice(8));
    return date.getUTCDate() === day || (isLastOfMonth && date.getUTCDate() < day);
  }
  if (WEEKDAYS[date.getUTCDay()] !== layer.on.weekday) return false;
  if (layer.on.nth === -1) return new Date(at + 7 * DAY).getUTCMonth() !== date.getUTCMonth();
  return Math.ceil(date.getUTCDate() / 7) === layer.on.nth;
}

/** Turns that were walked through already: a slot later, the walk goes on where it stood. */
const walked = new WeakMap<Layer, number[]>();

/** The readings at which the turns begin, from the first one to one that is beyond the mark. */
function turnStarts(layer: Layer, mark: number): readonly number[] {
  let starts = walked.get(layer);
  if (starts === undefined) {
    let first = Date.parse(layer.startsOn) + timeOfDay(layer.handoffAt);
    if (layer.on !== undefined || layer.rule !== undefined)
      while (!beginsTurn(layer, first)) first += DAY;
    starts = [first];
    walked.set(layer, starts);
  }
  for (let last = starts.at(-1)!; last <= mark; last = starts.at(-1)!)
    starts.push(nextTurn(layer, last, starts.length - 1));
  return starts;
}

/** Who, together, of one layer holds the pager when the wall has shown `mark` at most. */
export function referencePeople(layer: Layer, mark: number): readonly string[] | null {
  const handoff = timeOfDay(layer.handoffAt);
  const turns = turnStarts(layer, mark).findLastIndex((start) => start <= mark);
  if (turns < 0) return null;
  if (layer.endsOn !== undefined && mark >= Date.parse(layer.endsOn) + handoff) return null;
  const midnight = Math.floor(mark / DAY) * DAY;
  const isOpen = layer.restrictions.some(({ days, from, to }) =>
    [midnight - DAY, midnight].some((day) => {
      if (days !== undefined && !days.includes(WEEKDAYS[new Date(day).getUTCDay()]!)) return false;
      const closes = day + timeOfDay(to) + (to > from ? 0 : DAY);
      return day + timeOfDay(from) <= mark && mark < closes;
    }),
  );
  if (layer.restrictions.length > 0 && !isOpen) return null;
  return [layer.people[turns % layer.people.length]!].flat();
}

export type ReferenceAnswer = {
  readonly people: readonly string[];
  readonly layer: string | null;
  readonly overrideId: string | null;
};

/** The whole schedule at an instant; `markIn` gives the highest reading in a zone up to then. */
export function referenceAnswer(
  schedule: Schedule,
  overrides: readonly Override[],
  at: Instant,
  markIn: (zone: string) => number,
): ReferenceAnswer {
  let places: { person: string; by: string | null; named: string[] }[] = [];
  let layerName: string | null = null;
  for (const layer of schedule.layers) {
    if (layer.shadow === true) continue;
    const people = referencePeople(layer, markIn(layer.timezone ?? schedule.timezone));
    if (people === null) continue;
    places = people.map((person) => ({ person, by: null, named: [person] }));
    layerName = layer.name;
  }
  for (const { id, startsAt, endsAt, person, replaces } of overrides) {
    if (at < startsAt || at >= endsAt) continue;
    if (replaces === null) places = [{ person, by: id, named: places.flatMap((of) => of.named) }];
    for (const place of places) {
      if (replaces !== null && !place.named.includes(replaces)) continue;
      place.person = person;
      place.by = id;
      place.named.push(person);
    }
  }
  const overrideId = places[0]?.by ?? null;
  return {
    people: [...new Set(places.map(({ person }) => person))],
    layer: places.length === 0 || overrideId !== null ? null : layerName,
    overrideId,
  };
}
