/**
 * Arrays as PostgreSQL reads them. The client writes them as well, with a pattern over every text; these
 * look first whether there is anything to escape, which there rarely is.
 */

const needsEscape = (text: string): boolean => text.includes('"') || text.includes("\\");

const quoted = (text: string): string =>
  `"${needsEscape(text) ? text.replace(/["\\]/g, "\\$&") : text}"`;

/** A parameter of type text[]. */
export function textArray(values: readonly (string | null)[]): string {
  if (values.length === 0) return "{}";
  // Joined at once where nothing stands in the way: every piece by itself is a piece to throw away.
  let last: string | null = "";
  const isPlain = values.every((value) => {
    // Often all rows of a set share one value.
    if (value === last) return value !== null;
    last = value;
    return value !== null && !needsEscape(value);
  });
  if (!isPlain)
    return `{${values.map((value) => (value === null ? "NULL" : quoted(value))).join(",")}}`;
  return `{"${values.join('","')}"}`;
}

/** A parameter of type bytea[], of bytes that are in hex already. */
export const hexArray = (values: readonly string[]): string =>
  values.length === 0 ? "{}" : `{"\\\\x${values.join('","\\\\x')}"}`;

/** A parameter of type bytea[]. */
const bytesArray = (values: readonly (Buffer | null)[]): string =>
  `{${values.map((value) => (value === null ? "NULL" : `"\\\\x${value.toString("hex")}"`)).join(",")}}`;

/**
 * An array parameter as PostgreSQL reads it, where it is made of one kind of simple values and nulls; undefined for any
 * other, which is left to the client.
 */
export function arrayText(values: readonly unknown[]): string | undefined {
  const kind = typeof values.find((value) => value !== null);
  if (!values.every((value) => value === null || typeof value === kind)) return undefined;
  if (kind === "string") return textArray(values as readonly (string | null)[]);
  if (kind === "object") {
    if (!values.every((value) => value === null || Buffer.isBuffer(value))) return undefined;
    return bytesArray(values as readonly (Buffer | null)[]);
  }
  if (kind !== "number" && kind !== "boolean" && kind !== "undefined") return undefined;
  return `{${values.includes(null) ? values.map((value) => value ?? "NULL").join(",") : values.join(",")}}`;
}

/** JSON never holds it as it is, in no text and in no name. */
export const UNIT_SEPARATOR = "\u001f";

/**
 * Any values as JSON, for `string_to_array(…, E'\x1f', '')`: unlike an array's text it needs no
 * escaping of the quotes, of which JSON is full. Null stays null.
 */
export function jsonArray(values: readonly unknown[]): string {
  let last: unknown = null;
  let text = "";
  return values
    .map((value) => {
      // Often all rows of a set share one value.
      if (value === last) return text;
      last = value;
      return (text = value === null || value === undefined ? "" : JSON.stringify(value));
    })
    .join(UNIT_SEPARATOR);
}
