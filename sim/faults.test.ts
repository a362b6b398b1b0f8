/** The weather can find what is wrong: each fault that is planted breaks its promise within the normal seeds. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { CHANNEL_FAULTS, FAULTS } from "./faults.ts";
import type { Hunted } from "./hunt.ts";

let hunted: readonly Hunted[] = [];

beforeAll(async () => {
  const program = new URL("hunt.ts", import.meta.url).pathname;
  const flags = ["--disable-warning=ExperimentalWarning", program];
  const { stdout } = await promisify(execFile)(process.execPath, flags);
  hunted = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Hunted);
}, 600_000);

for (const { name, breaks } of FAULTS)
  test(`is found: ${name}`, () => {
    const found = hunted.find((each) => each.name === name);
    expect(found?.misfits, "the fault has to be planted anew in code that changed").toEqual([]);
    const replay = `npm run replay -- --fault "${name}" --seed 1 --count 50`;
    expect(found?.broken.join("\n"), replay).toMatch(breaks);
  });

for (const { name } of CHANNEL_FAULTS)
  test(`can be planted: ${name}`, () => {
    const found = hunted.find((each) => each.name === name);
    expect(found?.misfits, "the fault has to be planted anew in code that changed").toEqual([]);
  });
