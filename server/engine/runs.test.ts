/** How far back a tick looks for incidents that start a runbook. */
import { expect, test } from "vitest";
import { addMs, fromIso, instant, SECOND } from "../base/instant.ts";
import { lookBack } from "./runs.ts";

const NOON = fromIso("2026-11-20T12:00:00Z")!;
const after = (seconds: number) => addMs(NOON, seconds * SECOND);
const seconds = (look: ReturnType<typeof lookBack>, at: number): number | "all" | "not yet" => {
  const since = look.since(after(at));
  if (since === null) return "not yet";
  return since === instant(0) ? "all" : (after(at) - since) / SECOND;
};

test("looks at all at first, then at what has just changed, at a minute now and then", () => {
  const look = lookBack();
  const depths = [0, 1, 2, 3, 4, 6, 59, 60, 61].map((at) => seconds(look, at));
  expect(depths).toEqual(["all", 2, 2, 60, 2, 60, 60, "all", 2]);
});

test("looks a few times a second, and says when the next look is due", () => {
  const look = lookBack();
  const depths = [0, 0.1, 0.24, 0.25, 0.3].map((at) => seconds(look, at));
  expect(depths).toEqual(["all", "not yet", "not yet", 2, "not yet"]);
  expect(look.nextAt(after(0.3))).toBe(after(0.5));
});

test("all looks of one tick go equally far back", () => {
  const look = lookBack();
  expect([seconds(look, 0), seconds(look, 0)]).toEqual(["all", "all"]);
  expect([seconds(look, 3), seconds(look, 3)]).toEqual([60, 60]);
});

test("a portion that was full has all looked at again, and so has a clock that went back", () => {
  const look = lookBack();
  seconds(look, 0);
  look.again();
  expect(seconds(look, 1)).toBe("all");
  expect(seconds(look, -10)).toBe("all");
});
