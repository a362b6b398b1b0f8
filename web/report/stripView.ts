/** Where the dots of a strip plot stand: a scale by logarithm, because minutes and days stand on one line. Pure. */
import { DAY, HOUR, MINUTE, SECOND } from "../kit/time.ts";

export type Scale = { readonly from: number; readonly to: number };

const TICKS = [
  10 * SECOND,
  MINUTE,
  5 * MINUTE,
  15 * MINUTE,
  HOUR,
  4 * HOUR,
  DAY,
  7 * DAY,
  30 * DAY,
  120 * DAY,
];
const log = (ms: number): number => Math.log10(Math.max(SECOND, ms));

/** From the tick below the least to the tick above the most. */
export function scaleOf(values: readonly number[]): Scale {
  const least = Math.min(...values, Number.POSITIVE_INFINITY);
  const most = Math.max(...values, 0);
  const from = TICKS.findLast((tick) => tick <= least) ?? SECOND;
  const to = TICKS.find((tick) => tick >= most && tick > from) ?? Math.max(most, from * 10);
  return { from, to };
}

/** 0 at the left end, 1 at the right one. */
export const placeOn = ({ from, to }: Scale, ms: number): number =>
  Math.min(1, Math.max(0, (log(ms) - log(from)) / (log(to) - log(from))));

export const ticksOf = ({ from, to }: Scale): readonly number[] =>
  TICKS.filter((tick) => tick >= from && tick <= to);

/** Dots that would lie on each other stand above each other, at most so many. */
export function stacked(
  values: readonly number[],
  scale: Scale,
  columns: number,
): readonly { readonly ms: number; readonly row: number }[] {
  const used = new Map<number, number>();
  return values
    .toSorted((a, b) => a - b)
    .map((ms) => {
      const column = Math.round(placeOn(scale, ms) * columns);
      const row = used.get(column) ?? 0;
      used.set(column, row + 1);
      return { ms, row };
    });
}
