/**
 * Group commit: nothing is acknowledged before it is durable. Signals wait in lanes; a lane flushes
 * whenever it is free and something waits, without a timer (a 2 ms timer halved the rate of single
 * alerts), and when enough waits it sends a second flush behind the one under way (decision 123). One lane
 * per key keeps trigger and resolve in order; a flush that fails because of one bad item is halved until
 * only that item is refused, so one NUL byte cannot fail a thousand strangers.
 */
import type pg from "pg";
import { nextTurn } from "../../base/clock.ts";
import { Refusal } from "../../base/errors.ts";
import { type AskInLine, openLine } from "../../base/inLine.ts";
import type { Instant } from "../../base/instant.ts";
import { errorFields } from "../../base/log.ts";
import type { Mark } from "../signal/signal.ts";
import { alertKey, takeFlush } from "./alert.ts";
import type { Flushed } from "./flush.ts";
import type { Known } from "./known.ts";
import { openRepeats } from "./repeats.ts";
import {
  acceptSpooled,
  type Arrival,
  type Desk,
  type DeskParts,
  flushOrHalve,
  type Left,
  MOST_PER_FLUSH,
  repeatOf,
  Request,
  type Spooled,
  type Tell,
  type Waiting,
} from "./writing.ts";

export type { Arrival, Decide, DeskParts, Judge, Left, Spooled } from "./writing.ts";

/** An alert that was not open before, and how long its way to the disk was. */
export type OpenedAlert = {
  readonly alertId: string;
  readonly adapter: string;
  readonly serviceId: string;
  readonly arrivedAt: Instant;
  readonly committedAt: Instant;
};

export type IntakeDesk = {
  /**
   * Resolves once every arrival is durably committed, or proven to repeat what is; each result is that of
   * its arrival, or a refusal. What is loud has lanes of its own, so that nobody else waits behind it.
   */
  accept(arrivals: readonly Arrival[], isLoud?: boolean): Promise<readonly (Flushed | Refusal)[]>;
  /**
   * Whether all of these wordings of a key are proven to repeat what is committed; then they are counted. Otherwise
   * nothing was done, and they have to be read and accepted.
   */
  repeats(keyId: string, marks: readonly (Mark | null)[], now: Instant): Promise<boolean> | false;
  /**
   * Decides about signals that were accepted before, in one transaction with taking them out of where they
   * waited: whatever ends a node in its midst, each counts once.
   */
  acceptSpooled(spooled: Spooled): Promise<readonly (Flushed | Refusal)[]>;
  /** Writes what repeats have added; returns to how many alerts. */
  writeRepeats(): Promise<number>;
  /** Whether repeats wait to be written. */
  owesRepeats(): boolean;
  /** Waits until nothing is on its way, and writes what repeats have added. */
  drain(): Promise<void>;
  waiting(): number;
};

/**
 * What waits in the first lane before the second one is used. Two flushes at once are two small ones, and a small
 * one costs nearly as much: one lane took 40 % more single alerts a second. A crowd fills both.
 */
const CROWD = 500;

/**
 * What stands in line on a lane's connection: the store begins with the second when the first is done, while this node
 * still reads the answer, and a second one is worth its price when it is so large a part of the first. Their
 * keys differ, so that it does not matter if the first has to be halved behind the second.
 */
const IN_LINE = 2;
const WORTH_A_FLUSH = 0.5;

/** The signals of a key that wait in a lane or are being written. */
type Way = { count: number; isWriting: boolean; readonly lane: Lane };

type Queued = Waiting & { readonly way: Way };

type Lane = {
  queue: Queued[];
  /** How many signals each flush has that is under way. */
  readonly sizes: number[];
  /** Those of the flushes before, who are told when the next one is on its way. */
  untold: Tell[];
  isWoken: boolean;
  /** Until nothing waits and nothing is under way. */
  busy: PromiseWithResolvers<void> | null;
  readonly ask: AskInLine;
};
const openLane = (pool: pg.Pool): Lane => ({
  queue: [],
  sizes: [],
  untold: [],
  isWoken: false,
  busy: null,
  ask: openLine(pool),
});
/** What is loud has lanes of its own. */
const openLanes = (pool: pg.Pool): readonly [Lane, Lane] => [openLane(pool), openLane(pool)];

