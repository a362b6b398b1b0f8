/**
 * What happened to open alerts since this node last looked, from one statement and so from one snapshot of
 * the store. The rows are written by triggers (schema/20261125_000101_repeats.sql), in the transactions
 * that closed or changed the alerts, each with its transaction. Everything that this snapshot sees and
 * the one before did not see is returned: exactly, without clocks, notifications or sequence numbers,
 * whatever the order in which transactions commit.
 */
import type { Session } from "../../base/session.ts";
import { BASIS_COLUMN } from "../signal/basis.ts";
import { alertKeyOf } from "./alert.ts";

/** Transaction numbers mean nothing in another cluster: a restored store has pruned nothing yet. */
export const CHANGES_REWRITES = {
  alert_change_horizon: { pruned_below: "'0'", next_below: "'0'" },
} as const;

/** What is true at a moment after it was asked for. */
export type Reading = {
  /** What decisions rest on; see signal/basis.ts. */
  readonly basis: string;
  /** The keys of alerts that were closed or changed since the reading before; null: nobody can tell. */
  readonly changed: readonly string[] | null;
  /** Keys of which something waits in the spool: what repeats them must not be counted before it. */
  readonly spooling: readonly string[];
};

export type ReadChanges = () => Promise<Reading>;

/** More changes than this at once are as good as unknown. */
const MOST_CHANGES = 10_000;

const CHANGES = `select pg_current_snapshot()::text as snapshot, ${BASIS_COLUMN} as basis,
    coalesce(pg_snapshot_xmin($1::pg_snapshot) >= h.pruned_below, false) as unbroken,
    gone.keys, gone.names,
    array(select key_id from storm_key where spooled > projected order by key_id limit ${MOST_CHANGES}) as spooling
  from alert_change_horizon h, (
    select coalesce(array_agg(key_id), '{}') as keys, coalesce(array_agg(dedup_key), '{}') as names from (
      select key_id, dedup_key from alert_change
      where transaction_id >= pg_snapshot_xmin($1::pg_snapshot)
        and not pg_visible_in_snapshot(transaction_id, $1::pg_snapshot)
      limit ${MOST_CHANGES + 1}) as each) as gone`;

type Row = {
  snapshot: string;
  basis: string;
  unbroken: boolean;
  keys: readonly string[];
  names: readonly string[];
  spooling: readonly string[];
};

/**
 * A chain of readings within one session. With another session, or when rows may have been pruned that
 * the chain has not seen, it begins anew and says that it cannot tell.
 */
export function changesOver(session: Session): ReadChanges {
  let last: { readonly snapshot: string; readonly session: number } | null = null;
  return async () => {
    const before = last;
    last = null;
    const reply = await session.ask("alert-changes", CHANGES, [before?.snapshot ?? null]);
    const row = reply.rows[0] as Row;
    last = { snapshot: row.snapshot, session: reply.session };
    const isWhole =
      row.unbroken && before?.session === reply.session && row.keys.length <= MOST_CHANGES;
    const changed = row.keys.map((keyId, at) => alertKeyOf(keyId, row.names[at]!));
    return { basis: row.basis, changed: isWhole ? changed : null, spooling: row.spooling };
  };
}
