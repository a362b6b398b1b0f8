/**
 * Group commit: nothing is acknowledged before it is durable. Signals wait in lanes; a lane flushes
 * whenever it is free and something waits, without a timer (a 2 ms timer halved the rate of single
 * alerts). One lane per key keeps trigger and resolve in order; a flush that fails because of one bad
 * item is halved until only that item is refused, so one NUL byte cannot fail a thousand strangers.
 */
import { nextTurn } from "../../base/clock.ts";
import { CompiledQuery } from "kysely";
import { isStoreAway, run, sql, sqlState, transact, type Tx } from "../../base/db.ts";
import { assert, Refusal } from "../../base/errors.ts";
import type { Instant } from "../../base/instant.ts";
import { ledgerStatement } from "../../base/ledger.ts";
import { errorFields } from "../../base/log.ts";
import type { World } from "../../base/world.ts";
import type { Mark } from "../signal/signal.ts";
import {
  alertKey,
  type DecisionColumns,
  fold,
  type Folded,
  type Intake,
  takeFlush,
} from "./alert.ts";
import { sealBodies } from "./batch.ts";
import type { ReadChanges } from "./changes.ts";
import {
  type AskFlush,
  type Flushed,
  type FlushRow,
  type NotWritten,
  writeFlush,
} from "./flush.ts";
import type { Known, Written } from "./known.ts";
import { openRepeats, type Repeats, type Watch } from "./repeats.ts";

/** What came in, before a decision: the decision belongs to the flush, with the newest rules. */
export type Arrival = Omit<Intake, "decision" | "receivedAt"> & {
  /** A decision that was made elsewhere, as for a sustained condition; otherwise the rules are asked. */
  readonly decided?: DecisionColumns;
  /** It came in a storm: what it declares is the storm's. */
  readonly spooled?: boolean;
  /** It goes ahead of what its key has in the spool; what it declares is its own. */
  readonly ahead?: boolean;
};

/**
 * Who decides about arrivals; asked for a new one when the flush's own transaction sees that decisions
 * rest on something else by now.
 */
export type Decide = (anew: boolean) => Promise<Judge>;
export type Judge = {
  /** What its decisions rest on, read before everything that they are made with; see signal/basis.ts. */
  readonly basis: string;
  decide(arrival: Arrival): DecisionColumns;
};

/** An alert that was not open before, and how long its way to the disk was. */
export type OpenedAlert = {
  readonly alertId: string;
  readonly adapter: string;
  readonly serviceId: string;
  readonly arrivedAt: Instant;
  readonly committedAt: Instant;
};

/** What a commit leaves to the engine: alerts that it opened and nothing else, or also such as it changed. */
export type Left = "opened" | "changed";

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
  repeats(keyId: string, marks: readonly (Mark | null)[], now: Instant): Promise<boolean>;
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

export type Spooled = {
  take(tx: Tx): Promise<readonly Arrival[]>;
  /** The last thing of the transaction, for rows that others wait for; results are those of what was taken. */
  settle(tx: Tx, results: readonly (Flushed | Refusal)[]): Promise<void>;
};

type Desk = DeskParts & { readonly repeats: Repeats };

/**
 * What waits in the first lane before the second one is used. Two flushes at once are two small ones, and a small
 * one costs nearly as much: one lane took 40 % more single alerts a second. A crowd fills both.
 */
const CROWD = 500;
const MOST_PER_FLUSH = 2_000;

type Waiting = {
  readonly arrival: Arrival;
  readonly key: string;
  /** Where its result belongs. */
  readonly request: Request;
  readonly at: number;
};

type Lane = { queue: Waiting[]; busy: Promise<void> | null };
const openLane = (): Lane => ({ queue: [], busy: null });
/** What is loud has lanes of its own. */
const openLanes = (): readonly [Lane, Lane] => [openLane(), openLane()];

/** The arrivals of one call: one promise for all of them, of which there may be a hundred. */
class Request {
  readonly results: (Flushed | Refusal)[];
  readonly done = Promise.withResolvers<readonly (Flushed | Refusal)[]>();
  #missing: number;

  constructor(size: number) {
    this.results = Array.from({ length: size });
    this.#missing = size;
    if (size === 0) this.done.resolve(this.results);
    // Whoever still waits for a proof hears of it afterwards.
    this.done.promise.catch(() => undefined);
  }

