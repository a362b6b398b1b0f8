/** The document as it was given: its text, its bytes, its lines, and where in them something stands. */
import { createHash } from "node:crypto";
import type { ByteRange, Confidence, Evidence } from "../../../../contract/runbook.ts";

export type Source = {
  readonly path: string;
  /** Without a byte order mark. Offsets into it are UTF-16; only what leaves this module is in bytes. */
  readonly text: string;
  readonly sha256: string;
  range(start: number, end: number): ByteRange;
  lineAt(offset: number): number;
};

/** A stretch of the text, in UTF-16. */
export type Span = { readonly start: number; readonly end: number };

const BOM_BYTES = 3;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export const sha256 = (bytes: Uint8Array | string): string =>
  createHash("sha256").update(bytes).digest("hex");

/** The text of these bytes, or null where they are no UTF-8. */
export function decode(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

export function openSource(path: string, bytes: Uint8Array, decoded: string): Source {
  const hasBom = decoded.startsWith("\uFEFF");
  const text = hasBom ? decoded.slice(1) : decoded;
  const byteOf = byteOffsets(text, hasBom ? BOM_BYTES : 0);
  const starts = lineStarts(text);
  return {
    path,
    text,
    sha256: sha256(bytes),
    range: (start, end) => ({ startOffset: byteOf(start), endOffset: byteOf(end) }),
    lineAt: (offset) => rankOf(starts, offset),
  };
}

/** From an offset in UTF-16 to one in bytes; free of charge where the text is ASCII. */
function byteOffsets(text: string, base: number): (offset: number) => number {
  // oxlint-disable-next-line no-control-regex -- ASCII is meant
  if (/^[\0-\x7F]*$/.test(text)) return (offset) => base + offset;
  const bytes = new Uint32Array(text.length + 1);
  let at = base;
  for (let index = 0; index < text.length; index++) {
    bytes[index] = at;
    const code = text.charCodeAt(index);
    // A pair takes four bytes: two counted at each half.
    at += code < 0x80 ? 1 : code < 0x800 || (code >= 0xd800 && code <= 0xdfff) ? 2 : 3;
  }
  bytes[text.length] = at;
  return (offset) => bytes[Math.max(0, Math.min(offset, text.length))] ?? at;
}

/** CR, LF and CR LF end a line each, as in CommonMark. */
function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 10 || (code === 13 && text.charCodeAt(index + 1) !== 10)) starts.push(index + 1);
  }
  return starts;
}

/** How many of the sorted numbers are not above `value`. */
function rankOf(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return Math.max(1, low);
}

/** What every extracted thing carries. */
export function evidence(
  source: Source,
  { start, end }: Span,
  confidence: Confidence,
  reason: string,
): Evidence {
  return {
    range: source.range(start, end),
    quote: source.text.slice(start, end),
    confidence,
    reason,
  };
}

/** Where the line at this place ends, before its line ending. */
export function endOfLine(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 10 || code === 13) return at;
  }
  return text.length;
}

/** White space evened out. */
export const squeeze = (text: string): string => text.replace(/\s+/g, " ").trim();
