/** Numbers over time, from the route and from a query to the incident, with two nodes over one store. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { CONFIG_KINDS, type ConfigKind } from "../contract/config.ts";
import { postMeasurements } from "../contract/intake.ts";
import type { ConfigCache } from "../server/app/intake.ts";
import { measurementRoutes } from "../server/app/measurements.ts";
import { addressGuard } from "../server/base/addresses.ts";
import { seededChance } from "../server/base/chance.ts";
import { keyring, tokenHash } from "../server/base/crypto.ts";
import { all, one, openDb, run, sql, transact } from "../server/base/db.ts";
import { Refusal } from "../server/base/errors.ts";
import {
  addMs,
  HOUR,
  instant,
  type Instant,
  MINUTE,
  SECOND,
  toIso,
} from "../server/base/instant.ts";
import { silentLog } from "../server/base/log.ts";
import { realTransport } from "../server/base/realTransport.ts";
import type { World } from "../server/base/world.ts";
import { ENGINE } from "../server/domain/account/account.ts";
import { type IntakeDesk, intakeDesk } from "../server/domain/alert/intake.ts";
import type { AnyEntry } from "../server/domain/config/config.ts";
import {
  findConfigVersion,
  removeEntry,
  saveEntry,
  setConfigVersion,
  snapshotReader,
} from "../server/domain/config/store.ts";
import { prometheusQuery } from "../server/edge/inbound/prometheusQuery.ts";
import { attendStep } from "../server/engine/attend.ts";
import { conditionsStep, type ConditionsStep } from "../server/engine/conditions.ts";
import type { Step } from "../server/engine/engine.ts";
import { freshDatabase, type TestStore } from "./store.ts";

const start = instant(Date.UTC(2026, 10, 21, 9));
const SECRET = "a-key-of-the-test";
let now: Instant = start;
let store: TestStore;
let nodes: readonly TestNode[];
let counter = 0;

beforeAll(async () => {
  store = await freshDatabase();
});
afterAll(() => store.drop());
beforeEach(async () => {
  now = start;
  await run(
    store.db,
    sql`truncate measurement, condition_state, measurement_query, alert_open, alert_closed, signal,
      config_object, incident cascade`,
  );
  await configure("teams", "payments", { name: "Payments" });
  await configure("services", "checkout", { name: "Checkout", team: "payments" });
  await configure("services", "search", { name: "Search", team: "payments" });
  const secret = `sha256:${tokenHash(SECRET).toString("hex")}`;
  await configure("keys", "monitoring", { service: "checkout", secret });
  nodes = [node(), node()];
});
afterEach(() => Promise.all(nodes.map((each) => each.settle())));

type TestNode = {
  readonly desk: IntakeDesk;
  readonly conditions: ConditionsStep;
  readonly steps: readonly Step[];
  settle(): Promise<void>;
  post(body: unknown, secret?: string | null): Promise<unknown>;
};

function node(over: Partial<World> = {}, wrap = (desk: IntakeDesk): IntakeDesk => desk): TestNode {
  const transport = realTransport({ smtpUrl: null, guard: addressGuard(["127.0.0.1"]) });
  const world: World = {
    clock: { now: () => now, sleep: async () => undefined },
    chance: seededChance(`measurements ${counter++}`),
    db: store.db,
    keys: keyring(Buffer.alloc(32, 7)),
    transport,
    log: silentLog,
    publicUrl: "http://127.0.0.1:4400",
    secret: () => null,
    nudge: () => undefined,
    ...over,
  };
  const config = snapshotReader();
  const parts = { world, config };
  const cache: ConfigCache = {
    known: () => null,
    read: () => config(world.db),
    within: () => config(world.db),
  };
  const undecided = async () => () => {
    throw new Error("a condition brings its decision along");
  };
  const desk = wrap(intakeDesk(world, undecided, () => undefined));
  const conditions = conditionsStep(parts, desk, prometheusQuery);
  const [route] = measurementRoutes(world, cache);
  return {
    desk,
    conditions,
    steps: [conditions, attendStep(parts)],
    async settle() {
      await conditions.drain();
      await desk.drain();
      transport.close();
    },
    async post(body, secret = SECRET) {
      const headers = secret === null ? {} : { authorization: `Bearer ${secret}` };
      const request = { requestId: "r", headers, rawBody: Buffer.from("") };
      expect(route?.route).toBe(postMeasurements);
      return route?.answer({
        actor: ENGINE,
        params: {} as never,
        query: {} as never,
        body: body as never,
        request,
      });
    },
  };
}

async function configure(kind: ConfigKind, id: string, body: object): Promise<void> {
  const parsed = CONFIG_KINDS[kind].parse(body);
  const source = { file: "test.yaml", line: 7 };
  const entry = { kind, id, body: parsed, owner: "file", source, ref: `ref-${id}` } as AnyEntry;
  await transact(store.db, async (tx) => {
    await saveEntry(tx, entry, now);
    await setConfigVersion(tx, (await findConfigVersion(tx)) + 1);
  });
}

async function forget(kind: ConfigKind, id: string): Promise<void> {
  await transact(store.db, async (tx) => {
    await removeEntry(tx, kind, id);
    await setConfigVersion(tx, (await findConfigVersion(tx)) + 1);
  });
}

/** Both nodes at once, until neither finds anything to do. */
async function stepBoth(): Promise<void> {
  for (let round = 0; round < 20; round++) {
    const done = await Promise.all(nodes.map(stepOnce));
    await Promise.all(nodes.map((each) => each.conditions.drain()));
    if (done.every((count) => count === 0)) return;
  }
  throw new Error("the nodes find no rest");
}

