/**
 * A body of JSON as Python's urllib.parse.urlencode writes what json.loads made of it: what Monte Carlo signs.
 * Below the first level values stand as Python prints them, so that numbers keep how they were written.
 * https://docs.python.org/3/library/urllib.parse.html#urllib.parse.urlencode
 */
import { isObject, type Json } from "../reading.ts";

/** JavaScript sorts names that are numbers before the others; with this mark they keep their places. */
const MARK = "\ue000";
const NUMBER_NAME = /"(\d{1,15})"(?=\s*:)/g;

/** A number with the text that it was written as. */
class Written {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Null when the text is no object of JSON. */
export function pythonForm(text: string): string | null {
  let body: unknown;
  try {
    body = JSON.parse(text.replaceAll(NUMBER_NAME, `"${MARK}$1"`), kept);
  } catch {
    return null;
  }
  if (!isObject(body) || body instanceof Written) return null;
  return entriesOf(body)
    .map(([name, value]) => {
      const told = typeof value === "string" ? value : printed(value);
      return `${quoted(name)}=${quoted(told)}`;
    })
    .join("&");
}

const kept = (_name: string, value: unknown, { source }: { source?: string } = {}): unknown =>
  typeof value === "number" ? new Written(source ?? String(value)) : value;

const entriesOf = (object: Json): readonly (readonly [string, unknown])[] =>
  Object.entries(object).map(([name, value]) => [
    name.startsWith(MARK) ? name.slice(MARK.length) : name,
    value,
  ]);

function printed(value: unknown): string {
  if (value instanceof Written) return printedNumber(value.text);
  if (typeof value === "string") return printedText(value);
  if (Array.isArray(value)) return `[${value.map(printed).join(", ")}]`;
  if (isObject(value)) {
    const fields = entriesOf(value).map(([name, one]) => `${printedText(name)}: ${printed(one)}`);
    return `{${fields.join(", ")}}`;
  }
  return value === true ? "True" : value === false ? "False" : "None";
}

function printedNumber(text: string): string {
  if (/^-?\d+$/.test(text)) return text === "-0" ? "0" : text;
  const number = Number(text);
  if (!Number.isFinite(number)) return number < 0 ? "-inf" : "inf";
  if (number === 0) return Object.is(number, -0) ? "-0.0" : "0.0";
  const [digits = "", power = "0"] = number.toExponential().split("e");
  const exponent = Number(power);
  // Python writes a power from 16 on and below -4, and always two digits of it.
  if (exponent >= 16 || exponent < -4)
    return `${digits}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  const plain = exponent < 0 ? number.toFixed(fractionOf(digits) - exponent) : String(number);
  return plain.includes(".") ? plain : `${plain}.0`;
}

const fractionOf = (digits: string): number => digits.split(".")[1]?.length ?? 0;

const SHORT: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

function printedText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  // What Python does not hold for printable stands by its number.
  const inner = text.replaceAll(/[\\'"]|(?! )[\p{C}\p{Z}]/gu, (character) => {
    if (character === "'" || character === '"')
      return character === quote ? `\\${character}` : character;
    return SHORT[character] ?? byNumber(character.codePointAt(0) ?? 0);
  });
  return `${quote}${inner}${quote}`;
}

function byNumber(code: number): string {
  const [letter, length] = code < 0x100 ? ["x", 2] : code < 0x1_00_00 ? ["u", 4] : ["U", 8];
  return `\\${letter}${code.toString(16).padStart(length as number, "0")}`;
}

/** quote_plus: what is not a letter, a digit or one of _.-~ by its bytes. */
const quoted = (text: string): string =>
  encodeURIComponent(text.toWellFormed())
    .replaceAll(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");
