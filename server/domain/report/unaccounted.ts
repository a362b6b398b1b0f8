/**
 * The reconciler: finds what no step will ever look at again. Nothing of it should exist, because what is
 * due is a row; this looks at the rows themselves, so that a fault of ours is told by us and not by a
 * customer. It mends nothing: whoever hears of it has to see what happened first.
 */
import { all, maybe, type Queryable, run, sql, type Tx } from "../../base/db.ts";
import { addMs, type Instant, MINUTE, SECOND } from "../../base/instant.ts";
import { noDrill } from "../account/visible.ts";
import type { Snapshot } from "../config/config.ts";
import { urgencyOf } from "../incident/commands.ts";
import type { Incident } from "../incident/incident.ts";

export type UnaccountedKind =
  | "signal without a decision"
  | "alert without an incident"
  | "incident without a next step"
  | "incident without a clock"
  | "page without an end"
  | "signal that cannot be stored";

export type Unaccounted = {
  readonly what: UnaccountedKind;
  readonly subject: string;
  readonly detail: string;
};

/** How often one of the nodes looks. */
export const RECONCILE_EVERY_MS = MINUTE;
/** What is younger may still be under way in a transaction of this moment. */
const SETTLED_MS = 15 * SECOND;
/** The first look, and one after a long rest, goes back so far; a store of years is not read through. */
const MOST_SIGNALS_MS = 10 * MINUTE;
/** What was set aside in a storm is told for a day; it is kept longer. */
const TOLD_ASIDE_MS = 24 * 60 * MINUTE;
const MOST_CLOSED_MS = 24 * 60 * MINUTE;
/** Of each kind; more of the same would say no more. */
const MOST = 100;

/** Takes the turn to look, for this node alone. Null: another one did, or it is too early. */
export async function takeReconciliation(
  tx: Tx,
  now: Instant,
): Promise<{ readonly from: Instant; readonly to: Instant } | null> {
  const to = addMs(now, -SETTLED_MS);
  const turn = await maybe(
    tx,
    sql<{ from: Instant }>`update reconciliation r
      set due_at = ${addMs(now, RECONCILE_EVERY_MS)}, signals_until = greatest(${to}, r.signals_until)
      from (select signals_until as before from reconciliation where due_at <= ${now} for update skip locked) old
      returning old.before as from`,
  );
  if (turn === null) return null;
  const earliest = addMs(now, -MOST_SIGNALS_MS);
  return { from: turn.from > earliest ? turn.from : earliest, to };
}

/** Everything that waits for nothing at `span.to`. */
export async function findUnaccounted(
  tx: Queryable,
  config: Snapshot,
  span: { readonly from: Instant; readonly to: Instant },
): Promise<readonly Unaccounted[]> {
  return [...(await findByRows(tx, span)), ...(await findIdleIncidents(tx, config, span.to))];
}

const findByRows = (
  tx: Queryable,
  { from, to }: { readonly from: Instant; readonly to: Instant },
): Promise<readonly Unaccounted[]> =>
  all(
    tx,
    sql<Unaccounted>`(select 'signal without a decision' as what, concat('signal:', id) as subject,
        concat('of key ', key_id, ', received at ', received_at) as detail from every_signal
      where received_at > ${from} and received_at <= ${to} and (coalesce(because, '') = ''
        or coalesce(outcome, '') = '' or (alert_id is null and outcome <> 'unknown key')
        or (outcome = 'declare' and rule_id is null))
      order by received_at, id limit ${MOST})
    union all (select 'alert without an incident', concat('alert:', id), concat('on ', service_id, ', open')
      from alert_open where outcome = 'declare' and incident_number is null and attend_at is null
        and (hold is null or hold ->> 'until' is not null) and last_received_at <= ${to} order by id limit ${MOST})
    union all (select 'alert without an incident', concat('alert:', id), concat('on ', service_id, ', closed')
      from alert_closed where outcome = 'declare' and incident_number is null and attend_at is null
        and hold is null and closed_at > ${addMs(to, -MOST_CLOSED_MS)} and closed_at <= ${to}
      order by closed_at, id limit ${MOST})
    union all (select 'page without an end', concat('notification:', id),
        concat('of ', subject, ', ', state, ' since it was due at ', due_at) from notification
      where kind = 'page' and state in ('pending', 'sending') and attend_at is null and decided_at <= ${to}
      order by id limit ${MOST})
    union all (select 'signal that cannot be stored', concat('spool_aside:', id),
        concat('of key ', key_id, ', received at ', received_at, ': ', because) from spool_aside
      where found_at > ${addMs(to, -TOLD_ASIDE_MS)} order by found_at, id limit ${MOST})`,
  );

