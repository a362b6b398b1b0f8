/**
 * The JSON of a template that its tool filled in without escaping: a quotation mark, a backslash of a
 * path or a new line in a message breaks it. It is read as it was meant, where that can be told.
 */

/** What follows a quotation mark that ends a value, a name, or either where a list may be open. */
const AHEAD = String.raw`\s{0,40}(?:[}\]]\s{0,40}(?:[,}\]]|$)|$`;
const ENDS_VALUE = new RegExp(
  String.raw`${AHEAD}|,\s{0,40}(?:"[^"\\]{1,100}"\s{0,40}[:,\]]|[{[]))`,
  "y",
);
const ENDS_NAME = /\s{0,40}:/y;
const ESCAPE = /["\\/bfnrt]|u[0-9A-Fa-f]{4}/y;
/** Templates are short; what is longer was cut off on its way. */
const LENGTH_MAX = 256 * 1_024;

/** The object that the text means; undefined when it stays broken. Reads every character once. */
export function readBroken(text: string): unknown {
  if (!text.startsWith("{") || text.length > LENGTH_MAX) return undefined;
  const kept: string[] = [];
  let before = "";
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    kept.push(character);
    if (character === '"') at = keepText(text, at + 1, { kept, isValue: before === ":" });
    if (character.trim() !== "") before = character;
  }
  try {
    return JSON.parse(kept.join(""));
  } catch {
    return undefined;
  }
}

type Keeping = { readonly kept: string[]; readonly isValue: boolean };

/** Keeps the text that begins here, escaped, with the mark that ends it; gives the place of that. */
function keepText(text: string, start: number, { kept, isValue }: Keeping): number {
  const ends = (at: number): boolean =>
    fits(ENDS_VALUE, text, at + 1) || (!isValue && fits(ENDS_NAME, text, at + 1));
  for (let at = start; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"') {
      if (ends(at)) {
        kept.push('"');
        return at;
      }
      kept.push('\\"');
    } else if (character === "\\") {
      // A path may end in one: “C:\”.
      const isEscape = fits(ESCAPE, text, at + 1) && !(text[at + 1] === '"' && ends(at + 1));
      kept.push(isEscape ? text.slice(at, at + 2) : "\\\\");
      if (isEscape) at++;
    } else kept.push(character < " " ? JSON.stringify(character).slice(1, -1) : character);
  }
  return text.length;
}

function fits(form: RegExp, text: string, at: number): boolean {
  form.lastIndex = at;
  return form.test(text);
}
