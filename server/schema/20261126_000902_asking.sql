-- How long an acknowledge counts, people who are asked to join, and quiet messages that wait for the morning.
create table acknowledge_lease (
  incident_number integer primary key references incident (number),
  -- Who has it; null: a token.
  person_id text,
  length_ms bigint not null,
  until bigint not null,
  -- A reminder, then the end.
  attend_at bigint not null
);
create index acknowledge_lease_due on acknowledge_lease (attend_at);

create table responder_request (
  id uuid primary key,
  incident_number integer not null references incident (number),
  person_id text not null,
  asked_by text not null,
  message text,
  asked_at bigint not null,
  -- How often they were paged for it.
  pages integer not null,
  -- When they are paged again, or it counts as unanswered; null once it is settled.
  attend_at bigint,
  answer text check (answer in ('joined', 'declined', 'unanswered', 'over')),
  answered_at bigint,
  check ((answer is null) = (attend_at is not null))
);
create unique index responder_request_open on responder_request (incident_number, person_id) where answer is null;
create index responder_request_incident on responder_request (incident_number, asked_at);
create index responder_request_due on responder_request (attend_at) where attend_at is not null;

-- The request that a page is about; such a page is wanted until it is answered, also when somebody has the incident.
alter table notification add column request_id uuid;
-- When it is told together with everything else that waited.
alter table notification add column digest_at bigint;
create index notification_digest on notification (digest_at) where digest_at is not null;
