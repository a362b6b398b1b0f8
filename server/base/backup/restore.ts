/**
 * Giving a backup back to an empty store: the schema as it was, then every row, then the sequences, all in
 * one transaction. Whatever goes wrong on the way, the store is as empty afterwards as it was before.
 */
import { once } from "node:events";
import { finished } from "node:stream/promises";
import pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { assert, Refusal } from "../errors.ts";
import { MIGRATION_LOCK, readMigrations } from "../migrate.ts";
import {
  type BackupEnd,
  type BackupHeader,
  type BackupPartition,
  type BackupTable,
  type Frame,
  readBackup,
} from "./file.ts";
import { type Progress, quoted } from "./take.ts";

export type RestoreOptions = {
  readonly databaseUrl: string;
  readonly file: string;
  readonly frames: AsyncIterable<Frame>;
  /** The folder of this version's migrations. */
  readonly schema: URL;
  /** Looks at the header before anything is written; refuses by throwing. */
  readonly check: (header: BackupHeader) => void;
  readonly onProgress: (progress: Progress) => void;
};

/** Restores and returns what was there. Refuses a store that holds anything, and a newer version's backup. */
export async function restoreBackup(
  options: RestoreOptions,
): Promise<{ readonly header: BackupHeader; readonly rows: number }> {
  const client = new pg.Client({
    connectionString: options.databaseUrl,
    application_name: "tocsin restore",
  });
  await client.connect();
  try {
    await client.query("begin");
    const done = await restoreWithin(client, options);
    const end = await client.query("commit");
    assert(end.command === "COMMIT", "a restore that is reported was committed");
    // What the planner knows of the tables; a restored store would start slowly without.
    await client.query("analyze");
    return done;
  } catch (error) {
    // What is damaged may break whoever reads it before its checksum is reached.
    if (!(error instanceof Refusal)) await mustBeWhole(options.file);
    throw error;
  } finally {
    // Without a commit the connection's end rolls everything back.
    await client.end();
  }
}

async function mustBeWhole(file: string): Promise<void> {
  const frames = readBackup(file);
  while ((await frames.next()).done !== true);
}

async function restoreWithin(
  client: pg.Client,
  options: RestoreOptions,
): Promise<{ header: BackupHeader; rows: number }> {
  const frames = options.frames[Symbol.asyncIterator]();
  const first = await nextFrame(frames);
  assert(first.kind === "header", "a backup begins with its header");
  const { header } = first;
  options.check(header);
  await makeSchema(client, options, header);
  const aboutRows = header.tables.reduce((sum, table) => sum + table.about, 0);
  let [rows, bytes] = [0, 0];
  for (;;) {
    const frame = await nextFrame(frames);
    if (frame.kind === "end") {
      if (frame.end.rows !== rows)
        throw new Refusal("backup.damaged", { file: options.file, problem: "rows are missing" });
      await setSequences(client, frame.end.sequences);
      // The reader verifies that nothing follows.
      await frames.next();
      return { header, rows };
    }
    assert(frame.kind === "table", "a table begins");
    const { table } = frame;
    rows += await restoreTable(client, table, frames, (written) => {
      bytes += written;
      options.onProgress({ table: table.name, rows, aboutRows, bytes });
    });
    options.onProgress({ table: table.name, rows, aboutRows, bytes });
  }
}

async function nextFrame(frames: AsyncIterator<Frame>): Promise<Frame> {
  const next = await frames.next();
  assert(next.done !== true, "the reader refuses a backup without an end");
  return next.value;
}

/** Nobody else migrates or restores meanwhile; a server that starts now waits until we are done. */
async function makeSchema(
  client: pg.Client,
  options: RestoreOptions,
  header: BackupHeader,
): Promise<void> {
  await client.query("select pg_advisory_xact_lock($1)", [MIGRATION_LOCK]);
  const there = await client.query<{ count: number }>(
    `select count(*) as count from pg_class
     where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p', 'S', 'v', 'm')`,
  );
  const count = there.rows[0]?.count ?? 0;
  if (count > 0) throw new Refusal("backup.store_not_empty", { count });
  const known = new Map(
    (await readMigrations(options.schema)).map((migration) => [migration.name, migration]),
  );
  await client.query("create table migration (name text primary key, sha256 text not null)");
  for (const { name, sha256 } of header.migrations) {
    const migration = known.get(name);
    if (migration === undefined)
      throw new Refusal("backup.newer", { file: options.file, what: `migration ${name}` });
    if (migration.sha256 !== sha256) throw new Refusal("start.schema_changed", { name });
    await client.query(migration.text);
    await client.query("insert into migration (name, sha256) values ($1, $2)", [name, sha256]);
  }
  for (const partition of header.partitions) await addPartition(client, partition);
  // What the migrations put there themselves stands in the backup as well.
  for (const { name } of header.tables) {
    const { rowCount } = await client.query(`select from ${quoted(name)} limit 1`);
    if (rowCount === 1) await client.query(`delete from ${quoted(name)}`);
  }
}

async function addPartition(client: pg.Client, partition: BackupPartition): Promise<void> {
  const { table, name, lower, upper } = partition;
  // DDL takes no parameters, and a file may come from anywhere: names are quoted, bounds are numbers.
  assert(Number.isSafeInteger(lower) && Number.isSafeInteger(upper), "a partition has two bounds");
  await client.query(
    `create table if not exists ${quoted(name)} partition of ${quoted(table)} for values from (${lower}) to (${upper})`,
  );
}

async function restoreTable(
  client: pg.Client,
  table: BackupTable,
  frames: AsyncIterator<Frame>,
  onBytes: (bytes: number) => void,
): Promise<number> {
  const columns = table.columns.map(quoted).join(", ");
  const into = client.query(copyFrom(`copy ${quoted(table.name)} (${columns}) from stdin`));
  const written = finished(into);
  // A row that is refused fails here, while rows are still being written.
  written.catch(() => undefined);
  for (;;) {
    const frame = await nextFrame(frames).catch((error: Error) => {
      into.destroy(error);
      throw error;
    });
    if (frame.kind === "rows") {
      if (!into.write(frame.bytes)) await Promise.race([once(into, "drain"), written]);
      onBytes(frame.bytes.length);
      continue;
    }
    assert(frame.kind === "table end", "a table ends before the next begins");
    into.end();
    await written;
    assert(into.rowCount === frame.end.rows, "PostgreSQL took as many rows as were backed up");
    return frame.end.rows;
  }
}

async function setSequences(client: pg.Client, sequences: BackupEnd["sequences"]): Promise<void> {
  for (const { name, value, called } of sequences)
    await client.query("select setval($1::regclass, $2, $3)", [quoted(name), value, called]);
}
