-- Runbooks: published versions, runs pinned to one, their steps, actions and records. A version is
-- kept for ever, with its text and with what was read from it, so that an old run shows without parsing.

create table runbook (
  id text primary key,
  title text not null,
  -- The team that owns it; null: nobody's, so only rights that count everywhere will do.
  owner_team text,
  -- The published version; null: withdrawn.
  digest text,
  source jsonb not null,
  review_due_at bigint not null,
  updated_at bigint not null
);

create table runbook_version (
  runbook_id text not null references runbook (id),
  digest text not null,
  number integer not null,
  path text not null,
  document bytea not null,
  document_sha256 text not null,
  sidecar text,
  sidecar_sha256 text,
  parser text not null,
  -- The actions that its bindings name, with their versions.
  actions text[] not null,
  -- What was read: RunbookDocument, the sidecar as data, and what became of each binding.
  plan jsonb not null,
  settings jsonb not null,
  bindings jsonb not null,
  published_at bigint not null,
  published_by jsonb not null,
  primary key (runbook_id, digest),
  unique (runbook_id, number)
);

-- "Read", by step and by its very words: an edited step ages alone.
create table runbook_review (
  runbook_id text not null references runbook (id),
  step_hash text not null,
  read_at bigint not null,
  read_by text not null,
  primary key (runbook_id, step_hash)
);

-- "Exercised": the last run, or drill, that got to a step with these words.
create table runbook_exercise (
  runbook_id text not null references runbook (id),
  step_hash text not null,
  at bigint not null,
  run_number integer not null,
  primary key (runbook_id, step_hash)
);

-- Opened when nobody has read a runbook for too long; it never disables anything.
create table runbook_task (
  id uuid primary key,
  runbook_id text not null references runbook (id),
  title text not null,
  owner_id text,
  opened_at bigint not null,
  done_at bigint
);
create unique index runbook_task_open on runbook_task (runbook_id) where done_at is null;

create table runbook_schedule (
  runbook_id text not null references runbook (id),
  position integer not null,
  plan_id text not null,
  body jsonb not null,
  next_at bigint not null,
  primary key (runbook_id, position)
);
create index runbook_schedule_due on runbook_schedule (next_at);

-- Which start rules an incident was shown to, at which severity: a raise asks them again.
create table runbook_asked (
  incident_number integer not null references incident (number),
  severity text not null,
  primary key (incident_number, severity)
);

create table runbook_source (
  id text primary key,
  due_at bigint not null,
  lease_until bigint,
  looked_at bigint,
  commit text,
  failure text,
  refused jsonb not null default '[]'
);
create index runbook_source_due on runbook_source (due_at);

-- ── Runs ────────────────────────────────────────────────────────────────────────────────────────
create sequence run_number as integer;

create table runbook_run (
  number integer primary key,
  runbook_id text not null,
  digest text not null,
  plan_id text not null,
  title text not null,
  state text not null check (state in ('running', 'finished', 'abandoned')),
  incident_number integer references incident (number),
  team_id text,
  drill boolean not null,
  -- Words for why: by hand, or which line of which sidecar.
  because text not null,
  -- A rule starts a plan once for an incident, a schedule once for a day.
  start_key text unique,
  started_by jsonb not null,
  started_at bigint not null,
  ended_at bigint,
  inputs jsonb not null default '{}',
  forms jsonb not null default '{}',
  -- When the engine has to look: an automated step may be due.
  attend_at bigint,
  -- What of its incident it knows: clocks hang on what happened there since.
  synced text not null default '',
  foreign key (runbook_id, digest) references runbook_version (runbook_id, digest)
);
create index runbook_run_newest on runbook_run (started_at desc, number desc);
create index runbook_run_incident on runbook_run (incident_number, number);
create index runbook_run_attend on runbook_run (attend_at, number) where attend_at is not null;

create table run_phase (
  run_number integer not null references runbook_run (number),
  phase_id text not null,
  entered_at bigint not null,
  primary key (run_number, phase_id)
);

