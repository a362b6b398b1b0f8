/**
 * The hot statement of the intake: one flush of many signals, which is one statement and so one transaction
 * and one way to the store and back. Its rows travel as arrays: unnest of them took half of the time of
 * jsonb_to_recordset, and a statement per row five times as much. What the rows of a flush share (key,
 * service, decision) is sent once and named by its place, counted from 1; taking it from there costs less than
 * joining it, and rows keep the order in which they were sent.
 *
 * The statement does nothing when decisions no longer rest on what the flush decided with, or when a key has
 * something in the spool that it would overtake, whichever node put it there.
 */
import { jsonArray, textArray } from "../../base/arrays.ts";
import type { Instant } from "../../base/instant.ts";
import { BASIS_COLUMN } from "../signal/basis.ts";
import type { SignalAction } from "../signal/signal.ts";
import type { DecisionColumns, Folded, Intake } from "./alert.ts";

export type Flushed = {
  readonly alertId: string | null;
  readonly what:
    | "opened"
    | "repeated"
    | "acknowledged"
    | "closed"
    | "unknown key"
    | "spooled"
    | "stands behind the spool";
  /** The engine has to look at the alert: a repeat of what is known wakes nobody. */
  readonly attends: boolean;
};

// A stricter decision on a re-send replaces the earlier one and wakes the engine; a repeat does not. What
// was acknowledged was the milder one, so the alert fires again.
const STRICTER = `(excluded.outcome = 'declare' and (a.outcome <> 'declare' or excluded.declare_severity < a.declare_severity))`;

/** What alerts and signals share; `kind` and `decision` are the places. */
const KIND = {
  key: "($keys::text[])[kind]",
  service: "($services::text[])[kind]",
  adapter: "($adapters::text[])[kind]",
  resends: "($resends::boolean[])[kind]",
  joins: "($joins::integer[])[kind]",
} as const;
const DECIDED = {
  rule: "($rules::text[])[decision]",
  file: "($ruleFiles::text[])[decision]",
  line: "($ruleLines::integer[])[decision]",
  outcome: "($outcomes::text[])[decision]",
  because: "($becauses::text[])[decision]",
  severity: "($declareSeverities::text[])[decision]",
  autoResolve: "($autoResolves::boolean[])[decision]",
} as const;

/** The incident of which an alert that declares is one more, if it is still open. */
const HOME = `case when ${KIND.joins} is not null and ${DECIDED.outcome} = 'declare'
    then (select number from homes h where h.number = ${KIND.joins}) end`;

/** Texts that hold JSON travel in one, apart by a character that JSON never holds as it is. */
const JSON_TEXTS = (parameter: string): string => `string_to_array(${parameter}, E'\\x1f', '')`;

