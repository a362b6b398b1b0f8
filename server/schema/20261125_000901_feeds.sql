-- Secret addresses of calendars carry a number; raising it makes all earlier ones stop working.
create table calendar_feed (
  subject text primary key,
  generation integer not null
);
