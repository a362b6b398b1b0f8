import { afterAll, beforeAll, expect, test } from "vitest";
import { Person } from "../../contract/account.ts";
import { freshDatabase, type TestStore } from "../../test/store.ts";
import { all, one, run, sql, transact } from "../base/db.ts";
import { addMs, DAY, type Instant, instant } from "../base/instant.ts";
import { insertSession, insertSignInLink } from "../domain/account/store.ts";
import { seededChance } from "../base/chance.ts";
import { keyring } from "../base/crypto.ts";
import { findLedgerBacklog, LEAVES_PER_BATCH, record, recordAll } from "../base/ledger.ts";
import { silentLog } from "../base/log.ts";
import type { World } from "../base/world.ts";
import { snapshot } from "../domain/config/config.ts";
import { type ChangeRow, listChanges, saveChanges } from "../domain/deployment/store.ts";
import { forgetOnCall } from "../domain/oncall/forgetting.ts";
import { forgetIndicators } from "../domain/signal/indicatorStore.ts";
import { ledgerStep, partitionStep, purgeStep } from "./upkeep.ts";

let store: TestStore;
beforeAll(async () => {
  store = await freshDatabase();
});
afterAll(() => store.drop());

const now = instant(Date.UTC(2026, 10, 21));
const arrive = (at: Instant, number: number) =>
  run(
    store.db,
    sql`insert into timeline_entry (id, incident_number, at, recorded_at, kind, actor)
      values (${`0199c0de-0000-7000-8000-00000000000${number}`}, ${number}, ${at}, ${at}, 'note', '{}')`,
  );
const places = () =>
  all(
    store.db,
    sql<{
      place: string;
      incidentNumber: number;
    }>`select tableoid::regclass::text as place, incident_number
      from timeline_entry order by incident_number limit 10`,
  );

test("months get their partitions, also when rows came before there was one", async () => {
  await arrive(now, 1);
  await arrive(instant(Date.UTC(2020, 0, 1)), 2);
  const step = partitionStep({ world: { db: store.db } as never, config: {} as never });
  await step.run(now);
  await arrive(instant(Date.UTC(2026, 11, 31)), 3);
  expect(await places()).toEqual([
    { place: "timeline_entry_2026_11", incidentNumber: 1 },
    { place: "timeline_entry_default", incidentNumber: 2 },
    { place: "timeline_entry_2026_12", incidentNumber: 3 },
  ]);
});

test("no column of a table that pages write is looked through more closely than the others", async () => {
  await partitionStep({ world: { db: store.db } as never, config: {} as never }).run(now);
  const close = await all(
    store.db,
    sql<{ column: string }>`select c.relname || '.' || a.attname as column
      from pg_class c join pg_attribute a on a.attrelid = c.oid
      where c.relkind = 'r' and (c.relname in ('incident', 'incident_reader', 'notification', 'notification_attempt',
          'escalation_run', 'ledger_payload', 'ledger_pending', 'ledger_leaf') or c.relname like 'timeline_entry%')
        and c.relnamespace = current_schema()::regnamespace and a.attnum > 0 and not a.attisdropped
        and coalesce(a.attstattarget, -1) not between 0 and 20 order by 1 limit 100`,
  );
  expect(close.map(({ column }) => column)).toEqual([]);
});

test("another node, or the next hour, finds them there and a month later one more", async () => {
  const step = partitionStep({ world: { db: store.db } as never, config: {} as never });
  await step.run(now);
  await step.run(instant(Date.UTC(2026, 11, 1)));
  const names = await all(
    store.db,
    sql<{
      name: string;
    }>`select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
      join pg_class p on p.oid = i.inhparent where p.relname = 'signal' order by 1 limit 10`,
  );
  expect(names.map(({ name }) => name)).toEqual([
    "signal_2026_11",
    "signal_2026_12",
    "signal_2027_01",
    "signal_2027_02",
    "signal_default",
  ]);
});

test("whoever writes meanwhile notices nothing, and several nodes do it once", async () => {
  const later = instant(Date.UTC(2031, 4, 5));
  const writers = Array.from({ length: 40 }, (_, index) =>
    run(
      store.db,
      sql`insert into timeline_entry (id, incident_number, at, recorded_at, kind, actor)
        values (gen_random_uuid(), ${100 + index}, ${later}, ${later}, 'note', '{}')`,
    ),
  );
  const nodes = [1, 2, 3].map(() =>
    partitionStep({ world: { db: store.db } as never, config: {} as never }).run(later),
  );
  await Promise.all([...writers, ...nodes]);
  const rows = await all(
    store.db,
    sql<{ place: string; n: number }>`select tableoid::regclass::text as place, count(*) as n
      from timeline_entry where incident_number >= 100 group by 1 limit 10`,
  );
  expect(rows).toEqual([{ place: "timeline_entry_2031_05", n: 40 }]);
});

