/** Whether two plans of a schedule name the same people at every instant, and where they do not. */
import type { Schedule } from "../../../contract/oncall.ts";
import { addMs, HOUR, type Instant, toIso } from "../../base/instant.ts";
import { finalShifts, type Override } from "./oncall.ts";
import type { Span } from "./rotation.ts";
import { jumpsBetween } from "./wallclock.ts";

export type Held = Span & { readonly person: string };

export type Difference = Span & {
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
  readonly because: string;
};

/** Who holds schedules that are asked together, between two instants. */
export const heldBy = (
  parts: readonly { readonly schedule: Schedule; readonly overrides: readonly Override[] }[],
  from: Instant,
  to: Instant,
): readonly Held[] =>
  parts.flatMap(({ schedule, overrides }) =>
    finalShifts(schedule, overrides, from, to).flatMap(({ person, startsAt, endsAt }) =>
      person === null ? [] : [{ person, startsAt, endsAt }],
    ),
  );

/** Every span between two instants in which the people differ, compared at every boundary of both. */
export function differencesOf(
  ours: readonly Held[],
  theirs: readonly Held[],
  { from, to, zone }: { readonly from: Instant; readonly to: Instant; readonly zone: string },
): readonly Difference[] {
  const cuts = new Set<number>([from, to]);
  for (const { startsAt, endsAt } of [...ours, ...theirs])
    for (const at of [startsAt, endsAt]) if (at > from && at < to) cuts.add(at);
  const boundaries = [...cuts].toSorted((a, b) => a - b) as Instant[];
  const [ourSets, theirSets] = [setsAt(ours, boundaries), setsAt(theirs, boundaries)];
  const found: Difference[] = [];
  for (let at = 0; at + 1 < boundaries.length; at += 1) {
    const [mine, other] = [ourSets[at]!, theirSets[at]!];
    if (mine.join("\n") === other.join("\n")) continue;
    const span = { startsAt: boundaries[at]!, endsAt: boundaries[at + 1]! };
    const last = found.at(-1);
    const isSame =
      last?.endsAt === span.startsAt &&
      last.ours.join("\n") === mine.join("\n") &&
      last.theirs.join("\n") === other.join("\n");
    if (isSame) found[found.length - 1] = { ...last, endsAt: span.endsAt };
    else found.push({ ...span, ours: mine, theirs: other, because: "" });
  }
  return found.map((one) => ({ ...one, because: reasonFor(one, zone) }));
}

/** Who holds from each boundary to the next, by name. */
function setsAt(
  held: readonly Held[],
  boundaries: readonly Instant[],
): readonly (readonly string[])[] {
  const sorted = held.toSorted((a, b) => a.startsAt - b.startsAt);
  let next = 0;
  let open: Held[] = [];
  return boundaries.map((at) => {
    open = open.filter(({ endsAt }) => endsAt > at);
    for (; next < sorted.length && sorted[next]!.startsAt <= at; next += 1)
      if (sorted[next]!.endsAt > at) open.push(sorted[next]!);
    return [...new Set(open.map(({ person }) => person))].toSorted();
  });
}

const NEAR_MS = 3 * HOUR;

function reasonFor({ startsAt, endsAt, ours, theirs }: Difference, zone: string): string {
  const [jump] = jumpsBetween(zone, addMs(startsAt, -NEAR_MS), addMs(endsAt, NEAR_MS));
  if (jump !== undefined && endsAt - startsAt <= NEAR_MS)
    return `the clocks of ${zone} change at ${toIso(jump.at)}: it counts there by elapsed time, here by the wall clock`;
  if (ours.length === 0) return "nobody holds it here: a turn or its hours could not be expressed";
  if (theirs.length === 0) return "nobody holds it there: its hours, or the end of a layer, differ";
  if (theirs.length !== ours.length) return "several hold it at once on one side only";
  return "another person's turn: an order, a start or an override differs";
}
