/** Fifty seeds of bad weather keep every promise; hundreds do in the long form. */
import { afterAll, expect, test } from "vitest";
import { longTest } from "../test/long.ts";
import { openSkies } from "./sky.ts";
import { play } from "./weather.ts";

const SEEDS = 50;
const MOST_SEEDS = 500;

const skies = openSkies();
afterAll(() => skies.close());

async function keepsItsPromises(seed: number): Promise<void> {
  const { broken } = await play(await skies.of(seed), seed);
  expect(broken, `replay it: npm run replay -- --seed ${seed}`).toEqual([]);
}

for (let seed = 1; seed <= SEEDS; seed++)
  test(`seed ${seed} keeps every promise`, () => keepsItsPromises(seed));

for (const [seed, kind] of [
  [3, "by mail"],
  [7, "by telephone"],
] as const)
  test(`the same seed is the same weather, to the last fact (${kind})`, async () => {
    const again = async () => (await play(await skies.of(seed), seed, { withHash: true })).hash;
    expect(await again()).toBe(await again());
  });

longTest(`so do all seeds up to ${MOST_SEEDS}`, 3_600_000, async () => {
  for (let seed = SEEDS + 1; seed <= MOST_SEEDS; seed++) await keepsItsPromises(seed);
});
