-- Feeds of indicators that are polled: where each stands (server/engine/feeds.ts).
create table feed_poll (
  feed_id text primary key,
  due_at bigint not null,
  -- What the server had added up to here has been read.
  added_after text,
  -- The place inside a reading of several pages.
  next_page text,
  failures integer not null default 0,
  failure text
);
create index feed_poll_due on feed_poll (due_at);
