/** Small pieces of Markdown out of plain facts, so that a fact can never become markup. */
import { type Instant, toIso } from "../../base/instant.ts";

const URL_WORD = /^https?:\/\/\S+$/;

/**
 * Plain text for a table cell or the rest of a line: shown exactly as it is, on one line. An
 * address stays one that can be clicked.
 */
export const plain = (text: string): string =>
  text
    .split(/\s+/)
    .filter((word) => word !== "")
    .map((word) =>
      URL_WORD.test(word) ? word.replace(/[|\\<`]/g, encodeURIComponent) : escaped(word),
    )
    .join(" ");

/** An underscore inside a word means nothing in GitHub's Markdown, so names stay readable. */
const MEANINGFUL = /[\\`*[<|~]|&(?=#?\w+;)|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;

const escaped = (word: string): string => word.replace(MEANINGFUL, "\\$&");

/** A table; its cells are plain text. */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    line(head),
    line(head.map(() => "---")),
    ...rows.map((row) => line(row.map((value) => plain(String(value ?? "–"))))),
  ].join("\n");
}

export const bullets = (lines: readonly string[]): string =>
  lines.map((line) => `- ${line}`).join("\n");

/** A question to the people who were there; slanted, so that it is not taken for an answer. */
export const ask = (question: string): string => `_${question}_`;

/** Blocks of Markdown with a blank line between them; what is empty leaves nothing. */
export const blocks = (...parts: readonly (string | null | false)[]): string =>
  parts.filter((part) => typeof part === "string" && part.trim() !== "").join("\n\n");

/** "2026-11-21 10:43:05 UTC". */
export const when = (at: Instant): string => `${toIso(at).slice(0, 19).replace("T", " ")} UTC`;
