-- The foundation. Instants are bigint epoch milliseconds (see decisions/0003); nothing here asks for
-- the time. Free text that may carry personal data stands in rows that can be erased, never in the ledger.

-- ── Configuration ───────────────────────────────────────────────────────────────────────────────
create table config_version (
  only_row boolean primary key default true check (only_row),
  version bigint not null
);
insert into config_version (version) values (1);

create table config_object (
  kind text not null,
  id text not null,
  body jsonb not null,
  owner text not null check (owner in ('file', 'api')),
  source_file text,
  source_line integer,
  -- Stands for the object in the ledger, where no name may appear.
  ref uuid not null unique,
  updated_at bigint not null,
  primary key (kind, id)
);

create table config_change (
  id uuid primary key,
  at bigint not null,
  actor jsonb not null,
  verb text not null check (verb in ('create', 'update', 'remove')),
  kind text not null,
  object_id text not null,
  before jsonb,
  after jsonb
);
create index config_change_at on config_change (at desc, id desc);

-- ── Accounts ────────────────────────────────────────────────────────────────────────────────────
create table api_token (
  id uuid primary key,
  hash bytea not null unique,
  label text not null,
  person_id text,
  grants jsonb not null,
  created_at bigint not null,
  expires_at bigint,
  revoked_at bigint
);

create table session (
  hash bytea primary key,
  id uuid not null unique,
  person_id text,
  grants jsonb not null,
  created_at bigint not null,
  expires_at bigint not null,
  revoked_at bigint
);

create table sign_in_link (
  hash bytea primary key,
  created_at bigint not null,
  expires_at bigint not null,
  used_at bigint
);

-- ── Ledger: two insert-only tables, see base/ledger.ts ──────────────────────────────────────────
create table ledger_pending (
  id bigint generated always as identity primary key,
  -- Entries are ordered by transaction, and only those of finished transactions are sequenced.
  transaction_id xid8 not null default pg_current_xact_id(),
  stream text not null,
  at bigint not null,
  actor_ref text not null,
  action text not null,
  object_ref text not null,
  payload_id uuid,
  commitment bytea not null
);
create index ledger_pending_order on ledger_pending (transaction_id, id);

-- Salt and sealed payload: this row can be destroyed, the leaf stays.
create table ledger_payload (
  id uuid primary key,
  salt bytea not null,
  sealed bytea not null
);

create table ledger_leaf (
  log_index bigint primary key,
  pending_id bigint not null unique,
  stream text not null,
  seq bigint not null,
  prev bytea,
  at bigint not null,
  body text not null,
  hash bytea not null,
  unique (stream, seq)
);

create table ledger_cursor (
  only_row boolean primary key default true check (only_row),
  size bigint not null,
  transaction_id xid8 not null,
  pending_id bigint not null
);
insert into ledger_cursor (size, transaction_id, pending_id) values (0, '0', 0);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the ledger is insert-only: % on % is refused', tg_op, tg_table_name
    using errcode = 'insufficient_privilege';
end $$;
create trigger ledger_pending_insert_only before update or delete or truncate on ledger_pending
  for each statement execute function refuse_change();
create trigger ledger_leaf_insert_only before update or delete or truncate on ledger_leaf
  for each statement execute function refuse_change();

-- ── Signals and alerts ──────────────────────────────────────────────────────────────────────────
-- One sealed blob per flush holds the raw bodies of all its signals.
create table signal_batch (
  id uuid not null,
  received_at bigint not null,
  sealed bytea not null,
  primary key (received_at, id)
) partition by range (received_at);
create table signal_batch_default partition of signal_batch default;

create table signal (
  id uuid not null,
  received_at bigint not null,
  batch_id uuid not null,
  position integer not null,
  key_id text not null,
  adapter text not null,
  action text not null check (action in ('trigger', 'acknowledge', 'resolve')),
  dedup_key text not null,
  alert_id uuid,
  -- The decision: which rule, which line of which file, what it led to.
  rule_id text,
  rule_file text,
  rule_line integer,
  outcome text not null,
  because text not null,
  primary key (received_at, id)
) partition by range (received_at);
create table signal_default partition of signal default;
create index signal_alert on signal (alert_id, received_at);

