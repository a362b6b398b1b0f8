/**
 * Starts the run's PostgreSQL (18, or 15 with TOCSIN_TEST_MAJOR=15) and prepares the template database.
 * TOCSIN_TEST_SERVER=postgresql://… names a server of any other version instead, whose user may create databases.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { startEmbeddedPostgres } from "../server/app/local/postgres.ts";
import { openDb } from "../server/base/db.ts";
import { migrate } from "../server/base/migrate.ts";

export default async function setup(): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), "tocsin-test-"));
  const major = process.env["TOCSIN_TEST_MAJOR"] === "15" ? 15 : 18;
  const given = process.env["TOCSIN_TEST_SERVER"];
  const postgres =
    given === undefined
      ? await startEmbeddedPostgres({ dataDirectory: directory, major, log: () => undefined })
      : { url: given, stop: async () => undefined };
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  // Nobody pulls the plug here: what crashes in tests is a cluster of its own, with fsync on.
  if (given === undefined) {
    for (const setting of ["fsync", "synchronous_commit", "full_page_writes"])
      await client.query(`alter system set ${setting} = off`);
    await client.query("select pg_reload_conf()");
  }
  await client.query("drop database if exists tocsin_template");
  await client.query("create database tocsin_template");
  await client.end();
  const template = new URL(postgres.url);
  template.pathname = "/tocsin_template";
  const db = openDb({
    url: template.href,
    maxConnections: 1,
    name: "template",
    onFault: () => undefined,
  });
  await migrate(db, new URL("../server/schema/", import.meta.url));
  await db.destroy();
  process.env["TOCSIN_TEST_PG"] = postgres.url;
  return async () => {
    await postgres.stop();
    await rm(directory, { recursive: true, force: true });
  };
}