test("what somebody was signed in by is kept for a month after its end, then it is gone", async () => {
  for (const [days, number] of [
    [-40, 1],
    [-20, 2],
    [5, 3],
  ] as const) {
    const expiresAt = addMs(now, days * DAY);
    const begun = addMs(expiresAt, -7 * DAY);
    const hash = Buffer.alloc(32, number);
    const row = {
      id: `0199c0de-0000-7000-8000-00000000000${number}`,
      personId: "ann",
      grants: [],
      expiresAt,
      how: null,
      signedInAt: begun,
    };
    await store.db.transaction().execute(async (tx) => {
      await insertSession(tx, row, hash, begun);
      await insertSignInLink(tx, hash, { personId: "ann", purpose: "sign in" }, begun, expiresAt);
    });
  }
  const step = purgeStep({ world: { db: store.db } as never, config: async () => snapshot(1, []) });
  await step.run(now);
  const count = (table: string) =>
    all(store.db, sql<{ count: number }>`select count(*) as count from ${sql.raw(table)}`);
  expect([await count("session"), await count("sign_in_link")]).toEqual([
    [{ count: 2 }],
    [{ count: 2 }],
  ]);
});

test("a change explains incidents for thirteen months, then it is forgotten", async () => {
  const changed = (title: string, at: Instant): ChangeRow => ({
    id: `0199c0de-0000-7000-8000-0000000001${title.slice(0, 2)}`,
    keyId: "deploys",
    adapter: "github",
    dedupKey: title,
    kind: "deployment",
    status: "succeeded",
    title,
    serviceId: "till",
    subject: null,
    environment: null,
    version: null,
    changedBy: null,
    link: null,
    labels: {},
    startedAt: at,
    at,
    receivedAt: at,
  });
  const rows = [
    changed("01 before", addMs(now, -396 * DAY)),
    changed("02 a year ago", addMs(now, -366 * DAY)),
    changed("03 of today", now),
  ];
  await store.db.transaction().execute((tx) => saveChanges(tx, rows));
  await purgeStep({ world: { db: store.db } as never, config: async () => snapshot(1, []) }).run(
    now,
  );
  const kept = await listChanges(store.db, { services: null }, 10, null);
  expect(kept.map(({ title }) => title)).toEqual(["03 of today", "02 a year ago"]);
});

test("an indicator is forgotten once it has ended and no alert has met it", async () => {
  const before = addMs(now, -90 * DAY);
  for (const [number, value, validUntil] of [
    [1, "ended-first.example", addMs(before, -2)],
    [2, "ended-then.example", addMs(before, -1)],
    [3, "met.example", addMs(before, -1)],
    [4, "ended-lately.example", before],
    [5, "lasts.example", null],
  ] as const)
    await run(
      store.db,
      sql`insert into indicator (id, type, value, source, valid_until, labels, adapter, received_at, updated_at)
        values (${`0199c0de-0000-7000-8000-00000000020${number}`}, 'domain', ${value}, 'misp', ${validUntil}, '{}', 'misp', ${now}, ${now})`,
    );
  await run(
    store.db,
    sql`insert into indicator_match (alert_id, indicator_id, matched_at, backwards)
      select gen_random_uuid(), id, ${now}, false from indicator where value = 'met.example'`,
  );
  const values = async () =>
    (
      await all(
        store.db,
        sql<{ value: string }>`select value from indicator order by value limit 10`,
      )
    ).map(({ value }) => value);
  expect(await forgetIndicators(store.db, before, 1)).toBe(1);
  expect(await values()).not.toContain("ended-first.example");
  expect(await forgetIndicators(store.db, before, 10)).toBe(1);
  expect(await values()).toEqual(["ended-lately.example", "lasts.example", "met.example"]);
});

test("what is known of addresses ends with the address", async () => {
  const body = {
    name: "Ann",
    email: "a@x.example",
    contacts: [{ channel: "m", address: "a@x.example" }],
  };
  const ann = { kind: "people", id: "ann", owner: "api", source: null, ref: "r" } as const;
  const config = async () => snapshot(1, [{ ...ann, body: Person.parse(body) }]);
  await run(
    store.db,
    sql`insert into address_proof (person_id, channel_id, address, verified_at, verified_by) values
      ('ann', 'm', 'a@x.example', 1, 'code'), ('ann', 'm', 'old@x.example', 1, 'code'), ('ben', 'm', 'a@x.example', 1, 'code')`,
  );
  await run(
    store.db,
    sql`insert into address_mark values ('m', 'a@x.example', 'bounced', '550', 1), ('m', 'old@x.example', 'stopped', 'STOP', 1),
      ('*text', '+4915100000009', 'stopped', 'STOP', 1)`,
  );
  await purgeStep({ world: { db: store.db } as never, config }).run(now);
  const left = sql<{
    what: string;
  }>`select concat(person_id, ' ', address) as what from address_proof
    union all select address from address_mark order by what limit 10`;
  expect(await all(store.db, left)).toEqual([
    { what: "+4915100000009" },
    { what: "a@x.example" },
    { what: "ann a@x.example" },
  ]);
});

