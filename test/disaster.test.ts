/**
 * Disasters under load, again and again, with two nodes over one PostgreSQL: every alert that was accepted and every
 * page that was due is accounted for, and the node that is left pages on within fifteen seconds.
 */
import { afterAll, expect, test } from "vitest";
import { crashStage, type Stage } from "./crashStage.ts";
import { accountOf, CONTINUES_WITHIN_MS, type Disaster, DISASTERS, lineOf } from "./disasters.ts";
import { isLong, longTest } from "./long.ts";

const ROUNDS = 10;

let staged: Promise<Stage> | null = null;
const stage = (): Promise<Stage> => (staged ??= crashStage(isLong ? ROUNDS * DISASTERS.length : 1));
afterAll(async () => {
  if (staged !== null) await (await staged).stop();
}, 60_000);

async function losesNothing(at: Stage, { what, strike }: Disaster, times: number): Promise<void> {
  const rounds = await at.series(() => strike(at), times);
  process.stdout.write(`${lineOf(what, rounds)}\n`);
  const { lostAlerts, lostPages, longestGapMs } = accountOf(rounds);
  expect({ lostAlerts, lostPages }).toEqual({ lostAlerts: 0, lostPages: 0 });
  expect(longestGapMs).toBeLessThan(CONTINUES_WITHIN_MS);
}

for (const disaster of DISASTERS)
  longTest(`${ROUNDS} × ${disaster.what}: nothing is lost`, 1_200_000, async (context) => {
    const at = await stage();
    if (disaster.needsDisk === true && at.disk === null)
      return context.skip("a small disk of its own cannot be mounted here");
    await losesNothing(at, disaster, ROUNDS);
  });

test.skipIf(isLong)("a line that is cut, once: nothing is lost", { timeout: 240_000 }, async () => {
  const cut = DISASTERS.find(({ what }) => what === "a line that is cut");
  await losesNothing(await stage(), cut!, 1);
});
