/** Writes what repeats of alerts have added, in bulk, and forgets changes of alerts that all nodes have read. */
import { transact } from "../base/db.ts";
import { addMs, type Instant } from "../base/instant.ts";
import type { IntakeDesk } from "../domain/alert/intake.ts";
import { REPEATS_EVERY_MS } from "../domain/alert/repeats.ts";
import { pruneChanges } from "../domain/alert/store.ts";
import type { Step } from "./engine.ts";
import type { EngineParts } from "./parts.ts";

export function repeatsStep({ world }: EngineParts, desk: IntakeDesk): Step {
  let nextAt: Instant | null = null;
  return {
    name: "write repeats",
    async run(now) {
      if (nextAt !== null && now < nextAt)
        return { done: 0, nextAt: desk.owesRepeats() ? nextAt : null };
      nextAt = addMs(now, REPEATS_EVERY_MS);
      await desk.writeRepeats();
      await transact(world.db, (tx) => pruneChanges(tx, now));
      return { done: 0, nextAt: null };
    },
  };
}
