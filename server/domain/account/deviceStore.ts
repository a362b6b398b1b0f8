/** Rows of the browsers that may be woken, and the one key pair that speaks to their push services. */
import { all, maybe, one, type Queryable, run, sql, texts, type Tx } from "../../base/db.ts";
import type { Instant } from "../../base/instant.ts";

type PushKeyRow = { readonly publicKey: Buffer; readonly sealed: Buffer };

export const findPushKey = (tx: Queryable): Promise<PushKeyRow | null> =>
  maybe(tx, sql<PushKeyRow>`select public_key, sealed from push_key where id = 1`);

/** The first one stays: two nodes that start at once have the same. */
export async function insertPushKey(tx: Queryable, row: PushKeyRow, now: Instant): Promise<void> {
  await run(
    tx,
    sql`insert into push_key (id, public_key, sealed, created_at)
      values (1, ${row.publicKey}, ${row.sealed}, ${now}) on conflict (id) do nothing`,
  );
}

export type DeviceRow = {
  readonly id: string;
  readonly personId: string;
  readonly sessionId: string;
  readonly name: string;
  readonly service: string;
  /** Null once it is ended. */
  readonly sealed: Buffer | null;
  readonly createdAt: Instant;
  readonly lastUsedAt: Instant | null;
  readonly endedAt: Instant | null;
  readonly endedBecause: string | null;
};

const columns = sql.raw(
  "id, person_id, session_id, name, service, sealed, created_at, last_used_at, ended_at, ended_because",
);

/** The same browser again keeps its row, as long as it is the same person's and was not ended. */
export function saveDevice(
  tx: Tx,
  row: Omit<DeviceRow, "createdAt" | "lastUsedAt" | "endedAt" | "endedBecause">,
  addressHash: Buffer,
  now: Instant,
): Promise<DeviceRow> {
  const isSame = sql`push_device.person_id = excluded.person_id and push_device.ended_at is null`;
  return one(
    tx,
    sql<DeviceRow>`insert into push_device (id, person_id, session_id, address_hash, sealed, name, service, created_at)
      values (${row.id}, ${row.personId}, ${row.sessionId}, ${addressHash}, ${row.sealed}, ${row.name},
        ${row.service}, ${now})
      on conflict (address_hash) do update set
        id = case when ${isSame} then push_device.id else excluded.id end,
        created_at = case when ${isSame} then push_device.created_at else excluded.created_at end,
        last_used_at = case when ${isSame} then push_device.last_used_at end,
        person_id = excluded.person_id, session_id = excluded.session_id, sealed = excluded.sealed,
        name = excluded.name, service = excluded.service, ended_at = null, ended_because = null
      returning ${columns}`,
  );
}

/** A device of theirs that has another address now, also when the one before was found to be gone. */
export const moveAddress = (
  tx: Tx,
  personId: string,
  { from, to }: { readonly from: Buffer; readonly to: Buffer },
): Promise<number> =>
  run(
    tx,
    sql`update push_device set address_hash = ${to}, ended_at = null, ended_because = null
      where address_hash = ${from} and person_id = ${personId}
        and (ended_at is null or ended_because = 'gone')
        and not exists (select from push_device taken where taken.address_hash = ${to})`,
  );

export const findDevice = (tx: Queryable, id: string): Promise<DeviceRow | null> =>
  maybe(tx, sql<DeviceRow>`select ${columns} from push_device where id = ${id}`);

/** Those of a person, newest first; ended ones stay in it until they are forgotten. */
export const listDevices = (tx: Queryable, personId: string): Promise<readonly DeviceRow[]> =>
  all(
    tx,
    sql<DeviceRow>`select ${columns} from push_device
      where person_id = ${personId} and ended_because is distinct from 'removed'
      order by ended_at is not null, created_at desc, id limit 60`,
  );

/** Besides the one that has an address, which is replaced by itself. */
export async function countOtherDevices(
  tx: Queryable,
  personId: string,
  addressHash: Buffer,
): Promise<number> {
  const row = await one(
    tx,
    sql<{ count: number }>`select count(*)::int as count from push_device
      where person_id = ${personId} and ended_at is null and address_hash <> ${addressHash}`,
  );
  return row.count;
}

export type OwnDevice = { readonly id: string; readonly name: string };
/** The devices of people, by person. */
export type DevicesOf = ReadonlyMap<string, readonly OwnDevice[]>;

export async function findDevicesOf(tx: Queryable, people: readonly string[]): Promise<DevicesOf> {
  if (people.length === 0) return new Map();
  const rows = await all(
    tx,
    sql<OwnDevice & { personId: string }>`select id, name, person_id from push_device
      where person_id = any(${texts(people)}) and ended_at is null order by created_at, id limit 10000`,
  );
  return Map.groupBy(rows, ({ personId }) => personId);
}

/** Everybody who has one. */
export async function findPeopleWithDevices(tx: Queryable): Promise<ReadonlySet<string>> {
  const rows = await all(
    tx,
    sql<{ personId: string }>`select distinct person_id from push_device
      where ended_at is null order by person_id limit 100000`,
  );
  return new Set(rows.map(({ personId }) => personId));
}

/** False when it was ended already. */
export async function endDevice(
  tx: Tx,
  id: string,
  because: string,
  now: Instant,
): Promise<boolean> {
  const ended = await run(
    tx,
    sql`update push_device set ended_at = ${now}, ended_because = ${because}, sealed = null
      where id = ${id} and ended_at is null`,
  );
  return ended > 0;
}

export const markDeviceUsed = (tx: Tx, id: string, now: Instant): Promise<number> =>
  run(tx, sql`update push_device set last_used_at = ${now} where id = ${id} and ended_at is null`);

/** A session that goes on under a new id keeps the browser that it allowed. */
export const moveDevices = (tx: Tx, from: string, to: string): Promise<number> =>
  run(tx, sql`update push_device set session_id = ${to} where session_id = ${from}`);

/** Forgets those that ended before an instant. */
export const forgetDevices = (tx: Queryable, before: Instant): Promise<number> =>
  run(
    tx,
    sql`delete from push_device where id = any(array(
      select id from push_device where ended_at < ${before} limit 10000))`,
  );
