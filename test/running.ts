/** A real `./bin/tocsin up` as a child process, with its own data directory: for what only a process can show. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";

const ROOT = new URL("..", import.meta.url).pathname;
const BIN = join(ROOT, "bin", "tocsin");
export const ADMIN_TOKEN = "tests-admin";
const START_WITHIN_MS = 60_000;

export type RunningServer = {
  readonly address: string;
  readonly child: ChildProcess;
  /** What it printed so far. */
  output(): string;
  /** GETs JSON as administrator. */
  get(path: string): Promise<never>;
  /** The items of all pages of a list. */
  list<T>(path: string): Promise<readonly T[]>;
  post(path: string, body: unknown, token?: string): Promise<Response>;
  /** Applies a configuration directory by the command line. */
  apply(directory: string): Promise<void>;
  /** Sends the signal and resolves when the process is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
};

export type ServerOptions = {
  readonly data: string;
  readonly port: number;
  readonly env?: Readonly<Record<string, string>>;
  /** The command of another version; this one's unless given. */
  readonly bin?: string;
};

/** Starts a server and resolves once it says where it answers. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { data, port, env = {}, bin = BIN } = options;
  const address = `http://127.0.0.1:${port}`;
  const environment = {
    ...process.env,
    TOCSIN_DATA: data,
    TOCSIN_PORT: String(port),
    TOCSIN_ADMIN_TOKEN: ADMIN_TOKEN,
    TOCSIN_LOG: "warn",
    NO_COLOR: "1",
    ...env,
  };
  const child = spawn(bin, ["up"], { env: environment, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const ready = Promise.withResolvers<void>();
  const hear = (chunk: Buffer): void => {
    output += chunk.toString();
    if (output.includes("Sign in once")) ready.resolve();
  };
  child.stdout?.on("data", hear);
  child.stderr?.on("data", hear);
  const tooLate = setTimeout(() => {
    ready.reject(new Error(`not ready in time:\n${output}`));
  }, START_WITHIN_MS);
  child.once("exit", () => ready.reject(new Error(`it ended at the start:\n${output}`)));
  await ready.promise.finally(() => clearTimeout(tooLate));
  const authorization = `Bearer ${ADMIN_TOKEN}`;
  const get = async (path: string): Promise<never> => {
    const response = await fetch(`${address}${path}`, { headers: { authorization } });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as never;
  };
  return {
    address,
    child,
    output: () => output,
    get,
    async list<T>(path: string) {
      const items: T[] = [];
      for (let cursor: string | null = ""; cursor !== null;) {
        const joint = path.includes("?") ? "&" : "?";
        const after = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
        const page: { items: T[]; next: string | null } = await get(
          `${path}${joint}limit=500${after}`,
        );
        items.push(...page.items);
        cursor = page.next;
      }
      return items;
    },
    post: (path, body, token = ADMIN_TOKEN) =>
      fetch(`${address}${path}`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    async apply(directory) {
      const as = { ...environment, TOCSIN_URL: address, TOCSIN_TOKEN: ADMIN_TOKEN };
      // A line for each object that it makes: a large company's are many.
      const maxBuffer = 64 * 1_024 * 1_024;
      await promisify(execFile)(bin, ["apply", directory], { env: as, maxBuffer });
    },
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill(signal);
      await ended;
    },
  };
}

/** The postmaster of a data directory. */
export async function postmasterPid(data: string): Promise<number> {
  const text = await readFile(join(data, "postgres", "postmaster.pid"), "utf8");
  return Number(text.split("\n", 1)[0]);
}

/** A port that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Asks again until the answer satisfies, or fails with the last answer after `withinMs`. */
export async function until<T>(
  ask: () => Promise<T>,
  satisfies: (answer: T) => boolean,
  withinMs: number,
): Promise<T> {
  const from = performance.now();
  for (;;) {
    const answer = await ask();
    if (satisfies(answer)) return answer;
    if (performance.now() - from > withinMs) {
      throw new Error(`not within ${withinMs} ms; the last answer was ${JSON.stringify(answer)}`);
    }
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

/** Where a program of the host stands, or null. */
export async function findProgram(name: string): Promise<string | null> {
  const { stdout } = await promisify(execFile)("sh", ["-c", `command -v ${name} || true`]);
  return stdout.trim() === "" ? null : stdout.trim();
}