async function stepOnce(each: TestNode): Promise<number> {
  let done = 0;
  for (const step of each.steps) done += (await step.run(now)).done;
  return done;
}

/** A number a minute, sent to one node after the other, both stepping in between. */
async function measure(value: number, minutes: number, more: object = {}): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    await nodes[minute % 2]?.post({ measure: "error_rate", value, ...more });
    await stepBoth();
    now = addMs(now, MINUTE);
    await stepBoth();
  }
}

type AlertNow = { title: string; severity: string; count: number; because: string; status: string };

const openAlerts = () =>
  all(
    store.db,
    sql<AlertNow>`select title, severity, count, because, 'firing' as status from alert_open
      order by dedup_key limit 100`,
  );
const closedAlerts = () =>
  all(
    store.db,
    sql<{ title: string }>`select title from alert_closed order by closed_at limit 100`,
  );
const incidents = () =>
  all(
    store.db,
    sql<{ severity: string; title: string; serviceId: string; ruleId: string }>`
      select severity, title, service_id, rule_id from incident order by number limit 100`,
  );
const states = () =>
  all(
    store.db,
    sql<{ ruleId: string; verdict: { kind: string } | null }>`select rule_id, verdict
      from condition_state order by rule_id, service_id, series limit 100`,
  );
const count = async (table: string): Promise<number> =>
  (await one(store.db, sql<{ n: number }>`select count(*) as n from ${sql.raw(table)}`)).n;

describe("the default policy over pushed numbers, on two nodes", () => {
  test("above 10 % for more than 5 minutes declares one SEV1, once", async () => {
    await measure(12, 5);
    expect(await incidents()).toEqual([]);
    await measure(12, 10);
    expect(await openAlerts()).toEqual([
      {
        title: "error_rate > 10 % for more than 5 min",
        severity: "critical",
        count: 1,
        because: `condition holds since ${toIso(start)}`,
        status: "firing",
      },
    ]);
    expect(await incidents()).toEqual([
      {
        severity: "SEV1",
        title: "error_rate > 10 % for more than 5 min",
        serviceId: "checkout",
        ruleId: "default-error-rate-high",
      },
    ]);
    expect(await count("signal")).toBe(1);
  });

  test("it rings on time although the next number has not come yet", async () => {
    await measure(12, 5);
    await nodes[0]?.post({ measure: "error_rate", value: 12 });
    await stepBoth();
    expect(await openAlerts()).toEqual([]);
    const next = await nodes[0]?.conditions.run(now);
    expect(next?.nextAt).toBe(addMs(now, 1));
    now = addMs(now, 1);
    await stepBoth();
    expect(await openAlerts()).toHaveLength(1);
  });

  test("7 % for more than 15 minutes declares a SEV2", async () => {
    await measure(7, 15);
    expect(await incidents()).toEqual([]);
    await measure(7, 3);
    expect(await incidents()).toMatchObject([
      { severity: "SEV2", title: "error_rate 5–10 % for more than 15 min" },
    ]);
  });

  test("health resolves the alert, and the next time is news again", async () => {
    await measure(12, 7);
    await measure(1, 1);
    expect([await openAlerts(), (await closedAlerts()).length]).toEqual([[], 1]);
    await measure(12, 7);
    expect([(await openAlerts()).length, (await closedAlerts()).length]).toEqual([1, 1]);
  });

  test("a gap neither rings nor resolves", async () => {
    await measure(12, 4);
    now = addMs(now, HOUR);
    await stepBoth();
    expect(await openAlerts()).toEqual([]);
    await measure(12, 7);
    expect(await openAlerts()).toHaveLength(1);
    now = addMs(now, HOUR);
    await stepBoth();
    expect(await openAlerts()).toHaveLength(1);
    expect((await states()).map(({ verdict }) => verdict?.kind)).toEqual(["gap", "gap"]);
  });

  test("series ring apart, and one service is no other", async () => {
    await nodes[0]?.post([
      { measure: "payment_failure_rate", value: 3, labels: { zone: "a" } },
      { measure: "payment_failure_rate", value: 3, labels: { zone: "b" } },
      { measure: "payment_failure_rate", value: 0, service: "search" },
    ]);
    await stepBoth();
    const alerts = await all(
      store.db,
      sql<{ labels: object }>`select labels from alert_open order by labels->>'zone' limit 9`,
    );
    expect(alerts).toEqual([{ labels: { zone: "a" } }, { labels: { zone: "b" } }]);
    expect(await incidents()).toMatchObject([{ serviceId: "checkout" }]);
  });
});

