/**
 * The text of a request or a file → what an adapter reads: JSON, lines of JSON as a list, a form, or
 * else the text itself. Nothing is refused here: what is not understood is still worth reading.
 */
import { isTooDeep } from "../../base/storable.ts";
import { readBroken } from "./brokenJson.ts";
import { formFields } from "./forms.ts";
import { isObject } from "./reading.ts";

/** How many lines of JSON one body may have. */
export const LINES_MAX = 10_000;
const BYTE_ORDER_MARK = "\ufeff";

export type ReadBody =
  | { readonly kind: "body"; readonly body: unknown }
  | { readonly kind: "too deep" }
  | { readonly kind: "empty" };

/** `type` is the content type as sent, or "" when nobody says. */
export function bodyOf(text: string, type = ""): ReadBody {
  const plain = (text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text).trim();
  if (plain === "") return { kind: "empty" };
  const body = parsed(plain, type);
  return isTooDeep(body) ? { kind: "too deep" } : { kind: "body", body };
}

function parsed(text: string, type: string): unknown {
  if (/^[[{"]/.test(text) || text.startsWith("/*") || text.startsWith("//")) {
    const json =
      jsonOf(text) ??
      linesOf(text) ??
      jsonOf(withoutLastCommas(withoutComments(text))) ??
      rowOf(withoutLastCommas(withoutComments(text))) ??
      unescaped(text) ??
      readBroken(text);
    // Some tools write their JSON as a text of JSON.
    if (typeof json === "string") return jsonOf(json) ?? json;
    if (json !== undefined) return json;
  }
  return formOf(text, type) ?? text;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Documentation prints JSON with comments, and people paste it; what looks like one inside a text
 * stays. Reads every character once: a pattern would take hours over eight hostile megabytes.
 */
function withoutComments(text: string): string {
  const kept: string[] = [];
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') at = endOfText(text, at);
    else if (character === "/" && (text[at + 1] === "/" || text[at + 1] === "*")) {
      kept.push(text.slice(from, at));
      const [close, length] = text[at + 1] === "/" ? ["\n", 1] : ["*/", 2];
      const end = text.indexOf(close, at + 2);
      if (end < 0) return kept.join("");
      from = end + length;
      at = from - 1;
    }
  }
  return [...kept, text.slice(from)].join("");
}

/** The place of the quote that closes the one at `start`. */
function endOfText(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at;
  }
  return text.length;
}

/** The same for a comma behind the last item of an object or list, which is printed as often. */
function withoutLastCommas(text: string): string {
  const kept: string[] = [];
  let from = 0;
  let comma = -1;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === ",") comma = at;
    else if (character === "}" || character === "]") {
      if (comma >= 0) {
        kept.push(text.slice(from, comma));
        from = comma + 1;
      }
      comma = -1;
    } else if (character.trim() !== "") {
      comma = -1;
      if (character === '"') at = endOfText(text, at);
    }
  }
  return kept.join("") + text.slice(from);
}

/**
 * One JSON value a line; blank lines and comments are passed over. A line that is broken, or none at all,
 * costs the others nothing: it stands among them as it was meant, or as the text that it is. More lines than
 * one body may have are the text they are. Undefined unless the first line, or most of them, are JSON.
 */
function linesOf(text: string): string | readonly unknown[] | undefined {
  const lines = text.split("\n").filter((line) => !/^\s*(#|\/\/|$)/.test(line));
  if (lines.length < 2) return undefined;
  const first = heldIn(lines[0]!);
  if (lines.length > LINES_MAX) return first === undefined ? undefined : text;
  const values = lines.map(heldIn);
  const whole = values.filter((value) => value !== undefined).length;
  if (first === undefined && whole * 2 <= lines.length) return undefined;
  return values.map((value, at) => value ?? readBroken(lines[at]!.trim()) ?? lines[at]!.trim());
}

/** The object or list of a line. */
function heldIn(line: string): unknown {
  const value = jsonOf(line);
  return typeof value === "object" && value !== null ? value : undefined;
}

/** JSON as it stands inside a text, which is how some pages print what a queue carries. */
const unescaped = (text: string): unknown => {
  const inner = text.startsWith('{\\"')
    ? jsonOf(`"${text.replaceAll(/\s*\n\s*/g, " ")}"`)
    : undefined;
  return typeof inner === "string" ? jsonOf(inner) : undefined;
};

/** Objects one behind the other, as streams put them into a file and people paste them: a list of them. */
function rowOf(text: string): readonly unknown[] | undefined {
  const values: unknown[] = [];
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== "{") {
      if (/[\s,]/.test(text[at]!)) continue;
      return undefined;
    }
    const end = endOfObject(text, at);
    const value = jsonOf(text.slice(at, end + 1));
    if (value === undefined || values.length >= LINES_MAX) return undefined;
    values.push(value);
    at = end;
  }
  return values.length < 2 ? undefined : values;
}

/** The place of the brace that closes the one at `start`. */
function endOfObject(text: string, start: number): number {
  let open = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === '"') at = endOfText(text, at);
    else if (character === "{") open++;
    else if (character === "}" && --open === 0) return at;
  }
  return text.length;
}

/** Fields in which tools send JSON inside a form. */
const FORM_JSON = ["payload", "message", "data", "alert", "deployment"];

/** The fields of a form, or the JSON that one of them holds; null when the text is no form. */
function formOf(text: string, type: string): unknown {
  const form = formFields(text, type);
  if (form === null) return null;
  for (const name of FORM_JSON) {
    const value = form[name]?.trim();
    if (value === undefined || !/^[[{]/.test(value)) continue;
    const json = jsonOf(value);
    if (isObject(json) || Array.isArray(json)) return json;
  }
  return form;
}
