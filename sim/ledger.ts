/** The end of a simulation's ledger. */
import { one, sql } from "../server/base/db.ts";
import { sequenceLedger } from "../server/base/ledger.ts";
import type { World } from "../server/base/world.ts";

const LONGEST_PAUSE_MS = 20;

/** Entries wait for older transactions of the whole cluster, also of other tests; those soon end. */
export async function sequenceAll(world: World): Promise<void> {
  for (let attempt = 0; attempt < 5_000; attempt++) {
    await sequenceLedger(world);
    const { left } = await one(
      world.db,
      sql<{
        left: number;
      }>`select (select count(*) from ledger_pending) - (select size from ledger_cursor) as left`,
    );
    if (left === 0) return;
    await new Promise((wake) => setTimeout(wake, Math.min(attempt, LONGEST_PAUSE_MS)));
  }
  throw new Error("the ledger was not sequenced to its end");
}
