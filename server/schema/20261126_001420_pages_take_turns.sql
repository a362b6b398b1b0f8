-- A crowd of pages meets its provider's limit: from then on they take turns too, before any notice.
alter table channel_pace
  -- From here on nobody who is paged waits for a turn.
  add column pages_free_at bigint not null default 0,
  -- A page was refused for being too many: until then none is tried.
  add column pages_quiet_until bigint not null default 0;
-- Why a page or notice that is due has not been tried yet.
alter table notification add column waits_because text;
