/** Entries of the ledger become leaves, in the order of their transactions, and commit to what they tell. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../../test/node.ts";
import { freshDatabase, type TestStore } from "../../test/store.ts";
import { seededChance } from "./chance.ts";
import { keyring } from "./crypto.ts";
import { all, run, sql, transact } from "./db.ts";
import { instant } from "./instant.ts";
import {
  findLedgerFault,
  type LedgerEntry,
  payloadsIn,
  record,
  recordAll,
  sequenceLedger,
} from "./ledger.ts";
import { silentLog } from "./log.ts";
import type { World } from "./world.ts";

let store: TestStore;
let world: World;
beforeAll(async () => {
  store = await freshDatabase();
  world = {
    db: store.db,
    chance: seededChance("leaves"),
    keys: keyring(Buffer.alloc(32, 3)),
    clock: {} as never,
    transport: {} as never,
    log: silentLog,
    publicUrl: "",
    secret: () => null,
    nudge: () => undefined,
  };
});
afterAll(() => store.drop());

const entry = (stream: string, payload: unknown = null): LedgerEntry => ({
  stream,
  at: instant(1e3),
  actorRef: "person:1",
  action: "did",
  objectRef: "thing:1",
  payload,
});
const leaves = () =>
  all(
    store.db,
    sql<{ logIndex: number; stream: string; seq: number; body: string }>`
      select log_index, stream, seq, body from ledger_leaf order by log_index limit 100`,
  );

/** Other databases of this PostgreSQL may hold the sequencer back for a moment. */
const until = (count: number) =>
  eventually(async () => {
    await sequenceLedger(world);
    return (await leaves()).length >= count ? true : null;
  });

test("numbers entries without a gap, in each stream and over all", async () => {
  for (const stream of ["a", "b", "a"]) {
    await transact(store.db, (tx) => record(tx, world, entry(stream, { text: "Ann said so" })));
  }
  await until(3);
  expect((await leaves()).map(({ logIndex, stream, seq }) => [logIndex, stream, seq])).toEqual([
    [0, "a", 0],
    [1, "b", 0],
    [2, "a", 1],
  ]);
  expect((await leaves()).map(({ body }) => body).join()).not.toContain("Ann");
  expect(await findLedgerFault(world)).toBeNull();
});

test("opens what each leaf commits to, recorded by itself or with others", async () => {
  const told = [{ text: "Ann said so" }, { text: "Jürgen too" }, { text: "Ann said so" }, null];
  await transact(store.db, (tx) => record(tx, world, entry("payloads", told[0])));
  await transact(store.db, (tx) =>
    recordAll(
      tx,
      world,
      told.slice(1).map((payload) => entry("payloads", payload)),
    ),
  );
  const rows = await all(
    store.db,
    sql<{ commitment: string; salt: Buffer; sealed: Buffer }>`
      select encode(commitment, 'hex') as commitment, salt, sealed
      from ledger_pending p join ledger_payload on ledger_payload.id = payload_id
      where stream = 'payloads' order by p.id limit 10`,
  );
  expect(rows.map((row) => payloadsIn(world.keys, row).get(row.commitment))).toEqual(told);
  expect(new Set(rows.map(({ commitment }) => commitment)).size).toBe(told.length);
  expect(rows.map(({ sealed }) => sealed.includes("Ann"))).toEqual(told.map(() => false));
  const altered = Buffer.from(rows[1]!.sealed);
  altered[altered.length - 1]! ^= 1;
  expect(() => payloadsIn(world.keys, { ...rows[1]!, sealed: altered })).toThrow();
  await until(7);
  const bodies = (await leaves()).slice(3).map(({ body }) => JSON.parse(body) as object);
  expect(bodies).toMatchObject(rows.map(({ commitment }) => ({ commitment })));
});

test("waits for a transaction that is still running, and never puts its entry behind the cursor", async () => {
  let finish: () => void = () => undefined;
  let recorded: () => void = () => undefined;
  const mayFinish = new Promise<void>((resolve) => (finish = resolve));
  const isRecorded = new Promise<void>((resolve) => (recorded = resolve));
  const slow = transact(store.db, async (tx) => {
    await record(tx, world, entry("slow"));
    recorded();
    await mayFinish;
  });
  await isRecorded;
  await transact(store.db, (tx) => record(tx, world, entry("fast")));
  expect(await sequenceLedger(world)).toBe(0);
  finish();
  await slow;
  await until(9);
  expect((await leaves()).slice(7).map(({ stream }) => stream)).toEqual(["slow", "fast"]);
});

test("has one sequencer at a time", async () => {
  const each = Array.from({ length: 30 }, () =>
    transact(store.db, (tx) => record(tx, world, entry("many"))),
  );
  await Promise.all(each);
  await Promise.all(Array.from({ length: 4 }, () => until(39)));
  expect(await findLedgerFault(world)).toBeNull();
  expect(await leaves()).toHaveLength(39);
});

test("refuses to be changed", async () => {
  for (const table of ["ledger_leaf", "ledger_pending"]) {
    const name = sql.raw(table);
    for (const change of [
      sql`update ${name} set at = 0`,
      sql`delete from ${name}`,
      sql`truncate ${name}`,
    ]) {
      await expect(run(store.db, change)).rejects.toThrow(/insert-only/);
    }
  }
});
