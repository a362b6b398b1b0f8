/** Shifts that stand in somebody's calendar: who is meant, and where they differ from the schedule. Pure. */
import type { CalendarEvent } from "./ical.ts";
import { type FinalShift, holdersOf } from "./oncall.ts";
import type { Span } from "./rotation.ts";
import { instant } from "../../base/instant.ts";

export type Named = { readonly id: string; readonly name: string; readonly email: string };

/** The person whose id, name or address a title is, with or without “@” before it; null: nobody knows. */
export function personMeant(
  title: string,
  people: readonly Named[],
  said: Readonly<Record<string, string>>,
): string | null {
  const bare = (text: string): string => text.trim().replace(/^@/, "").toLowerCase();
  const wanted = bare(title);
  const known = Object.entries(said).find(([name]) => bare(name) === wanted)?.[1];
  if (known !== undefined) return known;
  const found = people.filter(({ id, name, email }) =>
    [id, name, email].map(bare).includes(wanted),
  );
  return found.length === 1 ? (found[0]?.id ?? null) : null;
}

export type Difference = Span & { readonly before: string | null; readonly after: string };

/** Where the calendar has somebody whom the schedule has not. Of events at one time the last counts. */
export function differencesFrom(
  shifts: readonly FinalShift[],
  events: readonly (CalendarEvent & { readonly person: string })[],
  span: Span,
): readonly Difference[] {
  const edges = [...shifts, ...events].flatMap(({ startsAt, endsAt }) => [startsAt, endsAt]);
  const cuts = [...new Set([span.startsAt, ...edges, span.endsAt])]
    .filter((at) => at >= span.startsAt && at <= span.endsAt)
    .toSorted((a, b) => a - b);
  const found: Difference[] = [];
  for (const [index, startsAt] of cuts.entries()) {
    const endsAt = cuts[index + 1];
    if (endsAt === undefined) break;
    const covers = (one: Span): boolean => one.startsAt <= startsAt && startsAt < one.endsAt;
    const after = events.findLast(covers)?.person;
    const shift = shifts.find(covers);
    const before = shift?.person ?? null;
    // Of several who have a turn together each is whom the schedule has.
    if (after === undefined || (shift !== undefined && holdersOf(shift).includes(after))) continue;
    const last = found.at(-1);
    if (last?.endsAt === startsAt && last.before === before && last.after === after)
      found[found.length - 1] = { ...last, endsAt };
    else found.push({ startsAt, endsAt: instant(endsAt), before, after });
  }
  return found;
}
