-- ── Ways in: passwords, passkeys, identities at a provider, break-glass codes ───────────────────
create table password (
  person_id text primary key,
  -- argon2id with its salt and parameters, in PHC form.
  hash text not null,
  changed_at bigint not null
);

create table passkey (
  id uuid primary key,
  person_id text not null,
  credential_id bytea not null unique,
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null,
  name text not null,
  created_at bigint not null,
  last_used_at bigint
);
create index passkey_person on passkey (person_id, created_at);

-- Who somebody at an identity provider is here; a subject stays with the person it first was.
create table provider_identity (
  issuer text not null,
  subject text not null,
  person_id text not null,
  created_at bigint not null,
  primary key (issuer, subject),
  unique (issuer, person_id)
);

create table break_glass_code (
  id uuid primary key,
  hash bytea not null unique,
  label text not null,
  created_at bigint not null,
  used_at bigint,
  revoked_at bigint
);

-- Tries to sign in that failed, by what they are counted for; the key is a hash.
create table sign_in_try (
  key bytea primary key,
  failures integer not null,
  last_at bigint not null
);

-- Challenges of passkeys that were answered; none counts twice.
create table spent_challenge (
  hash bytea primary key,
  expires_at bigint not null
);

alter table session add column how text;
-- When its holder last showed who they are; a session that was given a new cookie keeps it.
alter table session add column signed_in_at bigint;

-- What a link is for; null: it signs in.
alter table sign_in_link add column purpose text;
