/**
 * Starts the run's PostgreSQL (18, or 15 with TOCSIN_TEST_MAJOR=15) and prepares the template databases.
 * TOCSIN_TEST_SERVER=postgresql://… names a server of any other version instead, whose user may create databases.
 */
import { chmod, mkdir, mkdtemp, readdir, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { startEmbeddedPostgres } from "../server/app/local/postgres.ts";
import { type Db, openDb } from "../server/base/db.ts";
import { instant } from "../server/base/instant.ts";
import { migrate } from "../server/base/migrate.ts";
import { partitionStep } from "../server/engine/upkeep.ts";
import { TEMPLATES } from "./store.ts";

/** In the month in which nearly all of them are told. */
const STORIES_BEGIN_AT = instant(Date.UTC(2026, 10, 23));
/** Linux's folder in memory: half a thousand databases of a thousand files each come and go in a run. */
const IN_MEMORY = "/dev/shm";
const NAME = "tocsin-test-";
/** All that lives at once and the log fit several times over; a container's default of 64 MiB is no place. */
const ROOM_BYTES = 4 * 1024 ** 3;

export default async function setup(): Promise<() => Promise<void>> {
  // Two projects ask for it; whoever comes first has started it, and ends it after both.
  if (process.env["TOCSIN_TEST_PG"] !== undefined) return async () => undefined;
  const folder = await roomyFolder();
  await sweep(folder);
  const home = await mkdtemp(join(folder, `${NAME}${process.pid}-`));
  const [directory, temporary] = [join(home, "store"), join(home, "tmp")];
  await mkdir(directory, { mode: 0o700 });
  // What tests put aside for a moment, whole clusters among it, goes with the rest. As open as the system's.
  await mkdir(temporary);
  for (const path of [home, temporary]) await chmod(path, 0o755);
  process.env["TMPDIR"] = temporary;
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
  // A password that opens tests' data is no secret: deriving it 4096 times for every connection is idle work.
  if (given === undefined && major > 15) {
    await client.query("set scram_iterations = 1");
    await client.query(`alter role ${client.user} password '${client.password}'`);
  }
  for (const name of TEMPLATES) await client.query(`drop database if exists ${name}`);
  const [migrated, withMonths] = TEMPLATES;
  await client.query(`create database ${migrated}`);
  await inside(postgres.url, migrated, async (db) => {
    await migrate(db, new URL("../server/schema/", import.meta.url));
  });
  await client.query(`create database ${withMonths} template ${migrated}`);
  await inside(postgres.url, withMonths, async (db) => {
    await partitionStep({ world: { db } as never, config: {} as never }).run(STORIES_BEGIN_AT);
  });
  await client.end();
  process.env["TOCSIN_TEST_PG"] = postgres.url;
  const isInMemory = given === undefined && folder === IN_MEMORY;
  process.env["TOCSIN_TEST_CLONES_BY"] = isInMemory ? "file_copy" : "wal_log";
  return async () => {
    await postgres.stop();
    await rm(home, { recursive: true, force: true });
  };
}

async function inside(url: string, name: string, work: (db: Db) => Promise<void>): Promise<void> {
  const place = new URL(url);
  place.pathname = `/${name}`;
  const db = openDb({ url: place.href, maxConnections: 1, name, onFault: () => undefined });
  await work(db);
  await db.destroy();
}

async function roomyFolder(): Promise<string> {
  const space = await statfs(IN_MEMORY).catch(() => null);
  return space !== null && space.bavail * space.bsize > ROOM_BYTES ? IN_MEMORY : tmpdir();
}

/** Takes away what runs left that were killed. */
async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = new RegExp(`^${NAME}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    await rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}
