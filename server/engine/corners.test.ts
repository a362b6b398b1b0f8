/** What must go on when something beside it cannot: poisoned rows, dead channels, ends that race. */
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { reviewStage, type Stage } from "../../test/reviewStage.ts";
import { all, one, run, sql, transact } from "../base/db.ts";
import { addMs, SECOND } from "../base/instant.ts";
import type { Outbound } from "../base/transport.ts";
import type { Snapshot } from "../domain/config/config.ts";
import { defer, resolve } from "../domain/incident/respond.ts";
import { findLeftBehind } from "../domain/incident/waiting.ts";
import { forgetHeard, saveHeard, saveHeardDone } from "../domain/notification/heardStore.ts";
import { saveClaims } from "../domain/notification/sendStore.ts";
import { hasten } from "../domain/notification/receiptStore.ts";
import { insertNotifications, type NewNotification } from "../domain/notification/store.ts";
import { channelDrivers } from "../edge/outbound/index.ts";
import { attendStep, expireStep } from "./attend.ts";
import { deliverStep } from "./deliver.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await reviewStage();
});
afterAll(() => stage.drop());
beforeEach(async () => {
  await run(
    stage.world.db,
    sql`truncate alert_open, alert_closed, incident, notification, notification_attempt cascade`,
  );
});

/** An alert that waits for the engine. */
const waits = (id: number, service: string, expiresAt: number | null = null) =>
  run(
    stage.world.db,
    sql`insert into alert_open (id, key_id, dedup_key, service_id, title, severity, status, labels, adapter,
        started_at, first_received_at, last_received_at, count, batch_id, rule_id, outcome, because,
        declare_severity, attend_at, expires_at)
      values (${uuid(id)}, 'key', ${`alert ${id}`}, ${service}, 'It fails', 'error', 'firing', '{}', 'tocsin',
        ${stage.now()}, ${stage.now()}, ${stage.now()}, 1, ${uuid(0)}, 'rule', 'declare', 'a test',
        'SEV2', ${addMs(stage.now(), id - 1_000)}, ${expiresAt})`,
  );
const uuid = (id: number): string => `0199c0de-0000-7000-8000-${String(id).padStart(12, "0")}`;

test("alerts that cannot be attended do not stand before one that can", async () => {
  const company = await stage.config(null);
  const cursed: Snapshot = {
    ...company,
    get(kind, id) {
      if (id.startsWith("cursed")) throw new Error("a poisoned row");
      return company.get(kind, id);
    },
  };
  for (let id = 1; id <= 60; id++) await waits(id, `cursed-${id}`);
  await waits(61, "checkout");
  const step = attendStep({ world: stage.world, config: async () => cursed });
  await step.run(stage.now());
  const services = await all(
    stage.world.db,
    sql<{ serviceId: string }>`select service_id from incident order by number limit 10`,
  );
  expect(services).toEqual([{ serviceId: "checkout" }]);
  const { soonest } = await one(
    stage.world.db,
    sql<{ soonest: number }>`select min(attend_at) as soonest from alert_open`,
  );
  expect(soonest).toBe(addMs(stage.now(), 10 * SECOND));
});

