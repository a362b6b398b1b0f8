/**
 * Alerts per second into Tocsin and into Alertmanager, in turn, over the same API with the same bodies.
 * Alertmanager acknowledges from memory; Tocsin after a durable commit, with fifty rules in place, the raw
 * body sealed, and decision and ledger written. At the end both are read back and counted.
 *
 *   node bench/intake.ts [--rounds 3] [--scale 1]
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { findProgram, freePort, startServer, until } from "../test/running.ts";
import { flood, type Flood } from "./flood.ts";

const KEY = "bench-intake-key";
const CONNECTIONS = 64;
const RULES = 50;

type Side = { readonly name: string; readonly port: number; count(): Promise<number> };

/** One row of the table: how many alerts a request carries, and whether they are new. */
const ROWS = [
  { name: "new, 1 per request", alerts: 12_000, perRequest: 1, resend: false },
  { name: "new, 100 per request", alerts: 40_000, perRequest: 100, resend: false },
  { name: "re-sent, 1 per request", alerts: 12_000, perRequest: 1, resend: true },
  { name: "re-sent, 100 per request", alerts: 40_000, perRequest: 100, resend: true },
] as const;

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "3" }, scale: { type: "string", default: "1" } },
});
const rounds = Number(values.rounds);
const scale = Number(values.scale);

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const startsAt = new Date(Date.now() - 60_000).toISOString();

/** The bodies of one row of one round; a re-send repeats the alerts of the row before it. */
function bodiesOf(row: (typeof ROWS)[number], round: number): readonly Buffer[] {
  const alerts = Math.round((row.alerts * scale) / row.perRequest) * row.perRequest;
  const endsAt = new Date(Date.now() + 3_600_000).toISOString();
  const kind = row.perRequest === 1 ? "single" : "batch";
  const bodies: Buffer[] = [];
  for (let first = 0; first < alerts; first += row.perRequest) {
    const items = Array.from({ length: row.perRequest }, (_, offset) => ({
      labels: {
        alertname: "BenchIntake",
        round: `${kind}-${round}`,
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

async function openTocsin(directory: string): Promise<Side & { stop(): Promise<void> }> {
  const config = join(directory, "config");
  await mkdir(config, { recursive: true });
  const rules = Array.from(
    { length: RULES - 1 },
    (_, n) =>
      `  never-${n}: { when: 'labels.cluster == "other-${n}" && severity == "critical"', then: { declare: SEV2 }, order: ${n} }`,
  );
  await writeFile(join(config, "tocsin.yaml"), "set: bench\n");
  await writeFile(
    join(config, "bench.yaml"),
    `teams:\n  bench: { name: Bench }\nservices:\n  bench: { name: Bench, team: bench }\n` +
      `keys:\n  bench: { service: bench, secret: env:BENCH_KEY }\n` +
      `rules:\n${rules.join("\n")}\n  record: { when: 'severity == "warning"', then: { record: true }, order: 1000 }\n`,
  );
  const port = await freePort();
  const extra = process.env["BENCH_NODE_OPTIONS"];
  const server = await startServer({
    data: join(directory, "data"),
    port,
    env: {
      BENCH_KEY: KEY,
      TOCSIN_LOG: "error",
      ...(extra === undefined ? {} : { NODE_OPTIONS: extra }),
    },
  });
  await server.apply(config);
  return {
    name: "Tocsin",
    port,
    count: async () => (await server.list("/v1/alerts?status=open")).length,
    stop: () => server.end("SIGTERM"),
  };
}

async function openAlertmanager(
  directory: string,
): Promise<(Side & { stop(): Promise<void> }) | null> {
  const program = await findProgram("prometheus-alertmanager");
  if (program === null) return null;
  await mkdir(directory, { recursive: true });
  const config = join(directory, "alertmanager.yml");
  await writeFile(
    config,
    "route: { receiver: none, group_by: [alertname] }\nreceivers: [{ name: none }]\n",
  );
  const port = await freePort();
  const child: ChildProcess = spawn(
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
  return {
    name: "Alertmanager",
    port,
    count: async () => ((await (await fetch(`${base}/api/v2/alerts`)).json()) as unknown[]).length,
    async stop() {
      child.kill("SIGTERM");
    },
  };
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;
const pad = (text: string, width: number): string => text.padStart(width);

function report(row: (typeof ROWS)[number], side: Side, results: readonly Flood[]): number {
  const rate = median(results.map((result) => result.requests / result.seconds)) * row.perRequest;
  const refused = results.reduce((sum, result) => sum + result.refused, 0);
  const [p50, p99] = [median(results.map((r) => r.p50Ms)), median(results.map((r) => r.p99Ms))];
  print(
    `${row.name.padEnd(26)}${side.name.padEnd(14)}${pad(Math.round(rate).toLocaleString("en"), 9)} alerts/s` +
      `   p50 ${pad(p50.toFixed(1), 7)} ms   p99 ${pad(p99.toFixed(1), 7)} ms` +
      (refused === 0 ? "" : `   ${refused} refused`),
  );
  return rate;
}

const directory = await mkdtemp(join(tmpdir(), "tocsin-bench-"));
const stops: (() => Promise<void>)[] = [];
try {
  const tocsin = await openTocsin(join(directory, "tocsin"));
  stops.push(tocsin.stop);
  const peer = await openAlertmanager(join(directory, "alertmanager"));
  if (peer === null) print("prometheus-alertmanager is not installed: only Tocsin is measured.");
  else stops.push(peer.stop);
  const sides: readonly Side[] = peer === null ? [tocsin] : [peer, tocsin];
  const headers = `Authorization: Bearer ${KEY}\r\nContent-Type: application/json\r\n`;
  for (const row of ROWS) {
    const results = new Map<Side, Flood[]>(sides.map((side) => [side, []]));
    for (let round = 0; round < rounds; round++) {
      // Whoever comes second in one round comes first in the next.
      const bodies = bodiesOf(row, round);
      for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
        const connections = Math.min(CONNECTIONS, bodies.length);
        results
          .get(side)
          ?.push(
            await flood({ port: side.port, path: "/api/v2/alerts", headers, bodies, connections }),
          );
      }
    }
    const rates = sides.map((side) => report(row, side, results.get(side) ?? []));
    if (rates.length === 2) print(`${" ".repeat(26)}ratio ${(rates[1]! / rates[0]!).toFixed(2)}x`);
  }
  const singles = Math.round(ROWS[0].alerts * scale);
  const batched = Math.round((ROWS[1].alerts * scale) / 100) * 100;
  for (const side of sides) {
    print(
      `read back from ${side.name}: ${await side.count()} of ${(singles + batched) * rounds} alerts`,
    );
  }
} finally {
  for (const stop of stops.toReversed()) await stop();
  await rm(directory, { recursive: true, force: true });
}
