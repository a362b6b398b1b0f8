/**
 * The policy check: where a ladder of rules over one number says nothing. “Above 10 % for more than
 * 5 minutes” and “5–10 % for more than 15 minutes” leave two bands in which nobody is told; both
 * may be meant, but whoever owns the policy should have seen them.
 *
 * A region is a range of values held for a length of time. Values on the healthy side of every rule
 * are health and never reported. Of the others are reported, for rules that declare:
 * - values that no rule covers although a rule covers healthier ones, however long they last;
 * - values that are covered, but only for longer than some time, when at least two rules share the
 *   measure. (A single rule says its own waiting time: there is no ladder that could have a hole.)
 *
 * A rule with `record` counts as an answer: written for a band from PT0S on, it says “we know”.
 */
import type { Severity } from "../../../contract/ids.ts";
import type { Condition, Rule } from "../../../contract/signal.ts";
import { durationMs, spoken } from "../../base/duration.ts";

export type Edge = { readonly value: number; readonly inclusive: boolean };

/** A region that declares nothing although a neighbour does. */
export type SilentBand = {
  /** The measure's name, or its PromQL query. */
  readonly measure: string;
  /** The service for which it is so; null: wherever no rule of its own is written. */
  readonly service: string | null;
  readonly unit: string | null;
  /** Null: without end on that side. */
  readonly from: Edge | null;
  readonly to: Edge | null;
  /** Silent when it lasts this long or less; null: however long. */
  readonly forAtMostMs: number | null;
  /** The neighbours that declare. */
  readonly ruleIds: readonly string[];
  readonly text: string;
};

type Entry = { readonly id: string; readonly body: Rule };

/** A place between numbers: just before `value` (side -1) or just after it (side 1). */
type Cut = { readonly value: number; readonly side: -1 | 1 };

/** What one rule covers, both ends null meaning without end. */
type Range = {
  readonly from: Cut | null;
  readonly to: Cut | null;
  readonly waitMs: number;
  readonly ruleId: string;
  /** Null: it only records. */
  readonly severity: Severity | null;
};

type Cell = {
  readonly from: Cut | null;
  readonly to: Cut | null;
  readonly ranges: readonly Range[];
};
type Region = Omit<Cell, "ranges"> & {
  readonly waitMs: number | null;
  readonly by: readonly Range[];
};

/** The rules that can be compared: same number, same service, sick in the same direction. */
type Ladder = {
  readonly condition: Condition;
  readonly service: string | null;
  readonly upward: boolean;
  readonly ranges: readonly Range[];
};

/**
 * Reports the silent bands of the measurement rules among the entries; other rules are passed over.
 */
export function silentBands(entries: readonly Entry[]): SilentBand[] {
  const bands: SilentBand[] = [];
  for (const group of groupsOf(entries).values()) {
    const general = bandsOf(ladderOf(group, null));
    const known = new Set(general.map(sameAs));
    bands.push(...general);
    for (const service of new Set(group.flatMap(({ body }) => body.services ?? []))) {
      bands.push(...bandsOf(ladderOf(group, service)).filter((band) => !known.has(sameAs(band))));
    }
  }
  return bands;
}

/** Two bands are the same finding when they differ in nothing but the service. */
const sameAs = (band: SilentBand): string =>
  JSON.stringify([band.from, band.to, band.forAtMostMs, band.ruleIds]);

function groupsOf(entries: readonly Entry[]): Map<string, Entry[]> {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const { condition, labels } = entry.body;
    if (condition === undefined) continue;
    const { measure, promql, baseline } = condition;
    const labelled = Object.entries(labels ?? {}).toSorted();
    const key = JSON.stringify([measure, promql, baseline, isUpward(condition), labelled]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [entry]);
    else group.push(entry);
  }
  return groups;
}

const isUpward = (condition: Condition): boolean => condition.comparator.startsWith(">");

function ladderOf(group: readonly Entry[], service: string | null): Ladder {
  const ranges: Range[] = [];
  const { condition } = group[0]!.body as { condition: Condition };
  for (const { id, body } of group) {
    if (body.condition === undefined) continue;
    if (body.services !== undefined && (service === null || !body.services.includes(service)))
      continue;
    const severity = "declare" in body.then ? body.then.declare : null;
    const waitMs = durationMs(body.condition.sustained);
    ranges.push({ ...coverOf(body.condition), waitMs, ruleId: id, severity });
  }
  return { condition, service, upward: isUpward(condition), ranges };
}

function coverOf({ comparator, threshold, upTo }: Condition): Pick<Range, "from" | "to"> {
  switch (comparator) {
    case ">":
    case ">=": {
      const from: Cut = { value: threshold, side: comparator === ">" ? 1 : -1 };
      return { from, to: upTo === undefined ? null : { value: upTo, side: 1 } };
    }
    case "<":
    case "<=":
      return { from: null, to: { value: threshold, side: comparator === "<=" ? 1 : -1 } };
  }
}

