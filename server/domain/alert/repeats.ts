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
import type { ReadChanges } from "./changes.ts";
import { saveRepeats } from "./store.ts";

/** How often counts and ends of repeats are written. */
export const REPEATS_EVERY_MS = 5 * SECOND;
/** What must be left of the life for which a repeat asks; a shorter one is written at once. */
const SHORTEST_LIFE_MS = 4 * REPEATS_EVERY_MS;
/** Some 150 MB; the oldest are forgotten, and their next repeat is written as any other signal. */
const MOST_KNOWN = 500_000;
/** Of one alert: two senders of one alert write it differently, and both repeat. */
const MOST_MARKS = 4;
const ROWS_PER_WRITE = 5_000;

/** A repeat as it came in. */
export type Repeat = {
  /** Stands for the intake key and the wording, all of it but the end. */
  readonly mark: string;
  readonly endsAt: Instant;
};

/** What is known of an open alert since this node wrote it. */
export type Known = {
  readonly key: string;
  readonly keyId: string;
  readonly alertId: string;
  /** The wordings in which it came. */
  readonly marks: string[];
  /** What its decision rests on. */
  basis: string;
  /** The end that stands in the store. */
  storedUntil: Instant;
  owed: Owed | null;
};

/** What came in and is not written. */
type Owed = { count: number; lastReceivedAt: Instant; expiresAt: Instant };

/** An alert as a flush wrote it. */
export type Written = {
  readonly key: string;
  readonly keyId: string;
  readonly alertId: string;
  readonly mark: string;
  readonly expiresAt: Instant;
};

export type Repeats = {
  /** The alert that it may repeat, by what this node knows. */
  find(repeat: Repeat, now: Instant): Known | null;
  /** Reads the store, beginning after the call; null when it cannot be read. */
  prove(): Promise<string | null>;
  /** Whether the proof has shown that the alert is as it was, and decided as it was. */
  holds(known: Known, mark: string, basis: string): boolean;
  /** Counts it, unless it does not hold. */
  count(known: Known, repeat: Repeat, basis: string, now: Instant): boolean;
  /** Starts to collect what readings show, for alerts that are being written meanwhile. */
  watch(): Promise<Watch>;
  /** Writes what is owed; returns how many alerts were. */
  write(): Promise<number>;
  /** How many alerts have something to be written. */
  owing(): number;
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
  const byKey = new Map<string, Known>();
  const byMark = new Map<string, Known>();
  const owing = new Set<Known>();
  const watches = new Set<{ readonly changed: Set<string>; lost: boolean }>();
  /** Whether the readings hang together, so that the next one tells what has changed. */
  let isLive = false;
  let spooling: ReadonlySet<string> = new Set();
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<string | null> | null = null;

  function forget(key: string): void {
    const known = byKey.get(key);
    if (known === undefined) return;
    byKey.delete(key);
    for (const mark of known.marks) byMark.delete(mark);
  }

  function forgetAll(): void {
    byKey.clear();
    byMark.clear();
    for (const watch of watches) watch.lost = true;
  }

  function learn(basis: string, { key, keyId, alertId, mark, expiresAt }: Written): void {
    let known = byKey.get(key);
    if (known !== undefined && known.alertId !== alertId) {
      forget(key);
      known = undefined;
    }
    if (known === undefined) {
      const oldest = byKey.size < MOST_KNOWN ? undefined : byKey.keys().next().value;
      if (oldest !== undefined) forget(oldest);
      // With its one mark, as nearly all have one: an empty list that grows takes room for seventeen.
      known = { key, keyId, alertId, marks: [mark], basis, storedUntil: expiresAt, owed: null };
      byKey.set(key, known);
      byMark.set(mark, known);
      return;
    }
    known.basis = basis;
    known.storedUntil = expiresAt;
    if (byMark.get(mark) === known) return;
    if (known.marks.length >= MOST_MARKS) byMark.delete(known.marks.shift()!);
    known.marks.push(mark);
    byMark.set(mark, known);
  }

  function owe(known: Known, { count, lastReceivedAt, expiresAt }: Owed): void {
    if (known.owed === null) {
      known.owed = { count, lastReceivedAt, expiresAt };
      owing.add(known);
      return;
    }
    const { owed } = known;
    owed.count += count;
    if (lastReceivedAt > owed.lastReceivedAt) owed.lastReceivedAt = lastReceivedAt;
    if (expiresAt > owed.expiresAt) owed.expiresAt = expiresAt;
  }

  async function look(): Promise<string | null> {
    try {
      const { basis, changed, spooling: keys } = await read();
      isLive = true;
      spooling = new Set(keys);
      if (changed === null) forgetAll();
      for (const key of changed ?? []) {
        forget(key);
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
    // Lets every request that is already parsed join this reading.
    await nextTurn();
    next = null;
    return look();
  }

  function prove(): Promise<string | null> {
    if (next === null) running = next = lookAfter(running);
    return next;
  }

  const holds = (known: Known, mark: string, basis: string): boolean =>
    known.basis === basis && byMark.get(mark) === known && !spooling.has(known.keyId);

  return {
    find({ mark, endsAt }, now) {
      const known = byMark.get(mark);
      return known !== undefined && mayWait(known.storedUntil, endsAt, now) ? known : null;
    },
    prove,
    holds,
    count(known, { mark, endsAt }, basis, now) {
      if (!holds(known, mark, basis)) return false;
      owe(known, { count: 1, lastReceivedAt: now, expiresAt: endsAt });
      return true;
    },
    async watch() {
      // What is written before the first reading could not be told apart from what has changed since.
      if (!isLive) await prove();
      const watch = { changed: new Set<string>(), lost: !isLive };
      watches.add(watch);
      return {
        remember(basis, written) {
          if (watch.lost) return;
          for (const each of written) if (!watch.changed.has(each.key)) learn(basis, each);
        },
        end: () => void watches.delete(watch),
      };
    },
    async write() {
      let written = 0;
      while (owing.size > 0) {
        const portion = [...owing.values().take(ROWS_PER_WRITE)];
        const rows = portion.map((known) => ({ id: known.alertId, ...known.owed! }));
        for (const known of portion) {
          known.owed = null;
          owing.delete(known);
        }
        try {
          await transact(world.db, (tx) => saveRepeats(tx, rows));
        } catch (error) {
          portion.forEach((known, at) => owe(known, rows[at]!));
          throw error;
        }
        portion.forEach((known, at) => {
          if (rows[at]!.expiresAt > known.storedUntil) known.storedUntil = rows[at]!.expiresAt;
        });
        written += portion.length;
      }
      return written;
    },
    owing: () => owing.size,
  };
}
