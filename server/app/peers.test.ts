import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freshDatabase, type TestStore } from "../../test/store.ts";
import { nodeName, peers } from "./peers.ts";

let store: TestStore;
beforeAll(async () => {
  store = await freshDatabase();
});
afterAll(() => store.drop());

async function connected(application_name: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: store.url, application_name });
  await client.connect();
  return client;
}

test("a node of the version before counts as there until it was not seen for a minute", async () => {
  const others = peers();
  expect(others.areEqual()).toBe(false);
  const ours = await Promise.all([nodeName(), "tocsin nudges", "tocsin changes"].map(connected));
  await others.look(store.db);
  expect(others.areEqual()).toBe(true);

  const older = await connected("tocsin host-1");
  await others.look(store.db);
  expect(others.areEqual()).toBe(false);
  await older.end();
  const looks: boolean[] = [];
  for (let look = 0; look < 6; look++) {
    await others.look(store.db);
    looks.push(others.areEqual());
  }
  // Its end is not seen at once, so that one look more may be needed.
  expect(looks.slice(0, 5)).toEqual([false, false, false, false, false]);
  await others.look(store.db);
  expect(others.areEqual()).toBe(true);

  await expect(others.look(away)).rejects.toThrow();
  expect(others.areEqual()).toBe(false);
  await Promise.all(ours.map((client) => client.end()));
});

const away = {
  getExecutor() {
    throw new Error("the store is away");
  },
} as never;
