-- What kind of thing an incident is; start rules of runbooks ask for it.
alter table incident add column kind text not null default 'service'
  check (kind in ('service', 'security', 'data', 'privacy', 'cost', 'governance'));
