/**
 * The promises, as questions to the rows: each finds the rows that break it. Asked after every tick
 * about what was touched lately, and at the end about everything. They hold whenever the engine has
 * nothing left to do at `now`; a check that is asked in the middle of a tick may find what is under way.
 */
import type { RawBuilder } from "kysely";
import { incidentId } from "../contract/ids.ts";
import { all, type Queryable, sql } from "../server/base/db.ts";
import { addMs, DAY, type Instant, SECOND, toIso } from "../server/base/instant.ts";
import type { Snapshot } from "../server/domain/config/config.ts";
import type { Deadline } from "../server/domain/deadline/deadline.ts";
import { urgencyOf } from "../server/domain/incident/commands.ts";
import type { Incident } from "../server/domain/incident/incident.ts";
import { LEASE_MS } from "../server/domain/notification/notification.ts";
import { finalShifts, type FinalShift, whoIsOnCall } from "../server/domain/oncall/oncall.ts";
import { listOverrides } from "../server/domain/oncall/store.ts";
import type { Received } from "../server/app/local/virtual/transport.ts";

export type Scene = {
  readonly db: Queryable;
  readonly config: Snapshot;
  /** What was due by then has been done. */
  readonly now: Instant;
  /** How far the nodes' clocks may be from each other. */
  readonly skewMs: number;
  /** Only rows touched since then are looked at. */
  readonly since: Instant;
  readonly received: readonly Received[];
};

/** One sentence for each row that breaks the promise: by SQL where that can say it. */
export type Check =
  | { readonly promise: string; readonly rows: (scene: Scene) => RawBuilder<Found> }
  | { readonly promise: string; readonly find: (scene: Scene) => Promise<readonly string[]> };

type Found = { readonly what: string };

const MOST = 20;
/** A node looks every second for what it or another one has spooled. */
const SPOOL_LOOKED_AT_MS = 2 * SECOND;
const bySql = (promise: string, rows: (scene: Scene) => RawBuilder<Found>): Check => ({
  promise,
  rows,
});

