import { describe, expect, test } from "vitest";
import { findUnstorable, isTooDeep, mayBeTooDeep, NESTING_MAX } from "./storable.ts";

const nested = (levels: number): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
};

describe("nesting", () => {
  for (const [levels, deep] of [
    [0, false],
    [NESTING_MAX, false],
    [NESTING_MAX + 1, true],
    [200_000, true],
  ] as const) {
    test(`of ${levels} levels is ${deep ? "too deep" : "fine"}`, () => {
      expect(isTooDeep(nested(levels))).toBe(deep);
    });
  }
});

test("what is too deep never has too few brackets", () => {
  expect(mayBeTooDeep(JSON.stringify(nested(NESTING_MAX + 1)))).toBe(true);
  expect(mayBeTooDeep(JSON.stringify({ labels: { a: "[{" } }))).toBe(false);
});

describe("what cannot be stored", () => {
  for (const [value, path] of [
    [null, null],
    ["fine 💥", null],
    ["a\u0000b", []],
    [{ a: [{ b: "\ud800" }] }, ["a", "0", "b"]],
    [{ a: "fine", "\u0000": 1 }, []],
    [{ a: { "x\udc00": 1 } }, ["a"]],
    [{ first: "\u0000", second: "\u0000" }, ["first"]],
  ] as const) {
    test(`in ${JSON.stringify(value)}: ${path === null ? "nothing" : `“${path.join(".")}”`}`, () => {
      expect(findUnstorable(value)).toEqual(path);
    });
  }
});
