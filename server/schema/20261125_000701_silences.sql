-- Silences, and alerts that wait: what holds an alert back is a row with a due time and a named reason.

create table silence (
  id uuid primary key,
  matchers text[] not null,
  reason text not null,
  -- A person's id, or whatever name another tool gave.
  owner text not null,
  starts_at bigint not null,
  ends_at bigint not null,
  recurs jsonb,
  created_at bigint not null,
  created_by jsonb not null,
  -- Somebody ended it: the engine has to look again at what it holds.
  attend_at bigint,
  check (starts_at <= ends_at)
);
create index silence_end on silence (ends_at, id);
create index silence_newest on silence (created_at desc, id desc);
create index silence_attend on silence (attend_at, id) where attend_at is not null;

-- Each alert that a mute ("silence:<id>", "maintenance:<id>") has held, once.
create table silence_hit (
  mute text not null,
  alert_id uuid not null,
  at bigint not null,
  -- Without the mute somebody would have been paged.
  pages boolean not null,
  primary key (mute, alert_id)
);

-- That the owner heard of the end of a span: one row decides between nodes.
create table silence_notice (
  mute text not null,
  span_end bigint not null,
  at bigint not null,
  primary key (mute, span_end)
);

-- Why an alert waits or waited: {because, by, params, since, until, config}. Due again at attend_at.
alter table alert_open add column hold jsonb;
alter table alert_closed add column hold jsonb;
create index alert_open_hold on alert_open ((hold ->> 'by')) where hold is not null and attend_at is not null;
-- What was held under an earlier version of the configuration is looked at again.
create index alert_open_hold_config on alert_open (((hold ->> 'config')::bigint), id)
  where hold is not null and attend_at is not null;
