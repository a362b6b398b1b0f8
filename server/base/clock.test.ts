import { afterAll, beforeAll, expect, test } from "vitest";
import { freshDatabase, type TestStore } from "../../test/store.ts";
import { anchoredClock, MAX_SKEW_MS, pacedClock } from "./clock.ts";
import { one, openDb, type Queryable, sql } from "./db.ts";
import { addMs, DAY, type Instant, MINUTE } from "./instant.ts";

let store: TestStore;
beforeAll(async () => {
  store = await freshDatabase();
});
afterAll(() => store.drop());

const NEVER = new AbortController().signal;
const starting = async (notBefore: Instant | null) => {
  const clock = pacedClock(async () => notBefore);
  await clock.anchor(store.db);
  return clock;
};

const databaseTime = async (db: Queryable): Promise<number> =>
  (
    await one(
      db,
      sql<{ ms: number }>`select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms`,
    )
  ).ms;

test("an answer that had to wait does not set a clock wrong, in either direction", async () => {
  const db = openDb({ url: store.url, maxConnections: 1, name: "busy", onFault: () => undefined });
  const clock = anchoredClock();
  await clock.anchor(db);
  // The only connection is busy, so that the time is told long after it was asked for.
  const busy = sql`select pg_sleep(0.3)`.execute(db);
  await Promise.all([clock.anchor(db), busy]);
  const before = clock.now();
  const told = await databaseTime(db);
  expect(told).toBeGreaterThan(before - 50);
  expect(told).toBeLessThan(clock.now() + 50);
  await db.destroy();
});

test("a clock that is far from the database's is set by it", async () => {
  const hour = 3_600_000;
  const wall = Date.now;
  Date.now = () => wall() - hour;
  try {
    const wrong = anchoredClock();
    expect(wrong.now()).toBeLessThan(wall() - hour / 2);
    await wrong.anchor(store.db);
    expect(Math.abs(wrong.now() - wall())).toBeLessThan(1_000);
    expect(wrong.skewMs()).toBeLessThan(-hour / 2);
  } finally {
    Date.now = wall;
  }
});

test("a paced clock lets a minute pass in a moment", async () => {
  const clock = await starting(null);
  clock.setPace(10_000);
  const before = clock.now();
  await clock.sleep(MINUTE, NEVER);
  clock.setPace(1);
  // One timer of the host may end a millisecond early: ten seconds at this pace.
  expect(clock.now() - before).toBeGreaterThanOrEqual(MINUTE - 10_000);
});

test("a paced clock goes on where the last run on the same data ended", async () => {
  const tomorrow = addMs((await starting(null)).now(), DAY);
  const clock = await starting(tomorrow);
  expect(clock.now()).toBeGreaterThanOrEqual(tomorrow);
});

test("running ahead on purpose is no skew, and being anchored again does not bring it back", async () => {
  const tomorrow = addMs((await starting(null)).now(), DAY);
  const clock = await starting(tomorrow);
  clock.setPace(50);
  const before = clock.now();
  expect(Math.abs(await clock.anchor(store.db))).toBeLessThan(MAX_SKEW_MS);
  expect(Math.abs(clock.skewMs())).toBeLessThan(MAX_SKEW_MS);
  expect(clock.now()).toBeGreaterThanOrEqual(before);
});

test("slowing down never turns a paced clock back", async () => {
  const clock = await starting(null);
  let before = clock.now();
  for (const pace of [1_000, 1, 50, 1]) {
    clock.setPace(pace);
    await clock.sleep(10, NEVER);
    expect(clock.now()).toBeGreaterThanOrEqual(before);
    before = clock.now();
  }
});
