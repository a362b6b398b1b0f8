-- Beside ten thousand escalations a second a worker of autovacuum took 50 µs of a processor for each of them. It is there for
-- times to come, the pages are not: incidents and timelines are known by a fifth of their rows as well, as the tables they page
-- by are, and what is swept up takes its turns with longer rests.
do $$
declare
  given record;
begin
  for given in
    select c.oid::regclass as relation, a.attname, a.atttypid = 'jsonb'::regtype as is_json
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r'
      and c.relname in ('incident', 'timeline_entry_default')
      and a.attnum > 0 and not a.attisdropped
  loop
    execute format('alter table %s alter column %I set statistics %s', given.relation, given.attname,
      case when given.is_json then 0 else 20 end);
  end loop;
  for given in
    select c.oid::regclass as relation
    from pg_class c
    where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r'
      and c.relname in ('incident', 'incident_reader', 'notification', 'escalation_run', 'timeline_entry_default',
        'ledger_payload', 'ledger_pending', 'ledger_leaf')
  loop
    execute format('alter table %s set (autovacuum_vacuum_cost_delay = 10)', given.relation);
  end loop;
end $$;
