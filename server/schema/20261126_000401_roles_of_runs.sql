-- Steps follow the roles that people have in the incident: a step that somebody has by such a role goes to
-- whoever holds it now, one that was given to a person by name does not.
alter table run_step add column by_role boolean not null default false;
-- Who had which role when the run was last looked at.
alter table runbook_run add column roles_synced text not null default '';
