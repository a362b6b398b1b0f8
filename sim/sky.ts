/** A store that many weathers share in turn: the company is applied once, and each begins on empty tables. */
import { applyConfiguration, type DesiredObject } from "../contract/configuration.ts";
import { all, one, run, sql } from "../server/base/db.ts";
import { fromIso, type Instant } from "../server/base/instant.ts";
import type { Actor } from "../server/domain/account/account.ts";
import { freshDatabase, type TestStore } from "../test/store.ts";
import { simOutside } from "./outside.ts";
import { publishBrokenTable } from "./brokenTable.ts";
import type { Call } from "./people.ts";
import { WEATHER_COMPANY } from "./forecast.ts";
import { type Form, ORDINARY } from "./form.ts";
import { virtualNode } from "../server/app/local/virtual/node.ts";
import { virtualTransport } from "../server/app/local/virtual/transport.ts";

export type Sky = {
  readonly store: TestStore;
  /** Forgets everything but the configuration. */
  clear(): Promise<void>;
  close(): Promise<void>;
};

const ADMIN: Actor = {
  kind: "token",
  tokenId: "admin",
  label: "admin",
  grants: [{ role: "admin" }],
};
/** Stay as they are: configuration, and what the store knows about itself. */
const KEPT =
  "config_version config_object migration store_fact ledger_cursor decision_basis alert_change_horizon reconciliation observable_cursor runbook runbook_version".split(
    " ",
  );

export type Skies = {
  /** The one over the company that a seed plays with. */
  of(seed: number): Promise<Sky>;
  close(): Promise<void>;
};

/** Opens those that are asked for. */
export function openSkies(schema: readonly string[] = [], form: Form = ORDINARY): Skies {
  const open = new Map<readonly DesiredObject[], Promise<Sky>>();
  return {
    of(seed) {
      const company = form.company(seed);
      const sky = open.get(company) ?? openSky(schema, company);
      open.set(company, sky);
      return sky;
    },
    async close() {
      for (const sky of open.values()) await (await sky).close();
    },
  };
}

export async function openSky(
  schema: readonly string[] = [],
  company: readonly DesiredObject[] = WEATHER_COMPANY,
): Promise<Sky> {
  const store = await freshDatabase();
  for (const statement of schema) await run(store.db, sql.raw(statement));
  const now = fromIso("2026-11-23T09:00:00Z") as Instant;
  const node = virtualNode({
    seed: "company",
    url: store.url,
    clock: { now: () => now, sleep: () => Promise.reject(new Error("nothing sleeps here")) },
    transport: virtualTransport(() => now),
    nudge: () => undefined,
    alter: (steps) => steps,
    onFault: () => undefined,
    ways: simOutside().ways,
  });
  await node.call(applyConfiguration, ADMIN, { body: { set: "sim", objects: [...company] } });
  const call: Call = async (route, input) => (await node.call(route, ADMIN, input)) as never;
  await publishBrokenTable(call, "\nstarts:\n  - severities: [SEV1]");
  await node.close();
  // The promises are asked after every tick: planning them each time would cost more than asking.
  const { name } = await one(store.db, sql<{ name: string }>`select current_database() as name`);
  await run(store.db, sql.raw(`alter database ${name} set plan_cache_mode = force_generic_plan`));
  const tables = await all(
    store.db,
    sql<{ name: string }>`select c.relname as name from pg_class c
      join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
      where c.relkind in ('r', 'p') and not c.relispartition and c.relname <> all(${KEPT}::text[])
      order by c.relname limit 1000`,
  );
  const sequences = await all(
    store.db,
    sql<{ name: string }>`select c.relname as name from pg_class c
      join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
      where c.relkind = 'S' order by c.relname limit 1000`,
  );
  const emptied = [
    // The ledger refuses to forget, and rows refer to each other.
    "set session_replication_role = replica",
    ...tables.map((table) => `delete from ${table.name}`),
    ...sequences.map((sequence) => `alter sequence ${sequence.name} restart`),
    "update reconciliation set due_at = 0, signals_until = 0",
    "update ledger_cursor set size = 0, transaction_id = '0', pending_id = 0",
    "set session_replication_role = origin",
  ].join(";");
  return {
    store,
    clear: () => run(store.db, sql.raw(emptied)).then(() => undefined),
    close: () => store.drop(),
  };
}
