-- Each page was written into seven indexes and asked two tables whether what it names is there. Ids are ordered by
-- time, so the newest are found by them; and whoever writes a reader or an attempt has locked the incident or the
-- notification, which are never deleted.
drop index notification_newest;
alter table incident_reader drop constraint incident_reader_incident_number_fkey;
alter table notification_attempt drop constraint notification_attempt_notification_id_fkey;
