/** The ribbon for reading: days across, a bar for each shift, nobody where nobody is. Pure. */
import { initialsOf } from "../kit/parts.tsx";
import { at, DAY, instantAt, wallOf } from "../kit/time.ts";

export type Shift = {
  readonly startsAt: string;
  readonly endsAt: string;
  readonly person: string | null;
  /** Who holds it together with them. */
  readonly others: readonly string[];
  readonly override: string | null;
  readonly layer: string | null;
};

export type ScheduleRow = {
  readonly id: string;
  readonly name: string;
  readonly layers: readonly string[];
  readonly timezone: string;
  readonly shifts: readonly Shift[];
};

export type Place = { readonly left: number; readonly width: number; readonly past: boolean };

/** Shifts within the window, placed in percent of its width. */
export function bars<S extends Shift>(
  shifts: readonly S[],
  from: number,
  to: number,
  now: number,
): readonly (S & Place)[] {
  const length = to - from;
  return shifts.flatMap((shift) => {
    const start = Math.max(from, at(shift.startsAt));
    const end = Math.min(to, at(shift.endsAt));
    if (end <= start) return [];
    return [
      {
        ...shift,
        left: ((start - from) / length) * 100,
        width: ((end - start) / length) * 100,
        past: at(shift.endsAt) <= now,
      },
    ];
  });
}

export type Day = {
  readonly at: number;
  readonly left: number;
  readonly width: number;
  readonly hours: number;
  readonly weekend: boolean;
};

/** The days of a window as the clock of a zone counts them: one of another length than 24 hours says so. */
export function days(from: number, to: number, zone?: string): readonly Day[] {
  const found: Day[] = [];
  const length = to - from;
  for (let start = from; start < to;) {
    const next = nextMidnight(start, zone);
    const end = Math.min(next, to);
    const weekday = new Date(wallOf(start, zone)).getUTCDay();
    found.push({
      at: start,
      left: ((start - from) / length) * 100,
      width: ((end - start) / length) * 100,
      hours: (next - midnight(start, zone)) / 3_600_000,
      weekend: weekday === 0 || weekday === 6,
    });
    start = next;
  }
  return found;
}

/** Whose a bar is, as far as its width (in percent) has room; of several nobody is left out. */
export function textFor(names: readonly string[], width: number): string {
  if (width >= 9) return names.join(" + ");
  const firsts = names.map((name) => name.split(" ")[0] ?? "");
  if (width >= 4) return firsts.join(" + ");
  const [only = "", ...more] = names;
  return more.length === 0 ? initialsOf(only) : firsts.map((first) => first.charAt(0)).join("+");
}

/** A shift within one day; null at the end that lies outside of it. */
export type Piece<S extends Shift> = S & {
  readonly from: number | null;
  readonly to: number | null;
};

/** What of the shifts falls on a day. */
export const piecesOf = <S extends Shift>(
  shifts: readonly S[],
  start: number,
  end: number,
): readonly Piece<S>[] =>
  shifts
    .filter(({ startsAt, endsAt }) => at(startsAt) < end && at(endsAt) > start)
    .map((shift) => ({
      ...shift,
      from: at(shift.startsAt) <= start ? null : at(shift.startsAt),
      to: at(shift.endsAt) >= end ? null : at(shift.endsAt),
    }));

const dayAfter = (ms: number, count: number, zone: string | undefined): number =>
  instantAt((Math.floor(wallOf(ms, zone) / DAY) + count) * DAY, zone);

export const midnight = (ms: number, zone?: string): number => dayAfter(ms, 0, zone);
const nextMidnight = (ms: number, zone?: string): number => dayAfter(ms, 1, zone);

/** The first day that is shown for an instant: two days before it. */
export const windowFrom = (instant: number, zone?: string): number =>
  midnight(instant - 2 * DAY, zone);

/** A span that was drawn with the pointer, in whole steps, whichever way it went. */
export function spanOf(
  startPart: number,
  endPart: number,
  from: number,
  to: number,
  stepMs: number,
): { readonly from: number; readonly to: number } {
  const instant = (part: number): number => from + Math.min(1, Math.max(0, part)) * (to - from);
  const [first, last] = [startPart, endPart].toSorted((a, b) => a - b).map(instant);
  const down = Math.floor((first ?? from) / stepMs) * stepMs;
  return { from: down, to: Math.max(down + stepMs, Math.ceil((last ?? to) / stepMs) * stepMs) };
}

/** `<input type="datetime-local">` wants a wall clock. */
export const localInput = (ms: number, zone?: string): string =>
  new Date(wallOf(ms, zone)).toISOString().slice(0, 16);

/** What was put in there; not a number where nothing was. */
export const ofLocalInput = (text: string, zone?: string): number =>
  zone === undefined ? new Date(text).getTime() : instantAt(Date.parse(`${text}Z`), zone);

/** A span of a schedule in which a change would put somebody else on call; “+” stands between several people. */
export type Difference = {
  readonly startsAt: string;
  readonly endsAt: string;
  readonly before: string | null;
  readonly after: string | null;
};

/** `instead` stands at what a change that is not kept yet would make: of whom. */
export type ShownShift = Shift & { readonly label?: string; readonly instead?: string | null };

/** The shifts as they would be: what stays as it is around what changes. */
export function overlaid(
  shifts: readonly Shift[],
  differences: readonly Difference[],
): readonly ShownShift[] {
  const kept = differences.reduce<readonly Shift[]>(
    (left, cut) => left.flatMap((shift) => around(shift, cut)),
    shifts,
  );
  const made = differences.map(({ startsAt, endsAt, before, after }) => {
    const [person = null, ...others] = after?.split(" + ") ?? [];
    return { startsAt, endsAt, person, others, override: null, layer: null, instead: before };
  });
  return [...kept, ...made].toSorted((a, b) => at(a.startsAt) - at(b.startsAt));
}

/** What is left of a shift beside a span. */
function around(shift: Shift, cut: Difference): readonly Shift[] {
  if (at(shift.endsAt) <= at(cut.startsAt) || at(shift.startsAt) >= at(cut.endsAt)) return [shift];
  return [
    ...(at(shift.startsAt) < at(cut.startsAt) ? [{ ...shift, endsAt: cut.startsAt }] : []),
    ...(at(shift.endsAt) > at(cut.endsAt) ? [{ ...shift, startsAt: cut.endsAt }] : []),
  ];
}

/** What is celebrated on the day that begins at an instant, each once. */
export const holidaysOn = (
  holidays: readonly { readonly date: string; readonly name: string }[],
  day: number,
  zone?: string,
): readonly string[] => [
  ...new Set(
    holidays
      .filter(({ date }) => date === localInput(day, zone).slice(0, 10))
      .map(({ name }) => name),
  ),
];
