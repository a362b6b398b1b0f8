/** Keeps what stands in a store, to put it back as often as somebody wants to begin there again. */
import { all, type Db, one, run, sql } from "../server/base/db.ts";

type Column = { readonly name: string; readonly columns: string };

/** Returns what puts every row and every counter back; the schema `kept` holds them until it is dropped. */
export async function keep(db: Db): Promise<() => Promise<void>> {
  await run(db, sql`drop schema if exists kept cascade`);
  await run(db, sql`create schema kept`);
  const tables = await all(
    db,
    sql<Column>`select c.relname as name,
        (select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
          where attrelid = c.oid and attnum > 0 and not attisdropped and attgenerated = '') as columns
      from pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
      where c.relkind in ('r', 'p') and not c.relispartition order by c.relname limit 1000`,
  );
  const filled: Column[] = [];
  for (const table of tables) {
    const { some } = await one(
      db,
      sql<{ some: boolean }>`select exists (select from ${sql.table(table.name)}) as some`,
    );
    if (!some) continue;
    filled.push(table);
    await run(
      db,
      sql.raw(`create table kept.${table.name} as select ${table.columns} from ${table.name}`),
    );
  }
  const sequences = await all(
    db,
    sql<{ name: string; last: number | null }>`select sequencename as name, last_value as last
      from pg_sequences where schemaname = 'public' order by sequencename limit 1000`,
  );
  const text = [
    "set session_replication_role = replica",
    ...tables.map(({ name }) => `delete from ${name}`),
    ...filled.map(
      ({ name, columns }) =>
        `insert into ${name} (${columns}) overriding system value select ${columns} from kept.${name}`,
    ),
    ...sequences.map(({ name, last }) =>
      last === null ? `alter sequence ${name} restart` : `select setval('${name}', ${last})`,
    ),
    "set session_replication_role = origin",
  ].join(";");
  return () => run(db, sql.raw(text)).then(() => undefined);
}
