/**
 * The processes that PostgreSQL left behind. A server that was killed leaves its PostgreSQL alive,
 * and a PostgreSQL that was killed leaves its backends for a moment and its pid file for good. Only
 * a process whose own traces lead to our directory is ever signalled: pids are recycled.
 */
import { execFile } from "node:child_process";
import { readdir, readlink, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { sleepReal } from "../../base/clock.ts";
import { Refusal } from "../../base/errors.ts";
import { readIfThere } from "./privateFile.ts";

const run = promisify(execFile);
const LOOK_EVERY_MS = 25;
const GENTLE_MS = 20_000;
const FIRM_MS = 7_000;

/** What `postmaster.pid` says of the process that wrote it. */
export type PidFile = { readonly pid: number; readonly isReady: boolean };

/** Reads `postmaster.pid`; null when there is none or it is not complete yet. */
export async function readPidFile(pgdata: string): Promise<PidFile | null> {
  const lines = (await readIfThere(pidFile(pgdata)))?.split("\n") ?? [];
  const pid = Number.parseInt(lines[0] ?? "", 10);
  return pid > 0 ? { pid, isReady: lines[7]?.trim() === "ready" } : null;
}

/**
 * Ends every PostgreSQL process that an earlier start left on this directory and removes a pid file
 * that would block the next one. An orphan is stopped, not adopted: its connections still hold the
 * locks of a server that is gone. Refuses, naming them, when they do not end within half a minute.
 */
export async function endOrphans(pgdata: string, log: (line: string) => void): Promise<void> {
  const found = await findProcesses(pgdata);
  if (found.length > 0) {
    const leader = (await readPidFile(pgdata))?.pid ?? 0;
    log(`PostgreSQL of an earlier start is still there (${found.join(", ")}); ending it`);
    // The leader ends its own. Without one, the others notice that by themselves.
    if (found.includes(leader)) signal(leader, "SIGINT");
    if (!(await areGone(pgdata, GENTLE_MS))) {
      for (const pid of await findProcesses(pgdata)) signal(pid, "SIGQUIT");
      if (!(await areGone(pgdata, FIRM_MS))) {
        const pids = (await findProcesses(pgdata)).map(String);
        throw new Refusal("start.postgres_stuck", { directory: pgdata, pids });
      }
    }
  }
  await dropForeignPidFile(pgdata);
}

const pidFile = (pgdata: string): string => join(pgdata, "postmaster.pid");

/**
 * PostgreSQL refuses to start while the pid in its file is alive, even when that pid now belongs to
 * another program. Nothing of ours runs here any more, so such a file only misleads.
 */
async function dropForeignPidFile(pgdata: string): Promise<void> {
  const stale = await readPidFile(pgdata);
  if (stale !== null && exists(stale.pid)) await rm(pidFile(pgdata), { force: true });
}

async function areGone(pgdata: string, patienceMs: number): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += LOOK_EVERY_MS) {
    if ((await findProcesses(pgdata)).length === 0) return true;
    await sleepReal(LOOK_EVERY_MS, NEVER);
  }
  return false;
}

const NEVER = new AbortController().signal;

/**
 * The living PostgreSQL processes that work in this directory; a dead one not yet reaped is not
 * among them.
 */
async function findProcesses(pgdata: string): Promise<readonly number[]> {
  if (process.platform !== "linux") return findByCommand(pgdata);
  const found: number[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    // Every PostgreSQL process works inside its data directory and none other of that name does.
    const cwd = await readlink(`/proc/${name}/cwd`).catch(() => null);
    if (cwd !== pgdata) continue;
    const comm = await readIfThere(`/proc/${name}/comm`).catch(() => null);
    if (comm?.trim() === "postgres") found.push(Number(name));
  }
  return found;
}

async function findByCommand(pgdata: string): Promise<readonly number[]> {
  const { stdout } = await run("ps", ["-axww", "-o", "pid=,command="]);
  const ours = stdout.split("\n").filter((line) => line.includes(`/bin/postgres -D ${pgdata} `));
  return ours.map((line) => Number.parseInt(line, 10));
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended in between, which is what was wanted.
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
