/** Tables of the configuration as CSV beside the YAML: a line of headings, then the rows. */
import type { ConfigFinding, DesiredObject } from "../../../contract/configuration.ts";
import { whenNeeded } from "../../base/whenNeeded.ts";

const csv = whenNeeded("csv-parse/sync");

/** A file of a directory, by its path inside of it. */
export type SourceFile = { readonly path: string; readonly text: string };

/**
 * The object with its file's columns and rows in place of the name; null where there is a finding. A path is
 * relative to the YAML file that names it.
 */
export function withTableFile(
  object: DesiredObject,
  files: readonly SourceFile[],
  findings: ConfigFinding[],
): DesiredObject | null {
  const { body } = object;
  if (object.kind !== "tables" || typeof body !== "object" || body === null) return object;
  if (!("file" in body) || typeof body.file !== "string") return object;
  const folder = object.source.file.split("/").slice(0, -1);
  const path = [...folder, body.file].join("/");
  const found = files.find((file) => file.path === path);
  const refuse = (line: number, message: string): null => {
    const place = found === undefined ? object.source : { file: path, line };
    findings.push({ source: place, path: `tables.${object.id}.file`, message });
    return null;
  };
  if (found === undefined)
    return refuse(1, `expected a .csv file beside this one: there is no ${path}`);
  if ("rows" in body || "columns" in body)
    return refuse(1, "expected either file, or columns and rows");
  const { CsvError, parse } = csv();
  try {
    const [columns, ...rows] = parse(found.text, { bom: true, skip_empty_lines: true, trim: true });
    if (columns === undefined)
      return refuse(1, "expected a first line with the names of the columns");
    return { ...object, body: { ...body, columns, rows } };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return refuse(
      typeof error["lines"] === "number" ? error["lines"] : 1,
      `not CSV: ${error.message}`,
    );
  }
}