-- Small and hot: only what is firing or acknowledged.
create table alert_open (
  id uuid primary key,
  key_id text not null,
  dedup_key text not null,
  service_id text not null,
  title text not null,
  severity text not null check (severity in ('critical', 'error', 'warning', 'info')),
  status text not null check (status in ('firing', 'acknowledged')),
  source text,
  labels jsonb not null,
  details jsonb,
  link text,
  adapter text not null,
  started_at bigint not null,
  first_received_at bigint not null,
  last_received_at bigint not null,
  expires_at bigint,
  count bigint not null,
  batch_id uuid not null,
  rule_id text,
  rule_file text,
  rule_line integer,
  outcome text not null,
  because text not null,
  declare_severity text,
  auto_resolve boolean not null default false,
  incident_number integer,
  -- The tool repeats it until it ends, so it stays open when a person resolves its incident.
  resends boolean not null default false,
  -- When the engine has to look at it next: join or declare an incident.
  attend_at bigint,
  unique (key_id, dedup_key)
);
create index alert_open_attend on alert_open (attend_at, id) where attend_at is not null;
create index alert_open_expiry on alert_open (expires_at, id) where expires_at is not null;
create index alert_open_newest on alert_open (first_received_at desc, id desc);
create index alert_open_service on alert_open (service_id, first_received_at desc, id desc);
create index alert_open_incident on alert_open (incident_number) where incident_number is not null;

create table alert_closed (
  id uuid not null,
  key_id text not null,
  dedup_key text not null,
  service_id text not null,
  title text not null,
  severity text not null,
  source text,
  labels jsonb not null,
  details jsonb,
  link text,
  adapter text not null,
  started_at bigint not null,
  first_received_at bigint not null,
  last_received_at bigint not null,
  count bigint not null,
  batch_id uuid not null,
  rule_id text,
  rule_file text,
  rule_line integer,
  outcome text not null,
  because text not null,
  declare_severity text,
  auto_resolve boolean not null default false,
  incident_number integer,
  closed_at bigint not null,
  closed_because text not null,
  -- A resolve leaves a consequence for the engine when an incident waits for it.
  attend_at bigint,
  primary key (closed_at, id)
) partition by range (closed_at);
create table alert_closed_default partition of alert_closed default;
create index alert_closed_id on alert_closed (id);
create index alert_closed_key on alert_closed (key_id, dedup_key, closed_at desc);
create index alert_closed_newest on alert_closed (first_received_at desc, id desc);
create index alert_closed_incident on alert_closed (incident_number) where incident_number is not null;
create index alert_closed_attend on alert_closed (attend_at, id) where attend_at is not null;

-- Numbers over time. A series is the hash of the labels, or empty where there are none.
create table measurement (
  at bigint not null,
  key_id text not null,
  service_id text not null,
  measure text not null,
  series text not null,
  value double precision not null,
  received_at bigint not null,
  primary key (service_id, measure, series, at)
);
create index measurement_age on measurement (at);

-- What each measurement rule last said about a series of a service, and when it must be asked again.
create table condition_state (
  rule_id text not null,
  service_id text not null,
  series text not null,
  measure text not null,
  labels jsonb not null,
  -- Whoever sent its first number; with it stands the identity of the alert.
  key_id text not null,
  -- Null: not judged yet.
  verdict jsonb,
  -- Since when the condition holds that has an alert; null: none is open.
  firing_since bigint,
  -- A signal that is decided and not surely handed to the intake.
  owes text check (owes in ('ring', 'resolve')),
  due_at bigint not null,
  -- One node is handing over what is owed, until this passes.
  lease_until bigint,
  primary key (rule_id, service_id, series)
);
create index condition_state_due on condition_state (due_at);
create index condition_state_lease on condition_state (lease_until) where lease_until is not null;

-- Queries that are polled for numbers.
create table measurement_query (
  measure text primary key,
  due_at bigint not null,
  -- Since the last reply with numbers, and why the last one had none.
  failures integer not null default 0,
  failure text
);
create index measurement_query_due on measurement_query (due_at);

