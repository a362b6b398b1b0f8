/** Rows of records: two tables of their own, and one for every other that a document names. */
import { all, json, maybe, type Queryable, run as execute, sql, type Tx } from "../../base/db.ts";
import type { Cursor } from "../../base/cursor.ts";
import type { Instant } from "../../base/instant.ts";
import type { Reader } from "../account/account.ts";
import { runVisibleTo } from "./runStore.ts";

/** Their columns as the procedures name them, the key first. */
export const KNOWN_TABLES: Readonly<Record<string, readonly string[]>> = {
  governance_change_log: [
    "change_id",
    "submitted_by",
    "impact",
    "status",
    "datasets",
    "privacy_tier",
  ],
  data_incident: ["incident_id", "start_at", "end_at", "impact", "rca", "follow_up_actions"],
};

export type RecordRow = {
  readonly table: string;
  readonly id: string;
  readonly values: Readonly<Record<string, string>>;
  readonly runNumber: number | null;
  readonly incidentNumber: number | null;
};
export type RecordWithTime = RecordRow & {
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
};

/** Columns of a known table are our own words, so they may stand in a statement as they are. */
const list = (columns: readonly string[]) => sql.raw(columns.join(", "));

export async function saveRecord(tx: Tx, row: RecordRow, now: Instant): Promise<void> {
  const columns = KNOWN_TABLES[row.table];
  if (columns === undefined) {
    await execute(
      tx,
      sql`insert into run_record (table_name, id, body, run_number, incident_number, created_at, updated_at)
          values (${row.table}, ${row.id}, ${json(row.values)}, ${row.runNumber}, ${row.incidentNumber},
            ${now}, ${now})
          on conflict (table_name, id) do update set body = excluded.body,
            run_number = excluded.run_number, updated_at = excluded.updated_at`,
    );
    return;
  }
  const [key = "", ...others] = columns;
  const values = columns.map((column) => sql`${row.values[column] ?? null}`);
  const set = others.map((column) => `${column} = excluded.${column}`);
  await execute(
    tx,
    sql`insert into ${sql.raw(row.table)} (${list(columns)}, run_number, incident_number, created_at, updated_at)
        values (${sql.join(values)}, ${row.runNumber}, ${row.incidentNumber}, ${now}, ${now})
        on conflict (${sql.raw(key)}) do update set ${sql.raw(set.join(", "))},
          run_number = excluded.run_number, updated_at = excluded.updated_at`,
  );
}

/** One row form for all tables, under the alias t. */
function rowsOf(table: string) {
  const columns = KNOWN_TABLES[table];
  if (columns === undefined)
    return sql`(select id, body, run_number, incident_number, created_at, updated_at
      from run_record where table_name = ${table})`;
  const pairs = columns.map((column) => `'${column}', ${column}`).join(", ");
  return sql`(select ${sql.raw(columns[0] ?? "")} as id, jsonb_strip_nulls(jsonb_build_object(${sql.raw(pairs)})) as body,
    run_number, incident_number, created_at, updated_at from ${sql.raw(table)})`;
}

type Row = Omit<RecordWithTime, "table" | "values"> & { readonly body: Record<string, string> };
const toRecord = (table: string, { body, ...row }: Row): RecordWithTime => ({
  ...row,
  table,
  values: body,
});

export async function findRecord(
  tx: Queryable,
  table: string,
  id: string,
): Promise<RecordWithTime | null> {
  const row = await maybe(
    tx,
    sql<Row>`select t.id, t.body, t.run_number, t.incident_number, t.created_at, t.updated_at
      from ${rowsOf(table)} t where t.id = ${id}`,
  );
  return row === null ? null : toRecord(table, row);
}

/** What a run wrote, or its incident's other runs. */
export async function listRecordsOf(
  tx: Queryable,
  tables: readonly string[],
  run: number,
): Promise<readonly RecordWithTime[]> {
  const found: RecordWithTime[] = [];
  for (const table of tables) {
    const rows = await all(
      tx,
      sql<Row>`select t.id, t.body, t.run_number, t.incident_number, t.created_at, t.updated_at
        from ${rowsOf(table)} t where t.run_number = ${run} order by t.id limit 200`,
    );
    found.push(...rows.map((row) => toRecord(table, row)));
  }
  return found;
}

/** Newest first; each seen by whoever may see its run. */
export async function listRecords(
  tx: Queryable,
  reader: Reader,
  table: string,
  limit: number,
  after: Cursor | null,
): Promise<readonly RecordWithTime[]> {
  const rows = await all(
    tx,
    sql<Row>`select t.id, t.body, t.run_number, t.incident_number, t.created_at, t.updated_at
      from ${rowsOf(table)} t join runbook_run r on r.number = t.run_number
      where ${runVisibleTo(reader)}
        and ${after === null ? sql`true` : sql`(t.updated_at, t.run_number) < (${after.at}, ${Number(after.id)})`}
      order by t.updated_at desc, t.run_number desc limit ${limit}`,
  );
  return rows.map((row) => toRecord(table, row));
}

/** Every table that somebody wrote to, apart from the known ones. */
export async function listTables(tx: Queryable, run: number): Promise<readonly string[]> {
  const rows = await all(
    tx,
    sql<{ table: string }>`select distinct table_name as table from run_record
      where run_number = ${run} order by table_name limit 100`,
  );
  return [...Object.keys(KNOWN_TABLES), ...rows.map((row) => row.table)];
}
