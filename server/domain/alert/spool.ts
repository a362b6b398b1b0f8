/**
 * The way in while it storms. As long as the house keeps up, everything goes straight to the desk. Above a
 * threshold the requests of loud keys are written to the spool as they are, which is far less work, and
 * are projected when there is room; nothing is ever refused for its number. A quiet key is never spooled,
 * so the one page that matters does not stand behind two million others; nor does a critical alert of a loud
 * key, as long as such ones are rare among what it sends.
 */
import { type Instant, SECOND } from "../../base/instant.ts";
import type { World } from "../../base/world.ts";
import { transact, type Tx } from "../../base/db.ts";
import { Refusal } from "../../base/errors.ts";
import { errorFields } from "../../base/log.ts";
import { alertKey } from "./alert.ts";
import {
  type Aside,
  findOvertaken,
  forgetOvertaken,
  insertAside,
  saveOvertaking,
} from "./asideStore.ts";
import type { Flushed } from "./flush.ts";
import type { Hold } from "./hold.ts";
import type { Arrival, IntakeDesk } from "./intake.ts";
import { openArrivals, sealArrivals } from "./packed.ts";
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

/** The incident of the storm, and which alerts need no engine: nothing could let them wait, or a mute does. */
export type StormHome = {
  readonly incidentNumber: number;
  mayJoin(arrival: Arrival): boolean;
  /** Why a mute lets it wait; null: none does. */
  holdOf(arrival: Arrival): Hold | null;
  /** Writes down what waits, as far as its mute is still in force; returns the alerts. */
  hold(tx: Tx, held: readonly HeldAlert[], now: Instant): Promise<ReadonlySet<string>>;
};
export type HeldAlert = { readonly id: string; readonly hold: Hold };

const WINDOW_MS = 10 * SECOND;
const MOST_ROWS = 500;
/** So many critical alerts of a loud key go ahead in about ten seconds, and only if they are one in fifty. */
const MOST_AHEAD = 5;
const RARE = 50;

type Entry = {
  readonly arrivals: readonly Arrival[];
  done(): void;
  fail(error: unknown): void;
};

