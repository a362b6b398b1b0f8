/** Once a minute one node looks for what waits for nothing, and lets Tocsin ring about itself. */
import { type Db, transact } from "../base/db.ts";
import { addMs, type Instant } from "../base/instant.ts";
import { OWN_SERVICE } from "../domain/catalog/catalog.ts";
import { OWN_UNACCOUNTED } from "../domain/policy/defaultRules.ts";
import {
  countUnaccounted,
  findUnaccounted,
  RECONCILE_EVERY_MS,
  saveUnaccounted,
  takeReconciliation,
} from "../domain/report/unaccounted.ts";
import { recordMeasurements } from "../domain/signal/measurements.ts";
import { watchRulesReader } from "../domain/signal/watch.ts";
import type { Step } from "./engine.ts";
import type { EngineParts } from "./parts.ts";

/** Stands for the intake key of what Tocsin says about itself. */
const OWN_KEY = "tocsin";

export function reconcileStep({ world, config }: EngineParts): Step {
  const rulesOf = watchRulesReader();
  let nextAt: Instant | null = null;

  /** As a number of its own service, for which a rule declares; returns whether there is one. */
  async function tell(db: Db, now: Instant): Promise<boolean> {
    const snapshot = await config(db);
    if (snapshot.get("services", OWN_SERVICE) === null) return false;
    const counts = await countUnaccounted(db);
    const value = counts.reduce((sum, { count }) => sum + count, 0);
    const about = { measure: OWN_UNACCOUNTED, serviceId: OWN_SERVICE, keyId: OWN_KEY, labels: {} };
    await transact(db, (inner) =>
      recordMeasurements(inner, rulesOf(snapshot), [{ ...about, at: now, value }], now),
    );
    return true;
  }

  return {
    name: "reconcile",
    async run(now) {
      if (nextAt !== null && now < nextAt) return { done: 0, nextAt: null };
      nextAt = addMs(now, RECONCILE_EVERY_MS);
      const news = await transact(world.db, async (tx) => {
        const span = await takeReconciliation(tx, now);
        if (span === null) return null;
        return saveUnaccounted(tx, await findUnaccounted(tx, await config(tx), span), now);
      });
      if (news === null) return { done: 0, nextAt: null };
      for (const { what, subject, detail } of news)
        world.log.error("unaccounted for", { what, subject, detail });
      // The number is looked at by the conditions, in the tick after this one.
      return { done: (await tell(world.db, now)) ? 1 : 0, nextAt: null };
    },
  };
}
