-- What the words of a step name (services, connections, schedules, other runbooks), as it was when somebody
-- last read the step, or when it was first published: so that a change of it shows.
create table runbook_named (
  runbook_id text not null references runbook (id),
  step_hash text not null,
  what text not null,
  fingerprint text not null,
  seen_at bigint not null,
  primary key (runbook_id, step_hash, what)
);