export function spoolingDesk(world: World, desk: IntakeDesk, limits: StormLimits): SpoolingDesk {
  const loudness = meter();
  const graveness = meter();
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
          sealed: sealArrivals(world, arrivals),
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

  /**
   * Lets these go ahead of what their keys have in the spool. It is said first: were it said afterwards, an end
   * that waits there could close what has just been opened. Where it cannot be said they wait like the others.
   */
  async function ahead(arrivals: readonly Arrival[]): Promise<readonly (Flushed | Refusal)[]> {
    const alerts = arrivals.map(({ keyId, signal: { dedupKey } }) => ({ keyId, dedupKey }));
    try {
      await transact(world.db, (tx) => saveOvertaking(tx, alerts));
    } catch (error) {
      world.log.warn("a critical alert could not go ahead of a storm", errorFields(error));
      return spool(arrivals);
    }
    return desk.accept(arrivals.map((arrival) => ({ ...arrival, ahead: true })));
  }

  /** Spools what a loud key sent, but for what may not wait; results stand at their places. */
  async function spoolBut(
    arrivals: readonly Arrival[],
    graves: ReadonlySet<number>,
  ): Promise<readonly (Flushed | Refusal)[]> {
    const [first, rest] = [[...graves], arrivals.flatMap((_, at) => (graves.has(at) ? [] : [at]))];
    const at = (places: readonly number[]) => places.map((place) => arrivals[place]!);
    const [gone, spooled] = await Promise.all([
      ahead(at(first)),
      rest.length === 0 ? [] : spool(at(rest)),
    ]);
    const results = Array.from<Flushed | Refusal>({ length: arrivals.length });
    first.forEach((place, n) => (results[place] = gone[n]!));
    rest.forEach((place, n) => (results[place] = spooled[n]!));
    return results;
  }

  return {
    ...desk,
    async accept(arrivals): Promise<readonly (Flushed | Refusal)[]> {
      const key = arrivals[0]?.keyId;
      if (key === undefined) return desk.accept(arrivals);
      const now = world.clock.now();
      const sent = loudness(key, arrivals.length, now);
      const graves = gravesOf(arrivals);
      const grave = graves.size === 0 ? 0 : graveness(key, graves.size, now);
      const isLoud = sent > limits.quietKey;
      const follows = spooling.has(key) || spooledHere.has(key);
      if (follows || (isPressed() && isLoud)) {
        const isRare = graves.size > 0 && grave <= MOST_AHEAD && grave * RARE <= sent;
        return isRare ? spoolBut(arrivals, graves) : spool(arrivals);
      }
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
      let portion: Portion = { taken: [], arrivals: [], aside: [] };
      let muted: ReadonlySet<string> = new Set();
      const results = await desk.acceptSpooled({
        async take(tx) {
          portion = await take(tx, now);
          return portion.arrivals.map(({ arrival, overtaken }) => ({
            ...arrival,
            spooled: true,
            overtaken,
            joins: home?.mayJoin(arrival) === true ? home.incidentNumber : undefined,
          }));
        },
        async settle(tx, decided) {
          const refused = decided.flatMap((result, at) =>
            result instanceof Refusal ? [asideOf(portion.arrivals[at]!, result)] : [],
          );
          portion = { ...portion, aside: [...portion.aside, ...refused] };
          await insertAside(tx, portion.aside, now);
          if (home != null) muted = await home.hold(tx, heldOf(home, portion, decided), now);
          if (portion.taken.length > 0) await forgetOvertaken(tx);
          await countProjected(tx, portion.taken);
        },
      });
      for (const { keyId, because } of portion.aside)
        world.log.error("a spooled signal cannot be stored and is set aside", { keyId, because });
      for (const result of results)
        if ("attends" in result && result.attends && !muted.has(result.alertId ?? "")) backlog += 1;
      return portion.taken.reduce((sum, { signals }) => sum + signals, 0);
    },
  };

  async function take(tx: Tx, now: Instant): Promise<Portion> {
    const taken = await takeSpooled(tx, now, limits.portion);
    const overtaken = taken.length === 0 ? new Map<string, number>() : await findOvertaken(tx);
    const [arrivals, aside]: [Waited[], Aside[]] = [[], []];
    for (const { id, keyId, receivedAt, sealed } of taken) {
      const opened = openArrivals(world, sealed);
      // What nobody can open any more must not hold up everything that stands behind it.
      if (opened === null) {
        const because = "its seal cannot be opened with this key";
        aside.push({ keyId, receivedAt, because, sealed });
        continue;
      }
      for (const arrival of opened)
        arrivals.push({
          arrival,
          receivedAt,
          overtaken:
            arrival.signal.action !== "trigger" && (overtaken.get(alertKey(arrival)) ?? 0) >= id,
        });
    }
    return { taken, arrivals, aside };
  }

  function asideOf({ arrival, receivedAt }: Waited, refusal: Refusal): Aside {
    const sealed = sealArrivals(world, [arrival]);
    return { keyId: arrival.keyId, receivedAt, because: refusal.message, sealed };
  }
}

/** One signal of the spool, and since when it waited. */
type Waited = {
  readonly arrival: Arrival;
  readonly receivedAt: Instant;
  readonly overtaken: boolean;
};
type Portion = {
  readonly taken: readonly Taken[];
  readonly arrivals: readonly Waited[];
  readonly aside: readonly Aside[];
};

/** What has just been opened and a mute means: the engine would let it wait for the same reason. */
const heldOf = (
  home: StormHome,
  { arrivals }: Portion,
  decided: readonly (Flushed | Refusal)[],
): readonly HeldAlert[] =>
  decided.flatMap((result, at) => {
    if (result instanceof Refusal || result.what !== "opened" || result.alertId === null) return [];
    const hold = home.holdOf(arrivals[at]!.arrival);
    return hold === null ? [] : [{ id: result.alertId, hold }];
  });

/** Places of critical alerts about which the request says nothing else: their order among it does not matter. */
function gravesOf(arrivals: readonly Arrival[]): ReadonlySet<number> {
  const graves = arrivals.flatMap(({ signal }, at) =>
    signal.action === "trigger" && signal.severity === "critical" ? [at] : [],
  );
  if (graves.length === 0 || graves.length > MOST_AHEAD) return new Set(graves);
  const times = new Map<string, number>();
  for (const arrival of arrivals)
    times.set(alertKey(arrival), (times.get(alertKey(arrival)) ?? 0) + 1);
  return new Set(graves.filter((at) => times.get(alertKey(arrivals[at]!)) === 1));
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
