-- When whoever offers a shift is told that nobody has taken it; null: not told yet, so when half of the way to the
-- shift is over, or twelve hours before it begins. Then again when it is over.
alter table shift_swap add column tell_at bigint;
create index shift_swap_tell on shift_swap
  (coalesce(tell_at, greatest(starts_at - 43200000, least(starts_at, (starts_at + asked_at) / 2)))) where state = 'open';
