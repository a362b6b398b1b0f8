-- What a provider tells of a page after it took it, and until when it has to. Null: nothing is awaited.
alter table notification add column receipt_by bigint;
alter table notification add column delivered_at bigint;
-- "delivered", or why it was not.
alter table notification add column delivery text;
create index notification_receipt on notification (receipt_by) where receipt_by is not null;

-- What an address is known for: nothing arrives there, or whoever has it wants nothing there.
create table address_mark (
  channel_id text not null,
  address text not null,
  kind text not null check (kind in ('bounced', 'stopped')),
  because text not null,
  marked_at bigint not null,
  primary key (channel_id, address)
);
