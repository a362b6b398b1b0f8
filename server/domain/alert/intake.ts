/**
 * Group commit: nothing is acknowledged before it is durable. Signals wait in lanes; a lane flushes
 * whenever it is free and something waits, without a timer (a 2 ms timer halved the rate of single
 * alerts). One lane per key keeps trigger and resolve in order; a flush that fails because of one bad
 * item is halved until only that item is refused, so one NUL byte cannot fail a thousand strangers.
 */
import type pg from "pg";
import { nextTurn } from "../../base/clock.ts";
import { isStoreAway, sqlState } from "../../base/db.ts";
import { assert, Refusal } from "../../base/errors.ts";
import { ledgerStatement } from "../../base/ledger.ts";
import { sha256 } from "../../base/crypto.ts";
import type { World } from "../../base/world.ts";
import { alertKey, type DecisionColumns, fold, type Intake, takeFlush } from "./alert.ts";
import { sealBodies } from "./batch.ts";
import { type Flushed, writeAlerts, writeSignals } from "./flush.ts";

/** What came in, before a decision: the decision belongs to the flush, with the newest rules. */
export type Arrival = Omit<Intake, "decision" | "receivedAt"> & {
  /** A decision that was made elsewhere, as for a sustained condition; otherwise the rules are asked. */
  readonly decided?: DecisionColumns;
};

/** Decides about arrivals with the configuration that the flush's own transaction sees. */
export type Decide = (client: pg.ClientBase) => Promise<(arrival: Arrival) => DecisionColumns>;

export type IntakeDesk = {
  /** Resolves once every arrival is durably committed; each result is that of its arrival, or a refusal. */
  accept(arrivals: readonly Arrival[]): Promise<readonly (Flushed | Refusal)[]>;
  /** Waits until nothing is on its way. */
  drain(): Promise<void>;
  waiting(): number;
};

const LANES = 2;
const MOST_PER_FLUSH = 2_000;

type Waiting = {
  readonly arrival: Arrival;
  settle(result: Flushed | Refusal): void;
  fail(error: unknown): void;
};

/** Opens the desk of one node. `onNews` is told after a commit that left something to the engine. */
export function intakeDesk(world: World, decide: Decide, onNews: () => void): IntakeDesk {
  const lanes = Array.from(
    { length: LANES },
    (): { queue: Waiting[]; busy: Promise<void> | null } => ({
      queue: [],
      busy: null,
    }),
  );
  const laneOf = (arrival: Arrival) => lanes[sha256(alertKey(arrival))[0]! % LANES]!;

  async function work(lane: (typeof lanes)[number]): Promise<void> {
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
      if (await flushOrHalve(world, decide, batch)) onNews();
    }
    lane.busy = null;
  }

  return {
    accept: (arrivals) =>
      Promise.all(
        arrivals.map(
          (arrival) =>
            new Promise<Flushed | Refusal>((settle, fail) => {
              const lane = laneOf(arrival);
              lane.queue.push({ arrival, settle, fail });
              lane.busy ??= work(lane);
            }),
        ),
      ),
    async drain() {
      while (lanes.some((lane) => lane.busy !== null)) for (const lane of lanes) await lane.busy;
    },
    waiting: () => lanes.reduce((sum, lane) => sum + lane.queue.length, 0),
  };
}

/** SQLSTATE classes that one item's data can cause: data exception, constraint, limits. */
const isDataFault = (error: unknown): boolean => /^(22|23|54)/.test(sqlState(error) ?? "");

/** True when something of it waits for the engine. */
async function flushOrHalve(
  world: World,
  decide: Decide,
  batch: readonly Waiting[],
): Promise<boolean> {
  try {
    const results = await flushOnce(world, decide, batch);
    batch.forEach((waiting, position) => waiting.settle(results[position]!));
    return results.some((result) => result.attends);
  } catch (error) {
    if (!isDataFault(error)) {
      // A lock that could not be had in time: nothing was written, and the sender may try again.
      const busy = isStoreAway(error) || sqlState(error) === "55P03";
      const answer = busy ? new Refusal("server.store_away") : error;
      for (const waiting of batch) waiting.fail(answer);
    } else if (batch.length === 1) {
      batch[0]!.settle(new Refusal("signal.unstorable", { sqlState: sqlState(error) ?? "" }));
    } else {
      const middle = batch.length >> 1;
      const first = await flushOrHalve(world, decide, batch.slice(0, middle));
      return (await flushOrHalve(world, decide, batch.slice(middle))) || first;
    }
    return false;
  }
}

const TRY_AGAIN = new Set(["40001", "40P01"]);

async function flushOnce(
  world: World,
  decide: Decide,
  batch: readonly Waiting[],
): Promise<readonly Flushed[]> {
  for (let attempt = 1; ; attempt++) {
    const client = await world.db.pool.connect();
    let broken: Error | undefined;
    try {
      return await flushWithin(world, client, decide, batch);
    } catch (error) {
      await client.query("rollback").catch((cause: Error) => (broken = cause));
      if (attempt >= 6 || !TRY_AGAIN.has(sqlState(error) ?? "")) throw error;
    } finally {
      client.release(broken);
    }
  }
}

async function flushWithin(
  world: World,
  client: pg.ClientBase,
  decide: Decide,
  batch: readonly Waiting[],
): Promise<readonly Flushed[]> {
  const receivedAt = world.clock.now();
  // What does not wait for an answer is sent together: every signal of the flush waits with us.
  const [, decision] = await Promise.all([client.query("begin"), decide(client)]);
  const items = batch.map(({ arrival }): Intake => ({
    ...arrival,
    receivedAt,
    decision: arrival.decided ?? decision(arrival),
  }));
  const batchId = world.chance.id(receivedAt);
  const facts = { batchId, receivedAt, newId: () => world.chance.id(receivedAt) };
  const bodies = items.map((item) => item.raw);
  const results = await writeAlerts(client, items, fold(items), facts);
  const entry = ledgerStatement(world, {
    stream: "intake",
    at: receivedAt,
    actorRef: "intake",
    action: "signals accepted",
    objectRef: `batch:${batchId}`,
    payload: { signals: items.length, alerts: results.map((result) => result.alertId) },
  });
  await Promise.all([
    writeSignals(client, items, results, { ...facts, sealed: sealBodies(world, bodies) }),
    client.query({ name: "ledger-insert", ...entry }),
  ]);
  // Only after everything stands: a fault of ours in between must not be committed by halves. PostgreSQL
  // answers the commit of a broken transaction with a rollback and no error.
  const end = await client.query("commit");
  assert(end.command === "COMMIT", "a flush that is acknowledged was committed");
  return results;
}
