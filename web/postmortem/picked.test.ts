/** Where chosen entries of the timeline stand in a section. */
import { expect, test } from "vitest";
import { type Pick, withPicks } from "./picked.ts";

const flag: Pick = {
  iso: "2026-11-26T02:11:42.000Z",
  event: "Turned the flag | off",
  author: "Jonas Falk",
};
const paged: Pick = { iso: "2026-11-26T02:05:00.000Z", event: "Paged\nJonas", author: "Tocsin" };
const FLAG = "- 2026-11-26 02:11 UTC: Turned the flag | off (Jonas Falk)";
const PAGED = "- 2026-11-26 02:05 UTC: Paged Jonas (Tocsin)";

for (const [promise, text, caret, after] of [
  ["an empty section begins with them, oldest first", "", 0, `${PAGED}\n${FLAG}`],
  [
    "below the line of the caret, words above and under stay",
    "One\n\nTwo",
    1,
    `One\n\n${PAGED}\n${FLAG}\n\nTwo`,
  ],
  ["a list goes on", "- One\nTwo", 2, `- One\n${PAGED}\n${FLAG}\nTwo`],
  ["a blank line is taken", "One\n", 4, `One\n${PAGED}\n${FLAG}`],
  [
    "into a table, as rows at its end",
    "| Time | Event | Action | Owner |\n|---|---|---|---|\n| a | b | c | d |\n\nAfter",
    3,
    "| Time | Event | Action | Owner |\n|---|---|---|---|\n| a | b | c | d |\n" +
      "| 2026-11-26 02:05 UTC | Paged Jonas | | Tocsin |\n" +
      "| 2026-11-26 02:11 UTC | Turned the flag \\| off | | Jonas Falk |\n\nAfter",
  ],
] as const)
  test(promise, () => expect(withPicks(text, caret, [flag, paged])).toBe(after));

test("what is there already is not put in again", () => {
  expect(withPicks(`${FLAG}\n`, 0, [flag])).toBe(`${FLAG}\n`);
});
