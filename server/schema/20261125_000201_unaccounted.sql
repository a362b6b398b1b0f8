-- What the reconciler finds: rows that wait for nothing and would otherwise be forgotten without a word.

create table unaccounted (
  what text not null,
  -- An alert, an incident or a notification, by its id.
  subject text not null,
  detail text not null,
  found_at bigint not null,
  primary key (what, subject)
);

-- One node looks each time; signals are looked at once, from where the last look ended.
create table reconciliation (
  only_row boolean primary key default true check (only_row),
  due_at bigint not null,
  signals_until bigint not null
);
insert into reconciliation (due_at, signals_until) values (0, 0);

-- Nearly empty in a healthy store, so that looking costs nothing and keeping them next to nothing.
create index alert_open_forgotten on alert_open (id)
  where outcome = 'declare' and incident_number is null and attend_at is null;
create index alert_closed_forgotten on alert_closed (closed_at)
  where outcome = 'declare' and incident_number is null and attend_at is null;
create index notification_endless on notification (id)
  where kind = 'page' and state in ('pending', 'sending') and attend_at is null;
