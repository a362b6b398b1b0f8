/**
 * The directory of one installation: who holds it, and the key that its payloads are sealed with.
 * Only one living process holds it; a holder that died is found out and replaced.
 */
import { execFile } from "node:child_process";
import { mkdir, realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { realChance } from "../../base/chance.ts";
import { sha256 } from "../../base/crypto.ts";
import { anchoredClock, sleepReal } from "../../base/clock.ts";
import { Refusal } from "../../base/errors.ts";
import { toIso } from "../../base/instant.ts";
import { createFile, isSystemError, isThere, readIfThere, replaceFile } from "./privateFile.ts";

/** The process that holds a data directory, as its lock file names it. */
export type Holder = {
  readonly pid: number;
  /** When that process started, in the system's own words: a recycled pid differs in it. */
  readonly started: string;
  readonly since: string;
  readonly address: string | null;
};

export type DataDirectory = {
  /** Absolute, without symbolic links. */
  readonly path: string;
  /** The 32 bytes that everything stored is sealed with. */
  masterKey(): Buffer;
  /** Records where this process answers, for whoever is refused the directory. */
  note(facts: { readonly address: string }): Promise<void>;
  /** Lets the directory go; the next process may open it. */
  release(): Promise<void>;
};

/** Where PostgreSQL keeps its files below a data directory. */
export const postgresDirectory = (dataDirectory: string): string => join(dataDirectory, "postgres");

const lockFile = (dataDirectory: string): string => join(dataDirectory, "tocsin.lock");
const KEY_BYTES = 32;
const TAKEOVERS = 100;
const TAKEOVER_PAUSE_MS = 20;
const NEVER = new AbortController().signal;
const run = promisify(execFile);

/**
 * Creates the directory when absent (0700), takes it for this process and reads its key, or makes
 * one on first use. `key` (base64) takes the place of the file `master.key`. Refuses when a living
 * process holds it, when the key is damaged, and when a database is there whose key is gone.
 */
export async function openDataDirectory(
  path: string,
  options: { readonly key?: string } = {},
): Promise<DataDirectory> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    const directory = await realpath(path);
    let mine = await takeLock(directory);
    const release = async (): Promise<void> => {
      const holder = parseHolder(await readIfThere(lockFile(directory)));
      if (holder !== null && isSame(holder, mine)) await rm(lockFile(directory), { force: true });
    };
    try {
      const key = await keyOf(directory, options.key);
      return {
        path: directory,
        masterKey: () => Buffer.from(key),
        async note({ address }) {
          mine = { ...mine, address };
          await replaceFile(lockFile(directory), JSON.stringify(mine));
        },
        release,
      };
    } catch (error) {
      await release();
      throw error;
    }
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new Refusal("start.data_unusable", { directory: path, problem: error.message });
  }
}

/** The living process that holds the directory, or null. */
export async function findHolder(path: string): Promise<Holder | null> {
  const holder = parseHolder(await readIfThere(lockFile(path)));
  return holder !== null && (await lives(holder)) ? holder : null;
}

async function takeLock(directory: string): Promise<Holder> {
  const file = lockFile(directory);
  const started = await startOf(process.pid);
  for (let attempt = 0; attempt < TAKEOVERS; attempt++) {
    const since = toIso(anchoredClock().now());
    const mine = { pid: process.pid, started: started ?? "", since, address: null };
    if (await createFile(file, JSON.stringify(mine))) return mine;
    const found = await readIfThere(file);
    const holder = parseHolder(found);
    if (holder !== null && (await lives(holder))) throw inUse(directory, holder);
    if (found !== null) await removeStale(file, found);
  }
  throw new Refusal("start.data_unusable", { directory, problem: "its lock changes all the time" });
}

/** The refusal that names who holds the directory. */
export const inUse = (directory: string, holder: Holder): Refusal =>
  new Refusal("start.data_in_use", {
    directory,
    pid: holder.pid,
    since: holder.since,
    address: holder.address ?? "an address not known yet",
  });

