/** Two days of a realistic company: everything is accounted for, and its people can sleep. */
import { expect, test } from "vitest";
import { playWeek } from "./week/play.ts";

test("two days of a company become few incidents and few pages, and every alert has its reason", async () => {
  const report = await playWeek({ seed: "two days", days: 2, share: 0.05, calm: true });
  const incidents = Object.values(report.incidents).reduce((sum, count) => sum + count, 0);
  const reasons = Object.values(report.byReason).reduce((sum, count) => sum + count, 0);
  expect(reasons).toBe(report.alerts);
  expect(report.alerts).toBeGreaterThan(20);
  expect(report.changes).toBeGreaterThan(0);
  // What was slow while its service was gone was inhibited, two of them on each day.
  expect(report.byReason["inhibited"]).toBe(4);
  // The blips were held back, the maintenance and the batch silenced.
  expect(report.byReason["held back"]).toBeGreaterThan(0);
  expect(report.byReason["silenced"]).toBeGreaterThan(0);
  expect(incidents).toBeLessThan(report.alerts);
  expect(report.merged).toBeGreaterThan(3);
  // Each incident pages once, and again when the acknowledge of a long one runs out.
  expect(report.pages).toBeLessThan(2 * incidents);
}, 120_000);
