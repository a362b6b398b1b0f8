/** A refusal in another language: its sentence stands in the catalogue by its code. decisions/0083 */

/**
 * Null: there is none, or it would name what the server did not give; then the server's own sentence stands.
 */
export function refusalIn(
  catalogue: Readonly<Record<string, string>>,
  code: string,
  params: Readonly<Record<string, unknown>>,
): string | null {
  const sentence = catalogue[code];
  if (sentence === undefined) return null;
  let isWhole = true;
  const said = (text: string): string => numberedIn(catalogue, text);
  const text = sentence.replace(
    /\{(said:)?(\w+)\}/g,
    (_, word: string | undefined, name: string) => {
      const value = params[name];
      isWhole &&= value !== undefined && value !== null;
      const values = (Array.isArray(value) ? value : [value]).map(String);
      return (word === undefined ? values : values.map(said)).join(", ");
    },
  );
  return isWhole ? text : null;
}

/** A word or clause that the server chose, whose numbers are places: “merged into INC-{1}”. */
function numberedIn(catalogue: Readonly<Record<string, string>>, text: string): string {
  const numbers: string[] = [];
  const key = text.replace(/\d+/g, (digits) => `{${numbers.push(digits)}}`);
  const found = catalogue[key];
  return (
    found?.replace(/\{(\d)\}/g, (_, place: string) => numbers[Number(place) - 1] ?? "") ?? text
  );
}
