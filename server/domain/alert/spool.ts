/**
 * The way in while it storms. As long as the house keeps up, everything goes straight to the desk. Above a
 * threshold the requests of loud keys are written to the spool as they are, which is far less work, and
 * are projected when there is room; nothing is ever refused for its number. A quiet key is never spooled,
 * so the one page that matters does not stand behind two million others.
 */
import { type Instant, SECOND } from "../../base/instant.ts";
import type { World } from "../../base/world.ts";
import { Refusal } from "../../base/errors.ts";
import type { Flushed } from "./flush.ts";
import type { Arrival, IntakeDesk } from "./intake.ts";
import {
  countBacklog,
  countProjected,
  insertSpooled,
  listSpoolingKeys,
  type Taken,
  takeSpooled,
} from "./spoolStore.ts";

export type StormLimits = {
  /** Signals that wait for their commit in this node. */
  readonly waiting: number;
  /** Alerts that wait for the engine. */
  readonly backlog: number;
  /** What a key may send in ten seconds and still be quiet. */
  readonly quietKey: number;
  /** While no more than this waits, what was spooled is projected. */
  readonly room: number;
  /** Signals that are projected in one go. */
  readonly portion: number;
};

export const STORM_LIMITS: StormLimits = {
  waiting: 20_000,
  backlog: 2_000,
  quietKey: 200,
  room: 1_000,
  portion: 2_000,
};

export type SpoolingDesk = IntakeDesk & {
  /** Looks how much waits, and what other nodes have spooled. */
  measure(now: Instant): Promise<void>;
  /** Whether something waits in the spool, as far as this node knows. */
  isSpooling(): boolean;
  /** Decides about a portion of what waits in the spool, when there is room; returns how many signals. */
  project(now: Instant, home?: StormHome | null): Promise<number>;
};

/** The incident of the storm, and which alerts may join it without the engine: nothing could let them wait. */
export type StormHome = {
  readonly incidentNumber: number;
  mayJoin(arrival: Arrival): boolean;
};

const PURPOSE = "spool";
const WINDOW_MS = 10 * SECOND;
const MOST_ROWS = 500;

type Entry = {
  readonly arrivals: readonly Arrival[];
  done(): void;
  fail(error: unknown): void;
};

export function spoolingDesk(world: World, desk: IntakeDesk, limits: StormLimits): SpoolingDesk {
  const loudness = meter();
  /** Keys of which something waits: what comes later must not overtake it. */
  let spooling: ReadonlySet<string> = new Set();
  const spooledHere = new Set<string>();
  let backlog = 0;
  let queue: Entry[] = [];
  let writing: Promise<void> | null = null;

  const isPressed = (): boolean => desk.waiting() > limits.waiting || backlog > limits.backlog;

  async function write(): Promise<void> {
    while (queue.length > 0) {
      const batch = queue.splice(0, MOST_ROWS);
      const now = world.clock.now();
      try {
        const rows = batch.map(({ arrivals }) => ({
          keyId: arrivals[0]!.keyId,
          signals: arrivals.length,
          sealed: world.keys.seal(PURPOSE, packed(arrivals), world.chance),
        }));
        await insertSpooled(world.db, rows, now);
        for (const entry of batch) entry.done();
      } catch (error) {
        for (const entry of batch) entry.fail(error);
      }
    }
    writing = null;
    world.nudge();
  }

  const spool = (arrivals: readonly Arrival[]): Promise<readonly Flushed[]> =>
    new Promise((settle, fail) => {
      spooledHere.add(arrivals[0]!.keyId);
      const result: Flushed = { alertId: null, what: "spooled", attends: false };
      queue.push({ arrivals, done: () => settle(arrivals.map(() => result)), fail });
      writing ??= write();
    });

  return {
    ...desk,
    async accept(arrivals): Promise<readonly (Flushed | Refusal)[]> {
      const key = arrivals[0]?.keyId;
      if (key === undefined) return desk.accept(arrivals);
      const isLoud = loudness(key, arrivals.length, world.clock.now()) > limits.quietKey;
      const follows = spooling.has(key) || spooledHere.has(key);
      if (follows || (isPressed() && isLoud)) return spool(arrivals);
      const results = [...(await desk.accept(arrivals, isLoud))];
      // The engine may be too busy to measure: what it was left with since counts at once.
      for (const result of results) if ("attends" in result && result.attends) backlog += 1;
      // Another node has just spooled some of this key.
      const behind = results.flatMap((result, at) => (isBehind(result) ? [at] : []));
      if (behind.length === 0) return results;
      const spooled = await spool(behind.map((at) => arrivals[at]!));
      behind.forEach((at, place) => (results[at] = spooled[place]!));
      return results;
    },
    async drain() {
      while (writing !== null) await writing;
      await desk.drain();
    },
    async measure(now) {
      const before = new Set(spooledHere);
      const isWriting = writing !== null;
      backlog = await countBacklog(world.db, now, limits.backlog + 1);
      spooling = await listSpoolingKeys(world.db);
      // What was spooled before the store was asked is in its answer; what is being written may not be.
      if (!isWriting) for (const key of before) if (writing === null) spooledHere.delete(key);
    },
    isSpooling: () => spooling.size > 0 || spooledHere.size > 0,
    async project(now, home) {
      const hasRoom = backlog <= limits.room && desk.waiting() <= limits.room;
      if (spooling.size === 0 || !hasRoom) return 0;
      let taken: readonly Taken[] = [];
      const results = await desk.acceptSpooled({
        async take(tx) {
          taken = await takeSpooled(tx, now, limits.portion);
          const arrivals = taken.flatMap(({ sealed }) =>
            unpacked(world.keys.open(PURPOSE, sealed)),
          );
          return arrivals.map((arrival) => ({
            ...arrival,
            spooled: true,
            joins: home?.mayJoin(arrival) === true ? home.incidentNumber : undefined,
          }));
        },
        settle: (tx) => countProjected(tx, taken),
      });
      for (const result of results)
        if (result instanceof Refusal)
          world.log.error("a spooled signal cannot be stored", { code: result.code });
        else if (result.attends) backlog += 1;
      return results.length;
    },
  };
}

const isBehind = (result: Flushed | Refusal): boolean =>
  !(result instanceof Refusal) && result.what === "stands behind the spool";

/** How much each key sent in about the last ten seconds. */
function meter(): (key: string, signals: number, at: Instant) => number {
  const counts = new Map<string, { from: Instant; here: number; before: number }>();
  return (key, signals, at) => {
    let count = counts.get(key);
    if (count === undefined || at - count.from >= 2 * WINDOW_MS)
      counts.set(key, (count = { from: at, here: 0, before: 0 }));
    else if (at - count.from >= WINDOW_MS)
      counts.set(key, (count = { from: at, here: 0, before: count.here }));
    count.here += signals;
    return Math.max(count.here, count.before);
  };
}

/** The arrivals of one request share its raw body, which stands once. */
function packed(arrivals: readonly Arrival[]): Buffer {
  const raw = arrivals[0]!.raw.toString("base64");
  return Buffer.from(
    JSON.stringify({ raw, arrivals: arrivals.map((arrival) => ({ ...arrival, raw: null })) }),
  );
}

function unpacked(plain: Buffer): readonly Arrival[] {
  const { raw, arrivals } = JSON.parse(plain.toString()) as {
    raw: string;
    arrivals: readonly Arrival[];
  };
  const body = Buffer.from(raw, "base64");
  return arrivals.map((arrival) => ({ ...arrival, raw: body }));
}
