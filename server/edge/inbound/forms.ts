/** The fields of a form, as browsers and some tools send it: in one line, or part by part. */

const PARTS_MAX = 1_000;
/** Every part begins with the same line, and the first of them tells it. */
const IN_PARTS = /^--[^\s"]{1,100}(?=\r?\n(?:[\w-]+:[^\n]*\n)*?content-disposition: *form-data\b)/i;
const NAME = /^content-disposition:[^\n]*;\s*name="([^"\n]{1,200})"/im;

type Fields = Readonly<Record<string, string>>;

/** Null when the text is no form. Of two fields with one name the last counts. */
export function formFields(text: string, type: string): Fields | null {
  const [boundary] = IN_PARTS.exec(text.slice(0, 4_000)) ?? [];
  if (boundary !== undefined) return partsOf(text, boundary);
  return (type.startsWith("application/x-www-form-urlencoded") && mayBeLine(text)) || isLine(text)
    ? Object.fromEntries(new URLSearchParams(text))
    : null;
}

function partsOf(text: string, boundary: string): Fields {
  const fields: [string, string][] = [];
  for (const part of `\n${text}`.split(`\n${boundary}`, PARTS_MAX).slice(1)) {
    const head = /\r?\n\r?\n/.exec(part);
    if (head === null) continue;
    const name = NAME.exec(part.slice(0, head.index))?.[1];
    if (name !== undefined)
      fields.push([name, part.slice(head.index + head[0].length).replace(/\r?\n?$/, "")]);
  }
  return Object.fromEntries(fields);
}

/** curl calls whatever it sends a form: a file of lines, or without any field, is none. */
const mayBeLine = (text: string): boolean => text.includes("=") && !text.includes("\n");

const isLine = (text: string): boolean =>
  // One field that holds a whole document in JSON is a form too.
  /^(payload|message|data|alert|deployment)=%7B/i.test(text) ||
  (text.length < 100_000 && /^[\w.[\]%-]+=[^\s&=]*(&[\w.[\]%-]+=[^\s&=]*)+$/.test(text));
