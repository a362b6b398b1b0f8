-- What a schedule said and will say: an edit counts from an instant on and rewrites nothing before it.
create table schedule_version (
  schedule_id text not null,
  counts_from bigint not null,
  -- Null: from then on there is no such schedule.
  body jsonb,
  recorded_at bigint not null,
  primary key (schedule_id, counts_from)
);