/** Opens the desk of one node. `onNews` is told after a commit that left something to the engine. */
export function intakeDesk(parts: DeskParts, onNews: (left: Left) => void): IntakeDesk {
  const { world } = parts;
  const repeats = openRepeats(world, parts.readChanges);
  const desk: Desk = { ...parts, repeats };
  const [quiet, loud] = [openLanes(world.db.pool), openLanes(world.db.pool)];
  const lanes = [...quiet, ...loud];
  const underWay = new Map<string, Way>();
  const freeLane = (isLoud: boolean): Lane => {
    const [first, second] = isLoud ? loud : quiet;
    return first.queue.length > CROWD && second.queue.length < first.queue.length ? second : first;
  };

  const mayBegin = ({ queue, sizes }: Lane): boolean =>
    sizes.length === 0
      ? queue.length > 0
      : sizes.length < IN_LINE && queue.length >= sizes[0]! * WORTH_A_FLUSH;

  /** Begins what may begin, when every request that is already parsed has joined it. */
  async function wake(lane: Lane): Promise<void> {
    lane.isWoken = true;
    await nextTurn();
    lane.isWoken = false;
    begin(lane);
  }

  function begin(lane: Lane): void {
    while (mayBegin(lane)) {
      const queue = lane.queue;
      const { taken, left } = takeFlush(
        queue.map(({ arrival }) => arrival),
        MOST_PER_FLUSH,
        (position) => queue[position]!.way.isWriting,
      );
      if (taken.length === 0) return;
      lane.queue = left.map((position) => queue[position]!);
      void write(
        lane,
        taken.map((position) => queue[position]!),
      );
    }
  }

  async function write(lane: Lane, batch: readonly Queued[]): Promise<void> {
    lane.sizes.push(batch.length);
    for (const { way } of batch) way.isWriting = true;
    const tell = await flushOrHalve(desk, lane.ask, batch, () => process.nextTick(tellLast, lane));
    tellLast(lane);
    lane.sizes.splice(lane.sizes.indexOf(batch.length), 1);
    for (const { key, way } of batch) {
      way.isWriting = false;
      way.count -= 1;
      if (way.count === 0) underWay.delete(key);
    }
    lane.untold.push(tell);
    // The store gets the next flush before anybody is answered for this one: it would wait meanwhile.
    if (lane.sizes.length > 0 || lane.queue.length === 0) tellLast(lane);
    begin(lane);
    if (lane.sizes.length > 0) return;
    lane.busy?.resolve();
    lane.busy = null;
  }

  function tellLast(lane: Lane): void {
    const { untold } = lane;
    lane.untold = [];
    for (const tell of untold) {
      const news = tell();
      if (news !== null) onNews(news);
    }
  }

  function put(arrival: Arrival, request: Request, at: number, isLoud: boolean): void {
    const key = alertKey(arrival);
    // A key stays in its lane, so that its trigger and its resolve keep their order.
    let way = underWay.get(key);
    if (way === undefined) {
      way = { count: 0, isWriting: false, lane: freeLane(isLoud) };
      underWay.set(key, way);
    }
    way.count += 1;
    const { lane } = way;
    lane.queue.push({ arrival, key, way, request, at });
    lane.busy ??= Promise.withResolvers();
    if (!lane.isWoken && mayBegin(lane)) void wake(lane);
  }

  /** What each arrival may repeat. One key does one thing in one request, so that its order is kept. */
  function findRepeats(arrivals: readonly Arrival[], now: Instant): readonly (Known | null)[] {
    const found = arrivals.map((arrival) => {
      const repeat = repeatOf(arrival);
      const known = repeat === null ? null : repeats.find(arrival.keyId, repeat, now);
      return known === null || underWay.has(repeats.keyOf(known)) ? null : known;
    });
    if (found.every((known) => known === null)) return found;
    const others = new Set(arrivals.filter((_, at) => found[at] === null).map(alertKey));
    return found.map((known) =>
      known === null || others.has(repeats.keyOf(known)) ? null : known,
    );
  }

  return {
    async accept(arrivals, isLoud = false) {
      const now = world.clock.now();
      const known = findRepeats(arrivals, now);
      const request = new Request(arrivals.length);
      arrivals.forEach((arrival, at) => {
        if (known[at] === null) put(arrival, request, at, isLoud);
      });
      if (known.some((each) => each !== null)) {
        const basis = await repeats.prove();
        known.forEach((each, at) => {
          if (each === null) return;
          const arrival = arrivals[at]!;
          if (basis === null || !repeats.holds(each, arrival.keyId, basis))
            return put(arrival, request, at, isLoud);
          repeats.count(each, repeatOf(arrival)!.endsAt, now);
          const alertId = repeats.alertIdOf(each);
          request.settle(at, { alertId, what: "repeated", attends: false });
        });
      }
      return request.done.promise;
    },
    repeats(keyId, marks, now) {
      if (marks.length === 0) return false;
      const found: Known[] = [];
      for (const mark of marks) {
        const known = mark === null ? null : repeats.find(keyId, mark, now);
        if (known === null || (underWay.size > 0 && underWay.has(repeats.keyOf(known))))
          return false;
        found.push(known);
      }
      return repeats.prove().then((basis) => {
        if (basis === null || !found.every((known) => repeats.holds(known, keyId, basis)))
          return false;
        found.forEach((known, at) => repeats.count(known, marks[at]!.endsAt, now));
        return true;
      });
    },
    acceptSpooled: (spooled) => acceptSpooled(desk, spooled, onNews),
    writeRepeats: () => repeats.write(),
    owesRepeats: repeats.owes,
    async drain() {
      while (lanes.some((lane) => lane.busy !== null))
        for (const lane of lanes) await lane.busy?.promise;
      // What is lost with a store that is away is what a crash loses: counts, and ends that come again.
      await repeats.write().catch((error: unknown) => {
        world.log.warn("repeats could not be written", errorFields(error));
      });
    },
    waiting: () => lanes.reduce((sum, lane) => sum + lane.queue.length, 0),
  };
}