// The order of the locks is that of the keys by bytes, in which `fold` brings them, so that flushes of two nodes
// cannot deadlock.
const TRIGGER = `homes as materialized (select number from incident where number = any($joins::integer[])
    and state in ('declared', 'mitigated') and merged_into is null for share),
  written as (
  insert into alert_open as a (id, key_id, dedup_key, service_id, title, severity, status, source, labels,
    details, link, adapter, started_at, first_received_at, last_received_at, expires_at, count, batch_id,
    rule_id, rule_file, rule_line, outcome, because, declare_severity, auto_resolve, resends, incident_number, attend_at)
  select id, ${KIND.key}, dedup_key, ${KIND.service}, title, severity, 'firing', source, labels::jsonb,
    details::jsonb, link, ${KIND.adapter}, started_at, $receivedAt::bigint, $receivedAt::bigint, expires_at, count,
    $batch::uuid, ${DECIDED.rule}, ${DECIDED.file}, ${DECIDED.line}, ${DECIDED.outcome}, ${DECIDED.because},
    ${DECIDED.severity}, ${DECIDED.autoResolve}, ${KIND.resends}, ${HOME},
    case when ${DECIDED.outcome} = 'declare' and ${HOME} is null then $receivedAt::bigint end
  from unnest($alerts::uuid[], $kinds::integer[], $decisions::integer[], $names::text[], $titles::text[],
      $severities::text[], $sources::text[], ${JSON_TEXTS("$labels")}, ${JSON_TEXTS("$details")}, $links::text[],
      $starts::bigint[], $ends::bigint[], $counts::integer[])
    with ordinality as i (id, kind, decision, dedup_key, title, severity, source, labels, details, link,
      started_at, expires_at, count, n)
  where exists (select from basis)
  order by n
  on conflict (key_id, dedup_key) do update set
    count = a.count + excluded.count, last_received_at = greatest(a.last_received_at, excluded.last_received_at),
    expires_at = excluded.expires_at, title = excluded.title, severity = excluded.severity, labels = excluded.labels,
    details = excluded.details, link = excluded.link,
    rule_id = case when ${STRICTER} then excluded.rule_id else a.rule_id end,
    rule_file = case when ${STRICTER} then excluded.rule_file else a.rule_file end,
    rule_line = case when ${STRICTER} then excluded.rule_line else a.rule_line end,
    because = case when ${STRICTER} then excluded.because else a.because end,
    declare_severity = case when ${STRICTER} then excluded.declare_severity else a.declare_severity end,
    auto_resolve = case when ${STRICTER} then excluded.auto_resolve else a.auto_resolve end,
    attend_at = case when ${STRICTER} then $receivedAt::bigint else a.attend_at end,
    status = case when ${STRICTER} then 'firing' else a.status end,
    outcome = case when ${STRICTER} then excluded.outcome else a.outcome end
  returning id, key_id, dedup_key, attend_at is not null as attends, batch_id <> $batch::uuid as known)`;

/** What names the alerts of a flush. */
const NAMES = "unnest($kinds::integer[], $names::text[]) with ordinality as i (kind, dedup_key, n)";
const IS_NAMED = (row: string): string =>
  `${row}.key_id = ${KIND.key} and ${row}.dedup_key = i.dedup_key`;

const WANTED = `wanted as materialized (
  select a.id from alert_open a join ${NAMES} on ${IS_NAMED("a")}
  where exists (select from basis)
  order by a.key_id collate "C", a.dedup_key collate "C" for update of a)`;

const ACKNOWLEDGE = `${WANTED}, written as (
  update alert_open a set status = 'acknowledged', last_received_at = $receivedAt::bigint,
    attend_at = case when a.status = 'firing' then $receivedAt::bigint else a.attend_at end
  from wanted where a.id = wanted.id
  returning a.id, a.key_id, a.dedup_key, a.attend_at is not null as attends)`;

const ALERT_COLUMNS = `id, key_id, dedup_key, service_id, title, severity, source, labels, details, link, adapter,
  started_at, first_received_at, last_received_at, count, batch_id, rule_id, rule_file, rule_line, outcome, because,
  declare_severity, auto_resolve, incident_number, hold, merged_from`;

const RESOLVE = `${WANTED}, gone as (delete from alert_open a using wanted where a.id = wanted.id returning a.*),
  written as (insert into alert_closed (${ALERT_COLUMNS}, closed_at, closed_because, attend_at)
    select ${ALERT_COLUMNS}, $receivedAt::bigint, 'resolved by the tool',
      case when incident_number is not null or attend_at is not null then $receivedAt::bigint end
    from gone returning id, key_id, dedup_key, attend_at is not null as attends)`;

/** Closes alerts whose own expiry has passed; the same consequences as a resolve. */
export const EXPIRE = `with gone as (delete from alert_open a where a.id in (
    select id from alert_open where expires_at <= $1 order by expires_at, id limit $2 for update skip locked)
    returning a.*)
  insert into alert_closed (${ALERT_COLUMNS}, closed_at, closed_because, attend_at)
  select ${ALERT_COLUMNS}, $3, 'expired: the tool stopped repeating it',
    case when incident_number is not null or attend_at is not null then $3::bigint end
  from gone returning id`;

/** The id of a signal: its place in its batch stands in the last four digits of the batch's. */
const SIGNAL_ID = `overlay($batch::uuid::text placing lpad(to_hex(s.n - 1), 4, '0') from 33 for 4)::uuid`;

