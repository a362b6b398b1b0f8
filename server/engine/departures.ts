/** When people have left the configuration: the incidents in which they had a part go on without them. */
import { sql } from "../base/db.ts";
import { addMs, type Instant } from "../base/instant.ts";
import { dueUnlessChanged } from "../domain/config/store.ts";
import { goOnWithoutLeavers } from "../domain/incident/leaving.ts";
import { findLeftBehind } from "../domain/incident/waiting.ts";
import type { Step } from "./engine.ts";
import { asEngine, each, type EngineParts, PUT_OFF_MS } from "./parts.ts";

const LIMIT = 100;

export function departuresStep(parts: EngineParts): Step {
  let keptFor: number | null = null;
  let againAt: Instant | null = null;
  return {
    name: "departures",
    dueAt: () => dueUnlessChanged(keptFor, sql`${againAt}::bigint`),
    async run(now) {
      const { db } = parts.world;
      const config = await parts.config(db);
      const people = config.all("people").map(({ id }) => id);
      const items = await findLeftBehind(db, people, LIMIT);
      // Those that cannot be done now, and those beyond the limit, are looked at again soon.
      againAt = items.length === 0 ? null : addMs(now, PUT_OFF_MS);
      keptFor = config.version;
      const done = await each(parts, {
        now,
        items,
        work: (number) => asEngine(parts, now, (command) => goOnWithoutLeavers(command, number)),
        putOff: () => Promise.resolve(),
      });
      return { done, nextAt: againAt };
    },
  };
}
