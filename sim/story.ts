/** A story: a promise as its name, told on a virtual clock, with all promises looked at in its course. */
import { test } from "vitest";
import { simulate, type SimOptions, type Simulation } from "./world.ts";

/** Tells one story in a world of its own. Its name is its seed. */
export function story(
  promise: string,
  tell: (sim: Simulation) => Promise<void>,
  options: Partial<SimOptions> = {},
): void {
  test(promise, async () => {
    const sim = await simulate({ seed: promise, ...options });
    try {
      await tell(sim);
    } catch (error) {
      await sim.close();
      throw error;
    }
    await sim.end();
  });
}