/** What every flush does: `parts` are its alerts and its signals, and give `again`, the alerts that were there. */
const flushText = (parts: string, openings: string): string => `with spooling as materialized (
    select key_id from storm_key where key_id = any($mustNotOvertake::text[]) and spooled > projected),
  basis as materialized (select where ${BASIS_COLUMN} = $basis::text and not exists (select from spooling)),
  ${parts},
  batch as (insert into signal_batch (id, received_at, sealed, alert_ids, kind_of, key_ids, adapters, decision_of,
      rule_ids, rule_files, rule_lines, outcomes, becauses)
    select $batch::uuid, $receivedAt::bigint, $sealed::bytea, ${openings} where exists (select from basis)),
  payload as (insert into ledger_payload (id, salt, sealed)
    select $payload::uuid, $salt::bytea, $facts::bytea where exists (select from basis)),
  pending as (insert into ledger_pending (stream, at, actor_ref, action, object_ref, payload_id, commitment)
    select $stream::text, $at::bigint, $actor::text, $did::text, $object::text, $payload::uuid, $commitment::bytea
    where exists (select from basis))
  select null::integer as n, null::uuid as id, null::boolean as attends, null::text as behind from basis
  union all select null, null, null, key_id from spooling
  union all select n, id, attends, null from again where id is not null`;

/** A row for each signal of the alerts in `again`, whatever the flush did with those. */
const signalsText = (
  outcome: string,
): string => `signals as (insert into signal (id, received_at, batch_id,
      position, key_id, adapter, action, dedup_key, alert_id, rule_id, rule_file, rule_line, outcome, because)
    select ${SIGNAL_ID}, $receivedAt::bigint, $batch::uuid, s.n - 1, ${KIND.key}, ${KIND.adapter}, $action::text,
      r.dedup_key, r.id, ${DECIDED.rule}, ${DECIDED.file}, ${DECIDED.line}, ${outcome}, ${DECIDED.because}
    from unnest($alertOf::integer[], $kindOf::integer[], $decisionOf::integer[]) with ordinality
      as s (alert, kind, decision, n)
    join again r on r.n = s.alert
    where exists (select from basis) and exists (select from again))`;

/** The signals that opened something stand in the row of their batch; see the view `opening`. */
const OPENING = flushText(
  `${TRIGGER},
  again as materialized (select i.n, i.dedup_key, w.id, w.attends
    from written w join ${NAMES} on ${IS_NAMED("w")} where w.known),
  ${signalsText("'repeated'")}`,
  `case when exists (select from again) then array(select case when r.n is null then s.id end
          from unnest($opened::uuid[], $alertOf::integer[]) with ordinality as s (id, alert, n)
          left join again r on r.n = s.alert order by s.n) else $opened::uuid[] end,
      $kindOf::integer[], $keys::text[], $adapters::text[], $decisionOf::integer[], $rules::text[], $ruleFiles::text[],
      $ruleLines::integer[], $outcomes::text[], $becauses::text[]`,
);

const changing = (written: string, what: string): string =>
  flushText(
    `${written},
  again as materialized (select i.n, i.dedup_key, w.id, w.attends from ${NAMES} left join written w on ${IS_NAMED("w")}),
  ${signalsText(`case when r.id is null then 'unknown key' else '${what}' end`)}`,
    Array.from({ length: 10 }, () => "null").join(", "),
  );

type Statement = {
  readonly name: string;
  readonly text: string;
  /** The names of its parameters, in their order. */
  readonly takes: readonly (keyof Values)[];
};

/** PostgreSQL counts parameters; here they have names. */
function statement(name: string, text: string): Statement {
  const takes: (keyof Values)[] = [];
  const counted = text.replaceAll(/\$([a-z]\w*)/gi, (_, parameter: keyof Values) => {
    if (!takes.includes(parameter)) takes.push(parameter);
    return `$${takes.indexOf(parameter) + 1}`;
  });
  return { name, text: counted, takes };
}

