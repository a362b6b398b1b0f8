/** Front matter between fences at the top: YAML, TOML, or YAML whose fences a formatter made into rules. */
import { parse as parseToml } from "smol-toml";
import { isMap, isScalar, isSeq, parseDocument } from "yaml";
import type { MetadataEntry } from "../../../../contract/runbook.ts";
import { evidence, type Source, type Span, squeeze } from "./source.ts";

export type FrontMatter = {
  readonly form: "yaml" | "toml" | "underscore-rule" | "html comment";
  /** With its fences. */
  readonly span: Span;
  readonly inner: Span;
  readonly entries: readonly MetadataEntry[];
  /** What is wrong with it; null: it reads. */
  readonly problem: string | null;
};

/** Beyond this it is no front matter; YAML's own limits do the rest. */
const MAX_LENGTH = 32 * 1024;
const RULE = /^(?:_{10,200}|\\?_\\?_\\?_[_\\]{0,200}|-{4,200}|\*{4,200})[ \t]{0,9}$/;
const KEY_LINE = /^[A-Za-z][\w .-]{0,40}:(?:\s|$)/;

export function frontMatterOf(source: Source): FrontMatter | null {
  const first = source.text.search(/\S/);
  if (first < 0) return null;
  const lines = linesFrom(source.text, first);
  const opening = lines[0]?.text.trimEnd() ?? "";
  if (opening === "---" || opening === "+++") {
    const close = lines.findIndex(
      ({ text }, index) =>
        index > 0 &&
        (text.trimEnd() === opening || (opening === "---" && text.trimEnd() === "...")),
    );
    if (close < 0) return null;
    const inner = innerOf(lines, close);
    const span = { start: lines[0]?.start ?? 0, end: lines[close]?.end ?? 0 };
    return opening === "---"
      ? readYaml(source, "yaml", span, inner)
      : readToml(source, span, inner);
  }
  if (opening === "{") return readJson(source, lines);
  if (RULE.test(opening)) return underscoreRules(source, lines);
  return opening.startsWith("<!--") ? comment(source, first) : null;
}

type Line = { readonly text: string; readonly start: number; readonly end: number };

function linesFrom(text: string, from: number): readonly Line[] {
  const lines: Line[] = [];
  for (let start = from; start < text.length && start < from + MAX_LENGTH;) {
    const newline = text.indexOf("\n", start);
    const stop = newline < 0 ? text.length : newline;
    const end = stop > start && text[stop - 1] === "\r" ? stop - 1 : stop;
    lines.push({ text: text.slice(start, end), start, end });
    start = stop + 1;
  }
  return lines;
}

const innerOf = (lines: readonly Line[], close: number): Span => ({
  start: lines[1]?.start ?? 0,
  end: close > 1 ? (lines[close - 1]?.end ?? 0) : (lines[1]?.start ?? 0),
});

/** A formatter turned the fences into rules, set blank lines and indented what follows a list. */
function underscoreRules(source: Source, lines: readonly Line[]): FrontMatter | null {
  const close = lines.findIndex(({ text }, index) => index > 0 && RULE.test(text.trimEnd()));
  if (close < 0) return null;
  const inside = lines.slice(1, close).filter(({ text }) => text.trim() !== "");
  const keys = inside.filter(({ text }) => KEY_LINE.test(text.trim()));
  const isKeys = keys.length > 0 && inside.every(({ text }) => isMetadataLine(text));
  if (!isKeys || keys.length * 2 < inside.length) return null;
  const span = { start: lines[0]?.start ?? 0, end: lines[close]?.end ?? 0 };
  const entries: MetadataEntry[] = [];
  for (const line of inside) {
    const text = line.text.trim();
    const item = /^[-*+]\s+(.*)$/.exec(text)?.[1];
    const last = entries.at(-1);
    if (item !== undefined && last !== undefined) {
      const value = last.value === "" ? item : `${last.value}, ${item}`;
      entries[entries.length - 1] = { ...last, value: squeeze(value) };
      continue;
    }
    const colon = text.indexOf(":");
    if (colon < 0) continue;
    const at = line.start + line.text.indexOf(text);
    const spot = { start: at, end: at + text.length };
    const reason = "a key between two rules at the top, which were front matter's fences once";
    entries.push({
      ...evidence(source, spot, "likely", reason),
      key: keyOf(text.slice(0, colon)),
      value: unquoted(text.slice(colon + 1)),
      form: "underscore-rule",
      line: source.lineAt(at),
    });
  }
  const inner = innerOf(lines, close);
  return { form: "underscore-rule", span, inner, entries, problem: null };
}

const isMetadataLine = (text: string): boolean =>
  KEY_LINE.test(text.trim()) || /^\s*[-*+]\s+\S/.test(text);

const FORM_REASONS = { yaml: "a key of the front matter", toml: "a key of the TOML front matter" };

