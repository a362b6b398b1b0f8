/**
 * Lets alerts wait that a rule would declare: finds what is in force, asks the pure rules, writes down
 * what waits and why. What is left may speak.
 */
import type { AlertRow } from "../domain/alert/alert.ts";
import { holdOf } from "../domain/alert/calm.ts";
import type { Hold } from "../domain/alert/hold.ts";
import { saveHolds } from "../domain/alert/holdStore.ts";
import { type Command, termsOf } from "../domain/incident/commands.ts";
import { teamsOf } from "../domain/incident/declare.ts";
import { inForce, mutesOf } from "../domain/silence/silence.ts";
import { keepSilences, listLiveSilences, saveHits } from "../domain/silence/store.ts";

type Held = { readonly alert: AlertRow; readonly hold: Hold };

/**
 * Writes the hold of each alert that waits and returns the others. What is in an incident already
 * waits for nothing: its people know.
 */
export async function letWait(
  command: Command,
  alerts: readonly AlertRow[],
): Promise<readonly AlertRow[]> {
  const asked = alerts.filter(
    (alert) => alert.incidentNumber === null && alert.outcome === "declare",
  );
  if (asked.length === 0) return alerts;
  const held = await holdsOf(command, asked);
  await saveHolds(
    command.tx,
    held.map(({ alert, hold }) => ({ id: alert.id, hold })),
  );
  await saveHits(command.tx, hitsOf(command, held), command.now);
  const waiting = new Set(held.map(({ alert }) => alert.id));
  return alerts.filter((alert) => !waiting.has(alert.id));
}

/** Asked again without a silence that somebody ended while we looked: nothing waits for what is over. */
async function holdsOf(command: Command, asked: readonly AlertRow[]): Promise<readonly Held[]> {
  const { tx, config, now } = command;
  const live = await listLiveSilences(tx, now);
  let mutes = inForce(mutesOf(config, live), now);
  for (;;) {
    const held = asked.flatMap((alert) => {
      const over = alert.status === "resolved";
      // What resolved while it waited is let go with the reason for which it waited.
      const hold = (over ? alert.hold : null) ?? holdOf(alert, { config, mutes, now });
      return hold === null ? [] : [{ alert, hold: over ? { ...hold, until: null } : hold }];
    });
    const ids = new Set(held.flatMap(({ hold }) => silenceIn(hold.by)));
    const kept = await keepSilences(tx, [...ids], now);
    if (kept.size === ids.size) return held;
    mutes = mutes.filter(({ mute }) => !ids.has(mute.id) || kept.has(mute.id));
  }
}

const silenceIn = (by: string): readonly string[] =>
  by.startsWith("silence:") ? [by.slice("silence:".length)] : [];

const MUTES = /^(silence|maintenance):/;

/** What each mute has held, and whether it would have paged. */
const hitsOf = ({ config }: Command, held: readonly Held[]) =>
  held
    .filter(({ hold }) => MUTES.test(hold.by))
    .map(({ alert, hold }) => {
      const severity = alert.declareSeverity ?? "SEV4";
      const terms = termsOf(config, { severity, teamIds: teamsOf({ config }, [alert.serviceId]) });
      return { mute: hold.by, alertId: alert.id, pages: terms.urgency.value === "high" };
    });
