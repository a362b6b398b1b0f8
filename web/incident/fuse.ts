/**
 * The fuse: one line from the declaration to the last promise. What is left of now has burned. It is
 * drawn true to time until an hour ahead; what lies further is moved together behind a break. Pure.
 */
import type { DeadlineView } from "../../contract/deadline.ts";
import { at, clockText, HOUR, lengthText } from "../kit/time.ts";
import { type ClockFace, clockFace, clockNoun, type ClockStanding } from "./clock.ts";
import { later, said, t } from "../kit/words.ts";

export type FuseTick = {
  readonly id: string;
  /** Percent of the width. */
  readonly x: number;
  /** Where the last quarter of the promise begins; null when that is not drawn. */
  readonly riskFrom: number | null;
  readonly standing: ClockStanding;
  /** “25 min to mitigate”, “acknowledged, kept 4 min of 15 min”. */
  readonly above: string;
  /** “03:02, 1 h promised”. */
  readonly below: string;
};

export type Fuse = {
  readonly now: number;
  /** Where the line is broken; null when everything is near. */
  readonly breakAt: number | null;
  readonly declared: string;
  readonly ticks: readonly FuseTick[];
};

const BREAK = 70;
const LAST = 97;

const DONE: Readonly<Record<string, string>> = {
  acknowledge: later("acknowledged"),
  mitigate: later("mitigated"),
  resolve: later("resolved"),
  "status update": later("updated"),
  postmortem: later("postmortem published"),
};

export function fuseOf(
  declaredAt: string,
  clocks: readonly DeadlineView[],
  now: number,
  zone?: string,
): Fuse {
  const start = at(declaredAt);
  const shown = clocks.filter(({ state }) => state !== "withdrawn");
  const near = Math.max(now, start) + HOUR;
  const far = shown
    .map((clock) => whenOf(clock))
    .filter((time) => time > near)
    .toSorted((a, b) => a - b);
  const end = far.length > 0 ? near : Math.max(near, ...shown.map(whenOf));
  const width = far.length > 0 ? BREAK - 3 : LAST;
  const place = (time: number): number => {
    if (time <= end) return ((time - start) / Math.max(1, end - start)) * width;
    const step = (LAST - BREAK) / Math.max(1, new Set(far).size);
    return BREAK + step * ([...new Set(far)].findIndex((each) => each >= time) + 1);
  };
  const ticks = shown.map((clock): FuseTick => {
    const face = clockFace(clock, now);
    const time = whenOf(clock);
    const due = at(clock.dueAt);
    const length = due - at(clock.anchorAt);
    const isDone = face.standing === "kept" || face.standing === "late";
    const promised = t("{length} promised", { length: lengthText(length) });
    const words = isDone
      ? doneWords(clock, face)
      : face.standing === "over"
        ? t("{clock} {length} over", {
            clock: clockNoun(clock.kind),
            length: lengthText(now - due),
          })
        : face.standing === "paused"
          ? t("{clock} paused", { clock: clockNoun(clock.kind) })
          : t("{clock} in {length}", {
              clock: clockNoun(clock.kind),
              length: lengthText(due - now),
            });
    return {
      id: clock.id,
      x: Math.max(0, Math.min(100, place(time))),
      riskFrom: isDone || face.standing === "paused" ? null : riskStart(clock, place, end),
      standing: face.standing,
      above: words,
      below: isDone ? clockText(time, { zone }) : `${clockText(due, { zone })}, ${promised}`,
    };
  });
  return {
    now: Math.max(0, place(Math.max(start, now))),
    breakAt: far.length > 0 ? BREAK - 1.5 : null,
    declared: clockText(start, { zone }),
    ticks: ticks.toSorted((a, b) => a.x - b.x),
  };
}

function doneWords({ kind }: DeadlineView, { standing, time }: ClockFace): string {
  const done = DONE[kind];
  const what = done === undefined ? clockNoun(kind) : said(done);
  return standing === "kept"
    ? t("{what}, kept {time}", { what, time })
    : t("{what}, late: {time}", { what, time });
}

/** A kept promise stands where it was kept. */
const whenOf = (clock: DeadlineView): number => at(clock.metAt ?? clock.dueAt);

function riskStart(clock: DeadlineView, place: (time: number) => number, end: number): number {
  const due = at(clock.dueAt);
  const from = at(clock.anchorAt) + 0.75 * (due - at(clock.anchorAt));
  // Behind the break, lengths mean nothing: a short stretch says that there is one.
  return due > end ? place(due) - 5 : Math.max(0, place(from));
}

export type PlacedLabel = { readonly id: string; readonly left: number; readonly shown: boolean };

/** Puts labels side by side on one line of `width` pixels; what has no room is left to the list. */
export function placeLabels(
  labels: readonly { readonly id: string; readonly x: number; readonly text: string }[],
  width: number,
  charWidth = 6.4,
): readonly PlacedLabel[] {
  let free = 0;
  const rights = new Map<string, number>();
  // From the right first how far each may reach at most, so that the last is not cut off.
  let limit = width;
  for (const label of labels.toReversed()) {
    const size = label.text.length * charWidth;
    const left = Math.min((label.x / 100) * width - size / 3, limit - size);
    rights.set(label.id, left);
    limit = left - 12;
  }
  return labels.map((label) => {
    const size = label.text.length * charWidth;
    const left = Math.max(free, rights.get(label.id) ?? 0);
    const shown = left + size <= width + 1;
    if (shown) free = left + size + 12;
    return { id: label.id, left: Math.max(0, left), shown };
  });
}
