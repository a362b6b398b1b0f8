-- "eu-1" is read as the number -1 and a word, so that neither "eu-1" nor "1" finds it: what joins the parts of a
-- name is taken for a space, on both sides.
drop index incident_words;
drop index timeline_entry_words;
create index incident_words on incident
  using gin (to_tsvector('simple', translate(title || ' ' || coalesce(summary, ''), '-_./:@', '      ')));
create index timeline_entry_words on timeline_entry
  using gin (to_tsvector('simple', translate(text, '-_./:@', '      '))) where text is not null;
