import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, watch } from "node:fs";
import { readFileSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { openDataDirectory } from "./dataDirectory.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "./postgres.ts";
import { sharedMiB } from "./postgresCluster.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const root = realpathSync(mkdtempSync(join(tmpdir(), "tocsin-postgres-")));
const template = join(root, "template");
const started: EmbeddedPostgres[] = [];
const children: ChildProcess[] = [];

/** Starts PostgreSQL and sees to it that the test leaves none behind. */
async function start(directory: string, options: { port?: number; lines?: string[] } = {}) {
  const log = (line: string): void => void options.lines?.push(line);
  const { port } = options;
  const settings = port === undefined ? {} : { port };
  const postgres = await startEmbeddedPostgres({ dataDirectory: directory, log, ...settings });
  started.push(postgres);
  return postgres;
}

/** A data directory that was started before: a copy of one made once for all tests. */
function usedDirectory(name: string): string {
  const directory = join(root, name);
  execFileSync("cp", ["-a", template, directory]);
  rmSync(join(directory, "postgres.port"));
  return directory;
}

async function ask(url: string, sql: string): Promise<Record<string, unknown> | undefined> {
  const client = new pg.Client(url);
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows[0];
  } finally {
    await client.end();
  }
}

const ours = (file: string): string => join(import.meta.dirname, file);

/** Another process that opens the directory and starts its PostgreSQL, to be killed by the test. */
function otherServer(directory: string): ChildProcess {
  const script = `
    import { openDataDirectory } from "${ours("dataDirectory.ts")}";
    import { startEmbeddedPostgres } from "${ours("postgres.ts")}";
    await openDataDirectory(process.argv[1]);
    const { url, pid } = await startEmbeddedPostgres({
      dataDirectory: process.argv[1],
      log: () => undefined,
    });
    console.log(JSON.stringify({ url, pid }));`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script, directory], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  return child;
}

async function facts(child: ChildProcess): Promise<{ url: string; pid: number }> {
  let said = "";
  for await (const chunk of child.stdout!) {
    said += String(chunk);
    if (said.endsWith("\n")) return JSON.parse(said) as { url: string; pid: number };
  }
  throw new Error("the other server ended before it said where its PostgreSQL is");
}

