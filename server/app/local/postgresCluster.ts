/**
 * The files of one installation's PostgreSQL and the ways to run its programs on them: as whom,
 * with which settings, into which log.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, fchownSync, openSync, renameSync, statSync } from "node:fs";
import { chown, mkdir, readdir, realpath, rename, rm, stat } from "node:fs/promises";
import { totalmem } from "node:os";
import { join } from "node:path";
import { realChance } from "../../base/chance.ts";
import { Refusal } from "../../base/errors.ts";
import { postgresDirectory } from "./dataDirectory.ts";
import {
  type Binaries,
  type PostgresMajor,
  readyBinaries,
  type RunAs,
} from "./postgresBinaries.ts";
import { createFile, isThere, readIfThere, syncDirectory } from "./privateFile.ts";

/** All that PostgreSQL is started with, again and again. */
export type Cluster = {
  readonly pgdata: string;
  readonly passwordFile: string;
  readonly password: string;
  readonly logFile: string;
  readonly binaries: Binaries;
  readonly runAs: RunAs;
};

/** A program of PostgreSQL at work. */
export type Running = {
  readonly child: ChildProcess;
  readonly hasEnded: () => boolean;
  readonly ended: Promise<void>;
  /** What it has written to the log so far. */
  readonly said: () => Promise<string>;
};

export const USER = "tocsin";
/** "nobody" nearly everywhere: owns nothing else. PostgreSQL refuses to run as root. */
const NOBODY = 65_534;
const LOG_BYTES = 4 * 1024 * 1024;
const DRAFT = "postgres.new-";
const REMOVE = { recursive: true, force: true, maxRetries: 3 } as const;

const MIB = 1_024 * 1_024;
const memoryBytes = (): number => Math.min(totalmem(), process.constrainedMemory() || Infinity);

/**
 * An eighth of what there is, which PostgreSQL takes only as it reads: with 128 MB a crowd of escalations beside a million
 * that wait wrote pages out while they were being filled (decisions/0096). From 512 on the log has all of its room too.
 */
export const sharedMiB = (memory: number): number =>
  Math.min(Math.max(Math.floor(memory / MIB / 8), 128), 1_024);

const SETTINGS: Readonly<Record<string, string | number>> = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: 100,
  shared_buffers: `${sharedMiB(memoryBytes())}MB`,
  timezone: "UTC",
  log_timezone: "UTC",
  log_line_prefix: "%m [%p] ",
  log_checkpoints: "off",
  // Errors of statements reach us over the connection; in the log they would leave personal data.
  log_min_messages: "log",
  log_error_verbosity: "terse",
  log_min_error_statement: "panic",
};

export const passwordFileOf = (directory: string): string => join(directory, "postgres.password");

/**
 * Opens the cluster of a data directory, creating it on first use. Refuses when the programs cannot
 * run here, when another major wrote the data, and when its password is gone.
 */
export async function openCluster(directory: string, major: PostgresMajor): Promise<Cluster> {
  const pgdata = postgresDirectory(directory);
  const isNew = !(await isThere(pgdata));
  const runAs = await chooseUser(isNew ? null : pgdata);
  const binaries = await readyBinaries({ major, runAs, dataDirectory: directory });
  const passwordFile = passwordFileOf(directory);
  if (isNew) await createFile(passwordFile, realChance().bytes(24).toString("base64url"));
  const password = await readIfThere(passwordFile);
  if (password === null) {
    throw new Refusal("start.postgres_password", { directory: pgdata, file: passwordFile });
  }
  const logFile = join(directory, "postgres.log");
  const cluster = { pgdata, passwordFile, password, logFile, binaries, runAs };
  if (isNew) await initialise(cluster, directory, major);
  const found = (await readIfThere(join(pgdata, "PG_VERSION")))?.trim() ?? "?";
  if (found !== String(major)) {
    throw new Refusal("start.postgres_version", { directory: pgdata, found, expected: major });
  }
  return { ...cluster, pgdata: await realpath(pgdata) };
}

/** Spawns the postmaster on that port. */
export function launchPostmaster(cluster: Cluster, port: number): Running {
  const settings = Object.entries({ ...SETTINGS, port });
  return launch(cluster, cluster.binaries.postgres, (reach) => [
    "-D",
    reach(cluster.pgdata),
    ...settings.flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ]);
}

