/**
 * Taking a backup: every row of every table as one instant saw it, read by COPY in a single repeatable-read
 * transaction while the store goes on working. Text, so that any PostgreSQL from 15 on can take it back.
 */
import { createHash } from "node:crypto";
import pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import { assert } from "../errors.ts";
import type {
  BackupEnd,
  BackupHeader,
  BackupPartition,
  BackupTable,
  Frame,
  TableEnd,
} from "./file.ts";
import { BACKUP_FORMAT } from "./file.ts";

/** Columns that are not written as they stand: table → column → SQL expression over the table's row. */
export type Rewrites = Readonly<Record<string, Readonly<Record<string, string>>>>;

export type TakeOptions = {
  readonly databaseUrl: string;
  readonly takenAt: string;
  readonly rewrites: Rewrites;
  /** Queries for facts that the header carries; each gives one row with `value`, or none. */
  readonly marks: Readonly<Record<string, string>>;
  readonly onProgress: (progress: Progress) => void;
};

export type Progress = {
  readonly table: string;
  readonly rows: number;
  /** Of all rows, as far as PostgreSQL guessed beforehand. */
  readonly aboutRows: number;
  readonly bytes: number;
};

/** Rows of one frame, about; one large row makes a larger frame. */
const FRAME_BYTES = 256 * 1024;
/** Bound to this cluster: meaningless in another, unless a rewrite says what stands there instead. */
const CLUSTER_TYPES = ["xid", "xid8", "pg_lsn", "oid", "regclass", "pg_snapshot", "txid_snapshot"];
/** Recreated by the migrations themselves. */
const MIGRATIONS = "migration";

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** All frames of a backup; ends its transaction when done or abandoned. */
export async function* takeBackup(options: TakeOptions): AsyncGenerator<Frame> {
  const client = new pg.Client({
    connectionString: options.databaseUrl,
    application_name: "tocsin backup",
  });
  await client.connect();
  try {
    // The first statement fixes the snapshot; each table is locked only against being dropped or altered.
    await client.query("begin isolation level repeatable read read only");
    const header = await readHeader(client, options);
    yield { kind: "header", header };
    const aboutRows = header.tables.reduce((sum, table) => sum + table.about, 0);
    let [rows, bytes] = [0, 0];
    for (const table of header.tables) {
      yield { kind: "table", table };
      const sum = createHash("sha256");
      const end = { rows: 0 };
      for await (const chunk of rowsOf(client, table, options.rewrites, end)) {
        sum.update(chunk);
        bytes += chunk.length;
        yield { kind: "rows", bytes: chunk };
        options.onProgress({ table: table.name, rows: rows + end.rows, aboutRows, bytes });
      }
      rows += end.rows;
      const told: TableEnd = { rows: end.rows, sha256: sum.digest("hex") };
      yield { kind: "table end", end: told };
      options.onProgress({ table: table.name, rows, aboutRows, bytes });
    }
    yield { kind: "end", end: { rows, sequences: await readSequences(client) } };
    await client.query("commit");
  } finally {
    await client.end();
  }
}

async function* rowsOf(
  client: pg.Client,
  table: BackupTable,
  rewrites: Rewrites,
  end: { rows: number },
): AsyncGenerator<Buffer> {
  const columns = table.columns.map((column) => {
    const rewrite = rewrites[table.name]?.[column];
    return rewrite === undefined ? quoted(column) : `${rewrite} as ${quoted(column)}`;
  });
  const stream = client.query(
    copyTo(`copy (select ${columns.join(", ")} from ${quoted(table.name)}) to stdout`),
  );
  let parts: Buffer[] = [];
  let held = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    parts.push(chunk);
    held += chunk.length;
    if (held < FRAME_BYTES) continue;
    // What the stream gives need not end with a row: count line ends, which a row has but one of.
    end.rows += linesIn(parts);
    yield Buffer.concat(parts);
    [parts, held] = [[], 0];
  }
  end.rows += linesIn(parts);
  if (held > 0) yield Buffer.concat(parts);
  assert(end.rows === stream.rowCount, "as many rows were written as PostgreSQL copied");
}

const NEWLINE = 10;
function linesIn(parts: readonly Buffer[]): number {
  let lines = 0;
  for (const part of parts)
    for (let at = part.indexOf(NEWLINE); at >= 0; at = part.indexOf(NEWLINE, at + 1)) lines++;
  return lines;
}

