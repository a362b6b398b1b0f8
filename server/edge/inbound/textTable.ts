/** A table as text: CSV by comma, semicolon or tab, whose first line names its columns. */
import { whenNeeded } from "../../base/whenNeeded.ts";
import { type Json } from "./reading.ts";

const csv = whenNeeded("csv-parse/sync");

/** Parsed while nobody else is served; what is longer is read in part. */
const READ_MAX = 64 * 1_024;
/** One alert at most for each. */
export const ROWS_MAX = 1_000;
const COLUMNS_MAX = 100;
/** What is written for people has a blank behind its commas, and whole sentences between them. */
const COLUMN = /^[\p{L}_][\p{L}\p{N}_.()%/-]{0,39}(?: [\p{L}\p{N}_.()%/-]{1,39}){0,3}$/u;

export type TextTable = {
  readonly rows: readonly Json[];
  /** There is more than was read. */
  readonly isCut: boolean;
};

/** The rows by the names of their columns; null for any other text. */
export function tableIn(text: string): TextTable | null {
  const end = text.length <= READ_MAX ? text.length : text.lastIndexOf("\n", READ_MAX);
  const [head = "", next] = text.slice(0, Math.max(end, 0)).split(/\r?\n/, 2);
  if (next === undefined || head.length > 4_000) return null;
  const delimiter = [";", "\t", ","].find((one) => isHead(head, one));
  if (delimiter === undefined) return null;
  try {
    const rows: Json[] = csv().parse(text.slice(0, end), {
      delimiter,
      columns: (names: string[]) => names.map((name) => name.trim()),
      skip_empty_lines: true,
      trim: true,
      to: ROWS_MAX,
    });
    const isCut = end < text.length || rows.length === ROWS_MAX;
    return rows.length === 0 ? null : { rows, isCut };
  } catch {
    return null;
  }
}

function isHead(line: string, delimiter: string): boolean {
  if (line.includes(`${delimiter} `)) return false;
  const names = line.split(delimiter).map((name) => name.trim().replaceAll(/^"|"$/g, ""));
  return (
    names.length > 1 &&
    names.length <= COLUMNS_MAX &&
    new Set(names).size === names.length &&
    names.every((name) => COLUMN.test(name) && name !== "__proto__")
  );
}
