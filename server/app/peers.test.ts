import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freshDatabase, type TestStore } from "../../test/store.ts";
import { type Db, openDb } from "../base/db.ts";
import { nodeName, peers } from "./peers.ts";

let store: TestStore;
let db: Db;
beforeAll(async () => {
  store = await freshDatabase();
  db = nodeAt(store.url);
});
afterAll(async () => {
  await db.destroy();
  await store.drop();
});

const nodeAt = (url: string): Db =>
  openDb({ url, maxConnections: 2, name: nodeName(), onFault: () => undefined });

async function connected(application_name: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: store.url, application_name });
  await client.connect();
  return client;
}

test("a node of the version before counts as there until it was not seen for a minute", async () => {
  const others = peers();
  expect(others.areEqual()).toBe(false);
  const ours = await Promise.all([nodeName(), "tocsin nudges", "tocsin changes"].map(connected));
  await others.look(db);
  expect(others.areEqual()).toBe(true);

  const older = await connected("tocsin host-1");
  await others.look(db);
  expect(others.areEqual()).toBe(false);
  await older.end();
  const looks: boolean[] = [];
  for (let look = 0; look < 6; look++) {
    await others.look(db);
    looks.push(others.areEqual());
  }
  // Its end is not seen at once, so that one look more may be needed.
  expect(looks.slice(0, 5)).toEqual([false, false, false, false, false]);
  await others.look(db);
  expect(others.areEqual()).toBe(true);

  await expect(others.look(away)).rejects.toThrow();
  expect(others.areEqual()).toBe(false);
  await Promise.all(ours.map((client) => client.end()));
});

test("a node whose name is not shown cannot tell who else is there", async () => {
  const url = new URL(store.url);
  url.searchParams.set("application_name", "tocsin-production");
  const named = nodeAt(url.href);
  const others = peers();
  await others.look(named);
  expect(others.areEqual()).toBe(false);
  await named.destroy();
  await others.look(db);
  expect(others.areEqual()).toBe(false);
});

const away = {
  getExecutor() {
    throw new Error("the store is away");
  },
} as never;