  settle(at: number, result: Flushed | Refusal): void {
    this.results[at] = result;
    this.#missing -= 1;
    if (this.#missing === 0) this.done.resolve(this.results);
  }
}

export type DeskParts = {
  readonly world: World;
  readonly decide: Decide;
  readonly readChanges: ReadChanges;
};

/** Opens the desk of one node. `onNews` is told after a commit that left something to the engine. */
export function intakeDesk(parts: DeskParts, onNews: (left: Left) => void): IntakeDesk {
  const { world } = parts;
  const repeats = openRepeats(world, parts.readChanges);
  const desk: Desk = { ...parts, repeats };
  const [quiet, loud] = [openLanes(), openLanes()];
  const lanes = [...quiet, ...loud];
  /** How many signals of a key wait in a lane or are being written, and in which. */
  const underWay = new Map<string, { count: number; readonly lane: Lane }>();
  const freeLane = (isLoud: boolean): Lane => {
    const [first, second] = isLoud ? loud : quiet;
    return first.queue.length > CROWD && second.queue.length < first.queue.length ? second : first;
  };

  async function work(lane: Lane): Promise<void> {
    // Lets every request that is already parsed join this flush.
    await nextTurn();
    while (lane.queue.length > 0) {
      const queue = lane.queue;
      const { taken, left } = takeFlush(
        queue.map(({ arrival }) => arrival),
        MOST_PER_FLUSH,
      );
      lane.queue = left.map((position) => queue[position]!);
      const batch = taken.map((position) => queue[position]!);
      const news = await flushOrHalve(desk, batch);
      if (news !== null) onNews(news);
      for (const { key } of batch) {
        const way = underWay.get(key)!;
        way.count -= 1;
        if (way.count === 0) underWay.delete(key);
      }
    }
    lane.busy = null;
  }

  function write(arrival: Arrival, request: Request, at: number, isLoud: boolean): void {
    const key = alertKey(arrival);
    // A key stays in its lane, so that its trigger and its resolve keep their order.
    let way = underWay.get(key);
    if (way === undefined) underWay.set(key, (way = { count: 0, lane: freeLane(isLoud) }));
    way.count += 1;
    const { lane } = way;
    lane.queue.push({ arrival, key, request, at });
    lane.busy ??= work(lane);
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
        if (known[at] === null) write(arrival, request, at, isLoud);
      });
      if (known.some((each) => each !== null)) {
        const basis = await repeats.prove();
        known.forEach((each, at) => {
          if (each === null) return;
          const arrival = arrivals[at]!;
          if (basis === null || !repeats.holds(each, arrival.keyId, basis))
            return write(arrival, request, at, isLoud);
          repeats.count(each, repeatOf(arrival)!.endsAt, now);
          const alertId = repeats.alertIdOf(each);
          request.settle(at, { alertId, what: "repeated", attends: false });
        });
      }
      return request.done.promise;
    },
    async repeats(keyId, marks, now) {
      if (marks.length === 0) return false;
      const found: Known[] = [];
      for (const mark of marks) {
        const known = mark === null ? null : repeats.find(keyId, mark, now);
        if (known === null || (underWay.size > 0 && underWay.has(repeats.keyOf(known))))
          return false;
        found.push(known);
      }
      const basis = await repeats.prove();
      if (basis === null || !found.every((known) => repeats.holds(known, keyId, basis)))
        return false;
      found.forEach((known, at) => repeats.count(known, marks[at]!.endsAt, now));
      return true;
    },
    acceptSpooled: (spooled) => acceptSpooled(desk, spooled, onNews),
    writeRepeats: () => repeats.write(),
    owesRepeats: repeats.owes,
    async drain() {
      while (lanes.some((lane) => lane.busy !== null)) for (const lane of lanes) await lane.busy;
      // What is lost with a store that is away is what a crash loses: counts, and ends that come again.
      await repeats.write().catch((error: unknown) => {
        world.log.warn("repeats could not be written", errorFields(error));
      });
    },
    waiting: () => lanes.reduce((sum, lane) => sum + lane.queue.length, 0),
  };
}

