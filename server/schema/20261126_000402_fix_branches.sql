-- Better words of a run on their way to the repository that the document came from, as a branch of their own.
create table run_fix_branch (
  id uuid primary key,
  run_number integer not null references runbook_run (number),
  source_id text not null,
  digest text not null,
  branch text not null,
  state text not null check (state in ('due', 'under way', 'pushed', 'failed')),
  asked_by jsonb not null,
  asked_at bigint not null,
  -- When it is to be done, or was to be done by when its node is gone.
  due_at bigint,
  commit text,
  because text,
  check ((due_at is not null) = (state in ('due', 'under way')))
);
create index run_fix_branch_due on run_fix_branch (due_at) where due_at is not null;
create unique index run_fix_branch_one on run_fix_branch (run_number) where due_at is not null;
