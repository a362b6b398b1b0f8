/** Tables that a procedure keeps, the rows it writes, and what it looks up to be sure. */
import type { RootContent } from "mdast";
import type { RunbookAssertion, RunbookRecord, StepRecord } from "../../../../contract/runbook.ts";
import { type Section, sectionsOf } from "./outline.ts";
import { type Code, type Phrase, phraseOf } from "./phrase.ts";
import { evidence, type Source, squeeze } from "./source.ts";

const TABLE = /^[a-z][a-z0-9_]{1,62}(?:\.[a-z][a-z0-9_]{1,62}){0,2}$/;
const COLUMN = /^[a-z][a-z0-9_]{0,62}$/;
const WRITES =
  /\b(?:update|record|insert|log|write|add|link|set|mark|populat\w{1,3}|create|register|document|append|complete|fill|store|track|file|attach)\b/i;
const READS = /\b(?:review|check|query|inspect|read|see|compare|verify|confirm|look)\b/i;
const VALUE =
  /^([a-z][a-z0-9_]{0,62})(?:\.([a-z][a-z0-9_]{0,62}))?\s{0,2}=\s{0,2}(?:'([^']{0,100})'|"([^"]{0,100})"|(\w{1,60}))$/;

/** `` `table` (`a`, `b`) ``: a table with its columns. */
function declaredAt(
  phrase: Phrase,
  index: number,
): { readonly columns: readonly Code[]; readonly end: number } | null {
  const table = phrase.codes[index];
  if (table === undefined || !TABLE.test(table.value)) return null;
  let at = table.at + table.value.length;
  const open =
    /^\s{0,2}(?:table|log|collection|record|sheet|dataset)?\s{0,2}(?:with )?(?:columns?:? )?\(\s{0,2}$/i;
  const columns: Code[] = [];
  for (const code of phrase.codes.slice(index + 1)) {
    const between = phrase.text.slice(at, code.at);
    const fits =
      columns.length === 0 ? open.test(between) : /^\s{0,2}(?:,|and|, and)\s{0,2}$/.test(between);
    if (!fits || !COLUMN.test(code.value)) break;
    columns.push(code);
    at = code.at + code.value.length;
  }
  const close = /^\s{0,2}\)/.exec(phrase.text.slice(at));
  return columns.length >= 2 && close !== null ? { columns, end: at + close[0].length } : null;
}

/** Every table that the document declares with its columns; once each. */
export function recordsOf(source: Source, top: Section): RunbookRecord[] {
  const found = new Map<string, RunbookRecord>();
  const look = (phrase: Phrase): void => {
    for (const [index, table] of phrase.codes.entries()) {
      const declared = declaredAt(phrase, index);
      if (declared === null || found.has(table.value)) continue;
      const span = phrase.locate(table.at, declared.end);
      found.set(table.value, {
        ...evidence(
          source,
          span,
          "certain",
          "a name in code with names in code in a parenthesis: a table and its columns",
        ),
        table: table.value,
        columns: declared.columns.map(({ value }) => value),
        line: source.lineAt(span.start),
      });
    }
  };
  const walk = (blocks: readonly RootContent[]): void => {
    for (const block of blocks) {
      if (block.type === "paragraph") look(phraseOf(source.text, block));
      else if (block.type === "list")
        for (const item of block.children) walk(item.children as readonly RootContent[]);
      else if (block.type === "blockquote") walk(block.children as readonly RootContent[]);
    }
  };
  for (const section of [top, ...sectionsOf(top)]) walk(section.blocks);
  return [...found.values()];
}