test("what schedules said long ago is forgotten, but for what the record of an incident names", async () => {
  const ago = (days: number): Instant => addMs(now, -days * DAY);
  const body = JSON.stringify({ name: "Core" });
  for (const [id, days] of [
    ["core", 3_000],
    ["core", 2_000],
    ["core", 1_500],
    ["core", 1_000],
    ["named", 2_000],
    ["named", 1_500],
  ] as const)
    await run(
      store.db,
      sql`insert into schedule_version values (${id}, ${ago(days)}, ${body}, ${now})`,
    );
  for (const [from, to] of [
    [500, 499],
    [300, 299],
  ] as const) {
    await run(
      store.db,
      sql`insert into person_leave values ('ada', ${ago(from)}, ${ago(to)}, ${now})`,
    );
    await run(
      store.db,
      sql`insert into shift_swap (id, schedule_id, from_person, starts_at, ends_at, asked_at, state, taken_by)
        values (${`0199c0de-0000-7000-8000-000000000${from}`}, 'core', 'ada', ${ago(from)}, ${ago(to)},
          ${ago(from)}, 'accepted', 'bob')`,
    );
  }
  const reason = JSON.stringify({
    you: { kind: "k", params: { explanation: "named, layer Weekly" } },
  });
  await run(
    store.db,
    sql`insert into notification (id, subject, occasion, person_id, channel_id, address, kind, urgency,
        incident_number, message, reason, decided_at, due_at, state)
      values ('0199c0de-0000-7000-8000-000000000999', 'INC-9', 'o', 'ada', 'mail', 'a', 'page', 'high', 9, '{}',
        ${reason}, ${ago(1_900)}, ${ago(1_900)}, 'accepted')`,
  );
  await transact(store.db, (tx) => forgetOnCall(tx, now));
  const kept = await all(
    store.db,
    sql<{ scheduleId: string; days: number }>`select schedule_id,
      ((${now}::bigint - counts_from) / ${DAY}::bigint)::int as days from schedule_version
      where body is not null order by 1, 2 desc`,
  );
  // Until 1 000 days ago the third of them counted; that is not three years.
  expect(kept.map(({ scheduleId, days }) => [scheduleId, days])).toEqual([
    ["core", 1_500],
    ["core", 1_000],
    ["named", 2_000],
    ["named", 1_500],
  ]);
  expect(await all(store.db, sql`select from person_leave`)).toHaveLength(1);
  expect(await all(store.db, sql`select from shift_swap`)).toHaveLength(1);
});

test("leaves wait while escalations come due by crowds, for five seconds", async () => {
  const keys = keyring(Buffer.alloc(32, 5));
  const world = { db: store.db, chance: seededChance("leaves"), keys, log: silentLog } as World;
  let isCrowded = false;
  const step = ledgerStep({ world, config: {} as never }, () => isCrowded);
  const waitingAfter = async (ms: number): Promise<number> => {
    const fact = {
      stream: "s",
      at: now,
      actorRef: "engine",
      action: "a",
      objectRef: "s",
      payload: 1,
    };
    await transact(store.db, (tx) => record(tx, world, fact));
    // Whoever else has a transaction open in this PostgreSQL keeps what came after it from becoming leaves.
    const isFree = sql<{ isFree: boolean }>`select pg_snapshot_xmin(pg_current_snapshot()) >
      (select max(transaction_id) from ledger_pending) as is_free`;
    while (!(await one(store.db, isFree)).isFree);
    await step.run(addMs(now, ms));
    await step.drain();
    return (await findLedgerBacklog(store.db)).waiting;
  };
  expect(await waitingAfter(0)).toBe(0);
  expect(await waitingAfter(249)).toBe(1);
  expect(await waitingAfter(250)).toBe(0);
  isCrowded = true;
  expect(await waitingAfter(1_000)).toBe(1);
  expect(await waitingAfter(5_249)).toBe(2);
  expect(await waitingAfter(5_250)).toBe(0);
});

test("leaves of a calm time stop for a crowd that comes, and go on when its time is over", async () => {
  const keys = keyring(Buffer.alloc(32, 5));
  const world = { db: store.db, chance: seededChance("stops"), keys, log: silentLog } as World;
  const entry = { stream: "t", at: now, actorRef: "engine", action: "a", objectRef: "t" };
  const entries = Array.from({ length: 3 * LEAVES_PER_BATCH }, (_, payload) => ({
    ...entry,
    payload,
  }));
  await transact(store.db, (tx) => recordAll(tx, world, entries));
  const isFree = sql<{ isFree: boolean }>`select pg_snapshot_xmin(pg_current_snapshot()) >
    (select max(transaction_id) from ledger_pending) as is_free`;
  while (!(await one(store.db, isFree)).isFree);
  // It comes while the first leaves are made.
  let asked = 0;
  const step = ledgerStep({ world, config: {} as never }, () => ++asked > 1);
  const waitingAt = async (ms: number): Promise<number> => {
    await step.run(addMs(now, ms));
    await step.drain();
    return (await findLedgerBacklog(store.db)).waiting;
  };
  expect(await waitingAt(0)).toBe(2 * LEAVES_PER_BATCH);
  expect(await waitingAt(4_999)).toBe(2 * LEAVES_PER_BATCH);
  // However long the crowd lasts.
  expect(await waitingAt(5_000)).toBe(0);
});