create table intake_use (
  key_id text primary key,
  adapter text not null,
  last_used_at bigint not null
);

-- ── Incidents ───────────────────────────────────────────────────────────────────────────────────
create sequence incident_number as integer;

create table incident (
  number integer primary key,
  title text not null,
  severity text not null check (severity in ('SEV1', 'SEV2', 'SEV3', 'SEV4')),
  state text not null check (state in ('declared', 'mitigated', 'resolved', 'closed', 'cancelled')),
  service_id text,
  services text[] not null default '{}',
  regions text[] not null default '{}',
  -- The teams that own the services, the first of them in charge.
  team_ids text[] not null default '{}',
  -- The rule that declared it; with the service it names the one open incident that alerts join.
  rule_id text,
  rule_file text,
  rule_line integer,
  summary text,
  impact jsonb not null default '{}',
  root_cause jsonb not null default '{}',
  commander_id text,
  offered_commander_id text,
  acknowledged_by text,
  detected_at bigint not null,
  declared_at bigint not null,
  acknowledged_at bigint,
  mitigated_at bigint,
  resolved_at bigint,
  closed_at bigint,
  cancelled_because text,
  merged_into integer references incident (number),
  auto_resolve boolean not null default false,
  -- A SEV3 or SEV4 put off while this incident burns.
  deferred_for integer references incident (number),
  deferred_because text,
  restricted boolean not null default false,
  declared_by jsonb not null,
  updated_at bigint not null,
  -- When the engine has to draw a consequence: name a commander in business hours, draft the postmortem.
  attend_at bigint
);
create index incident_attend on incident (attend_at, number) where attend_at is not null;
create index incident_deferred on incident (deferred_for) where deferred_for is not null;
-- What its own alerts resolved a moment ago, for those that flap.
create index incident_flapping on incident (service_id, rule_id, resolved_at)
  where state = 'resolved' and auto_resolve;
create index incident_merged on incident (service_id, rule_id, number)
  where merged_into is not null;
create unique index incident_one_open on incident (service_id, rule_id)
  where state in ('declared', 'mitigated') and rule_id is not null and merged_into is null;
create index incident_newest on incident (declared_at desc, number desc);
create index incident_teams on incident using gin (team_ids);
create index incident_state on incident (state, declared_at desc, number desc);

create table incident_role (
  incident_number integer not null references incident (number),
  role text not null,
  person_id text not null,
  assigned_at bigint not null,
  primary key (incident_number, role, person_id)
);

-- Who may see a restricted incident, apart from those who hold a role in it.
create table incident_reader (
  incident_number integer not null references incident (number),
  person_id text not null,
  primary key (incident_number, person_id)
);

create table incident_acceptance (
  incident_number integer not null references incident (number),
  piece text not null,
  text text not null,
  overridden boolean not null default false,
  recorded_by jsonb not null,
  recorded_at bigint not null,
  primary key (incident_number, piece)
);

create table timeline_entry (
  id uuid not null,
  incident_number integer not null,
  at bigint not null,
  recorded_at bigint not null,
  kind text not null,
  actor jsonb not null,
  params jsonb not null default '{}',
  text text,
  primary key (recorded_at, id)
) partition by range (recorded_at);
create table timeline_entry_default partition of timeline_entry default;
create index timeline_entry_incident on timeline_entry (incident_number, recorded_at, id);

create table task (
  id uuid primary key,
  incident_number integer not null references incident (number),
  kind text not null default 'task',
  title text not null,
  owner_id text,
  due_at bigint,
  done_at bigint,
  done_by text,
  created_at bigint not null
);
create index task_incident on task (incident_number, created_at, id);

create table status_update (
  id uuid primary key,
  incident_number integer not null references incident (number),
  audiences text[] not null,
  text text not null,
  at bigint not null,
  by_actor jsonb not null
);
create index status_update_incident on status_update (incident_number, at, id);

-- ── Deadlines: one machine for all clocks ───────────────────────────────────────────────────────
create table deadline (
  id uuid primary key,
  subject text not null,
  kind text not null,
  state text not null check (state in ('running', 'paused', 'met', 'breached', 'withdrawn')),
  anchor_at bigint not null,
  due_at bigint not null,
  next_mark_at bigint,
  body jsonb not null,
  team_id text,
  unique (subject, kind)
);
create index deadline_due on deadline (next_mark_at, id) where next_mark_at is not null;