/** What a step writes or looks up in tables. `known` are those that the document declares. */
export function stepRecords(
  source: Source,
  phrase: Phrase,
  known: readonly RunbookRecord[],
): StepRecord[] {
  const found: StepRecord[] = [];
  const columnsOf = (table: string): string[] =>
    known.find((one) => one.table === table)?.columns ?? [];
  const put = (
    code: Code,
    table: string,
    sets: StepRecord["sets"],
    reason: string,
    access: StepRecord["access"] = "write",
  ): void => {
    const before = found.find((one) => one.table === table);
    if (before !== undefined) {
      before.sets.push(...sets);
      return;
    }
    const span = phrase.locate(code.at, code.at + code.value.length);
    found.push({
      ...evidence(source, span, "likely", reason),
      table,
      columns: columnsOf(table),
      sets,
      access,
    });
  };
  const columns = new Set(
    phrase.codes.flatMap((_, index) => declaredAt(phrase, index)?.columns ?? []),
  );
  for (const [index, code] of phrase.codes.entries()) {
    if (columns.has(code)) continue;
    const declared = declaredAt(phrase, index);
    if (declared !== null) {
      put(code, code.value, [], "a table with its columns");
      continue;
    }
    const set = VALUE.exec(code.value.trim());
    if (set !== null) {
      const [, first = "", second, ...values] = set;
      const value = values.find((one: string | undefined) => one !== undefined) ?? "";
      const table = second === undefined ? tableBehind(phrase, code) : first;
      if (table !== null)
        put(code, table, [{ column: second ?? first, value }], "a column set to a value");
      continue;
    }
    if (!TABLE.test(code.value)) continue;
    const before = phrase.text.slice(Math.max(0, code.at - 60), code.at);
    const after = phrase.text.slice(code.at + code.value.length, code.at + code.value.length + 40);
    const isKnown =
      known.some(({ table }) => table === code.value) ||
      (/_/.test(code.value) && /^\s(?:table|log)\b/i.test(after));
    const status = /^\s{0,2}(?:table |record |row )?(\w{2,30}) to\s{0,2}$/i.exec(
      phrase.text.slice(code.at + code.value.length, phrase.codes[index + 1]?.at ?? 0),
    );
    const next = phrase.codes[index + 1];
    if (status?.[1] !== undefined && next !== undefined && WRITES.test(before)) {
      put(code, code.value, [{ column: status[1], value: next.value }], "a column set to a value");
    } else if (WRITES.test(before) && (isKnown || /populat/i.test(before))) {
      put(code, code.value, [], "a table that the step writes");
    } else if (
      READS.test(before) &&
      /_/.test(code.value) &&
      (isKnown || /[_](?:log|run|audit|table|history|events?)s?$/.test(code.value))
    ) {
      put(code, code.value, [], "a table that the step looks at", "read");
    }
  }
  return found;
}

/** “set `flag = true` in `table`”. */
function tableBehind(phrase: Phrase, code: Code): string | null {
  const next = phrase.codes.find(({ at }) => at > code.at);
  if (next === undefined || !TABLE.test(next.value)) return null;
  const between = phrase.text.slice(code.at + code.value.length, next.at);
  return /^\s{0,2}(?:in|on|of|for)(?: the)?\s{0,2}$/i.test(between) ? next.value : null;
}

const CONFIRMS =
  /\b(?:to )?(?:confirm|verify|ensure|check|prove|validate|make sure|assert)\w{0,3}\b(?: that)?(?: there (?:are|is))?\s+(.{2,160})/i;
const ZERO = /\b(?:zero|no|0|none|not any|empty)\b/i;

/** “Run `SELECT …` to confirm zero rows”. Only a proposal: it is carried out where a sidecar binds it. */
export function assertionIn(source: Source, phrase: Phrase): RunbookAssertion | null {
  const query = phrase.codes.find(({ value }) => /^\s{0,2}select\b/i.test(value));
  const confirms = CONFIRMS.exec(phrase.text.slice(0, 600));
  if (confirms === null) return null;
  const claim = squeeze(confirms[1] ?? "");
  const isZero = /^(?:zero|no|0|none)\b/i.test(claim) || (query !== undefined && ZERO.test(claim));
  if (query === undefined && !isZero) return null;
  const start = query === undefined ? confirms.index : Math.min(query.at, confirms.index);
  const end = Math.max(
    confirms.index + confirms[0].length,
    query === undefined ? 0 : query.at + query.value.length,
  );
  const span = phrase.locate(start, end);
  return {
    ...evidence(
      source,
      span,
      "likely",
      query === undefined ? "it says what must come out" : "a query and what must come out of it",
    ),
    text: claim.replace(/\.$/, ""),
    query: query === undefined ? null : wholeQuery(phrase, query),
    expect: isZero ? "zero" : "some",
  };
}

/** “`SELECT COUNT(*)` from `t`”: the words between belong to it. */
function wholeQuery(phrase: Phrase, query: Code): string {
  const next = phrase.codes.find(({ at }) => at > query.at);
  const select = query.value.trim().replace(/;$/, "");
  if (next === undefined || /\bfrom\b/i.test(select)) return select;
  const between = phrase.text.slice(query.at + query.value.length, next.at);
  return /^\s{0,2}(?:from|on|in)(?: the)?\s{0,2}$/i.test(between)
    ? `${select} FROM ${next.value}`
    : select;
}
