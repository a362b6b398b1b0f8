/**
 * What is refused before anything is parsed. The parser's time grows with the depth of a document times
 * its length, so depth is counted first, by one look at each line.
 */
export const MAX_BYTES = 1024 * 1024;
export const MAX_DEPTH = 100;

const TAB = 4;

/**
 * The deepest nesting of quotes and lists that the text can have. A guess from above: what looks like a
 * marker counts, also inside a fence.
 */
export function deepestNesting(text: string): { readonly depth: number; readonly line: number } {
  const open: number[] = [];
  let deepest = { depth: 0, line: 1 };
  let line = 0;
  for (let at = 0; at < text.length; at = endOfLine(text, at)) {
    line++;
    const depth = depthOfLine(text, at, open);
    if (depth > deepest.depth) deepest = { depth, line };
  }
  return deepest;
}

function endOfLine(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 10) return at + 1;
    if (code === 13) return text.charCodeAt(at + 1) === 10 ? at + 2 : at + 1;
  }
  return text.length;
}

/** `open` holds the columns of the list markers that this line may continue. */
function depthOfLine(text: string, start: number, open: number[]): number {
  let quotes = 0;
  let column = 0;
  for (let at = start; at < text.length;) {
    const code = text.charCodeAt(at);
    if (code === 32) column += 1;
    else if (code === 9) column += TAB - (column % TAB);
    else if (code === 62) quotes++;
    else {
      const marker = markerLength(text, at);
      if (marker === 0) break;
      while ((open.at(-1) ?? -1) >= column) open.pop();
      open.push(column);
      column += marker;
      at += marker;
      continue;
    }
    at++;
  }
  return quotes + open.length;
}

/** The length of a list marker at this place, 0 where there is none. */
function markerLength(text: string, at: number): number {
  let end = at;
  const first = text.charCodeAt(at);
  if (first === 42 || first === 43 || first === 45) end = at + 1;
  else {
    while (end - at < 9 && isDigit(text.charCodeAt(end))) end++;
    if (end === at) return 0;
    const close = text.charCodeAt(end);
    if (close !== 46 && close !== 41) return 0;
    end++;
  }
  const after = text.charCodeAt(end);
  const ends = Number.isNaN(after) || after === 32 || after === 9 || after === 10 || after === 13;
  return ends ? end - at : 0;
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;
