/** Fifty seeds of bad weather keep every promise; hundreds do in the long form. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { longTest } from "../test/long.ts";
import { openSky, type Sky } from "./sky.ts";
import { play } from "./weather.ts";

const SEEDS = 50;
const MOST_SEEDS = 500;

let sky: Sky;
beforeAll(async () => {
  sky = await openSky();
});
afterAll(() => sky?.close());

async function keepsItsPromises(seed: number): Promise<void> {
  const { broken } = await play(sky, seed);
  expect(broken, `replay it: npm run replay -- --seed ${seed}`).toEqual([]);
}

for (let seed = 1; seed <= SEEDS; seed++)
  test(`seed ${seed} keeps every promise`, () => keepsItsPromises(seed));

test("the same seed is the same weather, to the last fact", async () => {
  const [first, second] = [
    await play(sky, 3, { withHash: true }),
    await play(sky, 3, { withHash: true }),
  ];
  expect(second.hash).toBe(first.hash);
});

longTest(`so do all seeds up to ${MOST_SEEDS}`, 3_600_000, async () => {
  for (let seed = SEEDS + 1; seed <= MOST_SEEDS; seed++) await keepsItsPromises(seed);
});
