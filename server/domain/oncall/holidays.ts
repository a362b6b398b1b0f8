/** Public holidays by country and region. They are asked for when somebody wants to know, and kept by year. */
import { Refusal } from "../../base/errors.ts";
import { addMs, DAY, type Instant } from "../../base/instant.ts";
import { openLine } from "../../base/line.ts";
import { inWorker, type WorkLimits } from "../../base/worker.ts";
import type { Snapshot } from "../config/config.ts";
import type { Leave } from "./leave.ts";
import { placeOf, zoneOf } from "./people.ts";
import type { Span } from "./rotation.ts";
import { firstInstantAt } from "./wallclock.ts";

/** A country such as DE, perhaps with its region as DE-BY, in a year of its calendar. */
export type PlaceYear = { readonly place: string; readonly year: number };
export type Holiday = { readonly date: string; readonly name: string };
/** The holidays of a place, by day; null where nobody knows it. */
export type HolidayBook = (place: string) => readonly Holiday[] | null;
export type ReadHolidays = (places: Iterable<string>, span: Span) => Promise<HolidayBook>;

const LIMITS: WorkLimits = { timeoutMs: 30_000, memoryMb: 256 };
/** All countries and regions for some years are more than anybody asks for. */
const MOST_KEPT = 5_000;
const WAITING_MAX = 32;

export function openHolidays(): ReadHolidays {
  const kept = new Map<string, readonly Holiday[] | null>();
  // Whoever waits mostly asks for the same, which has come when it is their turn.
  const line = openLine({ atOnce: 1, waitingMax: WAITING_MAX });
  const read = async (asked: readonly PlaceYear[]): Promise<void> => {
    const missing = asked.filter((one) => !kept.has(keyOf(one)));
    if (missing.length === 0) return;
    const module = new URL("./holidayWorker.ts", import.meta.url);
    const work = await inWorker<readonly (readonly Holiday[] | null)[]>(module, missing, LIMITS);
    if (work.kind === "ended") throw new Refusal("holidays.unread");
    if (kept.size > MOST_KEPT) kept.clear();
    missing.forEach((one, index) => kept.set(keyOf(one), work.result[index] ?? null));
  };
  return async (places, span) => {
    const years = yearsOf(span);
    const asked = [...new Set(places)].flatMap((place) => years.map((year) => ({ place, year })));
    if (asked.some((one) => !kept.has(keyOf(one)))) {
      const turn = line(() => read(asked));
      if (turn === null) throw new Refusal("holidays.unread");
      await turn;
    }
    const found = new Map(
      Map.groupBy(asked, ({ place }) => place)
        .entries()
        .map(([place, all]) => [place, joined(all.map((one) => kept.get(keyOf(one)) ?? null))]),
    );
    return (place) => found.get(place) ?? null;
  };
}

const keyOf = ({ place, year }: PlaceYear): string => `${place} ${year}`;

const joined = (years: readonly (readonly Holiday[] | null)[]): readonly Holiday[] | null =>
  years.every((one) => one === null) ? null : years.flatMap((one) => one ?? []);

/** The years of a span in any zone: a day begins as much as fourteen hours before UTC's. */
function yearsOf({ startsAt, endsAt }: Span): readonly number[] {
  const [first, last] = [yearAt(addMs(startsAt, -DAY)), yearAt(addMs(endsAt, DAY))];
  return Array.from({ length: last - first + 1 }, (_, after) => first + after);
}

const yearAt = (at: Instant): number => new Date(at).getUTCFullYear();

/** The holidays of people within a span, each as long as the day is where they live. */
export async function holidaysOff(
  read: ReadHolidays,
  config: Snapshot,
  people: readonly string[],
  span: Span,
): Promise<readonly Leave[]> {
  const places = new Map(people.map((person) => [person, placeOf(config, person)]));
  const book = await read(
    [...places.values()].filter((place) => place !== null),
    span,
  );
  return [...places].flatMap(([person, place]) => {
    const days = place === null ? [] : (book(place) ?? []);
    const zone = zoneOf(config, person);
    return days
      .map(({ date, name }): Leave => ({ person, holiday: name, ...dayIn(date, zone) }))
      .filter(({ startsAt, endsAt }) => startsAt < span.endsAt && endsAt > span.startsAt);
  });
}

function dayIn(date: string, zone: string): Span {
  const day = Temporal.PlainDate.from(date);
  const next = day.add({ days: 1 });
  return {
    startsAt: firstInstantAt(day.toPlainDateTime(), zone),
    endsAt: firstInstantAt(next.toPlainDateTime(), zone),
  };
}
