/**
 * Writes what the intake desk has taken: decided with the newest rules, folded, sealed and with its entry in the ledger, in one
 * statement; halved until only what cannot be stored is refused.
 */
import { CompiledQuery } from "kysely";
import { isStoreAway, run, sql, sqlState, transact, type Tx } from "../../base/db.ts";
import { assert, Refusal } from "../../base/errors.ts";
import type { AskInLine } from "../../base/inLine.ts";
import { ledgerStatement } from "../../base/ledger.ts";
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
import type { Written } from "./known.ts";
import type { Repeats, Watch } from "./repeats.ts";

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

/** What a commit leaves to the engine: alerts that it opened and nothing else, or also such as it changed. */
export type Left = "opened" | "changed";

export type Spooled = {
  take(tx: Tx): Promise<readonly Arrival[]>;
  /** The last thing of the transaction, for rows that others wait for; results are those of what was taken. */
  settle(tx: Tx, results: readonly (Flushed | Refusal)[]): Promise<void>;
};

export type DeskParts = {
  readonly world: World;
  readonly decide: Decide;
  readonly readChanges: ReadChanges;
};

export type Desk = DeskParts & { readonly repeats: Repeats };

export const MOST_PER_FLUSH = 2_000;

export type Waiting = {
  readonly arrival: Arrival;
  readonly key: string;
  /** Where its result belongs. */
  readonly request: Request;
  readonly at: number;
};

/** The arrivals of one call: one promise for all of them, of which there may be a hundred. */
export class Request {
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

/** Null for what is no repeat by contract, or does not say until when it holds. */
export function repeatOf({ mark, resends, decided, signal }: Arrival): Mark | null {
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

/** Tells those whose signals were in a flush what became of them, and returns what of it waits for the engine. */
export type Tell = () => Left | null;

/** Writes a batch; `onSent` is called when its statement is on its way. Whoever is in it is told by what is returned. */
export async function flushOrHalve(
  desk: Desk,
  ask: AskInLine,
  batch: readonly Waiting[],
  onSent: () => void,
): Promise<Tell> {
  try {
    const results = await flushOnce(desk, ask, batch, onSent);
    return () => {
      batch.forEach(({ request, at }, position) => request.settle(at, results[position]!));
      return leftBy(results);
    };
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
      const first = (await flushOrHalve(desk, ask, batch.slice(0, middle), onSent))();
      const tellSecond = await flushOrHalve(desk, ask, batch.slice(middle), onSent);
      return () => {
        const second = tellSecond();
        return first === "changed" ? first : (second ?? first);
      };
    }
    return () => null;
  }
}

/** Configuration cannot change faster than a flush, which takes milliseconds, for this often. */
const MOST_BASES = 50;
const TRY_AGAIN = new Set(["40001", "40P01"]);

async function flushOnce(
  desk: Desk,
  askInLine: AskInLine,
  batch: readonly Waiting[],
  onSent: () => void,
): Promise<readonly Flushed[]> {
  const watch = batch.some(({ arrival }) => repeatOf(arrival) !== null)
    ? await desk.repeats.watch()
    : null;
  try {
    let judge = await desk.decide(false);
    const ask: AskFlush = (statement) => askInLine(statement, onSent);
    for (let attempt = 1; ; attempt++) {
      try {
        const results = await flushOf(desk, batch, { ask, judge, watch });
        if (!("behind" in results)) return results;
        if (results.behind.size > 0)
          return await withoutThose(desk, askInLine, batch, results.behind);
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
  ask: AskInLine,
  batch: readonly Waiting[],
  behind: ReadonlySet<string>,
): Promise<readonly Flushed[]> {
  const others = batch.filter(({ arrival }) => !behind.has(arrival.keyId));
  const written = others.length === 0 ? [] : await flushOnce(desk, ask, others, () => undefined);
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
  batch: readonly Pick<Waiting, "arrival" | "key">[],
  { ask, judge, watch }: Flushing,
): Promise<readonly Flushed[] | NotWritten> {
  const receivedAt = world.clock.now();
  const items = batch.map(({ arrival }): Intake => ({
    ...arrival,
    receivedAt,
    decision: arrival.decided ?? judge.decide(arrival),
  }));
  const folded = fold(
    items,
    batch.map(({ key }) => key),
  );
  const batchId = world.chance.id(receivedAt);
  const alertIds = folded.map(() => world.chance.id(receivedAt));
  const { values } = ledgerStatement(world, {
    stream: "intake",
    at: receivedAt,
    actorRef: "intake",
    action: "signals accepted",
    objectRef: `batch:${batchId}`,
    payload: { signals: items.length, keys: folded.map(({ key }) => key) },
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
    mustNotOvertake: keysInLine(batch),
  });
  if ("behind" in results) return results;
  watch?.remember(
    judge.basis,
    folded.flatMap((each) => writtenBy(each, results)),
  );
  return results;
}

/** What was decided elsewhere stands in no line with what its key sends, and the spool's own does not overtake it. */
function keysInLine(batch: readonly Pick<Waiting, "arrival">[]): readonly string[] {
  const keys = new Set<string>();
  for (const { arrival } of batch) {
    const { keyId, decided, spooled, ahead } = arrival;
    if (decided === undefined && spooled !== true && ahead !== true) keys.add(keyId);
  }
  return [...keys];
}

class Outdated extends Error {}

export async function acceptSpooled(
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
      const batch = positions.map((position) => {
        const arrival = arrivals[position]!;
        return { arrival, key: alertKey(arrival) };
      });
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
function writtenBy(
  { key, last, members }: Folded,
  results: readonly Flushed[],
): readonly Written[] {
  const repeat = repeatOf(last);
  const alertId = results[members.at(-1)!]!.alertId;
  if (repeat === null || alertId === null) return [];
  return [
    {
      key,
      keyId: last.keyId,
      alertId,
      mark: repeat.text,
      expiresAt: repeat.endsAt,
    },
  ];
}
