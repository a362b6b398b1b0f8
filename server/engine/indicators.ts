/**
 * Matches what security alerts speak of with indicators: alerts a second after they came, and once more
 * a minute later for transactions that were slow; new indicators over the alerts of the last 90 days.
 * A match stands on its alert, and on the timeline of the incident that the alert belongs to.
 */
import { transact, type Tx } from "../base/db.ts";
import { addMs, DAY, earlier, HOUR, type Instant, SECOND } from "../base/instant.ts";
import {
  BACKWARDS_MS,
  findWindow,
  listUntold,
  lockCursors,
  lockUnsearched,
  type LookCursor,
  markTold,
  matchBackwards,
  matchForwards,
  moveCursor,
  noteObservables,
  pruneObservables,
  type Untold,
} from "../domain/alert/observables.ts";
import { forgetIndicators } from "../domain/signal/indicatorStore.ts";
import { ENGINE_READER } from "../domain/account/account.ts";
import { chronicle } from "../domain/incident/commands.ts";
import { lockIncident } from "../domain/incident/store.ts";
import type { Step } from "./engine.ts";
import { asEngine, each, type EngineParts } from "./parts.ts";

const ALERTS = 5_000;
const INDICATORS = 500;
const TOLD = 50;
const PRUNED = 5_000;
const REST_MS = SECOND;
/** An alert that has found no incident by then will find none. */
const TOLD_WITHIN_MS = 7 * DAY;

export function indicatorsStep(parts: EngineParts): Step {
  const { db } = parts.world;
  let pruneAt: Instant | null = null;
  let rest: Instant | null = null;
  return {
    name: "indicators",
    async run(now) {
      // Pages must not wait for it: whatever wakes the engine, this step works once a second.
      if (rest !== null && now < rest) return { done: 0, nextAt: rest };
      rest = addMs(now, REST_MS);
      const looked = await transact(db, (tx) => lookForwards(tx, now));
      const searched = await transact(db, async (tx) => {
        const ids = await lockUnsearched(tx, INDICATORS);
        if (ids.length > 0) await matchBackwards(tx, ids, now);
        return ids.length;
      });
      const untold = await listUntold(db, addMs(now, -TOLD_WITHIN_MS), TOLD);
      const told = await each(parts, {
        now,
        items: untold,
        work: (match) => tell(parts, now, match),
        // Nothing to put off: what could not be told stays untold, and the tick pauses.
        putOff: async () => undefined,
      });
      if (pruneAt === null || now >= pruneAt) {
        await pruneObservables(db, addMs(now, -BACKWARDS_MS), PRUNED);
        await forgetIndicators(db, addMs(now, -BACKWARDS_MS), PRUNED);
        pruneAt = addMs(now, HOUR);
      }
      const done = looked.done + searched + told;
      // A full portion goes on after the rest; the engine need not come back at once.
      return { done: 0, nextAt: done > 0 ? rest : looked.nextAt };
    },
  };
}

/** One portion of every cursor that nobody else moves. */
async function lookForwards(
  tx: Tx,
  now: Instant,
): Promise<{ readonly done: number; readonly nextAt: Instant | null }> {
  let done = 0;
  let nextAt: Instant | null = null;
  for (const cursor of await lockCursors(tx)) {
    const portion = await lookOnce(tx, cursor, now);
    done += portion.done;
    nextAt = earlier(nextAt, portion.nextAt);
  }
  return { done, nextAt };
}

async function lookOnce(tx: Tx, cursor: LookCursor, now: Instant) {
  const { name, lagMs, lookedTo } = cursor;
  const window = await findWindow(tx, lookedTo, addMs(now, -lagMs), ALERTS);
  if (window.to !== null) {
    await noteObservables(tx, lookedTo, window.to);
    await matchForwards(tx, lookedTo, window.to, now);
    await moveCursor(tx, name, window.to);
    return { done: window.count, nextAt: null };
  }
  const young = await findWindow(tx, lookedTo, now, 1);
  return { done: 0, nextAt: young.to === null ? null : addMs(young.to, lagMs) };
}

const tell = (parts: EngineParts, now: Instant, match: Untold): Promise<boolean> =>
  asEngine(parts, now, async (command) => {
    const incident = await lockIncident(command.tx, ENGINE_READER, match.incidentNumber);
    if (incident === null || !(await markTold(command.tx, match))) return false;
    await chronicle(command, match.incidentNumber, "indicator matched", {
      value: match.value,
      type: match.type,
      source: match.source,
      title: match.title,
      alert: match.alertId,
    });
    return true;
  });