/**
 * Takes a stale lock away, if it still is the one that was judged. Only whoever holds the guard may: of two
 * starters that judged the same lock, the second would otherwise take away what the first has put there.
 */
async function removeStale(file: string, judged: string): Promise<void> {
  const guard = `${file}.guard`;
  const mine = JSON.stringify({ pid: process.pid, started: await startOf(process.pid) });
  if (!(await createFile(guard, mine))) {
    // Left by a starter that was killed within these few lines.
    const holder = parseHolder(await readIfThere(guard));
    if (holder !== null && !(await lives(holder))) await rm(guard, { force: true });
    return sleepReal(TAKEOVER_PAUSE_MS, NEVER);
  }
  try {
    if ((await readIfThere(file)) === judged) await rm(file, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

const isSame = (a: Holder, b: Holder): boolean => a.pid === b.pid && a.started === b.started;

const lives = async (holder: Holder): Promise<boolean> =>
  (await startOf(holder.pid)) === holder.started;

/**
 * When a living process started; null when there is none (one that only waits to be reaped is
 * gone).
 */
async function startOf(pid: number): Promise<string | null> {
  if (process.platform !== "linux") {
    const { stdout } = await run("ps", ["-o", "lstart=", "-p", String(pid)]).catch(() => ({
      stdout: "",
    }));
    return stdout.trim() || null;
  }
  // ESRCH: the process ended between opening and reading its file.
  const stat = await readIfThere(`/proc/${pid}/stat`).catch(() => null);
  // The second field, the program's name, may hold spaces and parentheses: count from its end.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ") ?? [];
  const [state, ticksSinceBoot] = [fields[0], fields[19]];
  if (state === undefined || state === "Z" || state === "X") return null;
  const boot = await readIfThere("/proc/sys/kernel/random/boot_id").catch(() => null);
  return `${boot?.trim() ?? ""}:${ticksSinceBoot}`;
}

/** What a lock file says; null when it is empty or damaged, as a power cut may leave it. */
function parseHolder(text: string | null): Holder | null {
  try {
    const { pid, started, since, address } = JSON.parse(text ?? "null") as Holder;
    return Number.isSafeInteger(pid) && pid > 0 ? { pid, started, since, address } : null;
  } catch {
    return null;
  }
}

async function keyOf(directory: string, given: string | undefined): Promise<Buffer> {
  if (given !== undefined) return keyFromText(given);
  const file = join(directory, "master.key");
  const stored = await readIfThere(file);
  if (stored !== null) return parseKey(file, stored);
  if (await isThere(postgresDirectory(directory))) {
    throw new Refusal("start.key_missing", { directory });
  }
  const key = realChance().bytes(KEY_BYTES);
  await createFile(file, `${key.toString("base64")}\n`);
  return key;
}

const SHORTEST_PASSPHRASE = 16;

/** TOCSIN_KEY: base64 or hex of 32 bytes, or any long text, of which the hash is the key. */
function keyFromText(text: string): Buffer {
  const trimmed = text.trim();
  if (/^[0-9a-f]{64}$/i.test(trimmed)) return Buffer.from(trimmed, "hex");
  const decoded = Buffer.from(trimmed, "base64");
  if (/^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed) && decoded.length === KEY_BYTES) return decoded;
  if (trimmed.length >= SHORTEST_PASSPHRASE) return sha256(`tocsin-key:${trimmed}`);
  throw new Refusal("start.key_invalid", { source: "TOCSIN_KEY", found: "a shorter text" });
}

function parseKey(source: string, text: string): Buffer {
  const key = Buffer.from(text.trim(), "base64");
  const isBase64 = key.toString("base64").replace(/=+$/, "") === text.trim().replace(/=+$/, "");
  if (isBase64 && key.length === KEY_BYTES) return key;
  const found = isBase64 ? `${key.length} bytes` : "something else";
  throw new Refusal("start.key_invalid", { source, found });
}
