-- Steps that wait for business hours or were asked for by hand, incidents that were given to others by name,
-- and whose turn it is where a step pages one of its people after the other.
alter table escalation_run add column held_until bigint;
alter table escalation_run add column asked_by text;
alter table escalation_run add column is_reassigned boolean not null default false;

create table escalation_turn (
  policy_id text not null,
  step integer not null,
  person_id text,
  primary key (policy_id, step)
);

-- Whoever said of a page that it is not theirs.
alter table notification add column declined_at bigint;
