/**
 * Disasters under load: kill -9 of each node, of PostgreSQL, of both, a full disk, a line that is cut or slow.
 * `npm run disasters -- --rounds 10 --only PostgreSQL` strikes again and again and prints what was lost; it exits with
 * 1 when anything was, or when no page came for fifteen seconds.
 */
import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { crashStage, pause, type Round, type Stage } from "./crashStage.ts";
import { optionsOf } from "./options.ts";

export type Disaster = {
  readonly what: string;
  readonly strike: (stage: Stage) => Promise<void>;
  readonly needsDisk?: boolean;
};

/** The node that is left pages on within this time. */
export const CONTINUES_WITHIN_MS = 15_000;
const LASTS_MS = 4_000;
const SLOW_MS = 300;

const killNode =
  (which: number) =>
  async ({ sides }: Stage): Promise<void> => {
    const side = sides[which]!;
    await side.server.end("SIGKILL");
    await pause(LASTS_MS / 2);
    side.server = await side.start();
  };

/** The postmaster at once, and with it every session; whoever started it starts it again. */
async function killPostgres({ postgres }: Stage): Promise<void> {
  process.kill(postgres.pid, "SIGKILL");
}

async function fillDisk({ disk }: Stage): Promise<void> {
  if (disk === null) throw new Error("there is no disk of its own");
  const filler = join(disk, "filler");
  await promisify(execFile)("dd", ["if=/dev/zero", `of=${filler}`, "bs=1M"]).catch(() => undefined);
  await pause(LASTS_MS);
  await rm(filler, { force: true });
}

export const DISASTERS: readonly Disaster[] = [
  { what: "kill -9 of node A", strike: killNode(0) },
  { what: "kill -9 of node B", strike: killNode(1) },
  { what: "kill -9 of PostgreSQL", strike: killPostgres },
  {
    what: "kill -9 of node A and of PostgreSQL",
    async strike(at) {
      await killPostgres(at);
      await killNode(0)(at);
    },
  },
  { what: "a full disk under PostgreSQL", strike: fillDisk, needsDisk: true },
  {
    what: "a line that is cut",
    async strike({ sides }) {
      sides[0]!.proxy.cut();
      await pause(LASTS_MS);
      sides[0]!.proxy.mend();
    },
  },
  {
    what: "a line that is slow",
    async strike({ sides }) {
      sides[0]!.proxy.slow(SLOW_MS);
      await pause(LASTS_MS);
      sides[0]!.proxy.mend();
    },
  },
];

export type Account = {
  readonly accepted: number;
  readonly lostAlerts: number;
  readonly lostPages: number;
  readonly unknownAttempts: number;
  readonly longestGapMs: number;
  readonly longestWaitMs: number;
};

export function accountOf(rounds: readonly Round[]): Account {
  const sum = (of: (round: Round) => number): number => rounds.reduce((n, each) => n + of(each), 0);
  return {
    accepted: sum((round) => round.accepted),
    lostAlerts: sum((round) => round.lostAlerts),
    lostPages: sum((round) => round.lostPages),
    unknownAttempts: sum((round) => round.unknownAttempts),
    longestGapMs: Math.max(...rounds.map((round) => round.longestGapMs)),
    longestWaitMs: Math.max(...rounds.map((round) => round.longestWaitMs)),
  };
}

const seconds = (ms: number): string => (ms / 1_000).toFixed(1);

const HEAD =
  "| disaster | rounds | alerts accepted | lost | pages lost | unknown attempts | longest gap between pages (s) | longest wait of a tool (s) |\n" +
  "|---|---|---|---|---|---|---|---|";

export function lineOf(what: string, rounds: readonly Round[]): string {
  const all = accountOf(rounds);
  const counts = [rounds.length, all.accepted, all.lostAlerts, all.lostPages, all.unknownAttempts];
  const times = [all.longestGapMs, all.longestWaitMs].map(seconds);
  return `| ${[what, ...counts, ...times].join(" | ")} |`;
}

async function main(): Promise<number> {
  const values = optionsOf({
    rounds: { type: "string", default: "10" },
    only: { type: "string", default: "" },
  });
  const rounds = Number(values.rounds);
  const chosen = DISASTERS.filter(({ what }) => what.includes(values.only));
  if (!Number.isSafeInteger(rounds) || rounds < 1 || chosen.length === 0) {
    const names = DISASTERS.map(({ what }) => `  ${what}`).join("\n");
    process.stderr.write(
      `disasters: --rounds N, a whole number, and --only WORDS of one of\n${names}\n`,
    );
    return 2;
  }
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const stage = await crashStage(rounds * chosen.length);
  let isGood = true;
  try {
    say(HEAD);
    for (const { what, strike, needsDisk } of chosen) {
      if (needsDisk === true && stage.disk === null) {
        say(`| ${what} | not played: a small disk of its own cannot be mounted here |`);
        continue;
      }
      const played = await stage.series(() => strike(stage), rounds);
      say(lineOf(what, played));
      for (const [at, round] of played.entries())
        process.stderr.write(`  round ${at + 1}: ${JSON.stringify(round)}\n`);
      const { lostAlerts, lostPages, longestGapMs } = accountOf(played);
      isGood &&= lostAlerts === 0 && lostPages === 0 && longestGapMs <= CONTINUES_WITHIN_MS;
    }
  } finally {
    await stage.stop();
  }
  return isGood ? 0 : 1;
}

// Node 26.10 may spin for ever over a socket that was reset when it ends by itself.
if (import.meta.main) process.exit(await main());
