import { afterAll, expect, test } from "vitest";
import { freshDatabase } from "../../test/store.ts";
import { seededChance } from "./chance.ts";
import { keyring } from "./crypto.ts";
import { all, run, sql } from "./db.ts";
import { instant } from "./instant.ts";
import { findLedgerFault, sequenceLedger } from "./ledger.ts";
import { silentLog } from "./log.ts";
import type { World } from "./world.ts";

const store = await freshDatabase();
afterAll(() => store.drop());

const world: World = {
  clock: { now: () => instant(0), sleep: async () => undefined },
  chance: seededChance("ledger"),
  db: store.db,
  keys: keyring(Buffer.alloc(32, 7)),
  transport: { send: () => Promise.reject(new Error("nothing is sent")) },
  log: silentLog,
  publicUrl: "https://tocsin.example",
  secret: () => null,
  nudge: () => undefined,
};

test("entries follow each other in the order of their transactions, also where a number gets a digit more", async () => {
  for (const transaction of ["9", "10", "11"]) {
    await run(
      store.db,
      sql`insert into ledger_pending (transaction_id, stream, at, actor_ref, action, object_ref, commitment)
          values (${transaction}::xid8, 'test', 0, 'engine', ${`of ${transaction}`}, 'test', '\\x00')`,
    );
  }
  expect(await sequenceLedger(world)).toBe(3);
  const leaves = await all(
    store.db,
    sql<{
      action: string;
    }>`select body::jsonb ->> 'action' as action from ledger_leaf order by log_index limit 9`,
  );
  expect(leaves.map(({ action }) => action)).toEqual(["of 9", "of 10", "of 11"]);
  expect(await sequenceLedger(world)).toBe(0);
  expect(await findLedgerFault(world)).toBeNull();
});

for (const [what, damage, fault] of [
  [
    "altered",
    "update ledger_leaf set body = replace(body, 'of 10', 'of 12')",
    "leaf 1 was altered",
  ],
  ["taken out", "delete from ledger_leaf where log_index = 1", "leaf 1 is missing"],
  [
    "cut off at the end",
    "delete from ledger_leaf where log_index = 2",
    "leaves are missing at the end",
  ],
] as const)
  test(`a leaf that was ${what} is named`, async () => {
    const rolledBack = store.db.transaction().execute(async (tx) => {
      await run(tx, sql`alter table ledger_leaf disable trigger ledger_leaf_insert_only`);
      await run(tx, sql.raw(damage));
      expect(await findLedgerFault({ ...world, db: tx as unknown as World["db"] })).toBe(fault);
      throw new Error("only looking");
    });
    await expect(rolledBack).rejects.toThrow("only looking");
  });
