/** Tells whoever offers a shift that nobody has taken it: before it begins, and when it is over. */
import { attendSwap } from "../domain/oncall/swapCommands.ts";
import { findDueSwaps, nextSwap, putOffSwap } from "../domain/oncall/swapStore.ts";
import type { Step } from "./engine.ts";
import { asEngine, each, type EngineParts } from "./parts.ts";

const LIMIT = 100;

export const swapsStep = (parts: EngineParts): Step => ({
  name: "swaps",
  dueAt: () => nextSwap,
  async run(now) {
    const { db } = parts.world;
    const done = await each(parts, {
      now,
      items: await findDueSwaps(db, now, LIMIT),
      work: (id) => asEngine(parts, now, (command) => attendSwap(command, id)),
      putOff: (id, until) => putOffSwap(db, id, until),
    });
    return { done, nextAt: null };
  },
});
