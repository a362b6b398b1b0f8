/** Entries of the timeline that somebody chose, as the Markdown of a section. Pure. */
export type Pick = {
  readonly iso: string;
  readonly event: string;
  readonly author: string;
};

/** “2026-11-26 02:11 UTC”, as everything that the draft filled in. */
const when = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;

const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim();
const inCell = (text: string): string => oneLine(text).replaceAll("|", "\\|");

/** Rows for a table of four columns, lines of a list elsewhere; oldest first, each once. */
function linesOf(picks: readonly Pick[], asRows: boolean): readonly string[] {
  return picks
    .toSorted((a, b) => a.iso.localeCompare(b.iso))
    .map(({ iso, event, author }) =>
      asRows
        ? `| ${when(iso)} | ${inCell(event)} | | ${inCell(author)} |`
        : `- ${when(iso)}: ${oneLine(event)} (${oneLine(author)})`,
    );
}

const isRow = (line: string): boolean => /^\s*\|.*\|\s*$/.test(line);

/**
 * The text with the picks put in: below the row or line in which the caret stands; where a table ends, if
 * that is a row of one. What is there already is not put in again.
 */
export function withPicks(text: string, caret: number, picks: readonly Pick[]): string {
  const before = text.slice(0, caret).split("\n").length - 1;
  const lines = text.split("\n");
  const table = isRow(lines[before] ?? "") ? before : lines.findLastIndex(isRow);
  const asRows =
    table >= 0 && (isRow(lines[before] ?? "") || text.trim() === "" || isOnlyTable(lines));
  const added = linesOf(picks, asRows).filter((line) => !lines.includes(line));
  if (added.length === 0) return text;
  const at = asRows ? endOfTable(lines, table) : before;
  const isBlank = (lines[at] ?? "").trim() === "";
  const gap = asRows || isBlank || /^\s*- /.test(lines[at] ?? "") ? [] : [""];
  const head = isBlank && !asRows ? lines.slice(0, at) : lines.slice(0, at + 1);
  return [...head, ...gap, ...added, ...lines.slice(at + 1)].join("\n");
}

/** A section that is one table: what is chosen for it belongs into that. */
const isOnlyTable = (lines: readonly string[]): boolean =>
  lines.filter((line) => line.trim() !== "").every(isRow);

function endOfTable(lines: readonly string[], within: number): number {
  let end = within;
  while (isRow(lines[end + 1] ?? "")) end += 1;
  return end;
}
