/**
 * The engine: the one place that draws the consequences of facts. Each step asks "what is due at now?",
 * decides with pure functions, saves, and only deliver sends. Any number of nodes run it at once; they
 * share the rows. It sleeps until the next due row, a nudge, or a short cap, so a lost nudge costs at
 * most the cap.
 */
import { MAX_SKEW_MS } from "../base/clock.ts";
import { one, type RawBuilder, sql } from "../base/db.ts";
import { earlier, type Instant } from "../base/instant.ts";
import { errorFields } from "../base/log.ts";
import type { World } from "../base/world.ts";

/** What a step did: how much, and when it wants to be asked again at the latest, beside what its `dueAt` says. */
export type StepResult = { readonly done: number; readonly nextAt: Instant | null };

export type Step = {
  readonly name: string;
  /**
   * SQL of the instant from which on it has something to do; null for nothing. A tick asks for all of them
   * with one query and runs only what is due: most steps have nothing to do in most ticks, and a page must
   * not wait while each says so. A step without it runs in every tick.
   */
  dueAt?(now: Instant): RawBuilder<unknown>;
  /** One bounded portion of what is due at `now`. Several nodes may run the same step at once. */
  run(now: Instant): Promise<StepResult>;
};

export type TickResult = {
  readonly done: number;
  readonly nextAt: Instant | null;
  readonly failed: readonly string[];
  /** What was due when the last thing had been done, for the tick after it; null when nobody asked then. */
  readonly due: Due | null;
};

/**
 * One pass over all steps with one reading of the clock. A step that fails does not stop the others. `known` is what the
 * tick just before it saw.
 */
export async function tick(
  world: World,
  steps: readonly Step[],
  now: Instant,
  known: Due | null = null,
): Promise<TickResult> {
  let done = 0;
  let nextAt: Instant | null = null;
  const failed: string[] = [];
  const fail = (step: string, error: unknown): void => {
    failed.push(step);
    world.log.error("engine step failed", { step, ...errorFields(error) });
  };
  let due = known;
  const ran: Step[] = [];
  for (const step of steps) {
    try {
      due ??= await readDue(world, steps, now);
    } catch (error) {
      fail("what is due", error);
      break;
    }
    const dueAt = due.get(step);
    if (dueAt !== undefined && (dueAt === null || dueAt > now)) {
      nextAt = earlier(nextAt, dueAt);
      continue;
    }
    ran.push(step);
    try {
      const result = await step.run(now);
      done += result.done;
      nextAt = earlier(nextAt, result.nextAt);
      // What it did may be something for the steps after it.
      if (result.done > 0) due = null;
    } catch (error) {
      fail(step.name, error);
    }
  }
  if (done > 0 || failed.length > 0) return { done, nextAt, failed, due };
  try {
    // What was due and is not done is in another node's hands, or was only looked after.
    for (const at of (await readDue(world, ran, now)).values()) nextAt = earlier(nextAt, at);
  } catch (error) {
    fail("what is due", error);
  }
  return { done, nextAt, failed, due: null };
}

/** When each step that says so has something to do. */
type Due = ReadonlyMap<Step, Instant | null>;

async function readDue(world: World, steps: readonly Step[], now: Instant): Promise<Due> {
  const asked = steps.flatMap((step) => {
    const dueAt = step.dueAt?.(now);
    return dueAt === undefined ? [] : [{ step, dueAt }];
  });
  if (asked.length === 0) return new Map();
  const columns = asked.map(({ dueAt }, at) => sql`(${dueAt})::bigint as ${sql.raw(`d${at}`)}`);
  const row = await one(world.db, sql<Record<string, Instant | null>>`select ${sql.join(columns)}`);
  return new Map(asked.map(({ step }, at) => [step, row[`d${at}`] ?? null]));
}

export type EngineWatch = {
  /** How late the oldest due thing was when it was done, in milliseconds. */
  latenessMs(ms: number): void;
  ticked(): void;
  failed(step: string): void;
};

export type Engine = {
  /** Wakes the loop; safe to call at any time and any rate. */
  nudge(): void;
  stop(): Promise<void>;
};

/** The longest sleep: what a lost nudge can cost. */
const CAP_MS = 1_000;
/** What is due but not done was in another node's hands: a short wait instead of a spin. */
const SHORTEST_MS = 2;
/** What a tick saw last is what the next one begins with, when that begins at once. */
const SEEN_JUST_NOW_MS = 20;
/** After a tick in which a step failed (often: the store is away), before asking again. */
const FAULT_PAUSE_MS = 500;

/** Runs ticks until stopped. `skewMs` is this node's distance from the database's clock. */
export function startEngine(
  world: World,
  steps: readonly Step[],
  watch: EngineWatch,
  skewMs: () => number,
): Engine {
  let stopping = false;
  let waking = new AbortController();
  let nudged = false;
  const stopSignal = new AbortController();
  const pause = async (ms: number): Promise<void> => {
    if (nudged || stopping) return;
    await world.clock.sleep(ms, waking.signal);
  };
  const loop = async (): Promise<void> => {
    let seen: { readonly due: Due | null; readonly at: Instant } | null = null;
    while (!stopping) {
      const isNews = nudged;
      nudged = false;
      waking = new AbortController();
      if (Math.abs(skewMs()) > MAX_SKEW_MS) {
        world.log.error("this node's clock is too far from the database's; not ticking", {
          skewMs: skewMs(),
        });
        await world.clock.sleep(CAP_MS, stopSignal.signal);
        continue;
      }
      const now = world.clock.now();
      const isFresh = seen !== null && !isNews && now - seen.at < SEEN_JUST_NOW_MS;
      const result: TickResult = await tick(world, steps, now, isFresh ? seen!.due : null);
      seen = { due: result.due, at: world.clock.now() };
      watch.ticked();
      for (const step of result.failed) watch.failed(step);
      if (result.nextAt !== null && result.nextAt < now) watch.latenessMs(now - result.nextAt);
      // What could be done goes on beside a fault; only a tick of nothing but faults pauses.
      if (result.done > 0) continue;
      if (result.failed.length > 0) await world.clock.sleep(FAULT_PAUSE_MS, stopSignal.signal);
      else {
        const until = result.nextAt === null ? CAP_MS : result.nextAt - world.clock.now();
        await pause(Math.min(Math.max(until, SHORTEST_MS), CAP_MS));
      }
    }
  };
  const running = loop();
  return {
    nudge() {
      nudged = true;
      waking.abort();
    },
    async stop() {
      stopping = true;
      stopSignal.abort();
      waking.abort();
      await running;
    },
  };
}
