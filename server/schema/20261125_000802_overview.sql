-- What somebody's first page asks for: what waits for them, and what is due.
create index task_owner on task (owner_id, due_at, id) where done_at is null;
create index notification_unanswered on notification (person_id, decided_at desc)
  where kind = 'page' and acknowledged_at is null;
create index deadline_open on deadline (kind, due_at) where state in ('running', 'paused', 'breached');