-- ── Escalation and notification ─────────────────────────────────────────────────────────────────
create table escalation_run (
  id uuid primary key,
  incident_number integer not null,
  policy_id text not null,
  policy jsonb not null,
  step_index integer not null,
  round integer not null,
  due_at bigint,
  started_at bigint not null,
  stopped_at bigint,
  stopped_because text
);
create unique index escalation_run_one on escalation_run (incident_number) where stopped_at is null;
create index escalation_run_incident on escalation_run (incident_number, started_at, id);
create index escalation_run_due on escalation_run (due_at, id) where due_at is not null;

create table oncall_override (
  id uuid primary key,
  schedule_id text not null,
  person_id text not null,
  replaces text,
  starts_at bigint not null,
  ends_at bigint not null,
  created_at bigint not null,
  created_by jsonb not null,
  reason text,
  removed_at bigint,
  check (starts_at < ends_at)
);
create index oncall_override_span on oncall_override (schedule_id, ends_at);

create table notification (
  id uuid primary key,
  -- What it is about and which occasion of it, so that a step pages a person by a method once.
  subject text not null,
  occasion text not null,
  person_id text,
  channel_id text not null,
  address text not null,
  kind text not null check (kind in ('page', 'notice')),
  urgency text not null check (urgency in ('high', 'low')),
  incident_number integer,
  run_id uuid,
  message jsonb not null,
  reason jsonb not null,
  accepted_at bigint,
  decided_at bigint not null,
  due_at bigint not null,
  state text not null check (state in ('pending', 'sending', 'accepted', 'failed', 'dropped')),
  attend_at bigint,
  lease_until bigint,
  attempts integer not null default 0,
  may_repeat boolean not null default false,
  handed_over_at bigint,
  receipt_at bigint,
  provider_id text,
  reference text,
  acknowledged_at bigint,
  ended_because text,
  -- What an earlier message should now say, and when that is to be sent.
  update_at bigint,
  update_text text,
  update_attempts integer not null default 0,
  unique nulls not distinct (subject, occasion, person_id, channel_id, address)
);
create index notification_due on notification (kind, attend_at, id) where attend_at is not null;
create index notification_update on notification (update_at, id) where update_at is not null;
create index notification_incident on notification (incident_number, decided_at, id);
create index notification_newest on notification (decided_at desc, id desc);

create table notification_attempt (
  notification_id uuid not null references notification (id),
  attempt integer not null,
  started_at bigint not null,
  ended_at bigint,
  verdict text not null check (verdict in ('in flight', 'accepted', 'retry', 'refused', 'unknown')),
  because text,
  may_repeat boolean not null default false,
  primary key (notification_id, attempt)
);

-- ── Postmortems and action items ────────────────────────────────────────────────────────────────
create table postmortem (
  incident_number integer primary key references incident (number),
  state text not null check (state in ('draft', 'published')),
  required boolean not null,
  drafted_at bigint not null,
  published_at bigint,
  published_by jsonb,
  audiences text[] not null default '{}'
);

create table postmortem_section (
  incident_number integer not null references postmortem (incident_number),
  position integer not null,
  key text not null,
  title text not null,
  body text not null,
  version integer not null default 1,
  updated_at bigint not null,
  updated_by jsonb not null,
  primary key (incident_number, key)
);

create sequence action_item_number as integer;
create table action_item (
  number integer primary key,
  incident_number integer not null references incident (number),
  priority text not null check (priority in ('P0', 'P1', 'P2')),
  title text not null,
  owner_id text not null,
  due_at bigint not null,
  status text not null check (status in ('open', 'in progress', 'done', 'dropped')),
  done_at bigint,
  created_at bigint not null,
  note text
);
create index action_item_open on action_item (due_at, number) where status in ('open', 'in progress');
create index action_item_incident on action_item (incident_number, number);

-- What the store remembers about itself, such as the mark of the master key it was begun with.
create table store_fact (
  name text primary key,
  value text not null
);