const STATEMENTS: Readonly<Record<SignalAction, Statement>> = {
  trigger: statement("intake-trigger", OPENING),
  acknowledge: statement("intake-acknowledge", changing(ACKNOWLEDGE, "acknowledged")),
  resolve: statement("intake-resolve", changing(RESOLVE, "closed")),
};

/** An end that was overtaken finds nothing: its signal is kept and decided about all the same. */
const NOTHING = `written as (
  select id, key_id, dedup_key, false as attends from alert_open where false)`;
const OVERTAKEN = statement("intake-overtaken", changing(NOTHING, "overtaken"));

const DONE = { trigger: "repeated", acknowledge: "acknowledged", resolve: "closed" } as const;

export type Flush = {
  /** All of one action, which is that of the statement. */
  readonly items: readonly Intake[];
  readonly folded: readonly Folded[];
  readonly basis: string;
  readonly batchId: string;
  readonly receivedAt: Instant;
  /** The raw bodies of all items. */
  readonly sealed: Buffer;
  /** The values of a ledger entry, as base/ledger.ts gives them. */
  readonly entry: readonly unknown[];
  /** A fresh id for each folded alert. */
  readonly alertIds: readonly string[];
  /** Keys that must not overtake what they have in the spool. */
  readonly mustNotOvertake: readonly string[];
};

/** Asks the statement of a flush: in a transaction of its own, or in one that somebody has begun. */
export type AskFlush = (statement: {
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
}) => Promise<readonly FlushRow[]>;
export type FlushRow = {
  readonly n: number | null;
  readonly id: string;
  readonly attends: boolean;
  readonly behind: string | null;
};

/** Nothing was written: the basis is another one by now, or these keys have something in the spool. */
export type NotWritten = { readonly behind: ReadonlySet<string> };

/** Writes a flush; results stand at the positions of the items. */
export async function writeFlush(
  ask: AskFlush,
  flush: Flush,
): Promise<readonly Flushed[] | NotWritten> {
  const { signal, overtaken } = flush.folded[0]!.last;
  const { action } = signal;
  const { name, text, takes } = overtaken === true ? OVERTAKEN : STATEMENTS[action];
  const values = valuesOf(flush, action);
  const rows = await ask({ name, text, values: takes.map((parameter) => values[parameter]) });
  const behind = rows.flatMap((row) => row.behind ?? []);
  if (rows.length === 0 || behind.length > 0) return { behind: new Set(behind) };
  const found = new Map(rows.map((row) => [row.n, row]));
  const results = Array.from<Flushed>({ length: flush.items.length });
  flush.folded.forEach(({ decision, last, members }, at) => {
    const row = found.get(at + 1);
    const result: Flushed =
      row !== undefined
        ? { alertId: row.id, what: DONE[action], attends: row.attends }
        : action === "trigger"
          ? {
              alertId: flush.alertIds[at]!,
              what: "opened",
              attends: decision.outcome === "declare" && last.joins === undefined,
            }
          : { alertId: null, what: "unknown key", attends: false };
    for (const position of members) results[position] = result;
  });
  return results;
}

/** Gives each different value a position from 1 on, in the order in which they come. */
function positions<T>(nameOf: (value: T) => string, isSame: (a: T, b: T) => boolean) {
  const values: T[] = [];
  const known = new Map<string, number>();
  // Most values say the same as the one that came before.
  let last: { readonly value: T; readonly position: number } | null = null;
  return {
    values,
    of(value: T): number {
      if (last !== null && (last.value === value || isSame(last.value, value)))
        return last.position;
      const name = nameOf(value);
      let position = known.get(name);
      if (position === undefined) {
        position = values.push(value);
        known.set(name, position);
      }
      last = { value, position };
      return position;
    },
  };
}

const kindName = ({ keyId, serviceId, adapter, resends, joins }: Intake): string =>
  `${keyId}\u0000${serviceId}\u0000${adapter}\u0000${resends}\u0000${joins ?? ""}`;
const isSameKind = (a: Intake, b: Intake): boolean =>
  a.keyId === b.keyId &&
  a.serviceId === b.serviceId &&
  a.adapter === b.adapter &&
  a.resends === b.resends &&
  a.joins === b.joins;
