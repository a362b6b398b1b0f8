-- Grouping: an incident of a rule that groups is one for its group, not for its service.

-- Null: one for the service, as before, which incident_one_open decides. An incident of a group has no
-- service_id, so that index leaves it alone and this one decides; its services stand in the list.
alter table incident add column group_key text;
create unique index incident_one_open_group on incident (rule_id, group_key)
  where state in ('declared', 'mitigated') and merged_into is null and group_key is not null;
create index incident_group_flapping on incident (rule_id, group_key, resolved_at)
  where state = 'resolved' and auto_resolve and group_key is not null;
create index incident_group_merged on incident (rule_id, group_key, number)
  where merged_into is not null and group_key is not null;
-- When alerts last joined it, for groups that are joined at most every so often.
alter table incident add column joined_at bigint;
-- Open incidents by the services that they name, for what depends on what.
create index incident_open_services on incident using gin (services)
  where state in ('declared', 'mitigated') and merged_into is null;

-- Where an alert was before its incident was merged, so that a merge can be taken back.
alter table alert_open add column merged_from integer;
alter table alert_closed add column merged_from integer;
create index alert_open_merged_from on alert_open (merged_from) where merged_from is not null;
create index alert_closed_merged_from on alert_closed (merged_from) where merged_from is not null;

-- What a group has seen, also of alerts that are over.
create index alert_open_waiting on alert_open ((hold ->> 'by'), first_received_at)
  where hold is not null and incident_number is null;
create index alert_closed_waited on alert_closed ((hold ->> 'by'), first_received_at)
  where hold is not null and incident_number is null;