create table run_step (
  run_number integer not null references runbook_run (number),
  step_id text not null,
  position integer not null,
  state text not null check (state in
    ('pending', 'in progress', 'done', 'skipped', 'not applicable', 'failed', 'withdrawn')),
  because text,
  assignee text,
  started_at bigint,
  ended_at bigint,
  ended_by jsonb,
  late boolean not null default false,
  guard_answer text check (guard_answer in ('yes', 'no')),
  guard_by jsonb,
  assertion text check (assertion in ('held', 'broken')),
  -- Three failures: automation of this step asks a person.
  stopped boolean not null default false,
  -- A withdrawn step keeps its words.
  text text,
  primary key (run_number, step_id)
);

create table run_attempt (
  id uuid primary key,
  run_number integer not null,
  step_id text not null,
  attempt integer not null,
  purpose text not null check (purpose in ('run', 'dry run', 'undo')),
  state text not null check (state in
    ('asked', 'due', 'under way', 'done', 'failed', 'unknown', 'refused')),
  action text not null,
  risk text not null check (risk in ('read', 'write', 'destructive')),
  -- Who may answer for it: a destructive one has two different people here.
  asked_by jsonb not null,
  approved_by jsonb,
  asked_at bigint not null,
  due_at bigint,
  lease_until bigint,
  ended_at bigint,
  idempotency_key text not null,
  input jsonb not null,
  output jsonb,
  learned text,
  foreign key (run_number, step_id) references run_step (run_number, step_id) on update cascade,
  unique (run_number, step_id, attempt)
);
create index run_attempt_due on run_attempt (due_at, id) where due_at is not null;
-- A step runs one action at a time, whoever clicks where.
create unique index run_attempt_one on run_attempt (run_number, step_id)
  where state in ('asked', 'due', 'under way');

create table run_event (
  id uuid primary key,
  run_number integer not null references runbook_run (number),
  at bigint not null,
  kind text not null,
  actor jsonb not null,
  params jsonb not null default '{}',
  text text
);
create index run_event_run on run_event (run_number, at, id);

-- Better words for a step, typed while it burned: a patch to the document by byte offset.
create table run_fix (
  id uuid primary key,
  run_number integer not null references runbook_run (number),
  step_id text not null,
  digest text not null,
  line integer not null,
  start_offset integer not null,
  end_offset integer not null,
  before text not null,
  after text not null,
  by_actor jsonb not null,
  at bigint not null
);
create index run_fix_run on run_fix (run_number, at, id);

-- ── Records that runbooks write, with the columns that they name ────────────────────────────────
create table governance_change_log (
  change_id text primary key,
  submitted_by text,
  impact text,
  status text,
  datasets text,
  privacy_tier text,
  run_number integer references runbook_run (number),
  incident_number integer references incident (number),
  created_at bigint not null,
  updated_at bigint not null
);
create index governance_change_log_newest on governance_change_log (updated_at desc, change_id);

create table data_incident (
  incident_id text primary key,
  start_at text,
  end_at text,
  impact text,
  rca text,
  follow_up_actions text,
  run_number integer references runbook_run (number),
  incident_number integer references incident (number),
  created_at bigint not null,
  updated_at bigint not null
);
create index data_incident_newest on data_incident (updated_at desc, incident_id);

-- Records of any other table that a document names.
create table run_record (
  table_name text not null,
  id text not null,
  body jsonb not null,
  run_number integer references runbook_run (number),
  incident_number integer references incident (number),
  created_at bigint not null,
  updated_at bigint not null,
  primary key (table_name, id)
);
create index run_record_newest on run_record (table_name, updated_at desc, id);

-- Which dashboards show a banner that their numbers are stale.
create table safe_mode (
  scope text primary key,
  is_on boolean not null,
  message text not null,
  since bigint not null,
  incident_number integer references incident (number),
  run_number integer references runbook_run (number)
);

-- ── Policy of published runbooks, which comes before applied files and defaults ─────────────────
create table published_policy (
  runbook_id text primary key references runbook (id),
  -- Null: everybody's.
  team_id text,
  body jsonb not null,
  updated_at bigint not null
);

-- Clocks of the steps of one run stand below its name, "RUN-4/…": in the order of bytes that is a range.
create index deadline_subject on deadline (subject collate "C");
