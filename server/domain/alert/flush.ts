/**
 * The hot statement of the intake: one flush of many signals, which is one statement and so one transaction
 * and one way to the store and back. Its rows travel as arrays: unnest of them took half of the time of
 * jsonb_to_recordset, and a statement per row five times as much. What the rows of a flush share (key,
 * service, decision) is sent once and named by its position.
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

// The order of the locks is that of the keys by bytes, whatever the database's collation, so that flushes
// of two nodes cannot deadlock.
const TRIGGER = `written as (
  insert into alert_open as a (id, key_id, dedup_key, service_id, title, severity, status, source, labels,
    details, link, adapter, started_at, first_received_at, last_received_at, expires_at, count, batch_id,
    rule_id, rule_file, rule_line, outcome, because, declare_severity, auto_resolve, resends, incident_number, attend_at)
  select i.id, i.key_id, i.dedup_key, i.service_id, i.title, i.severity, 'firing', i.source, i.labels::jsonb,
    i.details::jsonb, i.link, i.adapter, i.started_at, $2::bigint, $2::bigint, i.expires_at, i.count, $3::uuid,
    d.rule_id, d.rule_file, d.rule_line, d.outcome, d.because, d.declare_severity, d.auto_resolve, i.resends,
    h.number, case when d.outcome = 'declare' and h.number is null then $2::bigint end
  from input i join decisions d on d.n = i.decision left join homes h on h.number = i.joins and d.outcome = 'declare'
  where exists (select from basis)
  order by i.key_id collate "C", i.dedup_key collate "C"
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
    attend_at = case when ${STRICTER} then $2::bigint else a.attend_at end,
    status = case when ${STRICTER} then 'firing' else a.status end,
    outcome = case when ${STRICTER} then excluded.outcome else a.outcome end
  returning id, key_id, dedup_key, attend_at is not null as attends)`;

const WANTED = `wanted as materialized (
  select a.id from alert_open a join input i on a.key_id = i.key_id and a.dedup_key = i.dedup_key
  where exists (select from basis)
  order by a.key_id collate "C", a.dedup_key collate "C" for update of a)`;

const ACKNOWLEDGE = `${WANTED}, written as (
  update alert_open a set status = 'acknowledged', last_received_at = $2::bigint,
    attend_at = case when a.status = 'firing' then $2::bigint else a.attend_at end
  from wanted where a.id = wanted.id
  returning a.id, a.key_id, a.dedup_key, a.attend_at is not null as attends)`;

const ALERT_COLUMNS = `id, key_id, dedup_key, service_id, title, severity, source, labels, details, link, adapter,
  started_at, first_received_at, last_received_at, count, batch_id, rule_id, rule_file, rule_line, outcome, because,
  declare_severity, auto_resolve, incident_number, hold, merged_from`;

const RESOLVE = `${WANTED}, gone as (delete from alert_open a using wanted where a.id = wanted.id returning a.*),
  written as (insert into alert_closed (${ALERT_COLUMNS}, closed_at, closed_because, attend_at)
    select ${ALERT_COLUMNS}, $2::bigint, 'resolved by the tool',
      case when incident_number is not null or attend_at is not null then $2::bigint end
    from gone returning id, key_id, dedup_key, attend_at is not null as attends)`;

/** Closes alerts whose own expiry has passed; the same consequences as a resolve. */
export const EXPIRE = `with gone as (delete from alert_open a where a.id in (
    select id from alert_open where expires_at <= $1 order by expires_at, id limit $2 for update skip locked)
    returning a.*)
  insert into alert_closed (${ALERT_COLUMNS}, closed_at, closed_because, attend_at)
  select ${ALERT_COLUMNS}, $3, 'expired: the tool stopped repeating it',
    case when incident_number is not null or attend_at is not null then $3::bigint end
  from gone returning id`;

/** Texts that hold JSON travel in one, apart by a character that JSON never holds as it is. */
const JSON_TEXTS = (parameter: string): string => `string_to_array(${parameter}, E'\\x1f', '')`;

/** Everything that a flush writes; `written` are its alerts, by {@link TRIGGER} and its siblings. */
const flushText = (written: string, what: string): string => `with spooling as materialized (
    select key_id from storm_key where key_id = any($43::text[]) and spooled > projected),
  basis as materialized (select where ${BASIS_COLUMN} = $1::text and not exists (select from spooling)),
  kinds as materialized (select * from unnest($4::text[], $5::text[], $6::text[], $7::boolean[], $44::integer[])
    with ordinality as k (key_id, service_id, adapter, resends, joins, n)),
  homes as materialized (select number from incident where number = any($44::integer[])
    and state in ('declared', 'mitigated') and merged_into is null for share),
  decisions as materialized (select * from unnest($8::text[], $9::text[], $10::integer[], $11::text[], $12::text[],
    $13::text[], $14::boolean[]) with ordinality
    as d (rule_id, rule_file, rule_line, outcome, because, declare_severity, auto_resolve, n)),
  input as materialized (select i.*, k.key_id, k.service_id, k.adapter, k.resends, k.joins
    from unnest($15::uuid[], $16::integer[], $17::integer[], $18::text[], $19::text[], $20::text[], $21::text[],
      ${JSON_TEXTS("$22")}, ${JSON_TEXTS("$23")}, $24::text[], $25::bigint[], $26::bigint[], $27::integer[])
      with ordinality as i (id, kind, decision, dedup_key, title, severity, source, labels, details, link,
        started_at, expires_at, count, n)
    join kinds k on k.n = i.kind),
  ${written},
  result as materialized (select i.n, i.dedup_key, w.id, w.attends, w.id = i.id as opened
    from input i left join written w on w.key_id = i.key_id and w.dedup_key = i.dedup_key),
  batch as (insert into signal_batch (id, received_at, sealed) select $3::uuid, $2::bigint, $28::bytea where exists (select from basis)),
  signals as (insert into signal (id, received_at, batch_id, position, key_id, adapter, action, dedup_key, alert_id,
      rule_id, rule_file, rule_line, outcome, because)
    select s.id, $2::bigint, $3::uuid, s.n - 1, k.key_id, k.adapter, $29::text, r.dedup_key, r.id, d.rule_id, d.rule_file, d.rule_line,
      case when r.id is null then 'unknown key' when r.opened then d.outcome else '${what}' end, d.because
    from unnest($30::uuid[], $31::integer[], $32::integer[], $33::integer[])
      with ordinality as s (id, input, kind, decision, n)
    join result r on r.n = s.input join kinds k on k.n = s.kind join decisions d on d.n = s.decision
    where exists (select from basis)),
  payload as (insert into ledger_payload (id, salt, sealed) select $34::uuid, $35::bytea, $36::bytea where exists (select from basis)),
  pending as (insert into ledger_pending (stream, at, actor_ref, action, object_ref, payload_id, commitment)
    select $37::text, $38::bigint, $39::text, $40::text, $41::text, $34::uuid, $42::bytea where exists (select from basis))
  select null::integer as n, null::uuid as id, null::boolean as attends, null::text as behind from basis
  union all select null, null, null, key_id from spooling
  union all select n, id, attends, null from result where id is not null and not opened`;

