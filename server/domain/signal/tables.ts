/** Tables that add labels to alerts before any rule is asked: who owns a host, which rack it stands in. */
import type { Entry, Snapshot } from "../config/config.ts";
import { type KnownAnswers, type Question, questionOf } from "./lookup.ts";

type Labels = Readonly<Record<string, string>>;

/** A table with its rows found by what they match. */
type Indexed = {
  readonly id: string;
  readonly entry: Entry<"tables">;
  readonly match: readonly string[];
  readonly added: readonly (readonly [name: string, at: number])[];
  readonly rows: ReadonlyMap<string, readonly string[]>;
};

const indexes = new WeakMap<Snapshot, readonly Indexed[]>();

/** The column that chooses the service instead of adding a label. */
const SERVICE = "service";

export type Enriched = {
  readonly labels: Labels;
  /** The service that a table chose; null where none did. */
  readonly service: string | null;
  /** The tables that had a row for it. */
  readonly tables: readonly string[];
  /** What tables that are asked over HTTP would have to be asked. */
  readonly unknown: readonly Question[];
};

const NOBODY_ASKED: KnownAnswers = () => undefined;

/**
 * The labels with what tables know beside them, table by table in the order of their names, so that one
 * may go on from what another one added. What the tool said itself is never overwritten.
 */
export function enrich(
  config: Snapshot,
  labels: Labels,
  known: KnownAnswers = NOBODY_ASKED,
): Enriched {
  let tables = indexes.get(config);
  if (tables === undefined) indexes.set(config, (tables = config.all("tables").map(indexed)));
  if (tables.length === 0) return { labels, service: null, tables: [], unknown: [] };
  let all = labels;
  let service: string | null = null;
  const used: string[] = [];
  const unknown: Question[] = [];
  for (const table of tables) {
    const { id, match, entry } = table;
    const values = match.map((name) => (Object.hasOwn(all, name) ? all[name] : undefined));
    if (values.some((value) => value === undefined)) continue;
    const question = questionOf(entry, (name) => values[match.indexOf(name)]);
    const answer = question === null ? null : known(question);
    if (question !== null && answer === undefined) unknown.push(question);
    const row = question === null ? rowOf(table, values as string[]) : Object.entries(answer ?? {});
    if (row.length === 0) continue;
    used.push(id);
    const news: Record<string, string> = {};
    for (const [name, value] of row) {
      if (value === "") continue;
      if (name === SERVICE && config.get("services", value) !== null) service = value;
      else if (!Object.hasOwn(all, name)) news[name] = value;
    }
    all = { ...news, ...all };
  }
  return { labels: all, service, tables: used, unknown };
}

const rowOf = (
  { rows, added }: Indexed,
  values: readonly string[],
): readonly (readonly [name: string, value: string])[] => {
  const row = rows.get(keyOf(values));
  return row === undefined ? [] : added.map(([name, at]) => [name, row[at] ?? ""] as const);
};

const keyOf = (values: readonly string[]): string => values.join("\u0000");

function indexed(entry: Entry<"tables">): Indexed {
  const { id, body } = entry;
  const places = body.match.map((name) => body.columns.indexOf(name));
  return {
    id,
    entry,
    match: body.match,
    added: body.columns.flatMap((name, at) =>
      body.match.includes(name) ? [] : [[name, at] as const],
    ),
    // The first row of a key counts, as people read a table.
    rows: new Map(
      body.rows.map((row) => [keyOf(places.map((at) => row[at] ?? "")), row]).toReversed() as [
        string,
        string[],
      ][],
    ),
  };
}
