-- The calendar that somebody's leave is read from. Its address is a secret: whoever has it reads their life.
create table leave_feed (
  person_id text primary key,
  sealed bytea not null,
  host text not null,
  only_word text,
  said_at bigint not null,
  due_at bigint not null,
  failures integer not null default 0,
  failing_since bigint,
  failure text,
  etag text,
  last_modified text,
  -- When it was read as a whole last; null: not yet.
  read_at bigint
);
create index leave_feed_due on leave_feed (due_at);

-- Leave as a calendar says it, beside what somebody said themselves.
create table leave_feed_span (
  person_id text not null,
  starts_at bigint not null,
  ends_at bigint not null,
  primary key (person_id, starts_at, ends_at),
  check (starts_at < ends_at)
);
create index leave_feed_span_ends on leave_feed_span (ends_at, starts_at);