async function readHeader(client: pg.Client, options: TakeOptions): Promise<BackupHeader> {
  const found = await client.query<{ name: string }>(
    `select c.relname as name from pg_class c
     where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
       and c.relpersistence = 'p' and c.relname <> $1 order by c.relname limit 10000`,
    [MIGRATIONS],
  );
  const names = found.rows.map(({ name }) => name);
  await client.query(
    `lock table ${[MIGRATIONS, ...names].map(quoted).join(", ")} in access share mode`,
  );
  const version = await client.query<{ server_version: string }>("show server_version");
  const migrations = await client.query<{ name: string; sha256: string }>(
    "select name, sha256 from migration order by name",
  );
  const marks: Record<string, string> = {};
  for (const [name, query] of Object.entries(options.marks)) {
    const row = (await client.query<{ value: string }>(query)).rows[0];
    if (row !== undefined) marks[name] = row.value;
  }
  return {
    format: BACKUP_FORMAT,
    takenAt: options.takenAt,
    postgres: version.rows[0]?.server_version.split(" ")[0] ?? "?",
    migrations: migrations.rows,
    marks,
    tables: inOrder(await readTables(client, names, options.rewrites), await readParents(client)),
    partitions: await readPartitions(client),
  };
}

async function readTables(
  client: pg.Client,
  names: readonly string[],
  rewrites: Rewrites,
): Promise<readonly BackupTable[]> {
  const { rows } = await client.query<{
    table: string;
    column: string;
    type: string;
    about: number;
  }>(
    `select c.relname as table, a.attname as column, t.typname as type,
       (select coalesce(sum(greatest(p.reltuples, 0)), 0) from pg_class p
        where p.oid = c.oid or p.oid in (select inhrelid from pg_inherits where inhparent = c.oid))::float8 as about
     from pg_class c join pg_attribute a on a.attrelid = c.oid join pg_type t on t.oid = a.atttypid
     where c.relnamespace = current_schema()::regnamespace and c.relname = any($1::text[])
       and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
     order by c.relname, a.attnum limit 100000`,
    [names],
  );
  for (const { table, column, type } of rows)
    assert(
      !CLUSTER_TYPES.includes(type) || rewrites[table]?.[column] !== undefined,
      `${table}.${column} means something only in its own cluster, so a backup rewrites it`,
    );
  return names.map((name) => {
    const own = rows.filter(({ table }) => table === name);
    const about = Math.round(own[0]?.about ?? 0);
    return { name, columns: own.map(({ column }) => column), about };
  });
}

/** Which table must be there before which, by its foreign keys. */
async function readParents(client: pg.Client): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows } = await client.query<{ child: string; parent: string }>(
    `select distinct conrelid::regclass::text as child, confrelid::regclass::text as parent from pg_constraint
     where contype = 'f' and conrelid <> confrelid order by 1, 2 limit 10000`,
  );
  const parents = new Map<string, string[]>();
  for (const { child, parent } of rows) parents.set(child, [...(parents.get(child) ?? []), parent]);
  return parents;
}

function inOrder(
  tables: readonly BackupTable[],
  parents: ReadonlyMap<string, readonly string[]>,
): readonly BackupTable[] {
  const ordered: BackupTable[] = [];
  const visit = (table: BackupTable, trail: readonly string[]): void => {
    if (ordered.includes(table)) return;
    assert(!trail.includes(table.name), "no two tables refer to each other");
    for (const parent of parents.get(table.name) ?? []) {
      const found = tables.find(({ name }) => name === parent);
      if (found !== undefined) visit(found, [...trail, table.name]);
    }
    ordered.push(table);
  };
  for (const table of tables) visit(table, []);
  return ordered;
}

async function readPartitions(client: pg.Client): Promise<readonly BackupPartition[]> {
  const { rows } = await client.query<{ table: string; name: string; bound: string }>(
    `select p.relname as table, c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bound
     from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
     where c.relispartition and c.relkind = 'r' and p.relnamespace = current_schema()::regnamespace
     order by p.relname, c.relname limit 100000`,
  );
  return rows.flatMap(({ table, name, bound }) => {
    const range = /^FOR VALUES FROM \('?(\d+)'?\) TO \('?(\d+)'?\)$/.exec(bound);
    return range === null
      ? []
      : [{ table, name, lower: Number(range[1]), upper: Number(range[2]) }];
  });
}

/** Sequences belong to no snapshot: read last, so that none lies behind a row that was copied. */
async function readSequences(client: pg.Client): Promise<BackupEnd["sequences"]> {
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = current_schema()::regnamespace and relkind = 'S'
     order by relname limit 10000`,
  );
  const sequences: BackupEnd["sequences"][number][] = [];
  for (const { name } of rows) {
    const reply = await client.query<{ value: number; called: boolean }>(
      `select last_value as value, is_called as called from ${quoted(name)}`,
    );
    sequences.push({ name, ...reply.rows[0]! });
  }
  return sequences;
}
