/** What engine steps are given: the world, the newest configuration, and a command in the engine's name. */
import { type Queryable, transact } from "../base/db.ts";
import type { Instant } from "../base/instant.ts";
import type { World } from "../base/world.ts";
import { ENGINE } from "../domain/account/account.ts";
import type { Snapshot } from "../domain/config/config.ts";
import type { Command } from "../domain/incident/commands.ts";

export type EngineParts = {
  readonly world: World;
  readonly config: (tx: Queryable) => Promise<Snapshot>;
};

/** Runs one consequence as the engine, in a transaction of its own. */
export function asEngine<T>(parts: EngineParts, now: Instant, work: (command: Command) => Promise<T>): Promise<T> {
  return transact(parts.world.db, async (tx) =>
    work({ tx, world: parts.world, config: await parts.config(tx), actor: ENGINE, now }),
  );
}
