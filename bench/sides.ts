/** The two that are measured: Tocsin as `./bin/tocsin up` with its own PostgreSQL, and Debian's Alertmanager. */
import { spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../server/app/local/postgres.ts";
import { findProgram, freePort, postmasterPid, startServer, until } from "../test/running.ts";
import { cpuSeconds } from "./cpu.ts";
import { flood, type Flood } from "./flood.ts";

export const KEY = "bench-intake-key";
const RULES = 50;
const SILENCES = 20;

export type Side = {
  readonly name: "Tocsin" | "Alertmanager";
  readonly port: number;
  /** Alerts that it shows as active. */
  count(): Promise<number>;
  /** The first page that a person would look at. */
  firstPage(): Promise<void>;
  cpuSeconds(): Promise<number>;
  /** Of the server alone; PostgreSQL's buffers are its own matter. */
  residentMiB(): Promise<number>;
  stop(): Promise<void>;
};

export const HEADERS = `Authorization: Bearer ${KEY}\r\nContent-Type: application/json\r\n`;

export const send = (side: Side, bodies: readonly Buffer[], connections: number): Promise<Flood> =>
  flood({
    port: side.port,
    path: "/api/v2/alerts",
    headers: HEADERS,
    bodies,
    connections: Math.min(connections, bodies.length),
  });

export async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1_024;
}

export type TocsinOptions = {
  readonly directory: string;
  /** YAML of more services and rules. */
  readonly services?: string;
  readonly rules?: string;
  /** Where Ann is paged, by a signed webhook whose secret is BENCH_SECRET. */
  readonly contact?: string;
  /** How long after the decision the page is sent. */
  readonly afterMinutes?: number;
  readonly env?: Readonly<Record<string, string>>;
};

/** Rules that ask about another label value each, and one that records; Ann, who may be paged. */
function configuration(options: TocsinOptions): string {
  const { services = "", rules = "", contact, afterMinutes = 0 } = options;
  const never = Array.from(
    { length: RULES - 1 },
    (_, n) =>
      `  never-${n}: { when: 'labels.cluster == "other-${n}" && severity == "critical"', then: { declare: SEV2 }, order: ${n} }`,
  );
  const paged =
    contact === undefined
      ? ""
      : `channels:\n  hook: { type: webhook, secret: "env:BENCH_SECRET" }\n` +
        `escalations:\n  page: { name: Page, steps: [{ notify: [{ person: ann }], timeoutMinutes: 30 }] }\n`;
  const contacts =
    contact === undefined
      ? ""
      : `, contacts: [{ channel: hook, address: "${contact}", afterMinutes: ${afterMinutes} }]`;
  return [
    `people:\n  ann: { name: Ann, email: ann@example.org${contacts} }`,
    "teams:\n  bench: { name: Bench, members: [ann] }",
    `services:\n  bench: { name: Bench, team: bench }\n${services}`,
    "keys:\n  bench: { service: bench, serviceLabel: service, secret: env:BENCH_KEY }",
    `${paged}rules:\n${never.join("\n")}`,
    `  record: { when: 'severity == "warning"', then: { record: true }, order: 1000 }\n${rules}`,
  ].join("\n");
}

/** Prints at the end which statements cost most. */
const COUNTS_STATEMENTS = process.env["BENCH_STATEMENTS"] !== undefined;
/** What PostgreSQL is asked to remember about its work. */
const REMEMBERING = [
  "alter system set track_commit_timestamp = on",
  ...(COUNTS_STATEMENTS
    ? ["alter system set shared_preload_libraries = 'pg_stat_statements'"]
    : []),
];

/** A PostgreSQL of our own, with the settings that Tocsin gives its own, which can tell when what was committed. */
export async function openPostgres(directory: string): Promise<EmbeddedPostgres> {
  await mkdir(directory, { recursive: true });
  const options = { dataDirectory: directory, log: () => undefined };
  const first = await startEmbeddedPostgres(options);
  const store = new pg.Client({ connectionString: first.url });
  await store.connect();
  for (const setting of REMEMBERING) await store.query(setting);
  await store.end();
  await first.stop();
  return startEmbeddedPostgres(options);
}

async function printStatements(url: string): Promise<void> {
  const store = new pg.Client({ connectionString: url });
  await store.connect();
  await store.query("create extension if not exists pg_stat_statements");
  const reply = await store.query<{ ms: number; calls: number; rows: number; query: string }>(
    `select total_exec_time + total_plan_time as ms, calls, rows, query from pg_stat_statements
     order by 1 desc limit 25`,
  );
  for (const { ms, calls, rows, query } of reply.rows)
    print(
      `${ms.toFixed(0).padStart(8)} ms ${String(calls).padStart(7)} calls ${String(rows).padStart(8)} rows  ` +
        query.replace(/\s+/g, " ").slice(0, 140),
    );
  await store.end();
}