describe("a signal that is owed", () => {
  test("is handed over again after a crash in between, and stays one alert", async () => {
    const crashing = node({}, (desk) => ({
      ...desk,
      async accept(arrivals) {
        await desk.accept(arrivals);
        throw new Error("killed after the intake had committed");
      },
    }));
    await nodes[0]?.post({ measure: "payment_failure_rate", value: 3 });
    await expect(crashing.conditions.run(now)).rejects.toThrow("killed");
    await stepBoth();
    expect(await count("signal")).toBe(1);
    now = addMs(now, 10 * SECOND);
    await stepBoth();
    expect([(await openAlerts()).length, (await incidents()).length]).toEqual([1, 1]);
    await nodes[0]?.post({ measure: "payment_failure_rate", value: 0 });
    await stepBoth();
    expect(await openAlerts()).toEqual([]);
    await crashing.settle();
  });

  test("rings although the number has become healthy before the crash was noticed", async () => {
    const crashing = node({}, (desk) => ({
      ...desk,
      accept: () => Promise.reject(new Error("killed before the intake had it")),
    }));
    await nodes[0]?.post({ measure: "payment_failure_rate", value: 3 });
    await expect(crashing.conditions.run(now)).rejects.toThrow("killed");
    now = addMs(now, 10 * SECOND);
    await nodes[0]?.post({ measure: "payment_failure_rate", value: 0 });
    await stepBoth();
    expect(await closedAlerts()).toHaveLength(1);
    await crashing.settle();
  });

  test("leaves no open alert when it is handed over by a node that lost its lease", async () => {
    const stalled = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    const slow = node({}, (desk) => ({
      ...desk,
      async accept(arrivals) {
        started.resolve();
        await stalled.promise;
        return desk.accept(arrivals);
      },
    }));
    await nodes[0]?.post({ measure: "payment_failure_rate", value: 3 });
    const late = slow.conditions.run(now);
    await started.promise;
    now = addMs(now, 10 * SECOND);
    await nodes[0]?.post({ measure: "payment_failure_rate", value: 0 });
    await stepBoth();
    expect([(await openAlerts()).length, (await closedAlerts()).length]).toEqual([0, 1]);
    stalled.resolve();
    await late;
    expect(await openAlerts()).toHaveLength(1);
    await stepBoth();
    expect(await openAlerts()).toEqual([]);
    await slow.settle();
  });

  test("is owed on while the store is away from the intake", async () => {
    const away = node({}, (desk) => ({
      ...desk,
      accept: async () => [new Refusal("signal.unstorable", { sqlState: "22000" })],
    }));
    await nodes[0]?.post({ measure: "payment_failure_rate", value: 3 });
    await away.conditions.run(now);
    now = addMs(now, 10 * SECOND);
    await stepBoth();
    expect(await openAlerts()).toHaveLength(1);
    await away.settle();
  });
});

