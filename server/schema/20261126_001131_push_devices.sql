-- ── Browsers that their people let be woken ─────────────────────────────────────────────────────
-- The key pair with which this installation shows push services who sends; there is one.
create table push_key (
  id smallint primary key check (id = 1),
  public_key bytea not null,
  -- The private key, sealed by the master key.
  sealed bytea not null,
  created_at bigint not null
);

create table push_device (
  id uuid primary key,
  person_id text not null,
  -- The session that let it be woken: when that is ended, so is this.
  session_id uuid not null,
  -- One browser has one address; whoever is signed in there last has it.
  address_hash bytea not null unique,
  -- Its address at the push service and its keys, sealed: who has the address can write to it. Null once ended.
  sealed bytea,
  name text not null,
  -- The host of its push service.
  service text not null,
  created_at bigint not null,
  last_used_at bigint,
  ended_at bigint,
  ended_because text
);
create index push_device_person on push_device (person_id, created_at) where ended_at is null;
create index push_device_session on push_device (session_id) where ended_at is null;
create index push_device_ended on push_device (ended_at) where ended_at is not null;