test("a store that was away does not make silence out of what nobody could hear", async () => {
  await waits(1, "checkout", addMs(stage.now(), 60 * SECOND));
  let isAway = false;
  const { db } = stage.world;
  const flaky = new Proxy(db, {
    get(target, name) {
      if (isAway) throw new Error("Connection terminated unexpectedly");
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
  const step = expireStep({ world: { ...stage.world, db: flaky }, config: stage.config });
  const start = stage.now();
  for (let second = 0; second <= 600; second += 10) {
    isAway = second > 10 && second < 300;
    await step.run(addMs(start, second * SECOND)).catch(() => undefined);
    const { count } = await one(
      db,
      sql<{ count: number }>`select count(*) as count from alert_open`,
    );
    expect([second, count]).toEqual([second, second < 420 ? 1 : 0]);
  }
});

test("a deferral for what ends in the same moment is refused instead of lasting for ever", async () => {
  const burning = await stage.declared("SEV1");
  const small = await stage.declared("SEV3");
  let deferring: Promise<unknown> = Promise.resolve();
  await stage.run(stage.as("max"), async (command) => {
    await resolve(command, burning.number, null);
    const isWaiting = sql<{
      waits: boolean;
    }>`select exists (select 1 from pg_locks where not granted) as waits`;
    deferring = stage
      .run(stage.as("ann"), (c) => defer(c, small.number, "all hands on it", null))
      .then(
        () => "deferred",
        (error: Error) => error.message,
      );
    while (!(await one(stage.world.db, isWaiting)).waits);
  });
  expect(await deferring).toMatch(/no higher severity is open/);
});

const message = {
  kind: "notice",
  subject: "s",
  lines: [],
  facts: [],
  actions: [],
  attachments: [],
  thread: null,
};
const told = (id: number, kind: "page" | "notice", channelId: string): NewNotification => ({
  id: uuid(id),
  subject: "a test",
  occasion: String(id),
  personId: "ann",
  channelId,
  address: channelId === "mail" ? "ann@acme.example" : "https://x.example",
  kind,
  urgency: "low",
  incidentNumber: null,
  runId: null,
  requestId: null,
  digestAt: null,
  message: message as NewNotification["message"],
  reason: {} as NewNotification["reason"],
  acceptedAt: null,
  decidedAt: stage.now(),
  dueAt: addMs(stage.now(), id - 1_000),
});

test("notices to a mail server that hangs do not keep a page from it, nor hold up another channel", async () => {
  const sent: Outbound[] = [];
  const world = {
    ...stage.world,
    transport: {
      send(outbound: Outbound) {
        sent.push(outbound);
        return outbound.via === "mail"
          ? new Promise<never>(() => undefined)
          : Promise.resolve({ kind: "http" as const, status: 200, headers: {}, body: "" });
      },
    },
  };
  const drivers = { mail: channelDrivers.email, hook: channelDrivers.webhook };
  const step = deliverStep(
    { world, config: stage.config },
    async (config, _, { channelId }) => ({
      driver: drivers[channelId as keyof typeof drivers],
      settings: {
        channel: config.get("channels", channelId)!.body,
        secrets: { secret: "a secret" },
        productName: "Tocsin",
        publicUrl: world.publicUrl,
      },
    }),
    { sent: () => undefined },
  );
  const rows = Array.from({ length: 60 }, (_, id) => told(id + 1, "notice", "mail"));
  rows.push(...Array.from({ length: 50 }, (_, id) => told(id + 100, "page", "mail")));
  rows.push(told(200, "page", "hook"));
  await transact(world.db, (tx) => insertNotifications(tx, rows));
  let nextAt = null;
  for (let turn = 0; turn < 20; turn++) ({ nextAt } = await step.run(stage.now()));
  const state = (id: number) =>
    one(world.db, sql<{ state: string }>`select state from notification where id = ${uuid(id)}`);
  expect(sent.filter((outbound) => outbound.via === "http")).toHaveLength(1);
  expect(await state(100)).toEqual({ state: "sending" });
  // What has no room is not asked for again and again; a send that ends nudges.
  expect(nextAt === null || nextAt > stage.now()).toBe(true);
});

test("replies from which nothing follows are recorded together, and one that failed keeps none of them waiting", async () => {
  const wakes: (() => void)[] = [];
  const statuses = [200, 200, 200, 503];
  const world = {
    ...stage.world,
    clock: {
      ...stage.world.clock,
      sleep: (_: number, until: AbortSignal) =>
        new Promise<void>((wake) => {
          until.addEventListener("abort", () => wake());
          wakes.push(wake);
        }),
    },
    transport: {
      send: async () => ({
        kind: "http" as const,
        status: statuses.shift()!,
        headers: {},
        body: "",
      }),
    },
  };
  const step = deliverStep(
    { world, config: stage.config },
    async (config, _, { channelId }) => ({
      driver: channelDrivers.webhook,
      settings: {
        channel: config.get("channels", channelId)!.body,
        secrets: { secret: "a secret" },
        productName: "Tocsin",
        publicUrl: world.publicUrl,
      },
    }),
    { sent: () => undefined },
    20,
  );
  const states = () =>
    all(world.db, sql<{ state: string }>`select state from notification order by id limit 10`).then(
      (rows) => rows.map(({ state }) => state),
    );
  const send = async (...ids: readonly number[]): Promise<void> => {
    const rows = ids.map((id) => told(id, "page", "hook"));
    await transact(world.db, (tx) => insertNotifications(tx, rows));
    await step.run(stage.now());
  };
  await send(401, 402);
  await vi.waitFor(() => expect(wakes).toHaveLength(1));
  expect(await states()).toEqual(["sending", "sending"]);
  wakes[0]!();
  await step.drain();
  expect(await states()).toEqual(["accepted", "accepted"]);
  await send(403);
  await vi.waitFor(() => expect(wakes).toHaveLength(2));
  await send(404);
  await step.drain();
  expect((await states()).slice(0, 3)).toEqual(["accepted", "accepted", "accepted"]);
  expect(wakes).toHaveLength(2);
});

test("a connection does not wait for ever for what a dead node holds", async () => {
  const { lock, idle } = await one(
    stage.world.db,
    sql<{ lock: string; idle: string }>`select current_setting('lock_timeout') as lock,
      current_setting('idle_in_transaction_session_timeout') as idle`,
  );
  expect([lock, idle]).toEqual(["10s", "30s"]);
});

test("what was said by telephone counts once, and again when whoever heard it fell silent", async () => {
  const { db } = stage.world;
  const [digest, now] = [Buffer.from("what was said"), stage.now()];
  const heard = (seconds: number) => saveHeard(db, digest, addMs(now, seconds * SECOND));
  expect([await heard(0), await heard(29), await heard(30), await heard(31)]).toEqual([
    "new",
    "under way",
    "new",
    "under way",
  ]);
  await saveHeardDone(db, digest);
  expect(await heard(90)).toBe("done");
  await forgetHeard(db, digest);
  expect(await heard(91)).toBe("new");
});

test("a page that waited for its turn and may repeat another one says so from then on", async () => {
  const { db } = stage.world;
  const page = told(300, "page", "mail");
  await transact(db, (tx) => insertNotifications(tx, [page]));
  const mayRepeat = async (is: boolean): Promise<boolean> => {
    await transact(db, (tx) => hasten(tx, page, "mail", { mayRepeat: is, now: stage.now() }));
    const row = await one(
      db,
      sql<{ mayRepeat: boolean }>`select may_repeat from notification where id = ${page.id}`,
    );
    return row.mayRepeat;
  };
  expect([await mayRepeat(false), await mayRepeat(true), await mayRepeat(false)]).toEqual([
    false,
    true,
    true,
  ]);
});

test("a page that was decided beside a tick under way is not handed over before that", async () => {
  const { db } = stage.world;
  const decidedAt = addMs(stage.now(), SECOND);
  const page = { ...told(301, "page", "mail"), decidedAt };
  await transact(db, async (tx) => {
    await insertNotifications(tx, [page]);
    const lease = { from: stage.now(), until: addMs(stage.now(), 15 * SECOND) };
    await saveClaims(tx, [{ id: page.id, attempt: 1, mayRepeat: false }], lease);
  });
  const row = await one(
    db,
    sql<{ at: number }>`select handed_over_at as at from notification where id = ${page.id}`,
  );
  expect(row.at).toBe(decidedAt);
});

test("an incident in which nobody has a part is nobody's to leave, also where there are no people at all", async () => {
  const { number, commanderId } = await stage.declared("SEV3");
  expect(commanderId).toBeNull();
  expect(await findLeftBehind(stage.world.db, [], 10)).toEqual([]);
  await run(
    stage.world.db,
    sql`update incident set acknowledged_by = 'ann' where number = ${number}`,
  );
  expect(await findLeftBehind(stage.world.db, ["ann"], 10)).toEqual([]);
  expect(await findLeftBehind(stage.world.db, [], 10)).toEqual([number]);
});