const STATEMENTS: Readonly<Record<SignalAction, { name: string; text: string }>> = {
  trigger: { name: "intake-trigger", text: flushText(TRIGGER, "repeated") },
  acknowledge: { name: "intake-acknowledge", text: flushText(ACKNOWLEDGE, "acknowledged") },
  resolve: { name: "intake-resolve", text: flushText(RESOLVE, "closed") },
};

/** An end that was overtaken finds nothing: its signal is kept and decided about all the same. */
const NOTHING = `written as (
  select id, key_id, dedup_key, false as attends from alert_open where false)`;
const OVERTAKEN = { name: "intake-overtaken", text: flushText(NOTHING, "overtaken") };

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
  readonly newId: () => string;
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
  const statement = overtaken === true ? OVERTAKEN : STATEMENTS[action];
  const rows = await ask({ ...statement, values: valuesOf(flush, action) });
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
function positions<T>(same: (value: T) => string) {
  const values: T[] = [];
  const known = new Map<string, number>();
  // Most values are the very object that came before.
  let last: { readonly value: T; readonly position: number } | null = null;
  return {
    values,
    of(value: T): number {
      if (last !== null && last.value === value) return last.position;
      const name = same(value);
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
const decisionName = (decision: DecisionColumns): string => JSON.stringify(decision);
const plainArray = (values: readonly (string | number | boolean | null)[]): string =>
  `{${values.map((value) => value ?? "NULL").join(",")}}`;

function valuesOf(flush: Flush, action: SignalAction): unknown[] {
  const { items, folded, alertIds } = flush;
  const kinds = positions<Intake>(kindName);
  const decisions = positions<DecisionColumns>(decisionName);
  const inputOf = Array.from<number>({ length: items.length });
  folded.forEach(({ members }, at) => {
    for (const position of members) inputOf[position] = at + 1;
  });
  const signals = folded.map(({ last }) => last.signal);
  const alerts = [
    plainArray(alertIds),
    plainArray(folded.map(({ last }) => kinds.of(last))),
    plainArray(folded.map(({ decision }) => decisions.of(decision))),
    textArray(signals.map((signal) => signal.dedupKey)),
    textArray(signals.map((signal) => signal.title)),
    textArray(signals.map((signal) => signal.severity ?? "warning")),
    textArray(signals.map((signal) => signal.source)),
    jsonArray(signals.map((signal) => signal.labels)),
    jsonArray(signals.map((signal) => signal.details)),
    textArray(signals.map((signal) => signal.link)),
    plainArray(folded.map(({ last }) => last.signal.startedAt ?? last.receivedAt)),
    plainArray(signals.map((signal) => signal.endsAt)),
    plainArray(folded.map(({ count }) => count)),
  ];
  const rows = [
    action,
    plainArray(items.map(() => flush.newId())),
    plainArray(inputOf),
    plainArray(items.map((item) => kinds.of(item))),
    plainArray(items.map(({ decision }) => decisions.of(decision))),
  ];
  return [
    flush.basis,
    flush.receivedAt,
    flush.batchId,
    textArray(kinds.values.map((kind) => kind.keyId)),
    textArray(kinds.values.map((kind) => kind.serviceId)),
    textArray(kinds.values.map((kind) => kind.adapter)),
    plainArray(kinds.values.map((kind) => kind.resends)),
    textArray(decisions.values.map((decision) => decision.ruleId)),
    textArray(decisions.values.map((decision) => decision.ruleFile)),
    plainArray(decisions.values.map((decision) => decision.ruleLine)),
    textArray(decisions.values.map((decision) => decision.outcome)),
    textArray(decisions.values.map((decision) => decision.because)),
    textArray(decisions.values.map((decision) => decision.declareSeverity)),
    plainArray(decisions.values.map((decision) => decision.autoResolve)),
    ...alerts,
    flush.sealed,
    ...rows,
    ...flush.entry,
    textArray(flush.mustNotOvertake),
    plainArray(kinds.values.map((kind) => kind.joins ?? null)),
  ];
}