/** Null for what is no repeat by contract, or does not say until when it holds. */
function repeatOf({ mark, resends, decided, signal }: Arrival): Mark | null {
  const { action, endsAt } = signal;
  if (mark === undefined || !resends || decided !== undefined) return null;
  return action === "trigger" && endsAt !== null ? { text: mark, endsAt } : null;
}

/** SQLSTATE classes that one item's data can cause: data exception, constraint, limits. */
const isDataFault = (error: unknown): boolean => /^(22|23|54)/.test(sqlState(error) ?? "");

function leftBy(results: readonly (Flushed | Refusal)[]): Left | null {
  let left: Left | null = null;
  for (const result of results) {
    if (result instanceof Refusal || !result.attends) continue;
    if (result.what !== "opened") return "changed";
    left = "opened";
  }
  return left;
}

/** What of it waits for the engine. */
async function flushOrHalve(desk: Desk, batch: readonly Waiting[]): Promise<Left | null> {
  try {
    const results = await flushOnce(desk, batch);
    batch.forEach(({ request, at }, position) => request.settle(at, results[position]!));
    return leftBy(results);
  } catch (error) {
    if (!isDataFault(error)) {
      // A lock that could not be had in time: nothing was written, and the sender may try again.
      const busy = isStoreAway(error) || sqlState(error) === "55P03";
      const answer = busy ? new Refusal("server.store_away") : error;
      for (const { request } of batch) request.done.reject(answer);
    } else if (batch.length === 1) {
      const { request, at } = batch[0]!;
      request.settle(at, new Refusal("signal.unstorable", { sqlState: sqlState(error) ?? "" }));
    } else {
      const middle = batch.length >> 1;
      const first = await flushOrHalve(desk, batch.slice(0, middle));
      const second = await flushOrHalve(desk, batch.slice(middle));
      return first === "changed" ? first : (second ?? first);
    }
    return null;
  }
}

/** Configuration cannot change faster than a flush, which takes milliseconds, for this often. */
const MOST_BASES = 50;
const TRY_AGAIN = new Set(["40001", "40P01"]);

async function flushOnce(desk: Desk, batch: readonly Waiting[]): Promise<readonly Flushed[]> {
  const watch = batch.some(({ arrival }) => repeatOf(arrival) !== null)
    ? await desk.repeats.watch()
    : null;
  try {
    let judge = await desk.decide(false);
    const { pool } = desk.world.db;
    const ask: AskFlush = async (statement) => (await pool.query<FlushRow>(statement)).rows;
    const arrivals = batch.map(({ arrival }) => arrival);
    for (let attempt = 1; ; attempt++) {
      try {
        const results = await flushOf(desk, arrivals, { ask, judge, watch });
        if (!("behind" in results)) return results;
        if (results.behind.size > 0) return await withoutThose(desk, batch, results.behind);
        assert(attempt < MOST_BASES, "decisions come to rest on something");
        judge = await desk.decide(true);
      } catch (error) {
        if (attempt >= 6 || !TRY_AGAIN.has(sqlState(error) ?? "")) throw error;
      }
    }
  } finally {
    watch?.end();
  }
}

const BEHIND: Flushed = { alertId: null, what: "stands behind the spool", attends: false };

/** Writes the others; what must not overtake the spool is told so. */
async function withoutThose(
  desk: Desk,
  batch: readonly Waiting[],
  behind: ReadonlySet<string>,
): Promise<readonly Flushed[]> {
  const others = batch.filter(({ arrival }) => !behind.has(arrival.keyId));
  const written = others.length === 0 ? [] : await flushOnce(desk, others);
  let next = 0;
  return batch.map(({ arrival }) => (behind.has(arrival.keyId) ? BEHIND : written[next++]!));
}

type Flushing = {
  readonly ask: AskFlush;
  readonly judge: Judge;
  readonly watch: Watch | null;
};

