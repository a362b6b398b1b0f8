/**
 * The engine: the one place that draws the consequences of facts. Each step asks "what is due at now?",
 * decides with pure functions, saves, and only deliver sends. Any number of nodes run it at once; they
 * share the rows. It sleeps until the next due row, a nudge, or a short cap, so a lost nudge costs at
 * most the cap.
 */
import { MAX_SKEW_MS } from "../base/clock.ts";
import { type Instant } from "../base/instant.ts";
import { errorFields } from "../base/log.ts";
import type { World } from "../base/world.ts";

/** What a step did: how much, and when it wants to be asked again at the latest. */
export type StepResult = { readonly done: number; readonly nextAt: Instant | null };

export type Step = {
  readonly name: string;
  /** One bounded portion of what is due at `now`. Several nodes may run the same step at once. */
  run(now: Instant): Promise<StepResult>;
};

export type TickResult = {
  readonly done: number;
  readonly nextAt: Instant | null;
  readonly failed: readonly string[];
};

/** One pass over all steps with one reading of the clock. A step that fails does not stop the others. */
export async function tick(
  world: World,
  steps: readonly Step[],
  now: Instant,
): Promise<TickResult> {
  let done = 0;
  let nextAt: Instant | null = null;
  const failed: string[] = [];
  for (const step of steps) {
    try {
      const result = await step.run(now);
      done += result.done;
      if (result.nextAt !== null && (nextAt === null || result.nextAt < nextAt))
        nextAt = result.nextAt;
    } catch (error) {
      failed.push(step.name);
      world.log.error("engine step failed", { step: step.name, ...errorFields(error) });
    }
  }
  return { done, nextAt, failed };
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
    while (!stopping) {
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
      const result = await tick(world, steps, now);
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
