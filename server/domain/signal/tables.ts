/** Tables that add labels to alerts before any rule is asked: who owns a host, which rack it stands in. */
import type { Entry, Snapshot } from "../config/config.ts";

type Labels = Readonly<Record<string, string>>;

/** A table with its rows found by what they match. */
type Indexed = {
  readonly id: string;
  readonly match: readonly string[];
  readonly added: readonly (readonly [name: string, at: number])[];
  readonly rows: ReadonlyMap<string, readonly string[]>;
};

const known = new WeakMap<Snapshot, readonly Indexed[]>();

/** The column that chooses the service instead of adding a label. */
const SERVICE = "service";

export type Enriched = {
  readonly labels: Labels;
  /** The service that a table chose; null where none did. */
  readonly service: string | null;
  /** The tables that had a row for it. */
  readonly tables: readonly string[];
};

/**
 * The labels with what tables know beside them, table by table in the order of their names, so that one
 * may go on from what another one added. What the tool said itself is never overwritten.
 */
export function enrich(config: Snapshot, labels: Labels): Enriched {
  let tables = known.get(config);
  if (tables === undefined) known.set(config, (tables = config.all("tables").map(indexed)));
  if (tables.length === 0) return { labels, service: null, tables: [] };
  let all = labels;
  let service: string | null = null;
  const used: string[] = [];
  for (const { id, match, added, rows } of tables) {
    const values = match.map((name) => (Object.hasOwn(all, name) ? all[name] : undefined));
    if (values.some((value) => value === undefined)) continue;
    const row = rows.get(keyOf(values as string[]));
    if (row === undefined) continue;
    used.push(id);
    const news: Record<string, string> = {};
    for (const [name, at] of added) {
      const value = row[at] ?? "";
      if (value === "") continue;
      if (name === SERVICE && config.get("services", value) !== null) service = value;
      else if (!Object.hasOwn(all, name)) news[name] = value;
    }
    all = { ...news, ...all };
  }
  return { labels: all, service, tables: used };
}

const keyOf = (values: readonly string[]): string => values.join("\u0000");

function indexed({ id, body }: Entry<"tables">): Indexed {
  const places = body.match.map((name) => body.columns.indexOf(name));
  return {
    id,
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
