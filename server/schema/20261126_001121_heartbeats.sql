-- Heartbeats (server/engine/heartbeats.ts): how each stands, and what of it was told to the intake.
create table heartbeat (
  heartbeat_id text primary key,
  -- Whose alert it rings; kept, so that an end goes where the ring went.
  service_id text not null,
  -- What the times below were worked out with.
  rhythm text not null,
  status text not null check (status in ('waiting', 'up', 'missed', 'failed', 'gone')),
  since bigint not null,
  pings bigint not null default 0,
  last_ping_at bigint,
  last_ping text,
  started_at bigint,
  expected_from bigint not null,
  expected_at bigint not null,
  due_at bigint not null,
  excused_at bigint,
  excused_expected_at bigint,
  -- While something is being told, this is the lease of whoever tells it.
  telling text check (telling in ('ring', 'end')),
  told text check (told in ('ring', 'end')),
  attend_at bigint
);
create index heartbeat_attend on heartbeat (attend_at) where attend_at is not null;

-- When nodes could hear pings: without one of them, a ping that did not come may have been sent.
create table heartbeat_listener (
  id uuid primary key,
  since bigint not null,
  until bigint not null
);
create index heartbeat_listener_until on heartbeat_listener (until);
