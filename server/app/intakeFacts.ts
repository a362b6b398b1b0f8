/** Keeps what an intake body tells besides alerts: changes and indicators, durable before the reply. */
import { transact } from "../base/db.ts";
import type { Instant } from "../base/instant.ts";
import type { World } from "../base/world.ts";
import { type ChangeRow, saveChanges } from "../domain/deployment/store.ts";
import type { Change } from "../domain/deployment/deployment.ts";
import { type KeptIndicator, saveIndicators } from "../domain/signal/indicatorStore.ts";
import type { ReadPart } from "../edge/inbound/recognise.ts";

export type KeptFacts = { readonly changes: number; readonly indicators: number };

type Facts = {
  readonly keyId: string;
  readonly parts: readonly ReadPart[];
  /** The service that a change belongs to. */
  serviceOf(change: Change): string;
  readonly now: Instant;
};

export const NO_FACTS: KeptFacts = { changes: 0, indicators: 0 };

export const tellsFacts = ({ result }: ReadPart): boolean =>
  (result.changes?.length ?? 0) + (result.indicators?.length ?? 0) > 0;

/** Saves all of them in one transaction and says how many there were. */
export async function keepFacts(world: World, facts: Facts): Promise<KeptFacts> {
  const changes = facts.parts.flatMap(({ adapter, result }) =>
    (result.changes ?? []).map(({ change }) => changeRow(world, facts, adapter.about.id, change)),
  );
  const indicators = facts.parts.flatMap(({ adapter, result }) =>
    (result.indicators ?? []).map(({ indicator }): KeptIndicator => ({
      ...indicator,
      id: world.chance.id(facts.now),
      adapter: adapter.about.id,
    })),
  );
  await transact(world.db, async (tx) => {
    if (changes.length > 0) await saveChanges(tx, changes);
    if (indicators.length > 0) await saveIndicators(tx, indicators, facts.now);
  });
  world.nudge();
  return { changes: changes.length, indicators: indicators.length };
}

function changeRow(world: World, facts: Facts, adapter: string, change: Change): ChangeRow {
  const { service, by, at, ...told } = change;
  return {
    ...told,
    id: world.chance.id(facts.now),
    keyId: facts.keyId,
    adapter,
    serviceId: facts.serviceOf(change),
    subject: service,
    changedBy: by,
    startedAt: at ?? facts.now,
    at: at ?? facts.now,
    receivedAt: facts.now,
  };
}
