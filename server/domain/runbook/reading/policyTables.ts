/** Severity and SLA tables, whatever their columns are called and whichever way they lie. */
import type { PolicySeverity } from "../../../../contract/runbook.ts";
import { type Calendar, durationOfCell } from "./durations.ts";
import type { Grid } from "./grid.ts";
import { transposed } from "./grid.ts";
import type { Phrase } from "./phrase.ts";
import { severityOfCell } from "./severity.ts";
import { evidence, type Source, squeeze } from "./source.ts";

export type TimeField = "acknowledge" | "mitigate" | "resolve" | "updateEvery";
export type TextField = "definition" | "communication" | "response";

/** One statement of a table or list about a severity. */
export type Fact = {
  readonly severity: string;
  readonly field: TimeField;
  readonly iso: string;
  readonly calendar: Calendar;
  readonly cell: Phrase;
  readonly column: string;
  readonly isExact: boolean;
};

export type Row = {
  readonly severity: string;
  readonly name: Phrase;
  readonly facts: readonly Fact[];
  readonly texts: Readonly<Partial<Record<TextField, Phrase>>>;
  readonly examples: Phrase | null;
};

type Column =
  | { readonly kind: "time"; readonly field: TimeField }
  | { readonly kind: "text"; readonly field: TextField | "examples" };

const TIMES: readonly (readonly [TimeField, RegExp])[] = [
  [
    "updateEvery",
    /\b(?:updates?|cadence|communication frequency|update frequency|status (?:report|update)s?|frequency)\b/,
  ],
  [
    "mitigate",
    /\b(?:mitigat\w{1,5}|contain\w{0,5}|workaround|work-around|stabili[sz]\w{1,5}|ttm|mttm|restor\w{1,6}|rto)\b/,
  ],
  [
    "resolve",
    /\b(?:resol\w{1,6}|fix(?:es|ed)?|ttr|mttr|repair|recover\w{0,3}|closure|close|complet\w{1,4})\b/,
  ],
  [
    "acknowledge",
    /\b(?:acknowledg\w{1,7}|ack|respon[ds]\w{0,4}|reaction|tta|mtta|pick-?up|first (?:touch|contact)|initial contact|triage|engage\w{0,4})\b/,
  ],
];

const TEXTS: readonly (readonly [TextField | "examples", RegExp])[] = [
  ["examples", /\bexamples?\b/],
  [
    "communication",
    /\b(?:communicat\w{1,5}|notif\w{1,8}|stakeholders?|audience|who (?:is|to) (?:told|notified|notify)|informs?)\b/,
  ],
  [
    "definition",
    /\b(?:definition|description|meaning|criteria|impact|means|what|customer impact|scope|indicators?)\b/,
  ],
  ["response", /\b(?:response|action|typical response|what do we do|handling|what to do)\b/],
];

/** A row that is a promise has no owner, no due date and no state: those are lists of work. */
const WORK = /\b(?:owner|due|assignee|ticket|action item|status)\b/;
const NAMES =
  /\b(?:sev(?:erity)?|priority|level|urgency|class|classification|tier|prio|impact level|p)\b/;

/** The rows of a severity table; none where the table is about something else. */
export function severityRows(grid: Grid): readonly Row[] {
  const upright = rowsOf(grid);
  if (upright.length >= 2) return upright;
  const [, ...names] = grid.header;
  const named = names.filter((cell) => severityOfCell(cell.text) !== null);
  if (named.length >= 2 && named.length === names.length) return rowsOf(transposed(grid));
  return [];
}

function rowsOf(grid: Grid): readonly Row[] {
  const nameColumn = columnOfNames(grid);
  if (nameColumn === null) return [];
  const headers = grid.header.map(({ text }) => squeeze(text).toLowerCase());
  const columns = headers.map((header, at) =>
    at === nameColumn ? null : columnOf(header, grid, at),
  );
  const others = headers.filter((_, at) => at !== nameColumn);
  const hasTimes = columns.some((column) => column?.kind === "time");
  if (!hasTimes && others.some((header) => WORK.test(header))) return [];
  if (columns.every((column) => column === null)) return [];
  return grid.rows.flatMap((cells) => {
    const name = cells[nameColumn];
    const severity = name === undefined ? null : severityOfCell(name.text);
    if (name === undefined || severity === null) return [];
    return [rowOf(severity, name, cells, columns, headers)];
  });
}

function columnOfNames(grid: Grid): number | null {
  for (const at of [0, 1]) {
    const cells = grid.rows.map((row) => row[at]?.text ?? "").filter((text) => text.trim() !== "");
    const named = cells.filter((text) => severityOfCell(text) !== null);
    const isNamed = NAMES.test((grid.header[at]?.text ?? "").toLowerCase());
    if (named.length >= 2 && new Set(named.map(severityOfCell)).size >= 2)
      if (named.length * 10 >= cells.length * 8 || (isNamed && named.length * 2 >= cells.length))
        return at;
  }
  return null;
}

