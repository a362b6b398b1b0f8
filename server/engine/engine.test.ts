import { describe, expect, test } from "vitest";
import { freshDatabase } from "../../test/store.ts";
import { sleepReal } from "../base/clock.ts";
import { sql } from "../base/db.ts";
import { type Instant, instant } from "../base/instant.ts";
import { silentLog } from "../base/log.ts";
import type { World } from "../base/world.ts";
import { startEngine, type Step, tick } from "./engine.ts";

const NOW = instant(1_000_000);
const world = {
  log: silentLog,
  clock: { now: () => NOW, sleep: sleepReal },
} as unknown as World;

const step = (name: string, run: Step["run"]): Step => ({ name, run });
const quiet =
  (nextAt: number | null = null) =>
  async () => ({
    done: 0,
    nextAt: nextAt === null ? null : instant(nextAt),
  });

describe("a tick", () => {
  test("asks every step in order with one reading of the clock", async () => {
    const asked: [string, Instant][] = [];
    const steps = ["one", "two", "three"].map((name) =>
      step(name, async (now) => {
        asked.push([name, now]);
        return { done: 2, nextAt: null };
      }),
    );
    expect(await tick(world, steps, NOW)).toMatchObject({ done: 6, nextAt: null, failed: [] });
    expect(asked).toEqual([
      ["one", NOW],
      ["two", NOW],
      ["three", NOW],
    ]);
  });

  test("comes back at the earliest instant that a step named", async () => {
    const steps = [step("a", quiet(NOW + 9)), step("b", quiet()), step("c", quiet(NOW + 3))];
    expect((await tick(world, steps, NOW)).nextAt).toBe(NOW + 3);
  });

  test("runs of what says when it is due only that, and asks again behind what was done", async () => {
    const asked: string[] = [];
    const due: Record<string, number> = { soon: NOW + 3, first: NOW, second: NOW + 1 };
    const steps = ["soon", "first", "second"].map((name): Step => ({
      name,
      dueAt: () => sql`${due[name]}::bigint`,
      async run() {
        asked.push(name);
        due[name] = NOW + 9;
        if (name === "first") due["second"] = NOW;
        return { done: 1, nextAt: null };
      },
    }));
    const store = await freshDatabase();
    try {
      const withStore = { ...world, db: store.db };
      expect(await tick(withStore, steps, NOW)).toMatchObject({ done: 2, nextAt: NOW + 3 });
      expect(asked).toEqual(["first", "second"]);
    } finally {
      await store.drop();
    }
  });

  test("goes on when a step fails, and names it", async () => {
    const steps = [
      step("broken", async () => {
        throw new Error("away");
      }),
      step("sound", async () => ({ done: 1, nextAt: null })),
    ];
    expect(await tick(world, steps, NOW)).toMatchObject({ done: 1, failed: ["broken"] });
  });
});

describe("the loop", () => {
  const watch = { latenessMs: () => undefined, ticked: () => undefined, failed: () => undefined };

  /** An engine whose only step calls back with the number of the tick. */
  function counting(onTick: (count: number) => void, skewMs = 0) {
    let count = 0;
    const only = step("count", async () => {
      onTick(++count);
      return { done: 0, nextAt: null };
    });
    return startEngine(world, [only], watch, () => skewMs);
  }

  test("ticks at once, and again for a nudge that came while it was busy", async () => {
    const twice = Promise.withResolvers<void>();
    let engine: ReturnType<typeof startEngine> | null = null;
    const nudged = Promise.withResolvers<void>();
    engine = counting((count) => {
      if (count === 1) {
        // The nudge comes in the middle of the first tick: its news may not have been seen by it.
        queueMicrotask(() => {
          engine?.nudge();
          nudged.resolve();
        });
      }
      if (count === 2) twice.resolve();
    });
    await Promise.all([nudged.promise, twice.promise]);
    await engine.stop();
  });

  test("does not tick while the node's clock is too far from the database's", async () => {
    let ticks = 0;
    const engine = counting(() => void ticks++, 5_000);
    engine.nudge();
    await engine.stop();
    expect(ticks).toBe(0);
  });

  test("ends its tick before it stops", async () => {
    const order: string[] = [];
    const release = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const slow = step("slow", async () => {
      begun.resolve();
      await release.promise;
      order.push("tick ended");
      return { done: 0, nextAt: null };
    });
    const engine = startEngine(world, [slow], watch, () => 0);
    await begun.promise;
    const stopped = engine.stop().then(() => order.push("stopped"));
    release.resolve();
    await stopped;
    expect(order).toEqual(["tick ended", "stopped"]);
  });
});
