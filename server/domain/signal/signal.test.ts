import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { characters, cleanJson, cleanText, clip, fingerprint, fits, httpLink } from "./signal.ts";

const SEED = 20261121;

describe("text at the border", () => {
  for (const [promise, text, cleaned] of [
    ["leaves ordinary text alone", "Zürich 🚒", "Zürich 🚒"],
    ["shows NUL as U+FFFD", "a\0b\0", "a\ufffdb\ufffd"],
    ["shows a lone high surrogate as U+FFFD", "a\ud83d", "a\ufffd"],
    ["shows a lone low surrogate as U+FFFD", "\ude00a", "\ufffda"],
  ] as const) {
    test(promise, () => expect(cleanText(text)).toBe(cleaned));
  }

  test("cleans names and values at every depth", () => {
    expect(cleanJson({ "a\0": ["\ud83d", { b: "\0" }, 1, true, null] })).toEqual({
      "a\ufffd": ["\ufffd", { b: "\ufffd" }, 1, true, null],
    });
  });

  test("keeps a key named __proto__ as an ordinary key", () => {
    const cleaned = cleanJson(JSON.parse('{"__proto__":{"admin":true}}')) as object;
    expect(Object.getPrototypeOf(cleaned)).toBe(Object.prototype);
    expect(JSON.stringify(cleaned)).toBe('{"__proto__":{"admin":true}}');
  });

  test("keeps a number beyond all doubles as text, since JSON has no infinity", () => {
    expect(cleanJson(JSON.parse("[1e999]"))).toEqual(["Infinity"]);
  });

  test("cuts nesting that would break the stack of whoever writes it down", () => {
    const deep: unknown = JSON.parse("[".repeat(100_000) + "]".repeat(100_000));
    expect(JSON.stringify(cleanJson(deep))).toContain("nested too deeply");
  });

  test("whatever JSON comes, what is kept has neither NUL nor lone surrogates", () => {
    const dirt = fc.constantFrom("a", "🚒", "\0", "\ud83d", "\ude00");
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: dirt }), (value) => {
        expect(JSON.stringify(cleanJson(value))).not.toMatch(/\\u(0000|d[89a-f])/);
      }),
      { seed: SEED },
    );
  });
});

describe("lengths count characters", () => {
  test("a fire engine is one character", () => expect(characters("🚒!")).toBe(2));
  test("as many fire engines as allowed fit", () => expect(fits("🚒".repeat(9), 9)).toBe(true));
  test("one more does not", () => expect(fits("🚒".repeat(10), 9)).toBe(false));
  test("a clipped text ends in an ellipsis within its limit", () => {
    expect(clip("🚒".repeat(10), 4)).toBe("🚒🚒🚒…");
    expect(clip("abcdef", 4)).toBe("abc…");
    expect(clip("abcd", 4)).toBe("abcd");
  });
});

describe("the fingerprint", () => {
  test("is SHA-256 over the sorted pairs, the same on every node and in every version", () => {
    expect(fingerprint({ b: "2", a: "1" })).toBe(
      "59851255b67bba2cfbf24836fac718f03c90534de47c9775a598b9dc32f8d245",
    );
  });
  test("does not depend on the order of the labels", () => {
    expect(fingerprint({ a: "1", b: "2" })).toBe(fingerprint({ b: "2", a: "1" }));
  });
  test("cannot be led to mistake where a name ends", () => {
    expect(fingerprint({ a: "b", c: "d" })).not.toBe(fingerprint({ a: 'b","c', d: "" }));
  });
});

describe("links", () => {
  for (const [given, kept] of [
    ["https://example.org/a?b=c", "https://example.org/a?b=c"],
    ["HTTP://example.org", "http://example.org/"],
    ['https://example.org/"><script>', "https://example.org/%22%3E%3Cscript%3E"],
    ["javascript:alert(1)", null],
    [" javascript:alert(1)//https://example.org", null],
    ["data:text/html,hello", null],
    ["https://", null],
    ["/graph?g0.expr=up", null],
    [`https://example.org/${"a".repeat(9_000)}`, null],
  ] as const) {
    const name = given.length > 60 ? `${given.slice(0, 60)}…` : given;
    test(`${kept === null ? "drops" : "keeps"} ${name}`, () => expect(httpLink(given)).toBe(kept));
  }
});
