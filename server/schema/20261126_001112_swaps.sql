-- A shift that somebody would give away: asked of one, or offered to all. Overrides are made when it is taken.
create table shift_swap (
  id uuid primary key,
  schedule_id text not null,
  from_person text not null,
  to_person text,
  starts_at bigint not null,
  ends_at bigint not null,
  return_starts_at bigint,
  return_ends_at bigint,
  reason text,
  asked_at bigint not null,
  state text not null,
  taken_by text,
  answered_at bigint,
  check (starts_at < ends_at),
  check ((return_starts_at is null) = (return_ends_at is null))
);
create index shift_swap_open on shift_swap (asked_at, id) where state = 'open';
create index shift_swap_newest on shift_swap (asked_at, id);
