/** Everything a piece of code may need from outside itself, handed in by `app/` or by the simulation. */
import type { Chance } from "./chance.ts";
import type { Clock } from "./clock.ts";
import type { Keyring } from "./crypto.ts";
import type { Db } from "./db.ts";
import type { Log } from "./log.ts";
import type { Transport } from "./transport.ts";

export type World = {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly db: Db;
  readonly keys: Keyring;
  readonly transport: Transport;
  readonly log: Log;
  /** The public address, without a slash at its end; stands in every link. */
  readonly publicUrl: string;
  /** The value of an `env:NAME` reference, or null when the variable is not set. */
  readonly secret: (reference: string) => string | null;
  /** Whether every node that shares the store reads what this version writes; absent: there are no others. */
  readonly isUnderstood?: () => boolean;
  /** Tells every node's engine that something may be due. Cheap, may be lost, never waits. */
  readonly nudge: () => void;
};
