/**
 * Every row, one after the other, each in a process of its own.
 *
 *   npm run bench [-- --quick]
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpus, loadavg, totalmem } from "node:os";
import { optionsOf } from "../test/options.ts";

const values = optionsOf({ quick: { type: "boolean", default: false } });

const FULL = [
  ["intake.ts"],
  ["handover.ts"],
  ["timers.ts"],
  ["oncall.ts"],
  ["page.ts"],
  ["start.ts"],
  ["runbooks.ts"],
] as const;
const QUICK = [
  ["intake.ts", "--scale", "0.25"],
  ["handover.ts", "--seconds", "2"],
  ["timers.ts", "--pending", "20000", "--rates", "1000,3000", "--seconds", "1"],
  ["oncall.ts", "--rounds", "10"],
  ["page.ts", "--alerts", "20000", "--looks", "50"],
  ["start.ts", "--rounds", "1"],
  ["runbooks.ts", "100"],
] as const;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

print(
  `${cpus().length} processors, ${(totalmem() / 2 ** 30).toFixed(0)} GiB; ` +
    `load before the start ${loadavg()
      .map((load) => load.toFixed(1))
      .join(" ")}`,
);
for (const [file, ...args] of values.quick ? QUICK : FULL) {
  print(`\n── bench/${[file, ...args].join(" ")}`);
  const path = new URL(file, import.meta.url).pathname;
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", path, ...args], {
    stdio: "inherit",
  });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) {
    print(`bench/${file} ended with ${code ?? "a signal"}`);
    process.exitCode = 1;
  }
}
