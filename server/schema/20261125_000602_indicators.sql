-- Indicators of compromise and what they matched (server/domain/signal/indicator.ts, server/engine/indicators.ts).
create table indicator (
  id uuid primary key,
  type text not null,
  value text not null,
  source text not null,
  valid_from bigint,
  valid_until bigint,
  labels jsonb not null,
  -- The warning list that the value is on: kept and shown, and never matched.
  warning text,
  adapter text not null,
  received_at bigint not null,
  updated_at bigint not null,
  -- Null until the alerts of the last 90 days have been looked through for it.
  searched_at bigint,
  unique (type, value, source)
);
create index indicator_unsearched on indicator (updated_at, id) where searched_at is null;
create index indicator_newest on indicator (received_at desc, id desc);

-- What security alerts spoke of, kept for as long as indicators are matched backwards.
create table alert_observable (
  alert_id uuid not null,
  type text not null,
  value text not null,
  received_at bigint not null,
  primary key (alert_id, type, value)
);
create index alert_observable_value on alert_observable (type, value, received_at);
create index alert_observable_age on alert_observable (received_at);

create table indicator_match (
  alert_id uuid not null,
  indicator_id uuid not null references indicator (id) on delete cascade,
  matched_at bigint not null,
  -- The alert was there before the indicator.
  backwards boolean not null,
  -- The incident that was told; null until the alert belongs to one.
  told_incident integer,
  primary key (alert_id, indicator_id)
);
create index indicator_match_untold on indicator_match (matched_at, alert_id) where told_incident is null;
create index indicator_match_indicator on indicator_match (indicator_id);

-- How far alerts have been looked through: soon after they came, and once more for transactions that were slow.
create table observable_cursor (
  name text primary key,
  lag_ms bigint not null,
  looked_to bigint not null
);
insert into observable_cursor (name, lag_ms, looked_to) values ('soon', 1000, 0), ('again', 60000, 0);
