/** Proposed words as a patch to the document: by byte offset, in the form that `git apply` takes. */
import { type DiffLine, type Hunk, hunksBetween, linesOf } from "../../base/lineDiff.ts";
import type { Instant } from "../../base/instant.ts";
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
  const edits = editsOf({ digest }, fixes);
  if (edits.length === 0) return "";
  const before = linesOf(document.toString("utf8"));
  const after = linesOf(patched(document, edits).toString("utf8"));
  const hunks = hunksBetween(before, after);
  if (hunks.length === 0) return "";
  const lines = hunks.flatMap((hunk) => [headOf(hunk), ...hunk.lines.map(shown)]);
  return [`--- ${gitName("a", path)}`, `+++ ${gitName("b", path)}`, ...lines, ""].join("\n");
}

type Edit = Pick<Fix, "startOffset" | "endOffset" | "before" | "after">;

/** The newest words for each place of a version, in the order of the document. */
export const editsOf = (
  { digest }: Pick<Version, "digest">,
  fixes: readonly Fix[],
): readonly Edit[] =>
  [
    ...new Map(
      fixes.filter((fix) => fix.digest === digest).map((fix) => [fix.startOffset, fix]),
    ).values(),
  ].toSorted((a, b) => a.startOffset - b.startOffset);

export function patched(document: Buffer, edits: readonly Edit[]): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  for (const { startOffset, endOffset, after } of edits) {
    if (startOffset < at) continue;
    parts.push(document.subarray(at, startOffset), Buffer.from(after));
    at = endOffset;
  }
  return Buffer.concat([...parts, document.subarray(at)]);
}

/** The same in a document that has moved on: only where each of the words stands just once in it. */
export function refitted(document: Buffer, edits: readonly Edit[]): Buffer | null {
  const found = edits.map((edit) => {
    const words = Buffer.from(edit.before);
    const startOffset = document.indexOf(words);
    const again = document.indexOf(words, startOffset + 1);
    if (words.length === 0 || startOffset < 0 || again >= 0) return null;
    return { ...edit, startOffset, endOffset: startOffset + words.length };
  });
  if (found.some((edit) => edit === null)) return null;
  const fitting = found.filter((edit) => edit !== null);
  return patched(
    document,
    fitting.toSorted((a, b) => a.startOffset - b.startOffset),
  );
}

/** As git writes a name: quoted where it would not be read back, with a tab behind one with blanks. */
function gitName(prefix: "a" | "b", path: string): string {
  const name = `${prefix}/${path.replace(/^\/+/, "")}`;
  // oxlint-disable-next-line no-control-regex -- control characters are meant
  if (!/["\\\x00-\x1f\x7f-\uffff]/.test(name)) return name.includes(" ") ? `${name}\t` : name;
  const quoted = [...Buffer.from(name)].map((byte) => {
    const letter = String.fromCharCode(byte);
    if (letter === '"' || letter === "\\") return `\\${letter}`;
    return byte < 0x20 || byte >= 0x7f ? `\\${byte.toString(8).padStart(3, "0")}` : letter;
  });
  return `"${quoted.join("")}"`;
}

/** The patch as a mail that `git am` takes. */
export function mailOf(
  patch: string,
  {
    author,
    at,
    message,
  }: { readonly author: string; readonly at: Instant; readonly message: string },
): string {
  if (patch === "") return "";
  const [subject = "", ...body] = message.trimEnd().split("\n");
  const date = new Date(at).toUTCString().replace("GMT", "+0000");
  return [
    "From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001",
    `From: ${author}`,
    `Date: ${date}`,
    `Subject: [PATCH] ${subject}`,
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=UTF-8",
    "Content-Transfer-Encoding: 8bit",
    ...body,
    "",
    "---",
    `${patch}-- `,
    "Tocsin",
    "",
  ].join("\n");
}

const shown = ({ mark, text }: DiffLine): string =>
  text.endsWith("\n")
    ? `${mark}${text.slice(0, -1)}`
    : `${mark}${text}\n\\ No newline at end of file`;

function headOf({ before, after, lines }: Hunk): string {
  const count = (other: "+" | "-"): number => lines.filter(({ mark }) => mark !== other).length;
  return `@@ -${before},${count("+")} +${after},${count("-")} @@`;
}
