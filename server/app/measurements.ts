/** The way of a number into the house: key → reading → one durable transaction → reply. */
import * as contract from "../../contract/intake.ts";
import { transact } from "../base/db.ts";
import { Refusal } from "../base/errors.ts";
import { type Instant, MINUTE } from "../base/instant.ts";
import { bind, type BoundRoute } from "../base/routes.ts";
import type { World } from "../base/world.ts";
import type { Actor } from "../domain/account/account.ts";
import { saveIntakeUse } from "../domain/alert/store.ts";
import type { Entry, Snapshot } from "../domain/config/config.ts";
import { type Measured, recordMeasurements } from "../domain/signal/measurements.ts";
import type { Measurement, SignalProblem } from "../domain/signal/signal.ts";
import { watchRulesReader } from "../domain/signal/watch.ts";
import { readMeasurements } from "../edge/inbound/measurements.ts";
import type { ConfigCache } from "./configCache.ts";
import { mustNotSign } from "./intakeDoor.ts";
import { keyFinder, presentedKey } from "./keys.ts";

const ADAPTER = "measurements";
/** Who sent last is noted at most this often per key. */
const USE_NOTED_EVERY_MS = MINUTE;
const PROBLEMS_SHOWN = 100;

export function measurementRoutes(world: World, cache: ConfigCache): readonly BoundRoute<Actor>[] {
  const findKey = keyFinder(world);
  const rulesOf = watchRulesReader();
  const notedAt = new Map<string, Instant>();

  return [
    bind(contract.postMeasurements, async ({ body, request }) => {
      // The newest configuration: a key or rule that was just applied counts for this request.
      const config = await cache.read();
      const secret = presentedKey(request.headers);
      const key = secret === null ? null : findKey(config, secret);
      if (key === null) throw new Refusal("signal.key_unknown");
      mustNotSign(key);
      const now = world.clock.now();
      const { measurements, refused } = readMeasurements({ body, now });
      if (measurements.length === 0 && refused.length > 0) refuseAll(refused);
      const items = measurements.map(({ measurement }) => measuredOf(config, key, measurement));
      const noting = now - (notedAt.get(key.id) ?? 0) >= USE_NOTED_EVERY_MS;
      await transact(world.db, async (tx) => {
        await recordMeasurements(tx, rulesOf(config), items, now);
        if (noting) await saveIntakeUse(tx, key.id, ADAPTER, now);
      });
      if (noting) notedAt.set(key.id, now);
      world.nudge();
      return { accepted: items.length, refused: [...refused] };
    }),
  ];
}

/** The service that the item or the key's label for it names, when known; or the key's own. */
function measuredOf(config: Snapshot, key: Entry<"keys">, measurement: Measurement): Measured {
  const { measure, value, at, labels } = measurement;
  const { serviceLabel } = key.body;
  const named = [measurement.service, serviceLabel === undefined ? null : labels[serviceLabel]];
  const known = named.find((name) => name != null && config.get("services", name) !== null);
  return { measure, value, at, labels, serviceId: known ?? key.body.service, keyId: key.id };
}

function refuseAll(refused: readonly SignalProblem[]): never {
  const shown = refused.slice(0, PROBLEMS_SHOWN).map(({ index, field, expected }) => {
    return `item ${index}: ${field} must be ${expected}`;
  });
  throw new Refusal("signal.refused", { accepted: 0, refused: shown });
}
