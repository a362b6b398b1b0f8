/**
 * Alerts per second into Tocsin and into Alertmanager, in turn, over the same API with the same bodies.
 * Alertmanager acknowledges from memory; Tocsin after a durable commit, with fifty rules and twenty silences in
 * place, the raw body sealed, and decision and ledger written. At the end both are read back and counted.
 *
 *   node bench/intake.ts [--rounds 3] [--scale 1]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Flood } from "./flood.ts";
import {
  bodiesOf,
  openAlertmanager,
  openTocsin,
  print,
  quantile,
  send,
  type Side,
} from "./sides.ts";
import { optionsOf } from "../test/options.ts";

const CONNECTIONS = 64;

/** One row of the table: how many alerts a request carries, and whether they are new. */
const ROWS = [
  { name: "new, 1 per request", alerts: 12_000, perRequest: 1, resend: false, goal: 1 },
  { name: "new, 100 per request", alerts: 40_000, perRequest: 100, resend: false, goal: 1 },
  { name: "re-sent, 1 per request", alerts: 12_000, perRequest: 1, resend: true, goal: 1.8 },
  { name: "re-sent, 100 per request", alerts: 40_000, perRequest: 100, resend: true, goal: 4.5 },
] as const;
type Row = (typeof ROWS)[number];

const values = optionsOf({
  rounds: { type: "string", default: "3" },
  scale: { type: "string", default: "1" },
});
const rounds = Number(values.rounds);
const scale = Number(values.scale);
const alertsOf = (row: Row): number =>
  Math.max(1, Math.round((row.alerts * scale) / row.perRequest)) * row.perRequest;

type Result = Flood & { readonly alerts: number; readonly cpuMicroseconds: number };

async function measure(side: Side, row: Row, round: number): Promise<Result> {
  const alerts = alertsOf(row);
  // A re-send repeats the alerts of the row before it, with a later end.
  const bodies = bodiesOf(`${row.perRequest}-${round}`, alerts, row.perRequest);
  const before = await side.cpuSeconds();
  const result = await send(side, bodies, CONNECTIONS);
  const cpu = (await side.cpuSeconds()) - before;
  return { ...result, alerts, cpuMicroseconds: (cpu / alerts) * 1e6 };
}

const median = (numbers: readonly number[]): number => quantile(numbers, 0.5);

function report(row: Row, side: Side, results: readonly Result[]): number {
  const rate = median(results.map(({ alerts, seconds }) => alerts / seconds));
  const refused = results.reduce((sum, result) => sum + result.refused, 0);
  const shown = [
    `${Math.round(rate).toLocaleString("en").padStart(9)} alerts/s`,
    `p50 ${median(results.map((r) => r.p50Ms))
      .toFixed(1)
      .padStart(7)} ms`,
    `p99 ${median(results.map((r) => r.p99Ms))
      .toFixed(1)
      .padStart(7)} ms`,
    `cpu ${median(results.map((r) => r.cpuMicroseconds))
      .toFixed(1)
      .padStart(6)} µs each`,
    ...(refused === 0 ? [] : [`${refused} REFUSED`]),
  ];
  print(`${row.name.padEnd(26)}${side.name.padEnd(14)}${shown.join("   ")}`);
  return rate;
}

const directory = await mkdtemp(join(tmpdir(), "tocsin-bench-"));
const open: Side[] = [];
try {
  const peer = await openAlertmanager(join(directory, "alertmanager"));
  if (peer === null) print("prometheus-alertmanager is not installed: only Tocsin is measured.");
  else open.push(peer);
  open.push(await openTocsin({ directory: join(directory, "tocsin") }));
  // Nobody is measured cold.
  for (const side of open) await send(side, bodiesOf("warm", 2_000, 1), CONNECTIONS);
  for (const row of ROWS) {
    const results = new Map<Side, Result[]>(open.map((side) => [side, []]));
    for (let round = 0; round < rounds; round++) {
      // Whoever comes second in one round comes first in the next.
      for (const side of round % 2 === 0 ? open : open.toReversed())
        results.get(side)?.push(await measure(side, row, round));
    }
    const rates = open.map((side) => report(row, side, results.get(side) ?? []));
    if (rates.length < 2) continue;
    const ratio = rates[1]! / rates[0]!;
    print(`${" ".repeat(26)}ratio ${ratio.toFixed(2)}x, goal ${row.goal.toFixed(1)}x`);
  }
  const sent = 2_000 + rounds * (alertsOf(ROWS[0]) + alertsOf(ROWS[1]));
  for (const side of open) {
    const count = await side.count();
    print(`read back from ${side.name}: ${count} of ${sent} alerts`);
    if (count !== sent) process.exitCode = 1;
  }
} finally {
  for (const side of open.toReversed()) await side.stop();
  await rm(directory, { recursive: true, force: true });
}
