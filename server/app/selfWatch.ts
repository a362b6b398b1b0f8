/**
 * Tocsin watches itself as it watches everything else: each node sends the share of its requests that failed
 * as a number of the service “tocsin”, and a rule declares. What could not be stored while the store was away is
 * stored when it is back, so an outage of the store rings too, as soon as anything can.
 */
import { hostname } from "node:os";
import { sleepReal } from "../base/clock.ts";
import { isStoreAway, type Queryable, transact } from "../base/db.ts";
import { type Instant, SECOND } from "../base/instant.ts";
import { errorFields } from "../base/log.ts";
import type { World } from "../base/world.ts";
import { OWN_SERVICE } from "../domain/catalog/catalog.ts";
import type { Snapshot } from "../domain/config/config.ts";
import { OWN_ERROR_RATE } from "../domain/policy/defaultRules.ts";
import { recordMeasurements } from "../domain/signal/measurements.ts";
import { watchRulesReader } from "../domain/signal/watch.ts";

export type Totals = { readonly answered: number; readonly failed: number };
type Sample = { readonly at: Instant; readonly value: number };

const EVERY_MS = 15 * SECOND;
/** A minute: long enough to mean something, short enough to be heard. */
const WINDOW = 4;
/** Of fewer requests a single failure would already be a high share. */
const FEWEST_REQUESTS = 20;
/** An hour of samples is kept while the store is away. */
const MOST_UNSENT = 240;
/** Stands for the intake key of what a node says about itself. */
const OWN_KEY = "tocsin";

/** The share of failed requests in per cent between two totals; 0 where too few were asked to tell. */
export function errorRate(before: Totals, after: Totals): number {
  const answered = after.answered - before.answered;
  return answered < FEWEST_REQUESTS ? 0 : (100 * (after.failed - before.failed)) / answered;
}

/** Begins to watch; nothing is sent while the catalogue has no service of that name. */
export function watchOwnErrors(
  world: World,
  config: (tx: Queryable) => Promise<Snapshot>,
  totals: () => Totals,
  everyMs = EVERY_MS,
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const rulesOf = watchRulesReader();
  const window: Totals[] = [totals()];
  let unsent: Sample[] = [];

  const send = async (): Promise<void> => {
    await transact(world.db, async (tx) => {
      const snapshot = await config(tx);
      if (snapshot.get("services", OWN_SERVICE) === null) return;
      const about = { measure: OWN_ERROR_RATE, serviceId: OWN_SERVICE, keyId: OWN_KEY };
      const labels = { node: hostname() };
      const measured = unsent.map((sample) => ({ ...about, labels, ...sample }));
      await recordMeasurements(tx, rulesOf(snapshot), measured, world.clock.now());
    });
    unsent = [];
    world.nudge();
  };

  const loop = async (): Promise<void> => {
    for (;;) {
      await sleepReal(everyMs, stopping.signal);
      if (stopping.signal.aborted) return;
      window.push(totals());
      if (window.length > WINDOW + 1) window.shift();
      unsent.push({ at: world.clock.now(), value: errorRate(window[0]!, window.at(-1)!) });
      unsent = unsent.slice(-MOST_UNSENT);
      await send().catch((error: unknown) => {
        // The store is away: said by everything else already, and told once it is back.
        if (!isStoreAway(error)) world.log.error("self-watch failed", errorFields(error));
      });
    }
  };
  const running = loop();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
