/**
 * Repeats that change nothing are answered without a commit: they are counted here and written in bulk.
 * Only for tools that repeat by contract and say until when each repeat holds. decisions/0009 argues why
 * nothing is lost by it; in short, before such an answer
 *   1. the store was read after the repeat came in, and that reading showed neither a close nor a change of
 *      the alert nor another basis of its decision (there is no window in which an old state counts);
 *   2. nothing of the same key is on its way through a lane of this node, or waits in the spool;
 *   3. the store alone, should this node die now, keeps the alert open for at least half of the time for
 *      which the repeat asks.
 */
import { nextTurn } from "../../base/clock.ts";
import { transact } from "../../base/db.ts";
import { type Instant, SECOND } from "../../base/instant.ts";
import { errorFields } from "../../base/log.ts";
import type { World } from "../../base/world.ts";
import type { Mark } from "../signal/signal.ts";
import type { ReadChanges } from "./changes.ts";
import { type Known, KnownAlerts, type Written } from "./known.ts";
import { saveRepeats } from "./store.ts";

/** How often counts and ends of repeats are written. */
export const REPEATS_EVERY_MS = 5 * SECOND;
/** What must be left of the life for which a repeat asks; a shorter one is written at once. */
const SHORTEST_LIFE_MS = 4 * REPEATS_EVERY_MS;
const ROWS_PER_WRITE = 5_000;
/** A reading costs as much as several requests: while each turn brings more of them, it waits for so many. */
const MOST_TURNS = 16;

export type Repeats = {
  /** The alert that a key repeats with this wording and this end, by what this node knows. */
  find(keyId: string, mark: Mark, now: Instant): Known | null;
  /** The key of the alert itself; see alertKey. */
  keyOf(known: Known): string;
  alertIdOf(known: Known): string;
  /** Reads the store, beginning after the call; null when it cannot be read. */
  prove(): Promise<string | null>;
  /** Whether the proof has shown that the alert is as it was, and decided as it was. */
  holds(known: Known, keyId: string, basis: string): boolean;
  /** Counts a repeat until then, after its proof and in the same turn. */
  count(known: Known, endsAt: Instant, now: Instant): void;
  /** Starts to collect what readings show, for alerts that are being written meanwhile. */
  watch(): Promise<Watch>;
  /** Writes what is owed; returns how many alerts were. */
  write(): Promise<number>;
  /** Whether something is to be written. */
  owes(): boolean;
};

export type Watch = {
  /** Remembers what was committed, apart from what has changed again since the watch began. */
  remember(basis: string, written: readonly Written[]): void;
  end(): void;
};

/**
 * Whether the store may learn of this repeat later: it shortens nothing, and half of what it asks for is
 * stored. Fails only after half a life of failed writes, and then the repeat is written as it comes in.
 */
export function mayWait(storedUntil: Instant, endsAt: Instant, now: Instant): boolean {
  const life = endsAt - now;
  return endsAt >= storedUntil && life >= SHORTEST_LIFE_MS && storedUntil - now >= life / 2;
}

export function openRepeats(world: World, read: ReadChanges): Repeats {
  const alerts = new KnownAlerts();
  const watches = new Set<{ readonly changed: Set<string>; lost: boolean }>();
  /** Whether the readings hang together, so that the next one tells what has changed. */
  let isLive = false;
  let spooling: ReadonlySet<string> = new Set();
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<string | null> | null = null;
  /** How many wait for the next reading. */
  let joined = 0;

  function forgetAll(): void {
    alerts.forgetAll();
    for (const watch of watches) watch.lost = true;
  }

  async function look(): Promise<string | null> {
    try {
      const { basis, changed, spooling: keys } = await read();
      isLive = true;
      spooling = new Set(keys);
      if (changed === null) forgetAll();
      for (const key of changed ?? []) {
        alerts.forget(key);
        for (const watch of watches) watch.changed.add(key);
      }
      return basis;
    } catch (error) {
      isLive = false;
      forgetAll();
      world.log.warn("repeats are written one by one", errorFields(error));
      return null;
    }
  }

  /** One reading at a time; whoever comes while one is under way waits for the one after it. */
  async function lookAfter(other: Promise<unknown>): Promise<string | null> {
    await other;
    // Lets every request that is already here join this reading, and those that come while the others are parsed.
    for (let turn = 0, before = 0; turn < MOST_TURNS && joined > before; turn++) {
      before = joined;
      await nextTurn();
    }
    next = null;
    joined = 0;
    return look();
  }

  function prove(): Promise<string | null> {
    joined += 1;
    if (next === null) running = next = lookAfter(running);
    return next;
  }

  return {
    find(keyId, { text, endsAt }, now) {
      const known = alerts.find(keyId, text);
      return known !== null && mayWait(alerts.storedUntil(known), endsAt, now) ? known : null;
    },
    keyOf: alerts.keyOf,
    alertIdOf: alerts.alertIdOf,
    prove,
    holds: (known, keyId, basis) => alerts.holds(known, basis) && !spooling.has(keyId),
    count: (known, endsAt, now) => alerts.owe(known, 1, now, endsAt),
    async watch() {
      // What is written before the first reading could not be told apart from what has changed since.
      if (!isLive) await prove();
      const watch = { changed: new Set<string>(), lost: !isLive };
      watches.add(watch);
      return {
        remember(basis, written) {
          if (watch.lost) return;
          for (const each of written) if (!watch.changed.has(each.key)) alerts.learn(basis, each);
        },
        end: () => void watches.delete(watch),
      };
    },
    async write() {
      let written = 0;
      while (alerts.owes()) {
        const rows = alerts.takeOwed(ROWS_PER_WRITE);
        try {
          await transact(world.db, (tx) => saveRepeats(tx, rows));
        } catch (error) {
          alerts.oweAgain(rows);
          throw error;
        }
        alerts.store(rows);
        written += rows.length;
      }
      return written;
    },
    owes: alerts.owes,
  };
}