describe("POST /v1/measurements", () => {
  test("keeps the good ones and names the others by index and field", async () => {
    const reply = await nodes[0]?.post([
      { measure: "a", value: 1 },
      { measure: "a", value: "2" },
      { value: 3 },
    ]);
    expect(reply).toMatchObject({
      accepted: 1,
      refused: [
        { index: 1, field: "value" },
        { index: 2, field: "measure" },
      ],
    });
    expect(await count("measurement")).toBe(1);
  });

  test("refuses a request in which nothing is good", async () => {
    await expect(nodes[0]?.post({ measure: "a" })).rejects.toMatchObject({
      code: "signal.refused",
    });
  });

  for (const [promise, secret] of [
    ["refuses a key that nobody has", "another"],
    ["refuses a request without a key", null],
  ] as const)
    test(promise, async () => {
      const reply = nodes[0]?.post({ measure: "a", value: 1 }, secret);
      await expect(reply).rejects.toMatchObject({ code: "signal.key_unknown" });
    });

  test("of two numbers at one instant of one series the last counts", async () => {
    const at = toIso(start);
    const labels = { a: "1", b: "2" };
    await nodes[0]?.post([
      { measure: "m", value: 1, at, labels },
      { measure: "m", value: 2, at, labels: { b: "2", a: "1" } },
    ]);
    await nodes[1]?.post({ measure: "m", value: 3, at, labels });
    expect(await all(store.db, sql`select value from measurement limit 9`)).toEqual([{ value: 3 }]);
  });

  test("takes a thousand labels' worth of text in a series", async () => {
    const labels = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [`${"n".repeat(200)}${index}`, "ü".repeat(1_000)]),
    );
    await nodes[0]?.post({ measure: "payment_failure_rate", value: 9, labels });
    await stepBoth();
    expect(await openAlerts()).toHaveLength(1);
  });

  test("numbers of an unknown service belong to the service of the key", async () => {
    await nodes[0]?.post([
      { measure: "m", value: 1, service: "nowhere" },
      { measure: "m", value: 1, service: "search" },
    ]);
    expect(
      await all(store.db, sql`select service_id from measurement order by service_id limit 9`),
    ).toEqual([{ serviceId: "checkout" }, { serviceId: "search" }]);
  });

  test("says so when the store is away, and accepts nothing", async () => {
    const reader = snapshotReader();
    const known = await reader(store.db);
    const db = openDb({
      url: "postgres://nobody@127.0.0.1:1/none",
      maxConnections: 1,
      name: "away",
      onFault: () => undefined,
    });
    const [route] = measurementRoutes(
      { ...worldOf(), db },
      { known: () => known, read: async () => known, within: async () => known },
    );
    const answer = route?.answer({
      actor: ENGINE,
      params: {} as never,
      query: {} as never,
      body: { measure: "m", value: 1 } as never,
      request: { requestId: "r", headers: { "x-tocsin-key": SECRET }, rawBody: Buffer.from("") },
    });
    await expect(answer).rejects.toMatchObject({ code: "server.store_away" });
    await db.destroy();
  });
});

function worldOf(): World {
  return {
    clock: { now: () => now, sleep: async () => undefined },
    chance: seededChance("away"),
    db: store.db,
    keys: keyring(Buffer.alloc(32, 7)),
    transport: { send: async () => ({ kind: "error", reached: "no", because: "nowhere" }) },
    log: silentLog,
    publicUrl: "http://127.0.0.1:4400",
    secret: () => null,
    nudge: () => undefined,
  };
}

describe("rules that change", () => {
  const condition = { measure: "queue", comparator: ">", threshold: 100, sustained: "PT0S" };
  const then = { declare: "SEV3" };

  test("a rule that vanishes resolves what it opened and leaves no state", async () => {
    await configure("rules", "queue-long", { condition, then });
    await nodes[0]?.post({ measure: "queue", value: 200 });
    await stepBoth();
    expect(await openAlerts()).toMatchObject([{ title: "queue > 100", severity: "warning" }]);
    await forget("rules", "queue-long");
    await stepBoth();
    expect([await openAlerts(), await states()]).toEqual([[], []]);
    expect(
      await all(store.db, sql`select because from signal where action = 'resolve' limit 9`),
    ).toEqual([{ because: "rule queue-long is gone or asks for something else" }]);
  });

  test("an incident names the file and line of the rule", async () => {
    await configure("rules", "queue-long", { condition, then });
    await nodes[0]?.post({ measure: "queue", value: 200 });
    await stepBoth();
    expect(
      await all(store.db, sql`select rule_id, rule_file, rule_line from incident limit 9`),
    ).toEqual([{ ruleId: "queue-long", ruleFile: "test.yaml", ruleLine: 7 }]);
  });
});

