import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hunksBetween, linesOf } from "./lineDiff.ts";

const lines = fc.array(fc.constantFrom("a\n", "b\n", "c\n", "d\n", "e\n"), { maxLength: 60 });

/** What the hunks make of the first text. */
function applied(before: readonly string[], after: readonly string[]): readonly string[] {
  const made: string[] = [];
  let at = 0;
  for (const hunk of hunksBetween(before, after)) {
    made.push(...before.slice(at, hunk.before - 1));
    expect(made.length).toBe(hunk.after - 1);
    at = hunk.before - 1;
    for (const { mark, text } of hunk.lines) {
      if (mark !== "+") expect(before[at++]).toBe(text);
      if (mark !== "-") made.push(text);
    }
  }
  return [...made, ...before.slice(at)];
}

describe("hunks", () => {
  test("make the second text of the first, whatever they are", () => {
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        expect(applied(before, after)).toEqual(after);
      }),
    );
  });

  test("of equal texts there are none", () => {
    expect(hunksBetween(["a\n"], ["a\n"])).toEqual([]);
  });

  test("far from each other stand apart, with three lines around each", () => {
    const before = Array.from({ length: 30 }, (_, at) => `${at}\n`);
    const after = before.with(5, "five\n").toSpliced(20, 1);
    const hunks = hunksBetween(before, after);
    expect(hunks.map(({ before: from, after: to }) => [from, to])).toEqual([
      [3, 3],
      [18, 18],
    ]);
    expect(hunks[0]?.lines.map(({ mark, text }) => mark + text.trim())).toEqual([
      " 2",
      " 3",
      " 4",
      "-5",
      "+five",
      " 6",
      " 7",
      " 8",
    ]);
  });

  test("of two long texts with nothing in common end soon", () => {
    const long = (word: string): string[] => Array.from({ length: 20_000 }, (_, at) => word + at);
    expect(hunksBetween(long("a"), long("b"))).toHaveLength(1);
  });

  test("see a line end that is missing at the end", () => {
    expect(hunksBetween(linesOf("a\nb"), linesOf("a\nb\n"))[0]?.lines).toEqual([
      { mark: " ", text: "a\n" },
      { mark: "-", text: "b" },
      { mark: "+", text: "b\n" },
    ]);
  });
});
