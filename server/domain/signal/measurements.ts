/** The command that takes in numbers, pushed or fetched. */
import type { Tx } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";
import { awakenStates, type MeasurementRow, saveMeasurements } from "./store.ts";
import { seriesOf, type Subject, watching, type WatchRules, type WatchState } from "./watch.ts";

export type Measured = Subject & { readonly at: Instant; readonly value: number };

/**
 * Keeps the numbers, of two at the same instant of the same series the one given last, and lets the
 * engine look at once at every rule that watches them. Durable with the caller's transaction.
 */
export async function recordMeasurements(
  tx: Tx,
  rules: WatchRules,
  measured: readonly Measured[],
  now: Instant,
): Promise<void> {
  if (measured.length === 0) return;
  const rows = new Map<string, MeasurementRow>();
  const states = new Map<string, Omit<WatchState, "firingSince" | "owes">>();
  for (const { labels, ...each } of measured) {
    const row = { ...each, series: seriesOf(labels) };
    const { serviceId, measure, series } = row;
    rows.set(JSON.stringify([serviceId, measure, series, row.at]), row);
    for (const rule of watching(rules, { ...each, labels })) {
      const state = { ruleId: rule.id, serviceId, series, measure, labels, keyId: each.keyId };
      states.set(JSON.stringify([rule.id, serviceId, series]), state);
    }
  }
  await saveMeasurements(tx, [...rows.values()], now);
  if (states.size > 0) await awakenStates(tx, [...states.values()], now);
}
