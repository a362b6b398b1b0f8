/**
 * The first page of active alerts, and the memory that they take: a hundred thousand, then half a million,
 * in both servers. Tocsin's memory is that of the server; PostgreSQL's buffers are sized by its own settings.
 *
 *   node bench/page.ts [--alerts 100000,500000] [--looks 200]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

const values = optionsOf({
  alerts: { type: "string", default: "100000,500000" },
  looks: { type: "string", default: "200" },
});
const PER_REQUEST = 100;
const GOALS = { pageMs: 20, gib: [0.25, 0.5] };
/** So long its peer takes for a single look. */
const PEER_LOOKS = 5;
/** After it the server has given back what only the flood needed. */
const REST_MS = 45_000;

async function look(side: Side, looks: number): Promise<readonly number[]> {
  const times: number[] = [];
  for (let n = 0; n < looks; n++) {
    const from = performance.now();
    await side.firstPage();
    times.push(performance.now() - from);
  }
  return times;
}

const gib = async (side: Side): Promise<string> =>
  `${((await side.residentMiB()) / 1_024).toFixed(2)} GiB`;

const directory = await mkdtemp(join(tmpdir(), "tocsin-bench-"));
const open: Side[] = [];
try {
  const peer = await openAlertmanager(join(directory, "alertmanager"));
  if (peer === null) print("prometheus-alertmanager is not installed: only Tocsin is measured.");
  else open.push(peer);
  open.push(await openTocsin({ directory: join(directory, "tocsin") }));
  for (const side of open)
    print(
      `at rest${" ".repeat(19)}${side.name.padEnd(14)}${(await side.residentMiB()).toFixed(0)} MiB`,
    );
  let there = 0;
  for (const [at, text] of values.alerts.split(",").entries()) {
    const alerts = Number(text);
    const bodies = bodiesOf(`page-${at}`, alerts - there, PER_REQUEST);
    there = alerts;
    const pages: number[] = [];
    for (const side of open) {
      const { refused } = await send(side, bodies, 16);
      if (refused > 0)
        throw new Error(`${side.name} refused ${refused} of ${bodies.length} bodies`);
      const times = await look(side, side.name === "Tocsin" ? Number(values.looks) : PEER_LOOKS);
      pages.push(quantile(times, 0.5));
      print(
        `${`${alerts.toLocaleString("en")} active`.padEnd(26)}${side.name.padEnd(14)}first page p50 ` +
          `${quantile(times, 0.5).toFixed(1)} ms, p99 ${quantile(times, 0.99).toFixed(1)} ms   ` +
          `memory ${await gib(side)}`,
      );
    }
    await new Promise((wake) => setTimeout(wake, REST_MS));
    for (const side of open)
      print(`${" ".repeat(26)}${side.name.padEnd(14)}memory at rest ${await gib(side)}`);
    if (pages.length === 2)
      print(
        `${" ".repeat(26)}ratio ${(pages[0]! / pages[1]!).toFixed(0)}x; goals: page p99 ≤ ${GOALS.pageMs} ms, ` +
          `≤ ${GOALS.gib[at] ?? "?"} GB`,
      );
  }
} finally {
  for (const side of open.toReversed()) await side.stop();
  await rm(directory, { recursive: true, force: true });
}