export const CHECKS: readonly Check[] = [
  bySql(
    "every accepted signal has a decision",
    ({ since }) => sql<Found>`
      select concat('signal ', id, ' has none: ', outcome) as what from every_signal
      where received_at >= ${since} and (coalesce(because, '') = '' or coalesce(outcome, '') = ''
        or (alert_id is null and outcome <> 'unknown key')
        or (outcome = 'declare' and rule_id is null))
      order by received_at, id limit ${MOST}`,
  ),
  bySql(
    "every batch that was taken in has its signals",
    ({ since }) => sql<Found>`
      select concat('batch ', b.id, ' has no signal') as what from signal_batch b
      where b.received_at >= ${since} and not exists (
        select 1 from every_signal s where s.batch_id = b.id and s.received_at = b.received_at)
      order by b.received_at, b.id limit ${MOST}`,
  ),
  bySql(
    "every alert that declares has an incident, or waits with a reason and a due time",
    ({ since, now }) => sql<Found>`
      select concat('alert ', dedup_key, ' has none') as what from (
        select id, dedup_key, first_received_at, outcome, incident_number, attend_at, hold, true as open from alert_open
        union all
        select id, dedup_key, first_received_at, outcome, incident_number, attend_at, hold, false from alert_closed) a
      where first_received_at >= ${since} and first_received_at <= ${now}
        and ((outcome = 'declare' and incident_number is null
            and (hold is null or (open and hold ->> 'until' is not null and attend_at is null)))
          or attend_at <= ${now})
      order by first_received_at, id limit ${MOST}`,
  ),
  bySql(
    "one open incident per rule and service, or rule and group",
    () => sql<Found>`
      select concat(count(*), ' are open for ', rule_id, ' and ', coalesce(group_key, service_id)) as what from incident
      where state in ('declared', 'mitigated') and rule_id is not null and merged_into is null
      group by rule_id, group_key, service_id having count(*) > 1 order by rule_id limit ${MOST}`,
  ),
  {
    promise: "every unanswered urgent incident has a next due time or a recorded end",
    find: findForgotten,
  },
  bySql(
    "nothing escalates once somebody has it or it is over",
    () => sql<Found>`
      select concat('the run of ', r.incident_number, ' goes on') as what from escalation_run r
      join incident i on i.number = r.incident_number
      where r.stopped_at is null and (i.acknowledged_at is not null or i.state not in ('declared', 'mitigated'))
      order by r.incident_number limit ${MOST}`,
  ),
  bySql(
    "no page starts after the acknowledge",
    ({ since, skewMs }) => sql<Found>`
      select concat('a page of INC-', n.incident_number, ' to ', n.address, ' started at ', a.started_at) as what
      from notification_attempt a join notification n
        on n.id = a.notification_id and n.kind = 'page' and n.request_id is null
      left join incident i on i.number = n.incident_number
      left join lateral (
        select t.kind from timeline_entry t where t.incident_number = n.incident_number
          and case t.kind when 'acknowledged' then t.recorded_at + ${skewMs} < a.started_at
            when 'reopened' then t.recorded_at < a.started_at + ${skewMs}
            when 'acknowledge taken back' then t.recorded_at <= a.started_at + ${skewMs}
            when 'acknowledge ended' then t.recorded_at <= a.started_at + ${skewMs} else false end
        order by t.recorded_at desc, t.id desc limit 1) said on true
      where a.started_at >= ${since} and (said.kind = 'acknowledged'
          or i.acknowledged_at + ${skewMs} < a.started_at)
      order by a.started_at, n.id limit ${MOST}`,
  ),
  bySql(
    "nobody gets one occasion twice by the same method, unless an attempt was unknown",
    ({ since }) => sql<Found>`
      select concat(n.occasion, ' of ', n.subject, ' went to ', n.address, ' again') as what
      from notification n join notification_attempt a on a.notification_id = n.id
      where n.decided_at >= ${since} and exists (
        select 1 from notification_attempt before where before.notification_id = n.id and before.attempt < a.attempt
          and (before.verdict in ('accepted', 'refused') or before.ended_at is null
            or (before.verdict = 'unknown' and not a.may_repeat)))
      order by n.decided_at, n.id limit ${MOST}`,
  ),
  bySql(
    "no send is taken for lost before its lease has ended",
    ({ since }) => sql<Found>`
      select concat(n.occasion, ' of ', n.subject, ' to ', n.address, ' was') as what
      from notification_attempt a join notification n on n.id = a.notification_id
      where a.started_at >= ${since} and a.because = 'no reply before the lease ended'
        and a.ended_at < a.started_at + ${LEASE_MS}
      order by a.started_at, n.id limit ${MOST}`,
  ),
  bySql(
    "what its own alerts resolved is resolved",
    ({ now }) => sql<Found>`
      select concat('INC-', i.number, ' is ', i.state) as what from incident i
      where i.auto_resolve and i.state in ('declared', 'mitigated') and i.rule_id is not null
        and not exists (select 1 from timeline_entry t where t.incident_number = i.number and t.kind = 'reopened')
        and not exists (select 1 from alert_open a where a.incident_number = i.number
          or a.attend_at is not null)
        and exists (select 1 from alert_closed a where a.incident_number = i.number)
        and not exists (select 1 from alert_closed a where a.incident_number = i.number
          and (a.attend_at is not null or a.closed_at > ${now}
            or a.closed_because not in ('resolved by the tool', 'expired: the tool stopped repeating it')))
      order by i.number limit ${MOST}`,
  ),
  {
    promise: "a repeat that reaches somebody says so and follows an unknown attempt",
    find: findRepeats,
  },
  bySql(
    "every due page is accounted for",
    ({ since, now }) => sql<Found>`
      select concat(n.kind, ' of ', n.subject, ' to ', n.address, ' is ', n.state, ' without its account') as what
      from notification n
      left join lateral (select count(*) as tried, count(*) filter (where verdict = 'accepted') as accepted,
          count(*) filter (where ended_at is null) as open
        from notification_attempt where notification_id = n.id) a on true
      where n.due_at >= ${since} and n.due_at <= ${now} and (
        a.tried <> n.attempts or n.handed_over_at < n.due_at or (n.attempts > 0) <> (n.handed_over_at is not null)
        or case n.state
          when 'pending' then coalesce(n.attend_at <= ${now}, true) or a.open > 0
          when 'sending' then coalesce(n.lease_until <= ${now}, true) or n.attend_at is null or a.open <> 1
          when 'accepted' then n.receipt_at is null or a.accepted <> 1 or n.attend_at is not null
            or coalesce(n.receipt_by <= ${now}, false)
          else n.ended_because is null or n.attend_at is not null end)
      order by n.due_at, n.id limit ${MOST}`,
  ),
  bySql(
    "nothing that is spooled waits while there is room",
    ({ now }) => sql<Found>`
      select concat(signals, ' signals of ', key_id, ' wait since ', received_at) as what from spool
      where received_at <= ${addMs(now, -SPOOL_LOOKED_AT_MS)} order by id limit ${MOST}`,
  ),
  bySql(
    "what a silence holds declares nothing",
    ({ since, skewMs }) => sql<Found>`
      select concat('INC-', i.number, ' of ', i.service_id, ', silenced by ', s.id) as what
      from incident i join silence s on s.matchers = array[concat('service=', i.service_id)]
      where i.declared_at >= ${since} and i.rule_id is not null
        and s.created_at + ${skewMs} < i.declared_at and s.ends_at - ${skewMs} > i.declared_at
        and not exists (select 1 from alert_open a where a.incident_number = i.number
          and a.first_received_at <= s.created_at + ${skewMs})
        and not exists (select 1 from alert_closed a where a.incident_number = i.number
          and a.first_received_at <= s.created_at + ${skewMs})
      order by i.number limit ${MOST}`,
  ),
  bySql(
    "every series with a condition is looked at in its time",
    ({ now }) => sql<Found>`
      select concat(rule_id, ' of ', service_id, ' was due at ', due_at) as what from condition_state
      where due_at <= ${now} order by due_at, rule_id, service_id, series limit ${MOST}`,
  ),
  bySql(
    "every attempt of an action has its end, or a time by which it is looked for",
    ({ now }) => sql<Found>`
      select concat('attempt ', attempt, ' of ', step_id, ' in RUN-', run_number, ' is ', state) as what from run_attempt
      where state in ('due', 'under way') and coalesce(due_at <= ${now}, true)
        or state not in ('due', 'under way') and due_at is not null
      order by run_number, step_id, attempt limit ${MOST}`,
  ),
  { promise: "no clock speaks before its time, and none is silent after it", find: findClocks },
  { promise: "exactly one person per covered slot", find: findSlots },
  bySql(
    "every fact on a timeline stands in the ledger",
    ({ since }) => sql<Found>`
      select concat(t.kind, ' of INC-', t.incident_number, ' does not') as what from timeline_entry t
      where t.recorded_at >= ${since} and not exists (
        select 1 from ledger_pending p where p.stream = concat('incident:', t.incident_number)
          and p.action = t.kind and p.at = t.recorded_at)
      order by t.recorded_at, t.id limit ${MOST}`,
  ),
];

