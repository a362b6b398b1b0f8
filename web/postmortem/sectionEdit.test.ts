import { describe, expect, test } from "vitest";
import { isEmpty, standingOf } from "./sectionEdit.ts";

describe("a section that two people edit", () => {
  const section = { body: "as saved", version: 3 };
  for (const [promise, draft, standing] of [
    ["untouched it is what the server has", null, { kind: "clean", text: "as saved" }],
    ["typed words stay", { text: "mine", base: 3 }, { kind: "typed", text: "mine" }],
    [
      "a change by somebody else is shown beside, never over",
      { text: "mine", base: 2 },
      { kind: "conflict", text: "mine", theirs: "as saved" },
    ],
    [
      "the same words are no conflict",
      { text: "as saved", base: 2 },
      { kind: "clean", text: "as saved" },
    ],
  ] as const)
    test(promise, () => expect(standingOf(draft, section)).toEqual(standing));
});

test("what only says what belongs here is empty", () => {
  expect([isEmpty("  \n"), isEmpty("<!-- what happened -->"), isEmpty("Cards failed.")]).toEqual([
    true,
    true,
    false,
  ]);
});
