-- When people are away. Only when: why is nobody's business.
create table person_leave (
  person_id text not null,
  starts_at bigint not null,
  ends_at bigint not null,
  said_at bigint not null,
  primary key (person_id, starts_at, ends_at),
  check (starts_at < ends_at)
);
create index person_leave_span on person_leave (ends_at, starts_at);
