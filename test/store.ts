/**
 * A database of its own for each test file, cloned in some 40 ms from a migrated template. The run's
 * PostgreSQL is started once by test/globalSetup.ts; TOCSIN_TEST_PG names its address.
 */
import pg from "pg";
import { type Db, openDb } from "../server/base/db.ts";

let counter = 0;

export type TestStore = { readonly db: Db; readonly url: string; drop(): Promise<void> };

/** What the schema leaves, and the same with the partitions of the months in which stories are told. */
export const TEMPLATES = ["tocsin_template", "tocsin_template_months"] as const;

export type Wanted = {
  readonly template?: (typeof TEMPLATES)[number];
  /** Plans every statement once, whatever it is asked for. What is asked again and again costs its planning more than its answer. */
  readonly plansOnce?: boolean;
};

/** Clones the template; the caller drops it when done. */
export async function freshDatabase(wanted: Wanted = {}): Promise<TestStore> {
  const { template = "tocsin_template", plansOnce = false } = wanted;
  const base = process.env["TOCSIN_TEST_PG"];
  if (base === undefined)
    throw new Error("no test PostgreSQL: run through vitest, whose global setup starts one");
  const name = `t_${process.pid}_${process.env["VITEST_POOL_ID"] ?? "0"}_${counter++}`;
  // In memory files are copied, at half the price of their pages going through the log; on a disk it is the other way round.
  const strategy = process.env["TOCSIN_TEST_CLONES_BY"] ?? "wal_log";
  await admin(base, [
    `create database ${name} template ${template} strategy ${strategy}`,
    ...(plansOnce ? [`alter database ${name} set plan_cache_mode = force_generic_plan`] : []),
  ]);
  const url = new URL(base);
  url.pathname = `/${name}`;
  const db = openDb({
    url: url.href,
    maxConnections: 12,
    name: "test",
    onFault: () => undefined,
  });
  return {
    db,
    url: url.href,
    async drop() {
      await db.destroy();
      await admin(base, [`drop database if exists ${name} with (force)`]);
    },
  };
}

/** Template cloning fails while another session looks at the template: try again for a moment. */
async function admin(url: string, statements: readonly string[]): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      for (const text of statements) await client.query(text);
      return;
    } catch (error) {
      if (attempt >= 50 || (error as { code?: string }).code !== "55006") throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    } finally {
      await client.end();
    }
  }
}
