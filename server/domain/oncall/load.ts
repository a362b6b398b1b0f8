/** What being on call costs whom: hours, and which of them are nights, weekends and holidays. Pure. */
import { type LoadLine, NIGHT } from "../../../contract/load.ts";
import { HOUR, type Instant, instant } from "../../base/instant.ts";
import type { Span } from "./rotation.ts";
import { firstInstantAt, wallAt } from "./wallclock.ts";

/** Somebody's part of a shift in one schedule. */
export type Duty = Span & { readonly person: string; readonly schedule: string };

export type LoadFacts = {
  readonly duties: readonly Duty[];
  /** When each person was paged. */
  readonly pages: readonly { readonly person: string; readonly at: Instant }[];
  /** By whose wall clock their nights and weekends are. */
  readonly zoneOf: (person: string) => string;
  /** Whether a day, such as 2026-12-25, is a holiday for them. */
  readonly isHoliday: (person: string, day: string) => boolean;
};

/** One line for everybody who was on call or paged, by name. */
export function loadOf({ duties, pages, zoneOf, isHoliday }: LoadFacts): readonly LoadLine[] {
  const dutiesOf = Map.groupBy(duties, ({ person }) => person);
  const pagesOf = Map.groupBy(pages, ({ person }) => person);
  const people = [...new Set([...dutiesOf.keys(), ...pagesOf.keys()])].toSorted();
  return people.map((person) => {
    const zone = zoneOf(person);
    const own = dutiesOf.get(person) ?? [];
    const rung = pagesOf.get(person) ?? [];
    const pieces = stretchesOf(own).flatMap((span) => piecesOf(span, zone));
    const hours = (which: (piece: Piece) => boolean): number => {
      const ms = pieces
        .filter(which)
        .reduce((sum, { startsAt, endsAt }) => sum + endsAt - startsAt, 0);
      return Math.round((ms / HOUR) * 100) / 100;
    };
    return {
      person,
      hours: hours(() => true),
      nightHours: hours(({ isNight }) => isNight),
      weekendHours: hours(({ isWeekend }) => isWeekend),
      holidayHours: hours(({ day }) => isHoliday(person, day)),
      shifts: own.length,
      pages: rung.length,
      sleepPages: rung.filter(({ at }) => isNightAt(wallAt(at, zone).hour)).length,
    };
  });
}

const isNightAt = (hour: number): boolean => hour >= NIGHT.from || hour < NIGHT.to;

/** Spans that touch or overlap are one: nobody is on call twice at once. */
export function stretchesOf(spans: readonly Span[]): readonly Span[] {
  const found: Span[] = [];
  for (const { startsAt, endsAt } of spans.toSorted((a, b) => a.startsAt - b.startsAt)) {
    const last = found.at(-1);
    if (last === undefined || last.endsAt < startsAt) found.push({ startsAt, endsAt });
    else if (last.endsAt < endsAt) found[found.length - 1] = { startsAt: last.startsAt, endsAt };
  }
  return found;
}

/** A part of one day that is all night or all day. */
type Piece = Span & {
  readonly day: string;
  readonly isNight: boolean;
  readonly isWeekend: boolean;
};

/** Cut where the wall clock comes to an edge of the night or to midnight: exact on days of 23 and 25 hours. */
function piecesOf({ startsAt, endsAt }: Span, zone: string): readonly Piece[] {
  const pieces: Piece[] = [];
  for (let at = startsAt; at < endsAt;) {
    const wall = wallAt(at, zone);
    const date = wall.toPlainDate();
    const edge = [NIGHT.to, NIGHT.from].find((hour) => wall.hour < hour);
    const nextWall =
      edge === undefined
        ? date.add({ days: 1 }).toPlainDateTime()
        : date.toPlainDateTime({ hour: edge });
    // Where the clocks go back over an edge its first showing is behind us: then the hour that comes again is whole.
    const next = firstInstantAt(nextWall, zone);
    const end = next > at ? next : instant(at + HOUR);
    const piece = { startsAt: at, endsAt: end < endsAt ? end : endsAt };
    const isWeekend = wall.dayOfWeek >= 6;
    pieces.push({ ...piece, day: date.toString(), isNight: isNightAt(wall.hour), isWeekend });
    at = piece.endsAt;
  }
  return pieces;
}