const decisionName = (decision: DecisionColumns): string => JSON.stringify(decision);
const isSameDecision = (a: DecisionColumns, b: DecisionColumns): boolean =>
  a.ruleId === b.ruleId &&
  a.ruleFile === b.ruleFile &&
  a.ruleLine === b.ruleLine &&
  a.outcome === b.outcome &&
  a.because === b.because &&
  a.declareSeverity === b.declareSeverity &&
  a.autoResolve === b.autoResolve;
const plainArray = (values: readonly (string | number | boolean | null)[]): string =>
  `{${values.map((value) => value ?? "NULL").join(",")}}`;

type Values = ReturnType<typeof valuesOf>;

function valuesOf(flush: Flush, action: SignalAction) {
  const { items, folded, alertIds, entry } = flush;
  const kinds = positions<Intake>(kindName, isSameKind);
  const decisions = positions<DecisionColumns>(decisionName, isSameDecision);
  const alertOf = Array.from<number>({ length: items.length });
  folded.forEach(({ members }, at) => {
    for (const position of members) alertOf[position] = at + 1;
  });
  const signals = folded.map(({ last }) => last.signal);
  // What they share is collected by naming it, and so before it is asked for.
  const named = {
    kinds: plainArray(folded.map(({ last }) => kinds.of(last))),
    decisions: plainArray(folded.map(({ decision }) => decisions.of(decision))),
    kindOf: plainArray(items.map((item) => kinds.of(item))),
    decisionOf: plainArray(items.map(({ decision }) => decisions.of(decision))),
  };
  const texts = <T>(rows: readonly T[], of: (row: T) => string | null): string =>
    textArray(rows.map(of));
  return {
    basis: flush.basis,
    receivedAt: flush.receivedAt,
    batch: flush.batchId,
    sealed: flush.sealed,
    mustNotOvertake: textArray(flush.mustNotOvertake),
    ...named,
    keys: texts(kinds.values, ({ keyId }) => keyId),
    services: texts(kinds.values, ({ serviceId }) => serviceId),
    adapters: texts(kinds.values, ({ adapter }) => adapter),
    resends: plainArray(kinds.values.map(({ resends }) => resends)),
    joins: plainArray(kinds.values.map(({ joins }) => joins ?? null)),
    rules: texts(decisions.values, ({ ruleId }) => ruleId),
    ruleFiles: texts(decisions.values, ({ ruleFile }) => ruleFile),
    ruleLines: plainArray(decisions.values.map(({ ruleLine }) => ruleLine)),
    outcomes: texts(decisions.values, ({ outcome }) => outcome),
    becauses: texts(decisions.values, ({ because }) => because),
    declareSeverities: texts(decisions.values, ({ declareSeverity }) => declareSeverity),
    autoResolves: plainArray(decisions.values.map(({ autoResolve }) => autoResolve)),
    alerts: plainArray(alertIds),
    names: texts(signals, ({ dedupKey }) => dedupKey),
    titles: texts(signals, ({ title }) => title),
    severities: texts(signals, ({ severity }) => severity ?? "warning"),
    sources: texts(signals, ({ source }) => source),
    labels: jsonArray(signals.map(({ labels }) => labels)),
    details: jsonArray(signals.map(({ details }) => details)),
    links: texts(signals, ({ link }) => link),
    starts: plainArray(folded.map(({ last }) => last.signal.startedAt ?? last.receivedAt)),
    ends: plainArray(signals.map(({ endsAt }) => endsAt)),
    counts: plainArray(folded.map(({ count }) => count)),
    action,
    alertOf: plainArray(alertOf),
    /** The alert that each signal opens, unless it was there. */
    opened: plainArray(alertOf.map((place) => alertIds[place - 1]!)),
    // As base/ledger.ts gives them.
    payload: entry[0],
    salt: entry[1],
    facts: entry[2],
    stream: entry[3],
    at: entry[4],
    actor: entry[5],
    did: entry[6],
    object: entry[7],
    commitment: entry[8],
  };
}
