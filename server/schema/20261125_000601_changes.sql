-- What changed in what runs, as deployment tools tell it (server/domain/deployment/).
create table change_event (
  id uuid primary key,
  key_id text not null,
  adapter text not null,
  -- The tool's own identity: what it tells later about the same change finds the same row.
  dedup_key text not null,
  kind text not null,
  status text not null,
  title text not null,
  service_id text not null,
  -- What was changed by the tool's own words, which the catalogue may not know.
  subject text,
  environment text,
  version text,
  changed_by text,
  link text,
  labels jsonb not null,
  started_at bigint not null,
  -- When the tool says that it reached its status.
  at bigint not null,
  received_at bigint not null,
  unique (key_id, dedup_key)
);
create index change_event_newest on change_event (at desc, id desc);
create index change_event_service on change_event (service_id, at desc, id desc);
