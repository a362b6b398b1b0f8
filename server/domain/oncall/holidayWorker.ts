/** A thread that knows public holidays. It ends with its answer: what it loads weighs forty megabytes. */
import { parentPort, workerData } from "node:worker_threads";
import Holidays from "date-holidays";
import type { Holiday, PlaceYear } from "./holidays.ts";

const all = new Holidays();

/** Null where nobody knows the country or its region. */
function holidaysOf({ place, year }: PlaceYear): readonly Holiday[] | null {
  const [country = "", region] = place.split("-");
  if (!(country in all.getCountries())) return null;
  if (region !== undefined && !(region in (all.getStates(country) ?? {}))) return null;
  const there = region === undefined ? new Holidays(country) : new Holidays(country, region);
  return there
    .getHolidays(year)
    .filter(({ type, date }) => type === "public" && date.slice(11, 16) === "00:00")
    .flatMap(({ date, start, end, name }) => {
      const days = Math.max(1, Math.ceil((end.getTime() - start.getTime()) / 86_400_000));
      const first = Temporal.PlainDate.from(date.slice(0, 10));
      return Array.from({ length: days }, (_, after) => ({
        date: first.add({ days: after }).toString(),
        name,
      }));
    });
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort?.postMessage((workerData as readonly PlaceYear[]).map(holidaysOf));
