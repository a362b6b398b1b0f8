/**
 * The PostgreSQL that Tocsin brings along: started, watched over and stopped here. It listens on
 * 127.0.0.1 only, behind a generated password, and commits durably (fsync stays on).
 */
import { realpath } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { sleepReal } from "../../base/clock.ts";
import { sha256 } from "../../base/crypto.ts";
import { sqlState } from "../../base/db.ts";
import { Refusal } from "../../base/errors.ts";
import { findHolder, inUse } from "./dataDirectory.ts";
import type { PostgresMajor } from "./postgresBinaries.ts";
import {
  type Cluster,
  launchPostmaster,
  openCluster,
  passwordFileOf,
  type Running,
  startFailure,
  USER,
} from "./postgresCluster.ts";
import { endOrphans, readPidFile } from "./postmaster.ts";
import { isThere, readIfThere, replaceFile } from "./privateFile.ts";

export type EmbeddedPostgres = {
  /** Of the database `tocsin`; stays the same when PostgreSQL is restarted. */
  readonly url: string;
  /** Of the postmaster that runs now, or ran last. */
  readonly pid: number;
  /** Ends it in an orderly way and resolves when it is gone. May be called twice. */
  stop(): Promise<void>;
};

/** What one call of {@link startEmbeddedPostgres} works with. */
type Watch = {
  readonly cluster: Cluster;
  readonly log: (line: string) => void;
  readonly stopping: AbortSignal;
};

const DATABASE = "tocsin";
const FIRST_PORT = 15_432;
const PORT_SPREAD = 4_000;
const PORT_CHOICES = 100;
const LOOK_EVERY_MS = 20;
const REPORT_EVERY_MS = 10_000;
const BLOCKED_ATTEMPTS = 40;
const BLOCKED_PAUSE_MS = 500;
/** What has lived so long was well, and is started again at once: nobody is paged while it is away. */
const CALM_AFTER_MS = 2_000;
const PAUSE_STEP_MS = 500;
/** A page may be fifteen seconds late, and the start takes its time as well. */
const LONGEST_PAUSE_MS = 4_000;
const FAST_STOP_MS = 20_000;
const NEVER = new AbortController().signal;

/**
 * Starts the PostgreSQL of a data directory, creating it on first use, and keeps it running until
 * `stop()`. Whatever an earlier, killed start left behind is ended first. The caller holds the data
 * directory; refuses when another living process does. `port` is only for who needs a certain one.
 */
export async function startEmbeddedPostgres(options: {
  readonly dataDirectory: string;
  readonly major?: PostgresMajor;
  readonly log: (line: string) => void;
  readonly port?: number;
}): Promise<EmbeddedPostgres> {
  const { major = 18, log, port: fixed } = options;
  const directory = await realpath(options.dataDirectory);
  const holder = await findHolder(directory);
  if (holder !== null && holder.pid !== process.pid) throw inUse(directory, holder);
  const cluster = await openCluster(directory, major);
  await endOrphans(cluster.pgdata, log);
  const stopper = new AbortController();
  const watch = { cluster, log, stopping: stopper.signal };
  const portFile = portFileOf(directory);
  const remembered = Number(await readIfThere(portFile));
  const ports = fixed === undefined ? portChoices(directory, remembered) : [fixed];
  const { running, port } = await startOnOneOf(watch, ports);
  try {
    await createDatabase(cluster, port);
    if (fixed === undefined && port !== remembered) await replaceFile(portFile, `${port}\n`);
  } catch (error) {
    await end(running);
    throw error;
  }
  return supervise({ watch, running, port, stopper });
}

/**
 * The address of the PostgreSQL that another process keeps running for its data directory, for commands that
 * work beside a server; null when nobody holds the directory.
 */
export async function findRunningPostgres(dataDirectory: string): Promise<string | null> {
  if (!(await isThere(dataDirectory))) return null;
  const directory = await realpath(dataDirectory);
  if ((await findHolder(directory)) === null) return null;
  const password = await readIfThere(passwordFileOf(directory));
  const port = Number(await readIfThere(portFileOf(directory)));
  return password === null || !(port > 0) ? null : addressOf(password, port, DATABASE);
}

const portFileOf = (directory: string): string => join(directory, "postgres.port");

/** The port of last time first; then some that differ between installations on one machine. */
function portChoices(directory: string, remembered: number): readonly number[] {
  const first = FIRST_PORT + (sha256(directory).readUInt32BE(0) % PORT_SPREAD);
  const fresh = Array.from({ length: PORT_CHOICES }, (_, step) => first + step);
  return remembered > 0 ? [remembered, ...fresh] : fresh;
}

async function startOnOneOf(
  watch: Watch,
  ports: readonly number[],
): Promise<{ readonly running: Running; readonly port: number }> {
  for (const port of ports) {
    const running = await startOn(watch, port);
    if (running !== null) return { running, port };
    watch.log(`port ${port} on 127.0.0.1 is taken by another program`);
  }
  throw new Refusal("start.port_taken", { port: ports.at(-1) ?? null });
}

