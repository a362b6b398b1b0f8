/**
 * Arrays as PostgreSQL reads them. The client writes them as well, with a pattern over every text; these
 * look first whether there is anything to escape, which there rarely is.
 */

const escape = (text: string): string =>
  text.includes('"') || text.includes("\\") ? text.replace(/["\\]/g, "\\$&") : text;

/** A parameter of type text[]. */
export function textArray(values: readonly (string | null)[]): string {
  let out = "";
  for (const value of values) {
    if (out !== "") out += ",";
    out += value === null ? "NULL" : `"${escape(value)}"`;
  }
  return `{${out}}`;
}

/** JSON never holds it as it is, in no text and in no name. */
export const UNIT_SEPARATOR = "\u001f";

/**
 * Any values as JSON, for `string_to_array(…, E'\x1f', '')`: unlike an array's text it needs no
 * escaping of the quotes, of which JSON is full. Null stays null.
 */
export function jsonArray(values: readonly unknown[]): string {
  return values
    .map((value) => (value === null || value === undefined ? "" : JSON.stringify(value)))
    .join(UNIT_SEPARATOR);
}
