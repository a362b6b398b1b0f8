/**
 * Everything observable of a run, as sorted lines without ids: what people received and when, the
 * timelines, what became of alerts, incidents and pages. Two runs of one seed give the same lines.
 * Ledger positions are left out: they depend on other transactions of the same PostgreSQL.
 */
import { createHash } from "node:crypto";
import { all, type Queryable, sql } from "../server/base/db.ts";
import { type Instant, toIso } from "../server/base/instant.ts";
import type { Received } from "../server/app/local/virtual/transport.ts";

type Fact = { readonly at: Instant; readonly line: string };

/** Runs, tasks, notifications and signed links have unguessable names; nothing observable hangs on them. */
const withoutIds = (text: string): string =>
  text
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "«id»")
    .replace(/(\/a\/«id»\.)[\w-]{22}/g, "$1«signature»");

export async function journalOf(
  db: Queryable,
  received: readonly Received[],
): Promise<readonly string[]> {
  const facts: Fact[] = received.map(({ at, to, via, subject, text }) => ({
    at,
    line: `received by ${to} (${via}): ${subject}\n${text}`,
  }));
  facts.push(
    ...(await all(
      db,
      sql<Fact>`select recorded_at as at, concat('timeline of ', incident_number, ': ', kind, ' ', params, ' by ', actor,
          ' ', text) as line from timeline_entry order by recorded_at, id limit 100000`,
    )),
    ...(await all(
      db,
      sql<Fact>`select updated_at as at, concat('INC-', number, ' is ', state, ' ', severity, ' of ',
          commander_id, ', acknowledged by ', acknowledged_by, ', on ', services) as line
        from incident order by number limit 100000`,
    )),
    ...(await all(
      db,
      sql<Fact>`select n.due_at as at, concat(n.kind, ' of ', n.subject, ' (', n.occasion, ') to ', n.address, ' is ',
          n.state, ' after ', n.attempts, ' attempts, may repeat: ', n.may_repeat, ', ', n.ended_because) as line
        from notification n order by n.due_at, n.id limit 100000`,
    )),
    ...(await all(
      db,
      sql<Fact>`select first_received_at as at, concat('alert ', dedup_key, ' came ', count, ' times, in ',
          incident_number, ': ', outcome, ' because ', because) as line from (
          select first_received_at, dedup_key, count, incident_number, outcome, because from alert_open
          union all select first_received_at, dedup_key, count, incident_number, outcome, because from alert_closed) a
        order by first_received_at, dedup_key limit 100000`,
    )),
    ...(await all(
      db,
      sql<Fact>`select due_at as at, concat('clock ', subject, ' ', kind, ' is ', state) as line
        from deadline order by due_at, subject, kind limit 100000`,
    )),
  );
  return facts.map(({ at, line }) => `${toIso(at)} ${withoutIds(line)}`).toSorted();
}

export const hashOf = (journal: readonly string[]): string =>
  createHash("sha256").update(journal.join("\n")).digest("hex");
