/** How long tries wait, and who waits for whom. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { freshDatabase, type TestStore } from "../../../test/store.ts";
import { keyring } from "../../base/crypto.ts";
import { Refusal } from "../../base/errors.ts";
import { addMs, type Instant, MINUTE, SECOND } from "../../base/instant.ts";
import type { World } from "../../base/world.ts";
import { beginTry, networkOf, type Trying, waitMs } from "./tries.ts";

const patience = { free: 4, mostMs: 5 * MINUTE };
for (const [failures, seconds] of [
  [0, 0],
  [3, 0],
  [4, 1],
  [5, 2],
  [8, 16],
  [12, 256],
  [13, 300],
  [4_000, 300],
] as const)
  test(`after ${failures} failures the next try waits ${seconds} s`, () => {
    expect(waitMs(failures, patience)).toBe(seconds * SECOND);
  });

for (const [address, network] of [
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
  ["2001:db8::6", "2001:db8:0:0"],
  ["::1", "0:0:0:0"],
] as const)
  test(`${address} is counted as ${network}`, () => expect(networkOf(address)).toBe(network));

let store: TestStore;
let world: World;
beforeAll(async () => {
  store = await freshDatabase();
  world = { db: store.db, keys: keyring(Buffer.alloc(32, 1)) } as World;
});
afterAll(() => store.drop());

const begun = 1_800_000_000_000 as Instant;
const at = (ms: number): Instant => addMs(begun, ms);
const outcome = (trying: Trying, now: Instant): Promise<string> =>
  beginTry(world, trying, now).then(
    () => "tried",
    (error: unknown) => (error instanceof Refusal ? error.code : String(error)),
  );

test("strangers at many addresses slow a new browser down for a minute at most, a known one never", async () => {
  const account = "ann@acme.example";
  for (let each = 0; each < 60; each++)
    await outcome({ account, address: `198.51.100.${each}`, isKnownBrowser: false }, at(each));
  const own = { account, address: "203.0.113.9", isKnownBrowser: false };
  expect(await outcome(own, at(100))).toBe("access.wait");
  expect(await outcome({ ...own, isKnownBrowser: true }, at(100))).toBe("tried");
  expect(await outcome(own, at(2 * MINUTE))).toBe("tried");
});

test("of many tries at once no more are judged than one after the other", async () => {
  const trying = { account: "bo@acme.example", address: "203.0.113.10", isKnownBrowser: false };
  const all = await Promise.all(Array.from({ length: 12 }, () => outcome(trying, at(0))));
  expect(all.filter((each) => each === "tried")).toHaveLength(4);
});

test("what was tried half an hour ago is forgotten", async () => {
  const trying = { account: "cy@acme.example", address: "203.0.113.11", isKnownBrowser: false };
  for (let each = 0; each < 4; each++) await outcome(trying, at(each));
  expect(await outcome(trying, at(10))).toBe("access.wait");
  expect(await outcome(trying, at(31 * MINUTE))).toBe("tried");
  expect(await outcome(trying, at(31 * MINUTE))).toBe("tried");
});
