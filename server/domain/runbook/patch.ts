/** Proposed words as a patch to the document: by byte offset, in the form that `git apply` takes. */
import type { Fix } from "./runStore.ts";
import type { Version } from "./version.ts";

const CONTEXT = 3;

type Hunk = { readonly from: number; readonly to: number; readonly lines: readonly string[] };

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
  const hunks = hunksOf(before, after);
  const name = path.replace(/^\/+/, "");
  return [`--- a/${name}`, `+++ b/${name}`, ...hunks, ""].join("\n");
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

/** Each with its line end, so that a missing one at the end is seen. */
const linesOf = (text: string): readonly string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** Where the two texts differ, each place with three lines around it. */
function hunksOf(before: readonly string[], after: readonly string[]): readonly string[] {
  const hunks: string[] = [];
  for (const { from, to, lines } of differences(before, after)) {
    const start = Math.max(0, from - CONTEXT);
    const end = Math.min(before.length, to + CONTEXT);
    const head = before.slice(start, from);
    const tail = before.slice(to, end);
    const removed = before.slice(from, to);
    const oldCount = end - start;
    const newCount = head.length + lines.length + tail.length;
    hunks.push(
      `@@ -${start + 1},${oldCount} +${start + 1},${newCount} @@`,
      ...head.map((line) => shown(" ", line)),
      ...removed.map((line) => shown("-", line)),
      ...lines.map((line) => shown("+", line)),
      ...tail.map((line) => shown(" ", line)),
    );
  }
  return hunks;
}

const shown = (mark: string, line: string): string =>
  line.endsWith("\n")
    ? `${mark}${line.slice(0, -1)}`
    : `${mark}${line}\n\\ No newline at end of file`;

/** One stretch: from the first line that differs to the last. Patches of a runbook are small. */
function differences(before: readonly string[], after: readonly string[]): readonly Hunk[] {
  let first = 0;
  while (first < before.length && first < after.length && before[first] === after[first])
    first += 1;
  let last = 0;
  while (
    last < before.length - first &&
    last < after.length - first &&
    before[before.length - 1 - last] === after[after.length - 1 - last]
  )
    last += 1;
  const to = before.length - last;
  if (first === to && first === after.length - last) return [];
  return [{ from: first, to, lines: after.slice(first, after.length - last) }];
}
