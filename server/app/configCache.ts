/** The configuration as one node knows it. */
import type { Snapshot } from "../domain/config/config.ts";

export type ConfigCache = {
  /** The newest snapshot this node knows, without asking the store. */
  known(): Snapshot | null;
  /** Asks the store. */
  read(): Promise<Snapshot>;
  /** The newest snapshot that this node knows, or that the store has, and what decisions with it rest on. */
  based(anew: boolean): Promise<{ readonly config: Snapshot; readonly basis: string }>;
};
