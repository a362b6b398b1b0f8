/** The short way of what has just come: at once, one look at a time, and everything else is left to the ticks. */
import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
} from "kysely";
import { expect, test } from "vitest";
import { type Instant, instant } from "../base/instant.ts";
import { silentLog } from "../base/log.ts";
import { attendingNews } from "./news.ts";

const db = new Kysely<unknown>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (kysely) => new PostgresIntrospector(kysely),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

function staged(looks: readonly ("all" | "left" | "none" | "fails")[], mayHurry = () => true) {
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
        const found = what === "none" ? 0 : 1;
        return { done: found, found, isLeft: what === "left" };
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
  for (let times = 0; times < 5; times++) stage.news.come("opened");
  await stage.news.drain();
  expect([stage.looked(), stage.most(), stage.nudged()]).toEqual([2, 1, 0]);
  stage.news.come("opened");
  await stage.news.drain();
  expect(stage.looked()).toBe(3);
  await stage.wake();
  expect(stage.nudged()).toBe(1);
});

test.each(["left", "fails"] as const)(
  "where something is %s, a tick comes at once, and what comes in the next moment is the ticks' too",
  async (what) => {
    const stage = staged([what]);
    stage.news.come("opened");
    await stage.news.drain();
    expect([stage.looked(), stage.nudged()]).toEqual([1, 1]);
    stage.at(200);
    stage.news.come("opened");
    await stage.news.drain();
    expect([stage.looked(), stage.nudged()]).toEqual([1, 2]);
    stage.at(300);
    stage.news.come("opened");
    await stage.news.drain();
    expect(stage.looked()).toBe(2);
  },
);

test("a node whose clock is wrong hurries as little as it ticks", async () => {
  const stage = staged([], () => false);
  stage.news.come("opened");
  await stage.news.drain();
  expect([stage.looked(), stage.nudged()]).toEqual([0, 1]);
});

test("what an earlier look has found already is not the ticks', unless more than opening came", async () => {
  const stage = staged(["all", "none", "none"]);
  stage.news.come("opened");
  stage.news.come("opened");
  await stage.news.drain();
  expect([stage.looked(), stage.nudged()]).toEqual([2, 0]);
  stage.news.come("changed");
  await stage.news.drain();
  expect([stage.looked(), stage.nudged()]).toEqual([3, 1]);
});

test("ticks leave what came to the short way for a moment, as long as that is at work", async () => {
  const stage = staged(["all", "left"]);
  const step = stage.news.behind({
    name: "attend alerts",
    dueAt: () => sql`attend_at`,
    run: async () => ({ done: 0, nextAt: null }),
  });
  const waits = () => step.dueAt!(instant(0)).compile(db).parameters;
  expect(waits()).toEqual([0]);
  stage.news.come("opened");
  expect(waits()).toEqual([250]);
  await stage.news.drain();
  expect(waits()).toEqual([250]);
  await stage.wake();
  expect(waits()).toEqual([0]);
  stage.news.come("opened");
  await stage.news.drain();
  expect([stage.nudged(), waits()]).toEqual([2, [0]]);
});
