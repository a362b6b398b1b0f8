import { expect, test } from "vitest";
import type { DeadlineView } from "../../contract/deadline.ts";
import { HOUR, MINUTE } from "../kit/time.ts";
import { fuseOf, placeLabels } from "./fuse.ts";

const START = Date.UTC(2026, 9, 24, 2);
const iso = (ms: number): string => new Date(ms).toISOString();
const clock = (
  kind: DeadlineView["kind"],
  dueInMs: number,
  change: Partial<DeadlineView> = {},
): DeadlineView => ({
  id: kind,
  kind,
  state: "running",
  anchorAt: iso(START),
  dueAt: iso(START + dueInMs),
  atRisk: false,
  metAt: null,
  pausedBecause: null,
  source: "defaults",
  ...change,
});
const kept = clock("acknowledge", 15 * MINUTE, { state: "met", metAt: iso(START + 5 * MINUTE) });

test("time runs from left to right: kept, now, then what is promised", () => {
  const clocks = [clock("resolve", 4 * HOUR), clock("status update", 40 * MINUTE), kept];
  const fuse = fuseOf(iso(START), clocks, START + 35 * MINUTE, "UTC");
  expect(fuse.ticks.map(({ id }) => id)).toEqual(["acknowledge", "status update", "resolve"]);
  const [acknowledged, update, resolve] = fuse.ticks;
  expect(acknowledged?.x).toBeLessThan(fuse.now);
  expect(update?.x).toBeGreaterThan(fuse.now);
  expect(fuse.breakAt).toBeGreaterThan(update?.x ?? 100);
  expect(resolve?.x).toBeGreaterThan(fuse.breakAt ?? 0);
  expect(acknowledged).toMatchObject({ standing: "kept", riskFrom: null, below: "02:05" });
  expect(update).toMatchObject({
    above: "Status update in 5 min",
    below: "02:40, 40 min promised",
  });
});

test("without anything far ahead the line is not broken", () => {
  const fuse = fuseOf(iso(START), [clock("mitigate", HOUR)], START + 10 * MINUTE, "UTC");
  expect(fuse.breakAt).toBeNull();
  expect(fuse.ticks[0]?.x).toBeLessThanOrEqual(100);
});

test("nothing leaves the line, whatever the clocks are", () => {
  for (const after of [-MINUTE, 0, HOUR, 400 * HOUR]) {
    const clocks = [clock("resolve", 1), clock("mitigate", 9_000 * HOUR), kept];
    const fuse = fuseOf(iso(START), clocks, START + after, "UTC");
    for (const x of [fuse.now, ...fuse.ticks.flatMap((tick) => [tick.x, tick.riskFrom ?? 0])]) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x).toBeLessThanOrEqual(100);
    }
  }
});

test("labels do not lie over each other; one without room is not shown", () => {
  const text = "x".repeat(20);
  const labels = [0, 1, 2, 50, 99].map((x, index) => ({ id: String(index), x, text }));
  const placed = placeLabels(labels, 500);
  const shown = placed.filter((label) => label.shown);
  shown.slice(1).forEach((label, index) => {
    expect(label.left).toBeGreaterThanOrEqual((shown[index]?.left ?? 0) + 20 * 6.4);
  });
  expect(shown.length).toBeLessThan(labels.length);
});