/** One statement for all that SQL can say: it is asked after every tick. */
export function promisesQuery(scene: Scene): RawBuilder<Found & { readonly promise: string }> {
  const asked = CHECKS.flatMap((check) =>
    "rows" in check
      ? [sql`(select ${check.promise}::text as promise, what from (${check.rows(scene)}) as found)`]
      : [],
  );
  return sql`${sql.join(asked, sql` union all `)}`;
}

/** Every broken promise of the scene, each with the rows that break it. */
export async function brokenPromises(scene: Scene): Promise<readonly string[]> {
  const rows = await all(scene.db, promisesQuery(scene));
  const found = await brokenBeyondSql(scene);
  return [...rows.map(({ promise, what }) => `${promise}: ${what}`), ...found];
}

/** Those that need more than SQL; some that are dear may be left out. */
export async function brokenBeyondSql(
  scene: Scene,
  without: readonly string[] = [],
): Promise<readonly string[]> {
  const broken: string[] = [];
  for (const check of CHECKS) {
    if (!("find" in check) || without.includes(check.promise)) continue;
    for (const what of await check.find(scene)) broken.push(`${check.promise}: ${what}`);
  }
  return broken;
}

type Waiting = Pick<Incident, "number" | "severity" | "teamIds" | "services" | "deferredFor"> & {
  readonly runDueAt: Instant | null;
  readonly pageDueAt: Instant | null;
  readonly ended: boolean;
};

/** Recorded ends: the policy is exhausted, or there is none. A higher severity or a reopening counts anew. */
async function findForgotten({ db, config, now }: Scene): Promise<readonly string[]> {
  const waiting = await all(
    db,
    sql<Waiting>`select i.number, i.severity, i.team_ids, i.services, i.deferred_for,
        (select due_at from escalation_run where incident_number = i.number and stopped_at is null) as run_due_at,
        (select min(attend_at) from notification where incident_number = i.number and kind = 'page') as page_due_at,
        coalesce((select kind in ('policy exhausted', 'no escalation policy') from timeline_entry
          where incident_number = i.number
            and kind in ('policy exhausted', 'no escalation policy', 'severity changed', 'reopened')
            and (kind <> 'severity changed' or params ->> 'severity' < params ->> 'before')
          order by recorded_at desc, id desc limit 1), false) as ended
      from incident i where i.state in ('declared', 'mitigated') and i.acknowledged_at is null
      order by i.number limit 1000`,
  );
  return waiting.flatMap((each) => {
    const id = incidentId(each.number);
    const isUrgent = urgencyOf(config, each, now).value === "high";
    if (!isUrgent || each.deferredFor !== null || each.ended) return [];
    const dueAt = each.runDueAt ?? each.pageDueAt;
    if (dueAt === null) return [`${id} has nothing due`];
    return dueAt <= now ? [`${id} was due at ${toIso(dueAt)}`] : [];
  });
}

