-- Who has an incident's page open before their eyes. Nothing that must survive a crash: those who are there
-- say so again within seconds.
create unlogged table presence (
  incident_number integer not null,
  person_id text not null,
  -- The tab: whoever closes one of two is still there.
  tab text not null,
  since bigint not null,
  until bigint not null,
  primary key (incident_number, person_id, tab)
);
create index presence_until on presence (until);
