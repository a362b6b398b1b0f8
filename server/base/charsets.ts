/** Bytes as text, in whatever charset they are: what they begin with says it, or who sent them, or they themselves. */
import { isUtf8 } from "node:buffer";

const BYTE_ORDER_MARK = "\ufeff";
/** What no text has, in any charset of single bytes: such bytes are a picture, an archive or noise. */
const NO_TEXT = /[^\P{Cc}\s]/u;

/** Null when the bytes are no text. `type` is the content type as sent, or "" when nobody says. */
export function textOf(body: Buffer, type = ""): string | null {
  const charset = marked(body) ?? told(type);
  if (charset === null || charset.encoding === "utf-8") return unmarked(body);
  return charset.decode(body);
}

/** A decoder drops the mark that names it. */
function marked(body: Buffer): TextDecoder | null {
  const [first, second] = body;
  if (first === undefined || second === undefined) return null;
  // Without a mark, JSON's first two characters, which are ASCII's, tell it.
  const isAscii = (byte: number): boolean => byte >= 0x09 && byte < 0x80;
  if ((first === 0xff && second === 0xfe) || (isAscii(first) && second === 0))
    return new TextDecoder("utf-16le");
  if ((first === 0xfe && second === 0xff) || (first === 0 && isAscii(second)))
    return new TextDecoder("utf-16be");
  return null;
}

/** A charset that nobody knows says nothing. */
function told(type: string): TextDecoder | null {
  const at = type.indexOf("charset=");
  if (at < 0 || type.startsWith("utf-8", at + 8)) return null;
  const label = /^"?([^\s";]+)/.exec(type.slice(at + 8))?.[1] ?? "";
  try {
    return new TextDecoder(label);
  } catch {
    return null;
  }
}

/** UTF-8, unless it is none and has no sign of it. */
function unmarked(body: Buffer): string | null {
  const text = body.toString("utf8");
  if (!isUtf8(body)) {
    if (NO_TEXT.test(text)) return null;
    // Whoever cut a text in the middle of a character wrote it in UTF-8 all the same.
    if (!/[\u0080-\ufffc]/.test(text)) return new TextDecoder("windows-1252").decode(body);
  }
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}
