-- What shows that an address of a person reaches them: a code that came back, or an answer to a page.
create table address_proof (
  person_id text not null,
  channel_id text not null,
  address text not null,
  verified_at bigint,
  verified_by text check (verified_by in ('code', 'answer')),
  -- The notification whose code is awaited, and until when. The code is worked out from it and stands nowhere.
  code_id uuid,
  code_until bigint,
  code_tries integer not null default 0,
  primary key (person_id, channel_id, address),
  check ((verified_at is null) = (verified_by is null)),
  check ((code_id is null) = (code_until is null))
);
