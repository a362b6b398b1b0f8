-- A one-time link may sign a person in; without one it signs an administrator in, as before.
alter table sign_in_link add column person_id text;