/**
 * Starts the postmaster and waits until it accepts connections, however long it recovers. Returns
 * null when the port is taken.
 */
async function startOn(watch: Watch, port: number): Promise<Running | null> {
  const { cluster, log } = watch;
  for (let attempt = 1; ; attempt++) {
    const running = launchPostmaster(cluster, port);
    if (await becomesReady(watch, running)) return running;
    const said = await running.said();
    if (/Address already in use/i.test(said)) return null;
    // After kill -9 of a postmaster its backends take about a second to notice and let go.
    const isBlocked = /lock file .* already exists|is still in use/.test(said);
    if (!isBlocked || attempt === BLOCKED_ATTEMPTS) throw await startFailure(cluster, running);
    await endOrphans(cluster.pgdata, log);
    await sleepReal(BLOCKED_PAUSE_MS, watch.stopping);
  }
}

/**
 * False when it ended before it was ready. A wish to stop ends it, even in the middle of recovery.
 */
async function becomesReady(watch: Watch, running: Running): Promise<boolean> {
  for (let waitedMs = 0; !running.hasEnded(); waitedMs += LOOK_EVERY_MS) {
    if (watch.stopping.aborted) running.child.kill("SIGINT");
    const file = await readPidFile(watch.cluster.pgdata);
    if (file?.pid === running.child.pid && file?.isReady) return true;
    if (waitedMs > 0 && waitedMs % REPORT_EVERY_MS === 0) watch.log("PostgreSQL still recovers");
    await Promise.race([running.ended, sleepReal(LOOK_EVERY_MS, NEVER)]);
  }
  return false;
}

const addressOf = (password: string, port: number, database: string): string =>
  `postgresql://${USER}:${password}@127.0.0.1:${port}/${database}`;

const urlOf = ({ password }: Cluster, port: number, database: string): string =>
  addressOf(password, port, database);

async function createDatabase(cluster: Cluster, port: number): Promise<void> {
  const client = new pg.Client({ connectionString: urlOf(cluster, port, "postgres") });
  // A connection that breaks while nobody asks it anything must not end the process.
  client.on("error", () => undefined);
  try {
    await client.connect();
    const { rowCount } = await client.query("select 1 from pg_database where datname = $1", [
      DATABASE,
    ]);
    if (rowCount === 0) await client.query(`create database ${DATABASE} template template0`);
  } catch (error) {
    if (sqlState(error) !== "28P01") throw error;
    const { pgdata, passwordFile } = cluster;
    throw new Refusal("start.postgres_password", { directory: pgdata, file: passwordFile });
  } finally {
    await client.end();
  }
}

/** Brings PostgreSQL back whenever it dies, on the same port, so that the pool finds it again. */
function supervise(options: {
  readonly watch: Watch;
  readonly running: Running;
  readonly port: number;
  readonly stopper: AbortController;
}): EmbeddedPostgres {
  const { watch, port, stopper } = options;
  let running = options.running;
  let failures = 0;

  const keepAlive = async (): Promise<void> => {
    for (;;) {
      const calm = setTimeout(() => (failures = 0), CALM_AFTER_MS).unref();
      await running.ended;
      clearTimeout(calm);
      if (watch.stopping.aborted) return;
      const { exitCode, signalCode } = running.child;
      watch.log(`PostgreSQL ended unasked (${signalCode ?? exitCode}); starting it again`);
      const next = await startAgain();
      if (next === null) return;
      running = next;
      if (watch.stopping.aborted) return end(running);
      watch.log(`PostgreSQL is back as process ${running.child.pid}`);
    }
  };

  const startAgain = async (): Promise<Running | null> => {
    for (;;) {
      const pauseMs = Math.min(failures++ * PAUSE_STEP_MS, LONGEST_PAUSE_MS);
      await sleepReal(pauseMs, watch.stopping);
      if (watch.stopping.aborted) return null;
      try {
        await endOrphans(watch.cluster.pgdata, watch.log);
        const next = await startOn(watch, port);
        if (next !== null) return next;
        watch.log(new Refusal("start.port_taken", { port }).message);
      } catch (error) {
        if (watch.stopping.aborted) return null;
        watch.log(error instanceof Error ? error.message : String(error));
      }
    }
  };

  const kept = keepAlive();
  const stop = async (): Promise<void> => {
    stopper.abort();
    await end(running);
    await kept;
  };
  let stopped: Promise<void> | null = null;
  return {
    url: urlOf(watch.cluster, port, DATABASE),
    get pid() {
      return running.child.pid ?? 0;
    },
    stop: () => (stopped ??= stop()),
  };
}

/** Fast shutdown: connections are cut, everything is written. After 20 s without even that. */
async function end(running: Running): Promise<void> {
  if (running.hasEnded()) return;
  running.child.kill("SIGINT");
  const inTime = new AbortController();
  const isLate = sleepReal(FAST_STOP_MS, inTime.signal).then(() => !inTime.signal.aborted);
  const ended = running.ended.then(() => inTime.abort());
  if (await isLate) running.child.kill("SIGQUIT");
  await ended;
}
