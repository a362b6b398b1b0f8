-- Storms: what comes in faster than it can be decided about is spooled durably and projected later, by any node.

create table spool (
  id bigint generated always as identity primary key,
  key_id text not null,
  received_at bigint not null,
  signals integer not null,
  -- The arrivals of one request with their raw body, sealed.
  sealed bytea not null,
  -- One node projects at a time, so that trigger and resolve keep their order.
  lease_until bigint
);
create index spool_lease on spool (lease_until) where lease_until is not null;

-- What each key has spooled since the storm began; gone when it is over.
create table storm_key (
  key_id text primary key,
  since bigint not null,
  last_at bigint not null,
  spooled bigint not null,
  projected bigint not null default 0
);

-- The incident of the storm, and when it last told how it goes.
create table storm (
  only_row boolean primary key default true check (only_row),
  incident_number integer not null references incident (number),
  told_at bigint not null
);