/** The refusal that repeats the last complaint of a program that ended too early. */
export async function startFailure(cluster: Cluster, failed: Running): Promise<Refusal> {
  const lines = (await failed.said()).trim().split("\n");
  const complaint = lines.findLast((line) => /FATAL|PANIC|error:/.test(line)) ?? lines.at(-1);
  const problem = complaint?.replace(/^.*?(FATAL|PANIC|error):\s*/, "") || "it ended at once";
  return new Refusal("start.postgres_failed", { problem, log: cluster.logFile });
}

/** As root: whoever owns the data already, else nobody. */
async function chooseUser(pgdata: string | null): Promise<RunAs> {
  if (process.getuid?.() !== 0) return null;
  const { uid, gid } = pgdata === null ? { uid: 0, gid: 0 } : await stat(pgdata);
  return uid === 0 ? { uid: NOBODY, gid: NOBODY } : { uid, gid };
}

/** Creates the cluster beside its place and moves it there when it is whole. */
async function initialise(
  cluster: Cluster,
  directory: string,
  major: PostgresMajor,
): Promise<void> {
  const { runAs, passwordFile } = cluster;
  for (const name of await readdir(directory)) {
    // Left by a start that was killed; should its initdb still run, it fails and harms nothing.
    if (name.startsWith(DRAFT)) await rm(join(directory, name), REMOVE).catch(() => undefined);
  }
  const draft = join(directory, `${DRAFT}${realChance().bytes(4).toString("hex")}`);
  await mkdir(draft, { mode: 0o700 });
  if (runAs !== null) {
    for (const path of [draft, passwordFile]) await chown(path, runAs.uid, runAs.gid);
  }
  const initdb = launch(cluster, cluster.binaries.initdb, (reach) => [
    `--pgdata=${reach(draft)}`,
    `--pwfile=${reach(passwordFile)}`,
    `--username=${USER}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    ...localeOf(major),
  ]);
  await initdb.ended;
  if (initdb.child.exitCode !== 0) {
    await rm(draft, REMOVE).catch(() => undefined);
    throw await startFailure(cluster, initdb);
  }
  await rename(draft, cluster.pgdata);
  await syncDirectory(directory);
}

/**
 * Order by code point, case by Unicode. PostgreSQL 17 brought that along, the same on every system.
 */
const localeOf = (major: PostgresMajor): readonly string[] =>
  major >= 17
    ? ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    : ["--locale=C.UTF-8", "--lc-messages=C"];

/**
 * Spawns a program of PostgreSQL in a session of its own, so that Ctrl-C in a terminal leaves it to
 * us to stop it, after the server has finished. `reach` turns a path of ours into one that works
 * there.
 */
function launch(
  cluster: Cluster,
  program: string,
  args: (reach: (path: string) => string) => readonly string[],
): Running {
  const { logFile, runAs } = cluster;
  rotate(logFile);
  const log = openSync(logFile, "a", 0o600);
  const handedOver: number[] = [];
  // Root's data directory is closed to the user PostgreSQL runs as, and often so is what lies above
  // it (/root). Open directories and files handed over are a way in that needs nothing opened to
  // others.
  const reach = (path: string): string => {
    if (runAs === null || process.platform !== "linux") return path;
    return `/proc/self/fd/${2 + handedOver.push(openSync(path, "r"))}`;
  };
  try {
    const saidFrom = statSync(logFile).size;
    if (runAs !== null) fchownSync(log, runAs.uid, runAs.gid);
    const child = spawn(program, args(reach), {
      cwd: "/",
      env: { TZ: "UTC", LC_ALL: "C" },
      detached: true,
      stdio: ["ignore", log, log, ...handedOver],
      ...runAs,
    });
    const ended = new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
      child.once("error", () => resolve());
    });
    return {
      child,
      ended,
      hasEnded: () =>
        child.pid === undefined || child.exitCode !== null || child.signalCode !== null,
      said: async () => {
        const whole = Buffer.from((await readIfThere(logFile)) ?? "");
        return whole.subarray(saidFrom).toString();
      },
    };
  } finally {
    for (const fd of [log, ...handedOver]) closeSync(fd);
  }
}

/** Keeps one older log; PostgreSQL itself says little enough between two starts. */
function rotate(logFile: string): void {
  const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_BYTES) renameSync(logFile, `${logFile}.1`);
}