type Idle = Pick<Incident, "number" | "severity" | "teamIds" | "services"> & {
  readonly isPaging: boolean;
  readonly isTicking: boolean;
};

/** Open incidents that nobody has and no step will touch, and those for which no clock was ever started. */
async function findIdleIncidents(
  tx: Queryable,
  config: Snapshot,
  to: Instant,
): Promise<readonly Unaccounted[]> {
  const idle = await all(
    tx,
    sql<Idle>`select * from (select i.number, i.severity, i.team_ids, i.services,
        i.acknowledged_at is not null or i.deferred_for is not null or i.attend_at is not null
          or exists (select 1 from escalation_run r where r.incident_number = i.number and r.due_at is not null)
          or exists (select 1 from notification n where n.incident_number = i.number and n.kind = 'page'
            and n.attend_at is not null)
          or coalesce((select t.kind in ('policy exhausted', 'no escalation policy') from timeline_entry t
            where t.incident_number = i.number
              and t.kind in ('policy exhausted', 'no escalation policy', 'severity changed', 'reopened')
              and (t.kind <> 'severity changed' or t.params ->> 'severity' < t.params ->> 'before')
            order by t.recorded_at desc, t.id desc limit 1), false) as is_paging,
        exists (select 1 from deadline d where d.subject = concat('INC-', i.number)
          and d.kind in ('acknowledge', 'mitigate', 'resolve')) as is_ticking
      from incident i where i.state in ('declared', 'mitigated') and ${noDrill} and i.updated_at <= ${to}) idle
      where not is_paging or not is_ticking order by number limit ${MOST}`,
  );
  return idle.flatMap((incident) => {
    const subject = `incident:${incident.number}`;
    const isForgotten = !incident.isPaging && urgencyOf(config, incident, to).value === "high";
    const silent = { subject, detail: `${incident.severity}, which nobody has` } as const;
    const timeless = { subject, detail: `${incident.severity}, without any promise` } as const;
    return [
      ...(isForgotten ? [{ what: "incident without a next step", ...silent } as const] : []),
      ...(incident.isTicking ? [] : [{ what: "incident without a clock", ...timeless } as const]),
    ];
  });
}

/** Keeps what was found now; returns what was not known before. */
export async function saveUnaccounted(
  tx: Tx,
  found: readonly Unaccounted[],
  now: Instant,
): Promise<readonly Unaccounted[]> {
  const rows = JSON.stringify(found);
  // A signal is looked at once and stays a finding for a day; everything else goes when it is well again.
  await run(
    tx,
    sql`delete from unaccounted u where case when u.what = 'signal without a decision'
        then u.found_at < ${addMs(now, -24 * 60 * MINUTE)}
        else not exists (select 1 from jsonb_to_recordset(${rows}::jsonb) as r (what text, subject text)
          where r.what = u.what and r.subject = u.subject) end`,
  );
  return all(
    tx,
    sql<Unaccounted>`insert into unaccounted (what, subject, detail, found_at)
      select what, subject, detail, ${now}::bigint
      from jsonb_to_recordset(${rows}::jsonb) as r (what text, subject text, detail text)
      on conflict (what, subject) do nothing returning what, subject, detail`,
  );
}

/** How many of each kind stand there, and one of them for example. */
export async function countUnaccounted(tx: Queryable): Promise<
  readonly {
    readonly what: UnaccountedKind;
    readonly count: number;
    readonly example: string;
    readonly since: Instant;
  }[]
> {
  return all(
    tx,
    sql`select what, count(*)::integer as count, min(subject) as example, min(found_at) as since
      from unaccounted group by what order by what limit 10`,
  );
}
