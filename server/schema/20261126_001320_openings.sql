-- A signal that opens an alert stands in the row of its batch, not in one of its own: two index entries and a row
-- less for each new alert. `alert_ids` are the alerts that were opened, each at the place of its signal; null: that
-- signal stands in `signal`. What the signals of a flush share (key, decision) is kept once and named by its place,
-- counted from 1.
alter table signal_batch
  add column alert_ids uuid[],
  add column kind_of integer[],
  add column key_ids text[],
  add column adapters text[],
  add column decision_of integer[],
  add column rule_ids text[],
  add column rule_files text[],
  add column rule_lines integer[],
  add column outcomes text[],
  add column becauses text[];
-- Bytes without a pattern, and numbers so small: trying to compress them took longer than writing them.
alter table signal_batch alter column alert_ids set storage external, alter column kind_of set storage external,
  alter column decision_of set storage external;

-- Those signals, one by one. The alert knows its batch and when that came, which is the way to the few of an alert.
-- What is shared is fetched once for each batch, however large it is, and not once for each signal.
create view opening as
  select overlay(b.id::text placing lpad(to_hex(s.n - 1), 4, '0') from 33 for 4)::uuid as id, b.received_at,
    b.id as batch_id, (s.n - 1)::integer as position, c.key_ids[s.kind] as key_id, c.adapters[s.kind] as adapter,
    'trigger'::text as action, s.alert_id, c.rule_ids[s.decision] as rule_id, c.rule_files[s.decision] as rule_file,
    c.rule_lines[s.decision] as rule_line, c.outcomes[s.decision] as outcome, c.becauses[s.decision] as because
  from signal_batch b
    cross join lateral (select b.key_ids || '{}'::text[] as key_ids, b.adapters || '{}'::text[] as adapters,
      b.rule_ids || '{}'::text[] as rule_ids, b.rule_files || '{}'::text[] as rule_files,
      b.rule_lines || '{}'::integer[] as rule_lines, b.outcomes || '{}'::text[] as outcomes,
      b.becauses || '{}'::text[] as becauses offset 0) as c
    cross join unnest(b.alert_ids, b.kind_of, b.decision_of) with ordinality as s (alert_id, kind, decision, n)
  where s.alert_id is not null;

-- All signals, wherever they stand.
create view every_signal as
  select id, received_at, batch_id, position, key_id, adapter, action, alert_id, rule_id, rule_file, rule_line, outcome,
    because from signal
  union all select id, received_at, batch_id, position, key_id, adapter, action, alert_id, rule_id, rule_file, rule_line,
    outcome, because from opening;
