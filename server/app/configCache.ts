/** The configuration as one node knows it, and as a transaction sees it. */
import type pg from "pg";
import type { Snapshot } from "../domain/config/config.ts";

export type ConfigCache = {
  /** The newest snapshot this node knows, without asking the store. */
  known(): Snapshot | null;
  /** Asks the store. */
  read(): Promise<Snapshot>;
  /** The snapshot that this transaction sees, and what decisions with it rest on. */
  within(client: pg.ClientBase): Promise<{ readonly config: Snapshot; readonly basis: string }>;
};
