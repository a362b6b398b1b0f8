-- Indicators that have ended are forgotten once nothing that is still looked at could meet them.
create index indicator_ended on indicator (valid_until, id) where valid_until is not null;
