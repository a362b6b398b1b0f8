/**
 * Disasters under load, again and again: kill -9 of a node, of PostgreSQL, of both, a full disk, a line that
 * is cut or slow. Every alert that was accepted and every page that was due is accounted for, and the node
 * that is left pages on within fifteen seconds.
 */
import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { crashStage, type Round, type Stage } from "./crashStage.ts";
import { isLong, longTest } from "./long.ts";

const ROUNDS = Number(process.env["TOCSIN_ROUNDS"] ?? 10);
const CONTINUES_WITHIN_MS = 15_000;

let staged: Promise<Stage> | null = null;
const stage = (): Promise<Stage> => (staged ??= crashStage());
afterAll(async () => {
  if (staged !== null) await (await staged).stop();
}, 60_000);

const pause = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

async function killNode({ sides }: Stage): Promise<void> {
  const side = sides[0]!;
  await side.server.end("SIGKILL");
  await pause(2_000);
  side.server = await side.start();
}

/** The postmaster at once, and with it every session; whoever started it starts it again. */
async function killPostgres({ postgres }: Stage): Promise<void> {
  process.kill(postgres.pid, "SIGKILL");
}

async function fillDisk({ disk }: Stage): Promise<void> {
  if (disk === null) throw new Error("there is no disk of its own");
  const filler = join(disk, "filler");
  await promisify(execFile)("dd", ["if=/dev/zero", `of=${filler}`, "bs=1M"]).catch(() => undefined);
  await pause(4_000);
  await rm(filler, { force: true });
}

const DISASTERS: readonly (readonly [what: string, strike: (stage: Stage) => Promise<void>])[] = [
  ["kill -9 of one of two nodes", killNode],
  ["kill -9 of PostgreSQL", killPostgres],
  [
    "kill -9 of a node and of PostgreSQL",
    async (at) => {
      await killPostgres(at);
      await killNode(at);
    },
  ],
  ["a full disk under PostgreSQL", fillDisk],
  [
    "a line that is cut",
    async ({ sides }) => {
      sides[0]!.proxy.cut();
      await pause(4_000);
      sides[0]!.proxy.mend();
    },
  ],
  [
    "a line that is slow",
    async ({ sides }) => {
      sides[0]!.proxy.slow(300);
      await pause(4_000);
      sides[0]!.proxy.mend();
    },
  ],
];

function accountedFor(rounds: readonly Round[], what: string): void {
  const sum = (of: (round: Round) => number): number => rounds.reduce((n, each) => n + of(each), 0);
  const gap = Math.max(...rounds.map(({ longestGapMs }) => longestGapMs));
  process.stdout.write(
    `${what}, ${rounds.length} rounds: ${sum((r) => r.accepted)} alerts accepted, ${sum((r) => r.lostAlerts)} lost; ` +
      `${sum((r) => r.lostPages)} pages lost, ${sum((r) => r.unknownAttempts)} unknown attempts, ` +
      `longest gap between pages ${(gap / 1_000).toFixed(1)} s\n`,
  );
  expect(sum((round) => round.lostAlerts)).toBe(0);
  expect(sum((round) => round.lostPages)).toBe(0);
  expect(gap).toBeLessThan(CONTINUES_WITHIN_MS);
}

for (const [what, strike] of DISASTERS)
  longTest(`${ROUNDS} × ${what}: nothing is lost`, 1_200_000, async (context) => {
    const at = await stage();
    if (strike === fillDisk && at.disk === null)
      return context.skip("a small disk of its own cannot be mounted here");
    const rounds: Round[] = [];
    for (let round = 0; round < ROUNDS; round++) rounds.push(await at.round(() => strike(at)));
    accountedFor(rounds, what);
  });

test.skipIf(isLong)("a line that is cut, once: nothing is lost", { timeout: 240_000 }, async () => {
  const at = await stage();
  const [what, strike] = DISASTERS[4]!;
  accountedFor([await at.round(() => strike(at))], what);
});
