import { expect, test } from "vitest";
import { DAY, HOUR, MINUTE, SECOND } from "../kit/time.ts";
import { placeOn, scaleOf, stacked, ticksOf } from "./stripView.ts";

test("minutes and days stand on one line, its ends at round lengths", () => {
  const scale = scaleOf([3 * MINUTE, 2 * HOUR]);
  expect(scale).toEqual({ from: MINUTE, to: 4 * HOUR });
  expect(ticksOf(scale)).toEqual([MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR]);
  expect(placeOn(scale, MINUTE)).toBe(0);
  expect(placeOn(scale, 4 * HOUR)).toBe(1);
  expect(placeOn(scale, DAY)).toBe(1);
  expect(scaleOf([0])).toEqual({ from: SECOND, to: 10 * SECOND });
});

test("what would lie on each other stands above each other", () => {
  const scale = scaleOf([5 * MINUTE, HOUR]);
  const rows = stacked([5 * MINUTE, 5 * MINUTE + 1, HOUR], scale, 50).map(({ row }) => row);
  expect(rows).toEqual([0, 1, 0]);
});
