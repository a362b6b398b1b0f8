-- Who held each schedule that tells its handoffs when it was looked at last (server/engine/handoffs.ts).
create table shift_watch (
  schedule_id text primary key,
  holders text[] not null,
  since bigint not null,
  next_at bigint not null
);
create index shift_watch_next on shift_watch (next_at);

-- Start-of-shift digests and hand-over notes, as they were told.
create table shift_note (
  id uuid primary key,
  schedule_id text not null,
  kind text not null check (kind in ('start', 'end')),
  person_id text not null,
  at bigint not null,
  shift_from bigint not null,
  lines text[] not null
);
create index shift_note_newest on shift_note (at desc, id desc);
create index shift_note_person on shift_note (schedule_id, person_id, at desc);

create table shift_note_word (
  id uuid primary key,
  note_id uuid not null references shift_note (id),
  at bigint not null,
  person_id text not null,
  text text not null
);
create index shift_note_word_note on shift_note_word (note_id, at);
