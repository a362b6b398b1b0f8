/**
 * Replays the weather of a seed and tells every line of it: `npm run replay -- --seed 17`. With a count,
 * as many seeds from there on, a line each; with a fault of sim/faults.ts, that one planted. Exits with 1
 * when a promise broke.
 */
import { parseArgs } from "node:util";
import setup from "../test/globalSetup.ts";
import { FAULTS } from "./faults.ts";
import { importWith } from "./plant.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    count: { type: "string", default: "1" },
    fault: { type: "string" },
  },
});
const fault = FAULTS.find(({ name }) => name === values.fault);
const [first, count] = [Number(values.seed ?? fault?.seed ?? Number.NaN), Number(values.count)];
if (!Number.isSafeInteger(first) || !(count >= 1) || (values.fault && fault === undefined)) {
  process.stderr.write(
    `replay: --seed N [--count N] [--fault NAME], whole numbers; faults:\n  ${FAULTS.map(({ name }) => name).join("\n  ")}\n`,
  );
  process.exit(2);
}
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const stop = await setup();
const patches = fault?.patches ?? [];
const { openSkies, play } = await importWith<typeof import("./weather.ts")>(
  "sim/weather.ts",
  patches,
);
const skies = openSkies(fault?.schema);
let bad = 0;
for (let seed = first; seed < first + count; seed++) {
  const from = process.cpuUsage();
  const telling = { withHash: true, ...(count === 1 && { tell: say }) };
  const { broken, events, hash } = await play(await skies.of(seed), seed, telling);
  const { user, system } = process.cpuUsage(from);
  const cpu = `${Math.round((user + system) / 1000)} ms of this processor`;
  say(`seed ${seed}: ${events} events, ${cpu}, journal ${hash.slice(0, 16)}`);
  for (const line of broken) say(`  broken: ${line}`);
  if (broken.length > 0) bad += 1;
}
say(`${count - bad} of ${count} seeds kept every promise`);
await skies.close();
await stop();
process.exitCode = bad > 0 ? 1 : 0;
