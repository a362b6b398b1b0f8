/** The short way of what has just come: at once, one look at a time, and everything else is left to the ticks. */
import { expect, test } from "vitest";
import { type Instant, instant } from "../base/instant.ts";
import { silentLog } from "../base/log.ts";
import { attendingNews } from "./news.ts";

function staged(looks: readonly ("all" | "left" | "fails")[], mayHurry = () => true) {
  let now: Instant = instant(0);
  let looked = 0;
  let nudged = 0;
  const sleeping: (() => void)[] = [];
  const under = { now: 0, most: 0 };
  const news = attendingNews(
    {
      clock: {
        now: () => now,
        sleep: () => new Promise<void>((wake) => sleeping.push(wake)),
      },
      log: silentLog,
      nudge: () => void nudged++,
    },
    {
      async news() {
        under.most = Math.max(under.most, ++under.now);
        await Promise.resolve();
        under.now -= 1;
        const what = looks[looked++] ?? "all";
        if (what === "fails") throw new Error("the store is away");
        return { done: 1, isLeft: what === "left" };
      },
    },
    mayHurry,
  );
  return {
    news,
    at: (ms: number) => void (now = instant(ms)),
    looked: () => looked,
    nudged: () => nudged,
    most: () => under.most,
    async wake() {
      for (const wake of sleeping.splice(0)) wake();
      await Promise.resolve();
    },
  };
}

test("what comes while something is attended is the next look, and one tick comes after all of them", async () => {
  const stage = staged([]);
  for (let times = 0; times < 5; times++) stage.news.come();
  await stage.news.drain();
  expect([stage.looked(), stage.most(), stage.nudged()]).toEqual([2, 1, 0]);
  stage.news.come();
  await stage.news.drain();
  expect(stage.looked()).toBe(3);
  await stage.wake();
  expect(stage.nudged()).toBe(1);
});

test.each(["left", "fails"] as const)(
  "where something is %s, a tick comes at once, and what comes in the next moment is the ticks' too",
  async (what) => {
    const stage = staged([what]);
    stage.news.come();
    await stage.news.drain();
    expect([stage.looked(), stage.nudged()]).toEqual([1, 1]);
    stage.at(200);
    stage.news.come();
    await stage.news.drain();
    expect([stage.looked(), stage.nudged()]).toEqual([1, 2]);
    stage.at(300);
    stage.news.come();
    await stage.news.drain();
    expect(stage.looked()).toBe(2);
  },
);

test("a node whose clock is wrong hurries as little as it ticks", async () => {
  const stage = staged([], () => false);
  stage.news.come();
  await stage.news.drain();
  expect([stage.looked(), stage.nudged()]).toEqual([0, 1]);
});
