/** How two texts differ line by line. */

export type DiffLine = { readonly mark: " " | "-" | "+"; readonly text: string };
/** `before` and `after`: the first line of it in each text, from 1. */
export type Hunk = {
  readonly before: number;
  readonly after: number;
  readonly lines: readonly DiffLine[];
};

const CONTEXT = 3;
/** Beyond so many differing lines the rest is shown as gone and come: nobody reads that line by line. */
const MOST_EDITS = 1_500;

/** Each with its line end, so that a missing one at the end is seen. */
export const linesOf = (text: string): readonly string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** The stretches that differ, each with three lines around it; those that meet are one. */
export function hunksBetween(before: readonly string[], after: readonly string[]): readonly Hunk[] {
  const edits = editsBetween(before, after);
  const hunks: Hunk[] = [];
  let [left, right] = [1, 1];
  const starts = edits.map(({ mark }) => {
    const at = { left, right };
    if (mark !== "+") left += 1;
    if (mark !== "-") right += 1;
    return at;
  });
  let next = 0;
  while (next < edits.length) {
    const first = edits.findIndex(({ mark }, index) => index >= next && mark !== " ");
    if (first < 0) break;
    let last = first;
    for (let at = first; at < edits.length && at - last <= 2 * CONTEXT; at++)
      if (edits[at]?.mark !== " ") last = at;
    const from = Math.max(next, first - CONTEXT);
    const to = Math.min(edits.length, last + CONTEXT + 1);
    const start = starts[from] ?? { left: 1, right: 1 };
    hunks.push({ before: start.left, after: start.right, lines: edits.slice(from, to) });
    next = to;
  }
  return hunks;
}

/** The shortest way from one text to the other (Myers), between what they begin and end with alike. */
function editsBetween(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  const shortest = Math.min(before.length, after.length);
  let head = 0;
  while (head < shortest && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < shortest - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const same = (text: string): DiffLine => ({ mark: " ", text });
  return [
    ...before.slice(0, head).map(same),
    ...shortestWay(
      before.slice(head, before.length - tail),
      after.slice(head, after.length - tail),
    ),
    ...before.slice(before.length - tail).map(same),
  ];
}

function shortestWay(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  const trace: Map<number, number>[] = [];
  let furthest = new Map([[1, 0]]);
  for (let edits = 0; edits <= Math.min(MOST_EDITS, before.length + after.length); edits++) {
    const reached = new Map<number, number>();
    trace.push(furthest);
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const previous = previousOf(furthest, diagonal, edits);
      const from = furthest.get(previous) ?? 0;
      let x = previous < diagonal ? from + 1 : from;
      while (x < before.length && x - diagonal < after.length && before[x] === after[x - diagonal])
        x += 1;
      reached.set(diagonal, x);
      if (x >= before.length && x - diagonal >= after.length)
        return wayBack(before, after, trace, edits);
    }
    furthest = reached;
  }
  return [
    ...before.map((text): DiffLine => ({ mark: "-", text })),
    ...after.map((text): DiffLine => ({ mark: "+", text })),
  ];
}

/** The diagonal that this one is reached from: the one above when a line came, below when one went. */
function previousOf(
  furthest: ReadonlyMap<number, number>,
  diagonal: number,
  edits: number,
): number {
  const above = furthest.get(diagonal + 1) ?? -1;
  const below = furthest.get(diagonal - 1) ?? -1;
  const came = diagonal === -edits || (diagonal !== edits && below < above);
  return came ? diagonal + 1 : diagonal - 1;
}

function wayBack(
  before: readonly string[],
  after: readonly string[],
  trace: readonly ReadonlyMap<number, number>[],
  edits: number,
): readonly DiffLine[] {
  const way: DiffLine[] = [];
  let [x, y] = [before.length, after.length];
  const back = (toX: number, toY: number): void => {
    while (x > toX && y > toY) {
      [x, y] = [x - 1, y - 1];
      way.push({ mark: " ", text: before[x] ?? "" });
    }
  };
  for (let round = edits; round > 0; round--) {
    const furthest = trace[round] ?? new Map<number, number>();
    const previous = previousOf(furthest, x - y, round);
    const came = previous > x - y;
    const fromX = furthest.get(previous) ?? 0;
    back(fromX, fromX - previous);
    if (came) way.push({ mark: "+", text: after[y - 1] ?? "" });
    else way.push({ mark: "-", text: before[x - 1] ?? "" });
    [x, y] = [fromX, fromX - previous];
  }
  back(0, 0);
  return way.toReversed();
}