async function killAndReap(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

/** A process that nobody has reaped yet counts as gone. */
function isAlive(pid: number): boolean {
  try {
    const state = execFileSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
    return !state.trim().startsWith("Z");
  } catch {
    return false;
  }
}

beforeAll(async () => {
  const data = await openDataDirectory(template);
  const postgres = await start(template);
  await ask(postgres.url, "create table kept as select 7 as answer");
  await postgres.stop();
  await data.release();
});

afterEach(async () => {
  for (const postgres of started.splice(0)) await postgres.stop();
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) await killAndReap(child);
  }
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

test("PostgreSQL shares an eighth of the memory, within bounds", () => {
  const GIB = 1_024 ** 3;
  expect([0.5, 2, 4, 64].map((given) => sharedMiB(given * GIB))).toEqual([128, 256, 512, 1_024]);
});

test("the first start creates the database, durable, in UTF-8 and UTC", async () => {
  const directory = join(root, "first");
  mkdirSync(directory, { mode: 0o700 });
  const { url } = await start(directory);
  const row = await ask(
    url,
    `select current_database() as name, current_setting('fsync') as fsync,
      current_setting('server_encoding') as encoding, current_setting('timezone') as zone,
      current_setting('listen_addresses') as listens, lower('Ä') as lower`,
  );
  expect(row).toEqual({
    name: "tocsin",
    fsync: "on",
    encoding: "UTF8",
    zone: "UTC",
    listens: "127.0.0.1",
    lower: "ä",
  });
});

test("what it keeps is closed to everybody else", async () => {
  const directory = usedDirectory("modes");
  for (const name of ["postgres", "postgres.password", "postgres.log"]) {
    expect([name, statSync(join(directory, name)).mode & 0o077]).toEqual([name, 0]);
  }
});

test("nobody comes in without the password", async () => {
  const { url } = await start(usedDirectory("closed"));
  const wrong = new URL(url);
  wrong.password = "guess";
  await expect(ask(wrong.href, "select 1")).rejects.toMatchObject({ code: "28P01" });
});

test("a second start finds the data again, at the same address", async () => {
  const directory = usedDirectory("again");
  const first = await start(directory);
  await first.stop();
  const second = await start(directory);
  expect(second.url).toBe(first.url);
  expect(await ask(second.url, "select answer from kept")).toEqual({ answer: 7 });
});

test("stopping twice is stopping once", async () => {
  const postgres = await start(usedDirectory("twice"));
  await Promise.all([postgres.stop(), postgres.stop()]);
  expect(isAlive(postgres.pid)).toBe(false);
});

test("PostgreSQL killed under a running server comes back at the same address", async () => {
  const lines: string[] = [];
  const postgres = await start(usedDirectory("healed"), { lines });
  const { pid, url } = postgres;
  process.kill(pid, "SIGKILL");
  const answer = () => ask(url, "select answer from kept");
  const found = await vi.waitFor(answer, { timeout: 60_000, interval: 50 });
  expect(found).toEqual({ answer: 7 });
  expect(postgres.pid).not.toBe(pid);
  expect(lines[0]).toBe("PostgreSQL ended unasked (SIGKILL); starting it again");
});

test("stopping right after it was killed leaves nothing running", async () => {
  const directory = usedDirectory("killed-and-stopped");
  const postgres = await start(directory);
  process.kill(postgres.pid, "SIGKILL");
  await postgres.stop();
  expect(isAlive(postgres.pid)).toBe(false);
});

test("a PostgreSQL whose server was killed is ended, and its data is there", async () => {
  const directory = usedDirectory("orphan");
  const other = otherServer(directory);
  const orphan = await facts(other);
  await ask(orphan.url, "create table written as select 8 as answer");
  await killAndReap(other);
  expect(isAlive(orphan.pid)).toBe(true);
  const postgres = await start(directory);
  expect(isAlive(orphan.pid)).toBe(false);
  expect(await ask(postgres.url, "select answer from written")).toEqual({ answer: 8 });
});

test("server and PostgreSQL both killed: the next start has every commit", async () => {
  const directory = usedDirectory("both");
  const other = otherServer(directory);
  const orphan = await facts(other);
  await ask(orphan.url, "create table written as select 9 as answer");
  await killAndReap(other);
  process.kill(orphan.pid, "SIGKILL");
  const postgres = await start(directory);
  expect(await ask(postgres.url, "select answer from written")).toEqual({ answer: 9 });
});

test("while another server lives, its PostgreSQL is left alone", async () => {
  const directory = usedDirectory("held");
  const other = otherServer(directory);
  const { pid } = await facts(other);
  await expect(start(directory)).rejects.toMatchObject({
    code: "start.data_in_use",
    params: { pid: other.pid },
  });
  expect(isAlive(pid)).toBe(true);
  await killAndReap(other);
  await start(directory);
});

test("a pid file whose pid is another program's now blocks nothing and harms it not", async () => {
  const directory = usedDirectory("recycled");
  const pgdata = join(directory, "postgres");
  const { uid, gid } = statSync(pgdata);
  const stranger = spawn("sleep", ["600"], { uid, gid, stdio: "ignore" });
  children.push(stranger);
  const pidFile = join(pgdata, "postmaster.pid");
  writeFileSync(pidFile, `${stranger.pid}\n${pgdata}\n1700000000\n15432\n\n127.0.0.1\n`);
  chownSync(pidFile, uid, gid);
  await start(directory);
  expect(isAlive(stranger.pid!)).toBe(true);
});

test("a first start killed in the middle is begun anew", async () => {
  const directory = join(root, "interrupted");
  mkdirSync(directory, { mode: 0o700 });
  const watcher = watch(directory);
  const began = new Promise<void>((resolve) => {
    watcher.on("change", (_, name) => String(name).startsWith("postgres.new-") && resolve());
  });
  const other = otherServer(directory);
  await began;
  watcher.close();
  await killAndReap(other);
  expect(existsSync(join(directory, "postgres"))).toBe(false);
  const { url } = await start(directory);
  expect(await ask(url, "select 1 as one")).toEqual({ one: 1 });
});

test("half a database of a killed first start is cleared away", async () => {
  const directory = join(root, "leftover");
  mkdirSync(join(directory, "postgres.new-0a1b2c3d", "base"), { recursive: true });
  writeFileSync(join(directory, "postgres.new-0a1b2c3d", "PG_VERSION"), "18\n");
  await start(directory);
  expect(readdirSync(directory).filter((name) => name.startsWith("postgres.new"))).toEqual([]);
});

test("when its port of last time is taken it takes another and remembers that", async () => {
  const directory = usedDirectory("port");
  const squatter = createServer().listen(0, "127.0.0.1");
  await once(squatter, "listening");
  const { port } = squatter.address() as { port: number };
  writeFileSync(join(directory, "postgres.port"), `${port}\n`);
  try {
    const { url } = await start(directory);
    expect(new URL(url).port).not.toBe(String(port));
    expect(readFileSync(join(directory, "postgres.port"), "utf8").trim()).toBe(new URL(url).port);
    await expect(start(usedDirectory("fixed"), { port })).rejects.toMatchObject({
      code: "start.port_taken",
      params: { port },
    });
  } finally {
    squatter.close();
  }
});

for (const [promise, name, spoil, code] of [
  [
    "data of another major is refused, not touched",
    "major",
    (at: string) => writeFileSync(join(at, "postgres", "PG_VERSION"), "17\n"),
    "start.postgres_version",
  ],
  [
    "a lost password is named",
    "no-password",
    (at: string) => rmSync(join(at, "postgres.password")),
    "start.postgres_password",
  ],
  [
    "a wrong password is named",
    "wrong-password",
    (at: string) => writeFileSync(join(at, "postgres.password"), "wrong"),
    "start.postgres_password",
  ],
  [
    "PostgreSQL's own complaint is passed on",
    "broken",
    (at: string) => writeFileSync(join(at, "postgres", "postgresql.conf"), "nonsense = 1\n"),
    "start.postgres_failed",
  ],
] as const) {
  test(promise, async () => {
    const directory = usedDirectory(name);
    spoil(directory);
    await expect(start(directory)).rejects.toMatchObject({ code });
    expect(existsSync(join(directory, "postgres", "postmaster.pid"))).toBe(false);
  });
}

test("PostgreSQL 15 serves as well", async (context) => {
  const directory = join(root, "fifteen");
  mkdirSync(directory, { mode: 0o700 });
  const log = (): void => undefined;
  const options = { dataDirectory: directory, major: 15, log } as const;
  const postgres = await startEmbeddedPostgres(options).catch((error: { code?: string }) => {
    if (error.code !== "start.postgres_absent") throw error;
    return context.skip("PostgreSQL 15 is not installed here");
  });
  started.push(postgres);
  expect(await ask(postgres.url, "select lower('Ä') as lower")).toEqual({ lower: "ä" });
});
