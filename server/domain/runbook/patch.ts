/** Proposed words as a patch to the document: by byte offset, in the form that `git apply` takes. */
import { type DiffLine, type Hunk, hunksBetween, linesOf } from "../../base/lineDiff.ts";
import type { Fix } from "./runStore.ts";
import type { Version } from "./version.ts";

/**
 * One patch over all fixes of the version; the newest words for a place win. A document with CRLF keeps
 * its line ends.
 */
export function patchOf(
  { path, digest }: Pick<Version, "path" | "digest">,
  document: Buffer,
  fixes: readonly Fix[],
): string {
  const own = new Map(
    fixes.filter((fix) => fix.digest === digest).map((fix) => [fix.startOffset, fix]),
  );
  const edits = [...own.values()].toSorted((a, b) => a.startOffset - b.startOffset);
  if (edits.length === 0) return "";
  const before = linesOf(document.toString("utf8"));
  const after = linesOf(patched(document, edits).toString("utf8"));
  const hunks = hunksBetween(before, after);
  if (hunks.length === 0) return "";
  const name = path.replace(/^\/+/, "");
  const lines = hunks.flatMap((hunk) => [headOf(hunk), ...hunk.lines.map(shown)]);
  return [`--- a/${name}`, `+++ b/${name}`, ...lines, ""].join("\n");
}

function patched(document: Buffer, edits: readonly Fix[]): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  for (const { startOffset, endOffset, after } of edits) {
    if (startOffset < at) continue;
    parts.push(document.subarray(at, startOffset), Buffer.from(after));
    at = endOffset;
  }
  return Buffer.concat([...parts, document.subarray(at)]);
}

const shown = ({ mark, text }: DiffLine): string =>
  text.endsWith("\n")
    ? `${mark}${text.slice(0, -1)}`
    : `${mark}${text}\n\\ No newline at end of file`;

function headOf({ before, after, lines }: Hunk): string {
  const count = (other: "+" | "-"): number => lines.filter(({ mark }) => mark !== other).length;
  return `@@ -${before},${count("+")} +${after},${count("-")} @@`;
}
