-- How fast notices leave by a way that a provider limits. `way` names a channel, or a channel and a digest of an
-- address, so that no address stands here. What has rested is taken out by the hourly purge.
create table channel_pace (
  way text primary key,
  -- From here on the way is as free as if nothing had ever been sent.
  free_at bigint not null default 0,
  -- The provider asked to be left alone until then.
  quiet_until bigint not null default 0
);
