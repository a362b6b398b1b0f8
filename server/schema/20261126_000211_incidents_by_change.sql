-- Which open incidents changed lately: each tick asks for those that no start rule was asked about yet.
create index incident_changed on incident (updated_at)
  where state in ('declared', 'mitigated') and merged_into is null;