function columnOf(header: string, grid: Grid, at: number): Column | null {
  const cells = grid.rows.map((row) => row[at]?.text ?? "").filter((text) => text.trim() !== "");
  const timed = cells.filter((text) => durationOfCell(text) !== null && text.length <= 80);
  if (timed.length * 2 >= cells.length && timed.length > 0) {
    const field = TIMES.find(([, pattern]) => pattern.test(header))?.[0];
    if (field !== undefined) return { kind: "time", field };
    if (/\b(?:communicat\w{1,5}|notif\w{1,8})\b/.test(header))
      return { kind: "time", field: "updateEvery" };
    if (/\bsla\b|\btime\b|\btarget\b/.test(header)) return { kind: "time", field: "acknowledge" };
  }
  const text = TEXTS.find(([, pattern]) => pattern.test(header))?.[0];
  return text === undefined ? null : { kind: "text", field: text };
}

function rowOf(
  severity: string,
  name: Phrase,
  cells: readonly Phrase[],
  columns: readonly (Column | null)[],
  headers: readonly string[],
): Row {
  const facts: Fact[] = [];
  const texts: Partial<Record<TextField, Phrase>> = {};
  let examples: Phrase | null = null;
  for (const [at, column] of columns.entries()) {
    const cell = cells[at];
    if (column === null || cell === undefined || cell.text.trim() === "") continue;
    if (column.kind === "text") {
      if (column.field === "examples") examples ??= cell;
      else texts[column.field] ??= cell;
      continue;
    }
    const duration = durationOfCell(cell.text);
    if (duration !== null)
      facts.push({ severity, field: column.field, cell, column: headers[at] ?? "", ...duration });
  }
  return { severity, name, facts, texts, examples };
}

/** All rows about one severity as one, with the facts that contradict each other. */
export function mergeSeverities(
  source: Source,
  rows: readonly Row[],
): {
  readonly severities: PolicySeverity[];
  readonly conflicts: readonly (readonly [Fact, Fact])[];
} {
  const bySeverity = new Map<string, Row[]>();
  for (const row of rows)
    bySeverity.set(row.severity, [...(bySeverity.get(row.severity) ?? []), row]);
  const conflicts: (readonly [Fact, Fact])[] = [];
  const severities = [...bySeverity].map(([name, own]) => severityOf(source, name, own, conflicts));
  return { severities: severities.toSorted((a, b) => rank(a.name) - rank(b.name)), conflicts };
}

const WORD_ORDER = [
  "Emergency",
  "Blocker",
  "Critical",
  "Urgent",
  "High",
  "Major",
  "Medium",
  "Moderate",
  "Normal",
  "Warning",
  "Minor",
  "Low",
  "Trivial",
  "Cosmetic",
  "Info",
  "Informational",
];
function rank(name: string): number {
  const number = /\d/.exec(name)?.[0];
  return number === undefined ? WORD_ORDER.indexOf(name) : Number(number);
}

function severityOf(
  source: Source,
  name: string,
  rows: readonly Row[],
  conflicts: (readonly [Fact, Fact])[],
): PolicySeverity {
  const facts = rows.flatMap((row) => row.facts);
  const sources: PolicySeverity["sources"] = {};
  const time = (field: TimeField): string | null => {
    const said = facts.filter((fact) => fact.field === field);
    const [first, ...others] = said;
    if (first === undefined) return null;
    for (const other of others)
      if (other.iso !== first.iso || other.calendar !== first.calendar)
        conflicts.push([first, other]);
    sources[field] = evidence(
      source,
      first.cell.span,
      first.isExact ? "certain" : "likely",
      `the column “${first.column}”`,
    );
    return first.iso;
  };
  const text = (field: TextField): string | null => {
    const cell = rows.map((row) => row.texts[field]).find((one) => one !== undefined);
    if (cell === undefined) return null;
    sources[field] = evidence(source, cell.span, "certain", "a column of the table");
    return squeeze(cell.text);
  };
  const first = rows[0];
  const examples = rows.map((row) => row.examples).find((one) => one !== null);
  if (examples)
    sources["examples"] = evidence(source, examples.span, "certain", "the column of examples");
  const span = first?.name.span ?? { start: 0, end: 0 };
  return {
    ...evidence(
      source,
      span,
      "certain",
      "a severity, named in the first column of a table or in a list",
    ),
    name,
    acknowledge: time("acknowledge"),
    mitigate: time("mitigate"),
    resolve: time("resolve"),
    updateEvery: time("updateEvery"),
    calendar: facts.some(({ calendar }) => calendar === "business") ? "business" : "always",
    definition: text("definition"),
    examples: examples ? examplesIn(examples.text) : [],
    communication: text("communication"),
    response: text("response"),
    commander: null,
    line: source.lineAt(span.start),
    sources,
  };
}

/** “a, b (c, d), e” → three; commas in parentheses part nothing. */
function examplesIn(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = "";
  for (const letter of text) {
    if (letter === "(") depth++;
    if (letter === ")") depth = Math.max(0, depth - 1);
    if ((letter === "," || letter === ";" || letter === "\n") && depth === 0) {
      parts.push(part);
      part = "";
    } else part += letter;
  }
  return [...parts, part]
    .map(squeeze)
    .filter((one) => one !== "")
    .slice(0, 40);
}