test("numbers that no rule needs any more are deleted, the others are kept", async () => {
  const old = [30, 1].map((days) => ({
    measure: "m",
    value: days,
    at: toIso(addMs(start, -days * 24 * HOUR)),
  }));
  await nodes[0]?.post(old);
  await stepBoth();
  expect(await all(store.db, sql`select value from measurement limit 9`)).toEqual([{ value: 1 }]);
});

describe("a query that is polled", () => {
  let server: Server;
  let asked: { path: string; query: string; time: string }[];
  let reply: (time: number) => { status: number; body: unknown };

  beforeEach(async () => {
    asked = [];
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        const form = new URLSearchParams(body);
        const time = form.get("time") ?? "";
        asked.push({ path: request.url ?? "", query: form.get("query") ?? "", time });
        const answer = reply(Number(time));
        response.writeHead(answer.status, { "Content-Type": "application/json" });
        response.end(JSON.stringify(answer.body));
      });
    });
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    const { port } = server.address() as AddressInfo;
    const promql = { server: `http://127.0.0.1:${port}/prom`, query: "errors / requests * 100" };
    await configure("rules", "errors", {
      name: "Errors",
      services: ["checkout"],
      condition: { promql, comparator: ">", threshold: 10, unit: "%", sustained: "PT1M" },
      then: { declare: "SEV2" },
    });
  });
  afterEach(() => new Promise((closed) => server.close(closed)));

  const vector =
    (...series: readonly [labels: object, value: string][]) =>
    (time: number) => ({
      status: 200,
      body: {
        status: "success",
        data: {
          resultType: "vector",
          result: series.map(([metric, value]) => ({ metric, value: [time, value] })),
        },
      },
    });

  async function pass(seconds: number): Promise<void> {
    for (let passed = 0; passed < seconds; passed += 15) {
      await stepBoth();
      now = addMs(now, 15 * SECOND);
    }
    await stepBoth();
  }

  test("rings for the service that its label names, and is asked by one node at a time", async () => {
    reply = vector([{ service: "search" }, "12"], [{ service: "nowhere" }, "3"]);
    await pass(60);
    expect(asked).toHaveLength(3);
    expect(asked[0]).toEqual({
      path: "/prom/api/v1/query",
      query: "errors / requests * 100",
      time: (start / 1_000).toFixed(3),
    });
    expect(await openAlerts()).toEqual([]);
    now = addMs(now, 1);
    await stepBoth();
    expect(await openAlerts()).toMatchObject([
      { title: "Errors > 10 % for more than 1 min", severity: "error" },
    ]);
    expect(await incidents()).toMatchObject([{ severity: "SEV2", serviceId: "search" }]);
    expect(
      await all(store.db, sql`select distinct service_id from measurement order by 1 limit 9`),
    ).toEqual([{ serviceId: "checkout" }, { serviceId: "search" }]);
  });

  test("that fails is a gap with a recorded reason, and is asked again with growing pauses", async () => {
    reply = vector([{}, "12"]);
    await pass(75);
    expect(await openAlerts()).toHaveLength(1);
    reply = () => ({
      status: 503,
      body: { status: "error", errorType: "timeout", error: "query timed out" },
    });
    const before = asked.length;
    await pass(300);
    expect(asked.length - before).toBe(7);
    expect(await openAlerts()).toHaveLength(1);
    expect((await states()).map(({ verdict }) => verdict?.kind)).toEqual(["gap"]);
    const failure = "the server answered 503: timeout: query timed out";
    expect(await all(store.db, sql`select failure from measurement_query limit 9`)).toEqual([
      { failure },
    ]);
    reply = vector([{}, "1"]);
    await pass(60);
    expect(await openAlerts()).toEqual([]);
    expect(
      await all(store.db, sql`select failures, failure from measurement_query limit 9`),
    ).toEqual([{ failures: 0, failure: null }]);
  });

  test("ends with its rule", async () => {
    reply = vector([{}, "12"]);
    await pass(15);
    await forget("rules", "errors");
    await stepBoth();
    const before = asked.length;
    await pass(60);
    expect(asked.length).toBe(before);
    expect([await count("measurement_query"), await states()]).toEqual([0, []]);
  });
});
