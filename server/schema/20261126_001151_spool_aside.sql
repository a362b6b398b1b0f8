-- ── Beside the spool ────────────────────────────────────────────────────────────────────────────
-- Signals that were accepted into the spool and cannot be stored: kept as they came, and told by the reconciler.
create table spool_aside (
  id bigint generated always as identity primary key,
  key_id text not null,
  received_at bigint not null,
  found_at bigint not null,
  because text not null,
  -- The arrival with its raw body, sealed, in the form of the spool.
  sealed bytea not null
);
create index spool_aside_found on spool_aside (found_at, id);

-- Alerts that went ahead of what their key had in the spool: ends that stood there before them mean an earlier time.
create table spool_overtaken (
  key_id text not null,
  dedup_key text not null,
  -- The last row of the spool that was overtaken.
  spool_id bigint not null,
  primary key (key_id, dedup_key)
);
