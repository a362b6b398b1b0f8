/**
 * How long a first start and a later one take until the server answers, and the memory of a server at rest.
 *
 *   node bench/start.ts [--rounds 3]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, startServer } from "../test/running.ts";
import { print, quantile, residentMiB } from "./sides.ts";
import { optionsOf } from "../test/options.ts";

const values = optionsOf({ rounds: { type: "string", default: "3" } });
const REST_MS = 5_000;

async function start(data: string): Promise<{ readonly ms: number; readonly mib: number }> {
  const port = await freePort();
  const from = performance.now();
  const server = await startServer({ data, port, env: { TOCSIN_LOG: "error" } });
  const ms = performance.now() - from;
  await new Promise((wake) => setTimeout(wake, REST_MS));
  const mib = await residentMiB(server.child.pid!);
  await server.end("SIGTERM");
  return { ms, mib };
}

const first: number[] = [];
const later: number[] = [];
const memory: Record<"first" | "later", number[]> = { first: [], later: [] };
for (let round = 0; round < Number(values.rounds); round++) {
  const data = await mkdtemp(join(tmpdir(), "tocsin-bench-"));
  const once = await start(data);
  const again = await start(data);
  first.push(once.ms);
  later.push(again.ms);
  memory.first.push(once.mib);
  memory.later.push(again.mib);
  await rm(data, { recursive: true, force: true });
}
const seconds = (times: readonly number[]): string =>
  `${(quantile(times, 0.5) / 1_000).toFixed(2)} s (slowest ${(quantile(times, 1) / 1_000).toFixed(2)} s)`;
print(`first start               ${seconds(first)}, goal ≤ 10 s`);
print(`later start               ${seconds(later)}, goal ≤ 2 s`);
for (const [start, sizes] of Object.entries(memory))
  print(
    `memory after a ${start} start `.padEnd(26) +
      `${quantile(sizes, 0.5).toFixed(0)} MiB (most ${quantile(sizes, 1).toFixed(0)} MiB), goal ≤ 150 MB`,
  );
