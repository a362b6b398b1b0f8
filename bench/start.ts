/**
 * How long a first start and a later one take until the server answers, and the memory of a server at rest.
 *
 *   node bench/start.ts [--rounds 3]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { freePort, startServer } from "../test/running.ts";
import { print, quantile, residentMiB } from "./sides.ts";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "3" } } });
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
const memory: number[] = [];
for (let round = 0; round < Number(values.rounds); round++) {
  const data = await mkdtemp(join(tmpdir(), "tocsin-bench-"));
  first.push((await start(data)).ms);
  const again = await start(data);
  later.push(again.ms);
  memory.push(again.mib);
  await rm(data, { recursive: true, force: true });
}
const seconds = (times: readonly number[]): string =>
  `${(quantile(times, 0.5) / 1_000).toFixed(2)} s (slowest ${(quantile(times, 1) / 1_000).toFixed(2)} s)`;
print(`first start               ${seconds(first)}, goal ≤ 10 s`);
print(`later start               ${seconds(later)}, goal ≤ 2 s`);
print(`memory at rest            ${quantile(memory, 0.5).toFixed(0)} MiB, goal ≤ 150 MB`);
