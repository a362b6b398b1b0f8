-- What a node must hear of before it may answer a repeat without a commit (decisions/0009).

-- Moves with everything but the configuration that a decision depends on; see signal/basis.ts.
create table decision_basis (
  only_row boolean primary key default true check (only_row),
  epoch bigint not null
);
insert into decision_basis (epoch) values (1);

-- Open alerts that went or changed, written by triggers so that no statement can forget it. Unlogged: whoever
-- reads it starts anew with every session, and a crash of the server ends all of them.
create unlogged table alert_change (
  transaction_id xid8 not null default pg_current_xact_id(),
  key_id text not null,
  dedup_key text not null
);
create index alert_change_transaction on alert_change (transaction_id);

-- Below `pruned_below` changes may be missing; what was current at the last pruning may go at the next one.
create table alert_change_horizon (
  only_row boolean primary key default true check (only_row),
  pruned_below xid8 not null,
  next_below xid8 not null,
  due_at bigint not null
);
insert into alert_change_horizon (pruned_below, next_below, due_at) values ('0', '0', 0);

create function note_gone_alerts() returns trigger language plpgsql as $$
begin
  insert into alert_change (key_id, dedup_key) select key_id, dedup_key from gone;
  return null;
end $$;
create trigger alert_open_gone after delete on alert_open referencing old table as gone
  for each statement execute function note_gone_alerts();

create function note_changed_alert() returns trigger language plpgsql as $$
begin
  insert into alert_change (key_id, dedup_key) values (old.key_id, old.dedup_key);
  return null;
end $$;
-- Everything that a later repeat would write or compare with.
create trigger alert_open_changed
  after update of key_id, dedup_key, title, severity, labels, details, link, resends, outcome, declare_severity
  on alert_open for each row
  when ((old.key_id, old.dedup_key, old.title, old.severity, old.labels, old.details, old.link, old.resends,
         old.outcome, old.declare_severity)
    is distinct from (new.key_id, new.dedup_key, new.title, new.severity, new.labels, new.details, new.link,
         new.resends, new.outcome, new.declare_severity))
  execute function note_changed_alert();

create function note_emptied_alerts() returns trigger language plpgsql as $$
begin
  update decision_basis set epoch = epoch + 1;
  return null;
end $$;
create trigger alert_open_emptied after truncate on alert_open
  for each statement execute function note_emptied_alerts();
