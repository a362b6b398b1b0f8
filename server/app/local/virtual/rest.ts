/** Lets nodes do everything that is due at one instant, one node at a time. */
import { earlier, type Instant } from "../../../base/instant.ts";
import type { VirtualNode } from "./node.ts";

/** More rounds than anything needs: the engine would never come to rest. */
const MOST_ROUNDS = 300;

/**
 * Ticks the nodes, in a new order each round, until none of them has anything left to do at `now`. Returns
 * when the engine wants to be woken next, or null. Throws when it never rests or would spin.
 */
export async function untilRest(
  order: () => readonly VirtualNode[],
  now: Instant,
): Promise<Instant | null> {
  for (const node of order()) await node.quiet();
  for (let round = 0; round <= MOST_ROUNDS; round++) {
    let done = 0;
    let wakeAt: Instant | null = null;
    for (const node of order()) {
      const result = await node.tick(now);
      await node.quiet();
      done += result.done;
      wakeAt = earlier(wakeAt, result.nextAt);
    }
    if (done > 0) continue;
    if (wakeAt !== null && wakeAt <= now)
      throw new Error("the engine wants to be woken for now and has nothing to do: it would spin");
    return wakeAt;
  }
  throw new Error("the engine does not come to rest");
}