async function flushOf(
  { world }: Desk,
  arrivals: readonly Arrival[],
  { ask, judge, watch }: Flushing,
): Promise<readonly Flushed[] | NotWritten> {
  const receivedAt = world.clock.now();
  const items = arrivals.map((arrival): Intake => ({
    ...arrival,
    receivedAt,
    decision: arrival.decided ?? judge.decide(arrival),
  }));
  const folded = fold(items);
  const batchId = world.chance.id(receivedAt);
  const alertIds = folded.map(() => world.chance.id(receivedAt));
  const { values } = ledgerStatement(world, {
    stream: "intake",
    at: receivedAt,
    actorRef: "intake",
    action: "signals accepted",
    objectRef: `batch:${batchId}`,
    payload: { signals: items.length, keys: folded.map(({ last }) => alertKey(last)) },
  });
  const results = await writeFlush(ask, {
    items,
    folded,
    basis: judge.basis,
    batchId,
    receivedAt,
    sealed: sealBodies(
      world,
      items.map((item) => item.raw),
    ),
    entry: values,
    alertIds,
    mustNotOvertake: [...new Set(arrivals.flatMap(keyInLine))],
  });
  if ("behind" in results) return results;
  watch?.remember(
    judge.basis,
    folded.flatMap((each) => writtenBy(each, results)),
  );
  return results;
}

/** What was decided elsewhere stands in no line with what its key sends, and the spool's own does not overtake it. */
const keyInLine = ({ keyId, decided, spooled, ahead }: Arrival): readonly string[] =>
  decided !== undefined || spooled === true || ahead === true ? [] : [keyId];

class Outdated extends Error {}

async function acceptSpooled(
  desk: Desk,
  { take, settle }: Spooled,
  onNews: (left: Left) => void,
): Promise<readonly (Flushed | Refusal)[]> {
  for (let attempt = 1; ; attempt++) {
    // Before the transaction, whose connection may be the only one.
    const judge = await desk.decide(attempt > 1);
    try {
      const results = await transact(desk.world.db, async (tx) => {
        const written = await writeWithin(desk, tx, judge, await take(tx));
        await settle(tx, written);
        return written;
      });
      const news = leftBy(results);
      if (news !== null) onNews(news);
      return results;
    } catch (error) {
      if (!(error instanceof Outdated)) throw error;
      assert(attempt < MOST_BASES, "decisions come to rest on something");
    }
  }
}

/** Writes arrivals in their order, one flush after the other, in a transaction that was begun before. */
async function writeWithin(
  desk: Desk,
  tx: Tx,
  judge: Judge,
  arrivals: readonly Arrival[],
): Promise<readonly (Flushed | Refusal)[]> {
  const results = Array.from<Flushed | Refusal>({ length: arrivals.length });
  const ask: AskFlush = async ({ text, values }) =>
    (await tx.executeQuery<FlushRow>(CompiledQuery.raw(text, values))).rows;
  const write = async (positions: readonly number[]): Promise<void> => {
    await run(tx, sql`savepoint flush`);
    try {
      const batch = positions.map((position) => arrivals[position]!);
      const written = await flushOf(desk, batch, { ask, judge, watch: null });
      if ("behind" in written) throw new Outdated();
      positions.forEach((position, at) => (results[position] = written[at]!));
      await run(tx, sql`release savepoint flush`);
    } catch (error) {
      if (!isDataFault(error)) throw error;
      await run(tx, sql`rollback to savepoint flush`);
      if (positions.length === 1)
        results[positions[0]!] = new Refusal("signal.unstorable", {
          sqlState: sqlState(error) ?? "",
        });
      else {
        const middle = positions.length >> 1;
        await write(positions.slice(0, middle));
        await write(positions.slice(middle));
      }
    }
  };
  let waiting = arrivals.map((_, position) => position);
  while (waiting.length > 0) {
    const queue = waiting;
    const { taken, left } = takeFlush(
      queue.map((position) => arrivals[position]!),
      MOST_PER_FLUSH,
    );
    await write(taken.map((at) => queue[at]!));
    waiting = left.map((at) => queue[at]!);
  }
  return results;
}

/** What a repeat may be compared with: the last of the signals, whose words stand in the store. */
function writtenBy({ last, members }: Folded, results: readonly Flushed[]): readonly Written[] {
  const repeat = repeatOf(last);
  const alertId = results[members.at(-1)!]!.alertId;
  if (repeat === null || alertId === null) return [];
  return [
    {
      key: alertKey(last),
      keyId: last.keyId,
      alertId,
      mark: repeat.text,
      expiresAt: repeat.endsAt,
    },
  ];
}
