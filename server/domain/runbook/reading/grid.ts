/** A table, whether of Markdown or of HTML, as rows of words. */
import type { RootContent } from "mdast";
import { spanOf, type Phrase, phraseOf } from "./phrase.ts";
import type { Source, Span } from "./source.ts";

export type Grid = {
  readonly header: readonly Phrase[];
  readonly rows: readonly (readonly Phrase[])[];
  readonly span: Span;
};

export const gridsIn = (source: Source, block: RootContent): readonly Grid[] => {
  if (block.type === "table") {
    const [header = [], ...rows] = block.children.map((row) =>
      row.children.map((cell) => phraseOf(source.text, cell)),
    );
    return [{ header, rows, span: spanOf(block) }];
  }
  return block.type === "html" ? htmlGrids(source, spanOf(block)) : [];
};

const TAG = /<\/?(table|tr|td|th)\b[^<>]{0,400}>/gi;

/** Tables in raw HTML. Cells are what stands between the tags, without tags. */
function htmlGrids(source: Source, span: Span): readonly Grid[] {
  const html = source.text.slice(span.start, span.end);
  const grids: Grid[] = [];
  let rows: Phrase[][] = [];
  let cell: number | null = null;
  const close = (end: number): void => {
    if (cell !== null) rows.at(-1)?.push(htmlPhrase(source, span.start + cell, span.start + end));
    cell = null;
  };
  for (const found of html.matchAll(TAG)) {
    const [tag, name = ""] = found;
    const isEnd = tag.startsWith("</");
    const lower = name.toLowerCase();
    close(found.index);
    if (lower === "tr" && !isEnd) rows.push([]);
    if ((lower === "td" || lower === "th") && !isEnd) cell = found.index + tag.length;
    if (lower === "table" && isEnd) {
      const [header = [], ...rest] = rows;
      if (rest.length > 0) grids.push({ header, rows: rest, span });
      rows = [];
    }
  }
  return grids;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&amp;": "&",
  "&nbsp;": " ",
  "&quot;": '"',
};

function htmlPhrase(source: Source, start: number, end: number): Phrase {
  const raw = source.text.slice(start, end);
  const text = raw
    .replace(/<(?:li|p|br|div)\b[^<>]{0,400}>/gi, "\n")
    .replace(/<[^<>]{1,400}>/g, "")
    .replace(/&(?:lt|gt|amp|nbsp|quot);/g, (entity) => ENTITIES[entity] ?? entity)
    .replace(/[ \t]{2,}/g, " ")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join("\n");
  const span = {
    start: start + (raw.length - raw.trimStart().length),
    end: start + raw.trimEnd().length,
  };
  const safe = span.end < span.start ? { start, end: start } : span;
  return {
    text,
    span: safe,
    codes: [],
    lead: null,
    links: [],
    tags: [],
    isItalic: false,
    locate: () => safe,
  };
}

/** Rows and columns exchanged, for tables whose first row names what others name in the first column. */
export function transposed(grid: Grid): Grid {
  const all = [grid.header, ...grid.rows];
  const width = Math.max(0, ...all.map((row) => row.length));
  const columns = Array.from({ length: width }, (_, column) =>
    all.flatMap((row) => (row[column] === undefined ? [] : [row[column]])),
  );
  const [header = [], ...rows] = columns;
  return { header, rows, span: grid.span };
}