export async function openTocsin(options: TocsinOptions): Promise<Side> {
  const { directory } = options;
  const isGiven = options.env?.["DATABASE_URL"] !== undefined;
  const postgres = COUNTS_STATEMENTS && !isGiven ? await openPostgres(directory) : null;
  const env = { ...options.env, ...(postgres !== null && { DATABASE_URL: postgres.url }) };
  const config = join(directory, "config");
  const data = join(directory, "data");
  await mkdir(config, { recursive: true });
  await writeFile(join(config, "tocsin.yaml"), "set: bench\n");
  await writeFile(join(config, "bench.yaml"), configuration(options));
  const port = await freePort();
  const extra = process.env["BENCH_NODE_OPTIONS"];
  const server = await startServer({
    data,
    port,
    env: {
      BENCH_KEY: KEY,
      TOCSIN_LOG: "error",
      ...(extra === undefined ? {} : { NODE_OPTIONS: extra }),
      ...env,
    },
  });
  await server.apply(config);
  for (let n = 0; n < SILENCES; n++) {
    const span = { startsAt: new Date(), endsAt: new Date(Date.now() + 86_400_000) };
    const body = {
      matchers: [`cluster="quiet-${n}"`],
      reason: "a measurement",
      owner: "ann",
      ...span,
    };
    const answer = await server.post("/v1/silences", body);
    if (!answer.ok) throw new Error(`silence ${n}: ${answer.status} ${await answer.text()}`);
  }
  const pid = server.child.pid!;
  // With a given database its cost is counted by whoever gave it.
  const postmaster = postgres?.pid ?? (isGiven ? null : await postmasterPid(data));
  return {
    name: "Tocsin",
    port,
    count: async () => (await server.list("/v1/alerts?status=open")).length,
    firstPage: () => server.get("/v1/alerts?status=open&limit=100"),
    cpuSeconds: () => cpuSeconds([pid, ...(postmaster === null ? [] : [postmaster])]),
    residentMiB: () => residentMiB(pid),
    async stop() {
      const url = env["DATABASE_URL"];
      if (COUNTS_STATEMENTS && url !== undefined) await printStatements(url);
      await server.end("SIGTERM");
      await postgres?.stop();
    },
  };
}

/** Null where it is not installed. `receiver` is YAML of a receiver named “there”. */
export async function openAlertmanager(
  directory: string,
  route = "route: { receiver: there, group_by: [alertname] }",
  receiver = "",
): Promise<Side | null> {
  const program = await findProgram("prometheus-alertmanager");
  if (program === null) return null;
  await mkdir(directory, { recursive: true });
  const config = join(directory, "alertmanager.yml");
  await writeFile(config, `${route}\nreceivers:\n  - name: there\n${receiver}`);
  const port = await freePort();
  const child = spawn(
    program,
    [
      `--config.file=${config}`,
      `--storage.path=${join(directory, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--cluster.listen-address=",
      "--log.level=error",
    ],
    { stdio: "ignore" },
  );
  const base = `http://127.0.0.1:${port}`;
  await until(
    async () => (await fetch(`${base}/-/ready`).catch(() => null))?.status,
    (status) => status === 200,
    20_000,
  );
  const pid = child.pid!;
  const all = async (): Promise<unknown[]> =>
    (await (await fetch(`${base}/api/v2/alerts`)).json()) as unknown[];
  return {
    name: "Alertmanager",
    port,
    count: async () => (await all()).length,
    // It has no pages: whoever wants the first alerts gets all of them.
    firstPage: async () => void (await all()),
    cpuSeconds: () => cpuSeconds([pid]),
    residentMiB: () => residentMiB(pid),
    async stop() {
      child.kill("SIGTERM");
    },
  };
}

const startsAt = new Date(Date.now() - 60_000).toISOString();

/** Bodies of alerts that differ by number and `series`; the same again are repeats, but for their end. */
export function bodiesOf(series: string, alerts: number, perRequest: number): readonly Buffer[] {
  const endsAt = new Date(Date.now() + 3_600_000).toISOString();
  const bodies: Buffer[] = [];
  for (let first = 0; first < alerts; first += perRequest) {
    const items = Array.from({ length: perRequest }, (_, offset) => ({
      labels: {
        alertname: "Bench",
        series,
        instance: `host-${first + offset}.example:9100`,
        job: "node",
        severity: "warning",
        cluster: "bench",
      },
      annotations: {
        summary: `Load of host ${first + offset} is high`,
        runbook: "https://example.org/r",
      },
      startsAt,
      endsAt,
      generatorURL: "http://prometheus.example/graph",
    }));
    bodies.push(Buffer.from(JSON.stringify(items)));
  }
  return bodies;
}

export const print = (line: string): void => void process.stdout.write(`${line}\n`);

export const quantile = (numbers: readonly number[], share: number): number => {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
};
