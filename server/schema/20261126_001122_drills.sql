-- Drills (server/engine/drills.ts): when each is due, and those that were held, each with its incident.
create table drill_plan (
  drill_id text primary key,
  -- What the time was worked out with.
  rhythm text not null,
  next_at bigint not null
);
create index drill_plan_next on drill_plan (next_at);

create table drill (
  id uuid primary key,
  drill_id text not null,
  service_id text not null,
  incident_number integer not null unique references incident (number),
  because text not null,
  started_at bigint not null,
  give_up_at bigint not null,
  ended_at bigint,
  outcome text not null check (outcome in ('running', 'answered', 'unanswered'))
);
create index drill_running on drill (give_up_at) where ended_at is null;
create index drill_newest on drill (started_at desc, id desc);
