import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findHolder, openDataDirectory } from "./dataDirectory.ts";

let root: string;
let directory: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "tocsin-data-")));
  directory = join(root, "data");
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  rmSync(root, { recursive: true, force: true });
});

const ours = (file: string): string => join(import.meta.dirname, file);

/** Another process that opens the directory, notes an address and stays. */
async function otherHolder(): Promise<ChildProcess> {
  const script = `
    import { openDataDirectory } from "${ours("dataDirectory.ts")}";
    const data = await openDataDirectory(process.argv[1]);
    await data.note({ address: "http://127.0.0.1:8080" });
    console.log("open");
    setInterval(() => undefined, 1_000_000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script, directory], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  await once(child.stdout!, "data");
  return child;
}

const lockFile = (): string => join(directory, "tocsin.lock");
const noLeftovers = (): void =>
  expect(readdirSync(directory).toSorted()).toEqual(["master.key", "tocsin.lock"]);

test("a new directory and its key are closed to everybody else", async () => {
  const data = await openDataDirectory(directory);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  expect(statSync(join(directory, "master.key")).mode & 0o777).toBe(0o600);
  expect(data.masterKey()).toHaveLength(32);
  noLeftovers();
});

test("the key is made once and stays", async () => {
  const first = await openDataDirectory(directory);
  const key = first.masterKey();
  await first.release();
  expect((await openDataDirectory(directory)).masterKey()).toEqual(key);
});

test("a link to the directory leads to the same lock", async () => {
  mkdirSync(directory);
  symlinkSync(directory, join(root, "link"));
  expect((await openDataDirectory(join(root, "link"))).path).toBe(directory);
  await expect(openDataDirectory(directory)).rejects.toMatchObject({ code: "start.data_in_use" });
});

test("a key that is given replaces the file and writes none", async () => {
  const key = Buffer.alloc(32, 7);
  const data = await openDataDirectory(directory, { key: key.toString("base64") });
  expect(data.masterKey()).toEqual(key);
  expect(existsSync(join(directory, "master.key"))).toBe(false);
});

for (const [promise, text, found] of [
  ["an empty key is refused", "", "0 bytes"],
  ["a short key is refused", "c2hvcnQ=", "5 bytes"],
  ["a key that is no base64 is refused", "not a key!", "something else"],
] as const) {
  test(`${promise} and left as it is, and the directory let go`, async () => {
    mkdirSync(directory);
    const file = join(directory, "master.key");
    writeFileSync(file, text);
    const refusal = { code: "start.key_invalid", params: { source: file, found } };
    await expect(openDataDirectory(directory)).rejects.toMatchObject(refusal);
    expect(readFileSync(file, "utf8")).toBe(text);
    expect(existsSync(lockFile())).toBe(false);
    await expect(openDataDirectory(directory, { key: text })).rejects.toMatchObject({
      params: { source: "TOCSIN_KEY" },
    });
  });
}

test("no new key is made beside a database", async () => {
  mkdirSync(join(directory, "postgres"), { recursive: true });
  await expect(openDataDirectory(directory)).rejects.toMatchObject({ code: "start.key_missing" });
  expect(readdirSync(directory)).toEqual(["postgres"]);
});

test("a directory that cannot be made is named in one line", async () => {
  writeFileSync(join(root, "file"), "");
  const opened = openDataDirectory(join(root, "file", "data"));
  await expect(opened).rejects.toMatchObject({ code: "start.data_unusable" });
  await expect(opened).rejects.toThrow(/^[^\n]*ENOTDIR[^\n]*$/);
});

test("a second holder is told who holds it, and where that answers", async () => {
  const other = await otherHolder();
  await expect(openDataDirectory(directory)).rejects.toMatchObject({
    code: "start.data_in_use",
    params: { pid: other.pid, address: "http://127.0.0.1:8080" },
  });
  expect(await findHolder(directory)).toMatchObject({ pid: other.pid });
});

test("the same process cannot open it twice, but again after it let go", async () => {
  const first = await openDataDirectory(directory);
  await expect(openDataDirectory(directory)).rejects.toMatchObject({
    params: { pid: process.pid },
  });
  await first.release();
  await (await openDataDirectory(directory)).release();
  expect(await findHolder(directory)).toBeNull();
});

test("a holder that was killed is replaced", async () => {
  const other = await otherHolder();
  const ended = once(other, "exit");
  other.kill("SIGKILL");
  await ended;
  expect(await findHolder(directory)).toBeNull();
  await openDataDirectory(directory);
  expect(await findHolder(directory)).toMatchObject({ pid: process.pid });
  noLeftovers();
});

for (const [promise, lock] of [
  [
    "a lock whose pid is another program's now is taken over",
    JSON.stringify({ pid: process.ppid, started: "x", since: "2026-01-01", address: null }),
  ],
  ["a lock that a power cut damaged is taken over", ""],
] as const) {
  test(promise, async () => {
    mkdirSync(directory);
    writeFileSync(lockFile(), lock);
    await openDataDirectory(directory);
    expect(await findHolder(directory)).toMatchObject({ pid: process.pid });
    noLeftovers();
  });
}

test("of many that start at once on a stale lock, one gets it", async () => {
  mkdirSync(directory);
  writeFileSync(lockFile(), "");
  const starters = Array.from({ length: 8 }, () => openDataDirectory(directory));
  const outcomes = await Promise.allSettled(starters);
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});

test("letting go does not let go what another has taken since", async () => {
  const first = await openDataDirectory(directory);
  rmSync(lockFile());
  await otherHolder();
  await first.release();
  expect(existsSync(lockFile())).toBe(true);
});
