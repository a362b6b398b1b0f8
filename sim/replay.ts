/**
 * Replays the weather of a seed and tells every line of it: `npm run replay -- --seed 17`. With a count,
 * as many seeds from there on, a line each; with a fault of sim/faults.ts, that one planted; with
 * `--weather channels`, the one in which every channel fails in every way. Exits with 1 when a promise broke.
 */
import setup from "../test/globalSetup.ts";
import { counted, NOTHING_COUNTED, sum } from "./counts.ts";
import { CHANNEL_FAULTS, FAULTS } from "./faults.ts";
import { importWith, misfits } from "./plant.ts";
import { optionsOf } from "../test/options.ts";

const values = optionsOf({
  seed: { type: "string" },
  count: { type: "string", default: "1" },
  fault: { type: "string" },
  weather: { type: "string" },
});
const all = [...FAULTS, ...CHANNEL_FAULTS];
const fault = all.find(({ name }) => name === values.fault);
const [first, count] = [Number(values.seed ?? fault?.seed ?? Number.NaN), Number(values.count)];
const weather = values.weather ?? fault?.weather ?? "ordinary";
const isFault = values.fault === undefined || fault !== undefined;
const isWeather = ["ordinary", "channels"].includes(weather);
if (!Number.isSafeInteger(first) || !(count >= 1) || !isFault || !isWeather) {
  process.stderr.write(
    `replay: --seed N [--count N] [--weather ordinary|channels] [--fault NAME], whole numbers; faults:\n  ${all.map(({ name }) => name).join("\n  ")}\n`,
  );
  process.exit(2);
}
const unfit = misfits(fault?.patches ?? []);
if (unfit.length > 0) {
  process.stderr.write(`replay: the fault has to be planted anew: ${unfit.join("; ")}\n`);
  process.exit(2);
}
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const stop = await setup();
const patches = fault?.patches ?? [];
const { FORMS, openSkies, play } = await importWith<typeof import("./weather.ts")>(
  "sim/weather.ts",
  patches,
);
const form = FORMS[weather]!;
const skies = openSkies(fault?.schema, form);
let bad = 0;
let total = NOTHING_COUNTED;
for (let seed = first; seed < first + count; seed++) {
  const from = process.cpuUsage();
  const telling = { withHash: true, ...(count === 1 && { tell: say }) };
  const { broken, events, hash, counts } = await play(await skies.of(seed), seed, telling, form);
  const { user, system } = process.cpuUsage(from);
  const cpu = `${Math.round((user + system) / 1000)} ms of this processor`;
  say(`seed ${seed}: ${events} events, ${cpu}, journal ${hash.slice(0, 16)}`);
  for (const line of broken) say(`  broken: ${line}`);
  if (broken.length > 0) bad += 1;
  total = sum(total, counts);
}
const met = [...(form.met ?? [])].toSorted(([a], [b]) => (a < b ? -1 : 1));
if (met.length > 0) say(`met: ${met.map(([what, times]) => `${what} ${times}`).join(", ")}`);
say(counted(total));
say(`${count - bad} of ${count} seeds kept every promise`);
await skies.close();
await stop();
process.exitCode = bad > 0 ? 1 : 0;
