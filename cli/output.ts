/** What commands print: tables and times for people, JSON with UTC for programs. */
import { stripVTControlCharacters, styleText } from "node:util";
import { ClientError } from "./client.ts";

/** Where lines go: results to `line`, findings to `problem`. */
export type Output = {
  readonly line: (text: string) => void;
  readonly problem: (text: string) => void;
};

export const terminal: Output = {
  line: (text) => process.stdout.write(`${text}\n`),
  problem: (text) => process.stderr.write(`${text}\n`),
};

type Style = Parameters<typeof styleText>[0];
/** A cell's colour never counts for its width. */
export type Cell = string | { readonly text: string; readonly style: Style };

const textOf = (cell: Cell): string => (typeof cell === "string" ? cell : cell.text);
/** styleText itself leaves colour out where standard output is no terminal or NO_COLOR is set. */
export const styled = (cell: Cell): string =>
  typeof cell === "string" ? cell : styleText(cell.style, cell.text);
export const bold = (text: string): string => styleText("bold", text);
export const dim = (text: string): string => styleText("dim", text);

const GAP = "  ";
/** No column is cut below this, so that a table stays readable on a very narrow terminal. */
const NARROWEST = 6;

/**
 * Rows under headings, no line wider than `width`: the last column gives way first, then the
 * widest, never the first, whose ids people type. What is cut ends in “…”. An infinite width cuts nothing.
 */
export function table(
  headings: readonly string[],
  rows: readonly (readonly Cell[])[],
  width: number,
): readonly string[] {
  const texts = [headings, ...rows.map((row) => row.map(textOf))];
  const widths = headings.map((_, at) =>
    Math.max(...texts.map((row) => [...(row[at] ?? "")].length)),
  );
  narrow(widths, width - GAP.length * (headings.length - 1));
  const line = (row: readonly Cell[]): string =>
    row
      .map((cell, at) => padded(cell, widths[at] ?? 0, at === row.length - 1))
      .join(GAP)
      .trimEnd();
  return [line(headings.map((text) => ({ text, style: "dim" as const }))), ...rows.map(line)];
}

function narrow(widths: number[], room: number): void {
  const total = (): number => widths.reduce((sum, one) => sum + one, 0);
  const last = widths.length - 1;
  const least = Math.min(widths[last] ?? 0, 20);
  widths[last] = Math.max(least, Math.min(widths[last] ?? 0, room - total() + (widths[last] ?? 0)));
  while (total() > room) {
    const widest = widths.indexOf(Math.max(...widths.slice(1)), 1);
    if (widest < 0 || (widths[widest] ?? 0) <= NARROWEST) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
}

function padded(cell: Cell, width: number, last: boolean): string {
  const letters = [...textOf(cell)];
  const text =
    letters.length > width ? `${letters.slice(0, width - 1).join("")}…` : letters.join("");
  const space = last ? "" : " ".repeat(Math.max(0, width - [...text].length));
  return `${styled(typeof cell === "string" ? text : { ...cell, text })}${space}`;
}

/** Name and value on a line each, the values below each other; what is null is left out. */
export function facts(pairs: readonly (readonly [string, string | null])[]): readonly string[] {
  const shown = pairs.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${dim(name.padEnd(width))}  ${value}`);
}

/** A heading and its lines, indented; nothing at all where there are no lines. */
export const section = (heading: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ["", bold(heading), ...lines.map((line) => `  ${line}`)];

/** Deeper than this, a line that goes on is not indented under its text. */
const DEEPEST_INDENT = 30;

/**
 * A line broken between words so that none is wider than `width`; what follows the first line
 * stands under its last column. A line of a Markdown table is left as it is.
 */
export function wrapped(line: string, width: number): readonly string[] {
  if (visible(line) <= width || line.startsWith("|")) return [line];
  const head = /^(?:.{0,28}\S)? {2,}(?=\S)/.exec(stripVTControlCharacters(line))?.[0] ?? "";
  const indent = " ".repeat(head.length <= DEEPEST_INDENT ? head.length : 0);
  const lines: string[] = [];
  for (const word of line.split(/(?<=\S)(?= )/)) {
    const last = lines.at(-1);
    if (last === undefined) lines.push(word);
    else if (visible(last + word) <= width) lines[lines.length - 1] = last + word;
    else lines.push(indent + word.trimStart());
  }
  return lines;
}

const visible = (text: string): number => [...stripVTControlCharacters(text)].length;

const SEVERITY_STYLES: Readonly<Record<string, Style>> = {
  SEV1: ["red", "bold"],
  SEV2: "yellow",
  critical: ["red", "bold"],
  error: "red",
  warning: "yellow",
};
const STATE_STYLES: Readonly<Record<string, Style>> = {
  declared: "red",
  firing: "red",
  mitigated: "yellow",
  acknowledged: "yellow",
  resolved: "green",
  accepted: "green",
  failed: "red",
  breached: "red",
};

export const severityCell = (text: string): Cell => coloured(text, SEVERITY_STYLES[text]);
export const stateCell = (text: string): Cell => coloured(text, STATE_STYLES[text]);
const coloured = (text: string, style: Style | undefined): Cell =>
  style === undefined ? text : { text, style };

/** The last part of an id, which is random: enough for people to name one of a list. */
export const shortId = (id: string): string => id.slice(id.lastIndexOf("-") + 1);

const SHORT_ID = /^[0-9a-f]{6,12}$/;

/** The one id that people mean by a whole id or by its end; `find` lists the candidates. */
export async function idMeant(
  what: string,
  given: string,
  find: () => Promise<readonly { readonly id: string }[]>,
): Promise<string> {
  if (/^[0-9a-f]{8}-/.test(given)) return given;
  const end = given.toLowerCase();
  const meant = SHORT_ID.test(end) ? (await find()).filter(({ id }) => id.endsWith(end)) : [];
  const [only] = meant;
  if (only !== undefined && meant.length === 1) return only.id;
  const why =
    meant.length > 1 ? `names more than one ${what}` : `names no ${what} among the latest`;
  throw new ClientError(`“${given}” ${why}: give its whole id`);
}

/** INC-12 from “INC-12”, “inc-12” or “12”. */
export function incidentIdFrom(text: string): string {
  const number = /^(?:inc-)?([1-9][0-9]{0,8})$/i.exec(text.trim())?.[1];
  if (number === undefined)
    throw new ClientError(`“${text}” is no incident id such as INC-12 or 12`);
  return `INC-${number}`;
}
