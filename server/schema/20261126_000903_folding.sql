-- Pages that were too many for a minute are told in one, and each names it.
alter table notification add column folded_into uuid;
create index notification_folded on notification (folded_into) where folded_into is not null;
create index notification_person_pages on notification (person_id, channel_id, address, handed_over_at)
  where kind = 'page' and handed_over_at is not null;
