/** Brings the schema up: forward-only .sql files in the order of their names, each in one transaction. */
import { readdir, readFile } from "node:fs/promises";
import { all, type Db, run, sql, transact } from "./db.ts";
import { sha256 } from "./crypto.ts";
import { Refusal } from "./errors.ts";

/** Any number will do as long as every node uses the same one. */
export const MIGRATION_LOCK = 7_364_501;

export type Migration = { readonly name: string; readonly text: string; readonly sha256: string };

/** The migrations of a folder, in the order in which they are applied. */
export async function readMigrations(directory: URL): Promise<readonly Migration[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith(".sql")).toSorted();
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(new URL(name, directory), "utf8");
      return { name, text, sha256: sha256(text).toString("hex") };
    }),
  );
}

/**
 * Applies what is missing and returns the names applied. Two nodes starting at once wait for each
 * other. A file that changed after it was applied is refused: history is not rewritten.
 */
export async function migrate(db: Db, directory: URL): Promise<readonly string[]> {
  const files = await readMigrations(directory);
  return transact(db, async (tx) => {
    // Another node may take its time with a large store.
    await run(tx, sql`set local lock_timeout = 0`);
    await run(tx, sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`);
    await run(
      tx,
      sql`create table if not exists migration (name text primary key, sha256 text not null)`,
    );
    const known = new Map(
      (
        await all(
          tx,
          sql<{ name: string; sha256: string }>`select name, sha256 from migration order by name`,
        )
      ).map((row) => [row.name, row.sha256]),
    );
    const applied: string[] = [];
    for (const { name, text, sha256: digest } of files) {
      const before = known.get(name);
      if (before === digest) continue;
      if (before !== undefined) throw new Refusal("start.schema_changed", { name });
      await run(tx, sql.raw(text));
      await run(tx, sql`insert into migration (name, sha256) values (${name}, ${digest})`);
      applied.push(name);
    }
    return applied;
  });
}
