/** Forty seeds of bad weather keep every promise, and some in which all channels fail; hundreds do in the long form. */
import { afterAll, expect, test } from "vitest";
import { longTest } from "../test/long.ts";
import { openSkies } from "./sky.ts";
import { FORMS, play } from "./weather.ts";

const SEEDS = 40;
const MOST_SEEDS = 500;

/** Seeds in which every vendor fails in several ways. */
const CHANNEL_SEEDS = [4, 7, 28, 118];
const MOST_CHANNEL_SEEDS = 200;

const skies = openSkies();
const channels = FORMS["channels"]!;
const channelSkies = openSkies([], channels);
afterAll(async () => {
  await skies.close();
  await channelSkies.close();
});

async function keepsItsPromises(seed: number): Promise<void> {
  const { broken } = await play(await skies.of(seed), seed);
  expect(broken, `replay it: npm run replay -- --seed ${seed}`).toEqual([]);
}

for (let seed = 1; seed <= SEEDS; seed++)
  test(`seed ${seed} keeps every promise`, () => keepsItsPromises(seed));

async function losesNoPage(seed: number): Promise<void> {
  const { broken, counts } = await play(await channelSkies.of(seed), seed, {}, channels);
  expect(broken, `replay it: npm run replay -- --weather channels --seed ${seed}`).toEqual([]);
  expect(counts).toMatchObject({ lost: 0, afterAcknowledge: 0, duplicates: 0 });
}

for (const seed of CHANNEL_SEEDS)
  test(`seed ${seed} of failing channels loses no page and repeats none unmarked`, () =>
    losesNoPage(seed));

longTest(`so do all seeds up to ${MOST_CHANNEL_SEEDS} of failing channels`, 1_800_000, async () => {
  for (let seed = 1; seed <= MOST_CHANNEL_SEEDS; seed++) await losesNoPage(seed);
});

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
