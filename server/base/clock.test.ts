import { afterAll, beforeAll, expect, test } from "vitest";
import { freshDatabase, type TestStore } from "../../test/store.ts";
import { MAX_SKEW_MS, pacedClock } from "./clock.ts";
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
