import canonicalizeModule from "canonicalize";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson } from "./canonical.ts";
import { fromIso, instant, toIso } from "./instant.ts";

const reference = canonicalizeModule as unknown as (value: unknown) => string;

test("any value is written as the reference writes it, whatever the order of its names", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(canonicalJson(value)).toBe(reference(value));
    }),
  );
});

test("what is undefined is left out of an object and null in an array", () => {
  expect(canonicalJson({ b: undefined, a: [undefined, 1] })).toBe('{"a":[null,1]}');
  expect(canonicalJson({ a: [undefined, 1], b: undefined })).toBe('{"a":[null,1]}');
});

test("what has words of its own is written by them, and numbers as names stand where their digits do", () => {
  expect(canonicalJson({ at: new Date(0) })).toBe('{"at":"1970-01-01T00:00:00.000Z"}');
  expect(canonicalJson({ 9: "b", 10: "a" })).toBe('{"10":"a","9":"b"}');
});

describe("no JSON is made of", () => {
  for (const [what, value] of [
    ["no number", { a: NaN }],
    ["no end", [Infinity]],
    ["half of a character", "\ud800"],
    ["half of a character in a name", { "\udc00": 1 }],
  ] as const)
    test(what, () => expect(() => canonicalJson(value)).toThrow(RangeError));
});

test("an instant is told as JavaScript tells it, days in any order", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1e14, max: 4e14 }), { maxLength: 5 }), (instants) => {
      for (const ms of instants) expect(toIso(instant(ms))).toBe(new Date(ms).toISOString());
    }),
  );
  expect(toIso(fromIso("2026-02-28T23:59:59.999Z")!)).toBe("2026-02-28T23:59:59.999Z");
});
