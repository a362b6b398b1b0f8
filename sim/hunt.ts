/**
 * Plays every planted fault, beginning with the seed that found it the last time, until a promise breaks;
 * prints what broke, a line of JSON each. Run by sim/faults.test.ts as a process of its own, because the
 * test runner loads modules in its own way.
 */
import { CHANNEL_FAULTS, type Fault, FAULTS } from "./faults.ts";
import { importWith, misfits } from "./plant.ts";

/** The seeds of the normal run, within which a fault has to be found. */
const SEEDS = 50;

export type Hunted = {
  readonly name: string;
  readonly misfits: readonly string[];
  /** The seed that found it, or null. */
  readonly seed: number | null;
  readonly broken: readonly string[];
};

for (const fault of FAULTS) {
  const fits = misfits(fault.patches);
  const found = fits.length === 0 ? await hunt(fault) : { seed: null, broken: [] };
  const hunted: Hunted = { name: fault.name, misfits: fits, ...found };
  process.stdout.write(`${JSON.stringify(hunted)}\n`);
}

// Hunting these is done by hand; that they can be planted is known here.
for (const { name, patches } of CHANNEL_FAULTS)
  process.stdout.write(
    `${JSON.stringify({ name, misfits: misfits(patches), seed: null, broken: [] } satisfies Hunted)}\n`,
  );

async function hunt({ seed: first, patches, schema, breaks }: Fault) {
  const { openSky, play } = await importWith<typeof import("./weather.ts")>(
    "sim/weather.ts",
    patches,
  );
  const sky = await openSky(schema);
  try {
    for (const seed of new Set([first, ...Array.from({ length: SEEDS }, (_, n) => n + 1)])) {
      const { broken } = await play(sky, seed);
      if (breaks.test(broken.join("\n"))) return { seed, broken };
    }
    return { seed: null, broken: [] };
  } finally {
    await sky.close();
  }
}
