-- What was said by telephone, so that it counts once: a signed request carries no time, and one that was seen somewhere
-- could be sent again whenever it suits. Kept for good, as digests: a row is all that tells a new message from an old one.
create table phone_heard (
  digest bytea primary key,
  at bigint not null
);