function bandsOf(ladder: Ladder): SilentBand[] {
  if (!ladder.ranges.some(({ severity }) => severity !== null)) return [];
  const cells = cellsOf(ladder.ranges);
  const health = ladder.upward ? cells[0] : cells.at(-1);
  const regions: Region[] = [];
  for (const [index, cell] of cells.entries()) {
    if (cell === health) continue;
    const region = silentRegion(ladder, cells, index);
    const before = regions.at(-1);
    if (region === null) continue;
    if (before !== undefined && joins(before, region)) {
      regions[regions.length - 1] = {
        ...region,
        from: before.from,
        by: union(before.by, region.by),
      };
    } else regions.push(region);
  }
  return regions.map((region) => bandFrom(ladder, region));
}

/** The whole line of numbers, cut wherever a rule begins or ends. */
function cellsOf(ranges: readonly Range[]): Cell[] {
  const cuts = new Map<string, Cut>();
  for (const { from, to } of ranges) {
    for (const cut of [from, to]) if (cut !== null) cuts.set(`${cut.value} ${cut.side}`, cut);
  }
  const sorted = [...cuts.values()].sort(compare);
  return [null, ...sorted].map((from, index) => {
    const to = sorted[index] ?? null;
    return { from, to, ranges: ranges.filter((range) => covers(range, from, to)) };
  });
}

const compare = (a: Cut, b: Cut): number => a.value - b.value || a.side - b.side;

function covers(range: Range, from: Cut | null, to: Cut | null): boolean {
  const begins = range.from === null || (from !== null && compare(range.from, from) <= 0);
  const ends = range.to === null || (to !== null && compare(to, range.to) <= 0);
  return begins && ends;
}

function silentRegion({ ranges }: Ladder, cells: readonly Cell[], index: number): Region | null {
  const { from, to, ranges: covering } = cells[index]!;
  if (covering.length === 0) {
    const by = declaringNeighbours(cells, index);
    return by.length === 0 ? null : { from, to, waitMs: null, by };
  }
  const waitMs = Math.min(...covering.map((range) => range.waitMs));
  const by = covering.filter(({ severity }) => severity !== null);
  return waitMs === 0 || by.length === 0 || ranges.length < 2 ? null : { from, to, waitMs, by };
}

/** Who declares on the nearest covered values on either side. */
function declaringNeighbours(cells: readonly Cell[], index: number): Range[] {
  const below = cells.slice(0, index).findLast((cell) => cell.ranges.length > 0);
  const above = cells.slice(index + 1).find((cell) => cell.ranges.length > 0);
  const ranges = union(below?.ranges ?? [], above?.ranges ?? []);
  return ranges.filter(({ severity }) => severity !== null);
}

function joins(before: Region, after: Region): boolean {
  if (before.to === null || after.from === null) return false;
  return compare(before.to, after.from) === 0 && before.waitMs === after.waitMs;
}

const union = (a: readonly Range[], b: readonly Range[]): Range[] => [...new Set([...a, ...b])];

function bandFrom({ condition, service }: Ladder, { from, to, waitMs, by }: Region): SilentBand {
  const measure = condition.measure ?? condition.promql?.query ?? "";
  const unit = condition.unit ?? null;
  const edges = {
    from: from === null ? null : { value: from.value, inclusive: from.side === -1 },
    to: to === null ? null : { value: to.value, inclusive: to.side === 1 },
  };
  const rules = by.map(({ ruleId, severity }) => `${severity} by ${ruleId}`).join(", ");
  const where = service === null ? "" : ` on ${service}`;
  const values = `${measure}${where} ${rangeText(edges.from, edges.to, unit)}`;
  const text =
    waitMs === null
      ? `${values} declares nothing, however long; its neighbours declare ${rules}.`
      : `${values} for ${spoken(waitMs)} or less declares nothing; longer declares ${rules}.`;
  const ruleIds = by.map(({ ruleId }) => ruleId);
  return { measure, service, unit, ...edges, forAtMostMs: waitMs, ruleIds, text };
}

function rangeText(from: Edge | null, to: Edge | null, unit: string | null): string {
  const suffix = unit === null ? "" : ` ${unit}`;
  if (from !== null && from.value === to?.value) return `at exactly ${from.value}${suffix}`;
  const low = from === null ? "" : `${from.inclusive ? "from" : "above"} ${from.value}${suffix}`;
  const high = to === null ? "" : `${to.inclusive ? "up to" : "below"} ${to.value}${suffix}`;
  const link = low !== "" && to?.inclusive === false ? " and " : " ";
  return `${low}${link}${high}`.trim();
}