function readYaml(source: Source, form: "yaml", span: Span, inner: Span): FrontMatter {
  const text = source.text.slice(inner.start, inner.end);
  const entries: MetadataEntry[] = [];
  let problem: string | null = null;
  try {
    const document = parseDocument(text, { strict: false, uniqueKeys: false, logLevel: "silent" });
    problem = document.errors[0]?.message.split("\n", 1)[0] ?? null;
    if (isMap(document.contents)) {
      for (const { key, value } of document.contents.items) {
        if (!isScalar(key)) continue;
        const start = inner.start + (key.range?.[0] ?? 0);
        const end = inner.start + endOfValue(value, text, key.range?.[1] ?? 0);
        entries.push({
          ...evidence(source, { start, end }, "certain", FORM_REASONS.yaml),
          key: keyOf(String(key.value)),
          value: yamlText(value, text, end - inner.start),
          form,
          line: source.lineAt(start),
        });
      }
    }
  } catch (error) {
    problem = error instanceof Error ? (error.message.split("\n", 1)[0] ?? "") : "unreadable";
  }
  return { form, span, inner, entries, problem };
}

/** A list of plain values as one text; anything else as it is written, so that no nesting is unfolded. */
function yamlText(value: unknown, text: string, end: number): string {
  if (value === null || value === undefined) return "";
  if (isScalar(value)) return valueText(value.value);
  if (isSeq(value) && value.items.every((item) => isScalar(item)))
    return valueText(value.items.map((item) => (isScalar(item) ? item.value : "")));
  const start = (value as { range?: readonly number[] | null }).range?.[0] ?? end;
  return valueText(text.slice(start, end));
}

function endOfValue(value: unknown, text: string, keyEnd: number): number {
  const range = (value as { range?: readonly number[] | null } | null)?.range;
  const end = Math.max(keyEnd, range?.[1] ?? keyEnd);
  return Math.min(
    text.length,
    end === keyEnd ? Math.max(keyEnd, text.indexOf(":", keyEnd) + 1) : end,
  );
}

/** An object on lines of its own at the top. What is JSON is YAML too, and that reader keeps the places. */
function readJson(source: Source, lines: readonly Line[]): FrontMatter | null {
  const close = lines.findIndex(({ text }, index) => index > 0 && text.trimEnd() === "}");
  const [first] = lines;
  const last = lines[close];
  if (first === undefined || last === undefined) return null;
  const span = { start: first.start, end: last.end };
  try {
    JSON.parse(source.text.slice(span.start, span.end));
  } catch {
    return null;
  }
  return readYaml(source, "yaml", span, span);
}

function readToml(source: Source, span: Span, inner: Span): FrontMatter {
  const text = source.text.slice(inner.start, inner.end);
  let values: Readonly<Record<string, unknown>> = {};
  let problem: string | null = null;
  try {
    values = parseToml(text);
  } catch (error) {
    problem = error instanceof Error ? (error.message.split("\n", 1)[0] ?? "") : "unreadable";
  }
  const entries = Object.entries(values).map(([key, value]): MetadataEntry => {
    const line = linesFrom(text, 0).find((one) => one.text.trimStart().startsWith(key));
    const start = inner.start + (line?.start ?? 0);
    return {
      ...evidence(
        source,
        { start, end: inner.start + (line?.end ?? 0) },
        "certain",
        FORM_REASONS.toml,
      ),
      key: keyOf(key),
      value: valueText(value),
      form: "toml",
      line: source.lineAt(start),
    };
  });
  return { form: "toml", span, inner, entries, problem };
}

/** A comment at the top that holds nothing but keys. */
function comment(source: Source, first: number): FrontMatter | null {
  const close = source.text.slice(first, first + MAX_LENGTH).indexOf("-->");
  if (close < 0) return null;
  const inner = { start: first + 4, end: first + close };
  const lines = linesFrom(source.text.slice(0, inner.end), inner.start);
  const inside = lines.filter(({ text }) => text.trim() !== "");
  const keys = inside.filter(({ text }) => KEY_LINE.test(text.trim()));
  if (keys.length === 0 || keys.length * 2 < inside.length) return null;
  const entries = keys.map((line): MetadataEntry => {
    const text = line.text.trim();
    const start = line.start + line.text.indexOf(text);
    const colon = text.indexOf(":");
    const spot = { start, end: start + text.length };
    return {
      ...evidence(source, spot, "likely", "a key in a comment at the top"),
      key: keyOf(text.slice(0, colon)),
      value: unquoted(text.slice(colon + 1)),
      form: "html comment",
      line: source.lineAt(start),
    };
  });
  const span = { start: first, end: first + close + 3 };
  return { form: "html comment", span, inner, entries, problem: null };
}

/** “Last Reviewed” → “last_reviewed”. */
export const keyOf = (text: string): string =>
  text
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]{1,9}/gu, "_")
    .replace(/^_|_$/g, "")
    .slice(0, 60);

export const unquoted = (text: string): string => {
  const bare = squeeze(text);
  const quoted = /^(["'])(.*)\1$/s.exec(bare);
  return (quoted?.[2] ?? bare).slice(0, 2000);
};

function valueText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value))
    return value
      .map(valueText)
      .filter((part) => part !== "")
      .join(", ")
      .slice(0, 2000);
  if (value instanceof Date) return value.toISOString().slice(0, 10);
  if (typeof value === "object") return JSON.stringify(value).slice(0, 2000);
  return squeeze(String(value as string | number | boolean)).slice(0, 2000);
}
