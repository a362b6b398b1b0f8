/**
 * A database of its own for each test file, cloned in some 60 ms from a migrated template. The run's
 * PostgreSQL is started once by test/globalSetup.ts; TOCSIN_TEST_PG names its address.
 */
import pg from "pg";
import { type Db, openDb } from "../server/base/db.ts";

let counter = 0;

export type TestStore = { readonly db: Db; readonly url: string; drop(): Promise<void> };

/** Clones the template; the caller drops it when done. */
export async function freshDatabase(): Promise<TestStore> {
  const base = process.env["TOCSIN_TEST_PG"];
  if (base === undefined)
    throw new Error("no test PostgreSQL: run through vitest, whose global setup starts one");
  const name = `t_${process.pid}_${process.env["VITEST_POOL_ID"] ?? "0"}_${counter++}`;
  await admin(base, `create database ${name} template tocsin_template`);
  const url = new URL(base);
  url.pathname = `/${name}`;
  const db = openDb({
    url: url.href,
    maxConnections: 12,
    name: "tocsin test",
    onFault: () => undefined,
  });
  return {
    db,
    url: url.href,
    async drop() {
      await db.destroy();
      await admin(base, `drop database if exists ${name} with (force)`);
    },
  };
}

/** Template cloning fails while another session looks at the template: try again for a moment. */
async function admin(url: string, text: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      await client.query(text);
      return;
    } catch (error) {
      if (attempt >= 50 || (error as { code?: string }).code !== "55006") throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    } finally {
      await client.end();
    }
  }
}
