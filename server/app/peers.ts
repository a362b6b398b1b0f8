/**
 * Which versions share the store. Each node says in the name of its connections what it reads; while one of a version before is
 * there, which reads only pages in words, pages are written so. So they are where names are not shown: a pooler
 * gives its own, and one in the address of the store goes before ours.
 */
import { hostname } from "node:os";
import { one, type Queryable, sql, texts } from "../base/db.ts";

/** Raised when rows come to hold what the version before cannot read. The first had no number. */
const READS = 2;
const BEGINS = `tocsin/${READS} `;
/** Connections for one purpose, of any version. */
const OTHERS = ["changes", "nudges", "backup", "restore", "runbook"].map(
  (name) => `tocsin ${name}`,
);

/** What the connections of a node of this version are called. */
export const nodeName = (): string => `${BEGINS}${hostname()}`;

/** A node that was there may come back: its database restarts, its host swaps. */
const LOOKS_WITHOUT = 6;

export type Peers = {
  /** Looks again; called every ten seconds. */
  look(db: Queryable): Promise<void>;
  /** Whether all of them read what this version writes. */
  areEqual(): boolean;
};

export function peers(): Peers {
  // Nobody was seen before the first look; from then on it is six of them.
  let without = LOOKS_WITHOUT - 1;
  return {
    async look(db) {
      const seen = await one(
        db,
        sql<{ isNamed: boolean; older: boolean }>`select
          starts_with(current_setting('application_name'), ${BEGINS}) as is_named,
          exists (select from pg_stat_activity
            where datname = current_database() and starts_with(application_name, 'tocsin ')
              and application_name <> all(${texts(OTHERS)})) as older`,
      ).catch((error: unknown) => {
        without = 0;
        throw error;
      });
      without = seen.older || !seen.isNamed ? 0 : without + 1;
    },
    areEqual: () => without >= LOOKS_WITHOUT,
  };
}