async function findRepeats({ db, since, received }: Scene): Promise<readonly string[]> {
  const times = new Map<string, Received[]>();
  for (const each of received) {
    const key = `${each.messageId} ${each.to}`;
    times.set(key, [...(times.get(key) ?? []), each]);
  }
  const repeated = [...times.values()].filter(
    (copies) => copies.length > 1 && (copies.at(-1)?.at ?? 0) >= since,
  );
  if (repeated.length === 0) return [];
  const unknown = await all(
    db,
    sql<{
      id: string;
      unknown: number;
    }>`select notification_id as id, count(*) as unknown from notification_attempt
      where verdict = 'unknown' group by notification_id order by notification_id limit 10000`,
  );
  const unknowns = new Map(unknown.map((row) => [row.id, row.unknown]));
  return repeated.flatMap((copies) => {
    const { to, subject, messageId } = copies[0]!;
    // A slow first copy may arrive after its repeat, so that only their number tells.
    const unmarked = copies.filter((copy) => !copy.mayRepeat).length;
    const allowed = unknowns.get(messageId.slice(0, 36)) ?? 0;
    return unmarked <= 1 && copies.length - 1 <= allowed
      ? []
      : [`${to} got “${subject}” ${copies.length} times`];
  });
}

async function findClocks({ db, since, now }: Scene): Promise<readonly string[]> {
  const rows = await all(
    db,
    sql<{ subject: string; nextMarkAt: Instant | null; body: Deadline }>`
      select subject, next_mark_at, body from deadline where due_at >= ${since} or next_mark_at is not null
      order by id limit 10000`,
  );
  return rows.flatMap(({ subject, nextMarkAt, body: clock }) => {
    const name = `the ${clock.kind} clock of ${subject}`;
    const early = clock.marks.filter((mark) => mark.firedAt !== null && mark.firedAt < mark.at);
    const isSilent = nextMarkAt !== null && nextMarkAt <= now;
    const passed = clock.marks.some((mark) => mark.fraction === 1 && mark.firedAt !== null);
    return [
      ...early.map(
        (mark) => `${name} spoke at ${toIso(mark.firedAt ?? now)} instead of ${toIso(mark.at)}`,
      ),
      ...(isSilent ? [`${name} is silent since ${toIso(nextMarkAt)}`] : []),
      ...(passed && clock.breachedAt === null ? [`${name} was missed and does not say so`] : []),
    ];
  });
}

/** Looks a day ahead as well: a handoff that will go wrong tonight is wrong now. */
async function findSlots({ db, config, now, since }: Scene): Promise<readonly string[]> {
  const from = since > addMs(now, -DAY) ? since : addMs(now, -DAY);
  const to = addMs(now, DAY);
  const rows = await listOverrides(db, null, from, to);
  return config.all("schedules").flatMap((schedule) => {
    const { id } = schedule;
    const roster = config.versionsOf(schedule);
    const overrides = rows
      .filter((row) => row.scheduleId === id)
      .map((row) => ({ ...row, person: row.personId }));
    const shifts = finalShifts(roster, overrides, from, to);
    const faults = slotFaults(shifts, from, to, (at) => whoIsOnCall(roster, overrides, at).person);
    return faults.map((fault) => `${id}: ${fault}`);
  });
}

/** What is wrong with shifts that should cover a span exactly: a hole, an overlap, two answers for one instant. */
export function slotFaults(
  shifts: readonly FinalShift[],
  from: Instant,
  to: Instant,
  askedAt: (at: Instant) => string | null,
): readonly string[] {
  const faults: string[] = [];
  let covered = from;
  for (const { startsAt, endsAt, person } of shifts) {
    if (startsAt > covered)
      faults.push(`nothing is said from ${toIso(covered)} to ${toIso(startsAt)}`);
    if (startsAt < covered) faults.push(`two shifts at ${toIso(startsAt)}`);
    for (const at of [startsAt, addMs(endsAt, -1)]) {
      const asked = askedAt(at);
      if (asked !== person)
        faults.push(`${person ?? "nobody"} and ${asked ?? "nobody"} at ${toIso(at)}`);
    }
    covered = endsAt;
  }
  if (covered < to) faults.push(`nothing is said from ${toIso(covered)}`);
  return faults;
}
