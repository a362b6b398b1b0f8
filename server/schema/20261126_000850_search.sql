-- Search over incidents: by what they are called and what people wrote about them. Words of all languages,
-- uninflected, so that ids and names of machines are found as they stand.
create index incident_words on incident
  using gin (to_tsvector('simple', title || ' ' || coalesce(summary, '')));
create index timeline_entry_words on timeline_entry
  using gin (to_tsvector('simple', text)) where text is not null;
