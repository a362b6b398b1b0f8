/**
 * Overrides when people leave. Theirs end; whoever had taken a shift of them keeps it, since that was agreed between
 * two people of whom one is still there. Pure.
 */
import { earlier, type Instant, later } from "../../base/instant.ts";
import type { Span } from "./rotation.ts";
import type { OverrideRow } from "./store.ts";

/** What is left of an override, or a part of it that goes on instead of what is over. */
export type KeptOverride = Span & {
  readonly row: OverrideRow;
  /** In whose place now; null: of the whole schedule. */
  readonly replaces: string | null;
};

/**
 * What stands from `now` on of overrides, in the order in which they count and in which they are given, when these
 * people have left. Whoever replaced one of them has the place that this person had by an override of their own, for
 * as long as both last; in the rotation there is nobody to be replaced any more. An override that nobody who has left
 * is part of is as it was.
 */
export function keptWithout(
  rows: readonly OverrideRow[],
  hasLeft: (person: string) => boolean,
  now: Instant,
): readonly KeptOverride[] {
  const kept: KeptOverride[] = [];
  for (const row of rows) {
    const { replaces, startsAt, endsAt } = row;
    if (replaces === null || !hasLeft(replaces)) {
      kept.push({ row, replaces, startsAt, endsAt });
      continue;
    }
    const parts = kept.flatMap((place): readonly KeptOverride[] => {
      if (place.row.personId !== replaces || place.row.scheduleId !== row.scheduleId) return [];
      const from = later(later(startsAt, place.startsAt), now);
      const to = earlier(endsAt, place.endsAt)!;
      return from < to ? [{ row, replaces: place.replaces, startsAt: from, endsAt: to }] : [];
    });
    kept.push(...joined(parts));
  }
  return kept.filter(({ row }) => !hasLeft(row.personId));
}

/** Where they had one place by several overrides, it is one part. */
function joined(parts: readonly KeptOverride[]): readonly KeptOverride[] {
  const open = new Map<string | null, KeptOverride>();
  const done: KeptOverride[] = [];
  for (const part of parts.toSorted((a, b) => a.startsAt - b.startsAt)) {
    const last = open.get(part.replaces);
    if (last !== undefined && part.startsAt <= last.endsAt) {
      open.set(part.replaces, { ...last, endsAt: later(last.endsAt, part.endsAt) });
    } else {
      if (last !== undefined) done.push(last);
      open.set(part.replaces, part);
    }
  }
  return [...done, ...open.values()];
}
