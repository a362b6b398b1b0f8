/** The intake desk on a real store: what is accepted is there, in order, once, with its decision. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { freshDatabase, type TestStore } from "../../../test/store.ts";
import { seededChance } from "../../base/chance.ts";
import { keyring, sha256 } from "../../base/crypto.ts";
import { all, one, openDb, run, sql } from "../../base/db.ts";
import { Refusal } from "../../base/errors.ts";
import { addMs, instant, SECOND } from "../../base/instant.ts";
import { silentLog } from "../../base/log.ts";
import { pooledSession } from "../../base/session.ts";
import type { World } from "../../base/world.ts";
import type { DecisionColumns } from "./alert.ts";
import { openBodies } from "./batch.ts";
import { basisText, findBasis } from "../signal/basis.ts";
import { changesOver } from "./changes.ts";
import { type Arrival, type Decide, type IntakeDesk, intakeDesk } from "./intake.ts";
import { findOpeningSignal, listSignals } from "./store.ts";

let store: TestStore;
let now = instant(Date.UTC(2026, 10, 21, 9));
let worlds = 0;
const keys = keyring(sha256("test"));

beforeAll(async () => {
  store = await freshDatabase();
});
afterAll(() => store.drop());
beforeEach(async () => {
  await run(store.db, sql`truncate alert_open, alert_closed, signal, signal_batch`);
});

const world = (db = store.db): World => ({
  clock: { now: () => now, sleep: async () => undefined },
  chance: seededChance(`desk ${worlds++}`),
  db,
  keys,
  transport: { send: () => Promise.reject(new Error("intake sends nothing")) },
  log: silentLog,
  publicUrl: "http://127.0.0.1",
  secret: () => null,
  nudge: () => undefined,
});

/** Severity decides: critical is a SEV1, error a SEV2, all else is recorded. */
const bySeverity: Decide = async () => ({
  basis: basisText(await findBasis(store.db)),
  decide: (arrival) => decision(arrival.signal.severity ?? "info"),
});

function decision(severity: string): DecisionColumns {
  const declareSeverity = severity === "critical" ? "SEV1" : severity === "error" ? "SEV2" : null;
  return {
    ruleId: `on-${severity}`,
    ruleFile: "rules.yaml",
    ruleLine: 3,
    outcome: declareSeverity === null ? "record" : "declare",
    because: `severity is ${severity}`,
    declareSeverity,
    autoResolve: false,
  };
}

const desk = (over: World = world(), decide: Decide = bySeverity): IntakeDesk => {
  const readChanges = changesOver(pooledSession(over.db));
  return intakeDesk({ world: over, decide, readChanges }, () => undefined);
};

type Change = Partial<Arrival["signal"]>;

const arrival = (dedupKey: string, change: Change = {}, raw = Buffer.from("{}")): Arrival => ({
  keyId: "acme",
  adapter: "tocsin",
  resends: false,
  serviceId: "checkout",
  raw,
  signal: {
    dedupKey,
    action: "trigger",
    title: `title of ${dedupKey}`,
    severity: "error",
    source: null,
    labels: {},
    details: null,
    link: null,
    startedAt: null,
    endsAt: null,
    ...change,
  },
});

const numbered = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n);

const openAlerts = () =>
  all(
    store.db,
    sql<{
      id: string;
      dedupKey: string;
      status: string;
      count: number;
      severity: string;
      declareSeverity: string | null;
      outcome: string;
      attendAt: number | null;
      because: string;
    }>`
      select id, dedup_key, status, count, severity, declare_severity, outcome, attend_at, because
      from alert_open order by dedup_key collate "C"`,
  );

const closedAlerts = () =>
  all(
    store.db,
    sql<{ dedupKey: string; count: number; closedBecause: string }>`
      select dedup_key, count, closed_because from alert_closed order by id`,
  );

const signals = () =>
  all(
    store.db,
    sql<{
      action: string;
      outcome: string;
      alertId: string | null;
      ruleId: string;
      because: string;
      dedupKey: string;
      batchId: string;
      position: number;
    }>`
      select action, outcome, alert_id, rule_id, because, batch_id, position, coalesce(
          (select dedup_key from signal where id = s.id),
          (select dedup_key from alert_open where id = s.alert_id),
          (select dedup_key from alert_closed where id = s.alert_id)) as dedup_key
      from every_signal s order by received_at, id`,
  );

const what = (results: Awaited<ReturnType<IntakeDesk["accept"]>>): readonly string[] =>
  results.map((result) => (result instanceof Refusal ? result.code : result.what));

describe("order", () => {
  test("trigger, resolve, trigger of one key in one burst leave a closed alert and a fresh one", async () => {
    const results = await desk().accept([
      arrival("a"),
      arrival("a", { action: "resolve" }),
      arrival("a"),
      arrival("a", { action: "acknowledge" }),
    ]);
    expect(what(results)).toEqual(["opened", "closed", "opened", "acknowledged"]);
    expect(await openAlerts()).toMatchObject([{ dedupKey: "a", status: "acknowledged", count: 1 }]);
    expect(await closedAlerts()).toEqual([
      { dedupKey: "a", count: 1, closedBecause: "resolved by the tool" },
    ]);
  });

  test("many requests at once are one alert with an exact count", async () => {
    const one = desk();
    const results = await Promise.all(numbered(120).map(() => one.accept([arrival("a")])));
    expect(
      results.flat().filter((r) => !(r instanceof Refusal) && r.what === "opened").length,
    ).toBeGreaterThan(0);
    expect(await openAlerts()).toMatchObject([{ count: 120 }]);
    expect(await signals()).toHaveLength(120);
  });

  test("a resolve or acknowledge of something unknown is recorded and opens nothing", async () => {
    const results = await desk().accept([
      arrival("x", { action: "resolve" }),
      arrival("y", { action: "acknowledge" }),
    ]);
    expect(what(results)).toEqual(["unknown key", "unknown key"]);
    expect(await openAlerts()).toEqual([]);
    expect((await signals()).map((row) => row.outcome)).toEqual(["unknown key", "unknown key"]);
  });
});

describe("one bad item", () => {
  const spoiled = arrival("bad", { labels: { pod: "a\u0000b" } });

  test("is refused alone while five hundred strangers are kept", async () => {
    const good = numbered(500).map((n) => arrival(`good ${n}`));
    const results = await desk().accept([...good.slice(0, 250), spoiled, ...good.slice(250)]);
    expect(what(results).filter((word) => word === "opened")).toHaveLength(500);
    expect(what(results)[250]).toBe("signal.unstorable");
    expect(await openAlerts()).toHaveLength(500);
    expect(await signals()).toHaveLength(500);
  });

  test("keeps the order of the good ones of its own key", async () => {
    const results = await desk().accept([
      arrival("a"),
      spoiled,
      arrival("a", { action: "resolve" }),
      arrival("a", { title: "again" }),
    ]);
    expect(what(results)).toEqual(["opened", "signal.unstorable", "closed", "opened"]);
  });

  test("half a character is refused too", async () => {
    expect(what(await desk().accept([arrival("a", { labels: { a: "\ud800" } })]))).toEqual([
      "signal.unstorable",
    ]);
  });
});

test("two nodes with the same keys in opposite orders lose nothing and never report a deadlock", async () => {
  const nodes = [desk(), desk()];
  const names = numbered(150).map((n) => `key ${n}`);
  const rounds = numbered(6).map((round) =>
    Promise.all(
      nodes.flatMap((node, index) => {
        const ordered = index === 0 ? names : names.toReversed();
        return [
          node.accept(ordered.map((name) => arrival(name))),
          // Some alerts are resolved while others are triggered: one flush does several things.
          node.accept(
            ordered
              .filter((_, n) => (n + round + index) % 3 === 0)
              .map((name) => arrival(name, { action: "acknowledge" })),
          ),
        ];
      }),
    ),
  );
  const results = (await Promise.all(rounds)).flat(2);
  expect(results.filter((result) => result instanceof Refusal)).toEqual([]);
  const rows = await openAlerts();
  expect(rows).toHaveLength(150);
  expect(rows.every((row) => row.count === 12)).toBe(true);
  expect(await closedAlerts()).toEqual([]);
});

test("nodes that resolve what the other one triggers count every opening as closed or open", async () => {
  const nodes = [desk(), desk()];
  const names = numbered(80).map((n) => `key ${n}`);
  const results = await Promise.all(
    numbered(5).flatMap((round) =>
      nodes.map((node, index) =>
        node.accept(
          (index === 0 ? names : names.toReversed()).map((name, n) =>
            arrival(name, { action: (n + round + index) % 2 === 0 ? "trigger" : "resolve" }),
          ),
        ),
      ),
    ),
  );
  const said = what(results.flat());
  const rows = (await openAlerts()).length + (await closedAlerts()).length;
  expect(said.filter((word) => word.includes("."))).toEqual([]);
  const triggers = [...(await openAlerts()), ...(await closedAlerts())].reduce(
    (sum, row) => sum + row.count,
    0,
  );
  expect(triggers).toBe(said.filter((word) => word === "opened" || word === "repeated").length);
  const ids = await one(
    store.db,
    sql<{
      opened: number;
    }>`select count(distinct alert_id) as opened from every_signal where action = 'trigger'`,
  );
  expect(rows).toBe(ids.opened);
});

describe("a re-send", () => {
  test("with a stricter severity sharpens the decision once and wakes the engine once", async () => {
    const node = desk();
    await node.accept([arrival("a", { severity: "info" })]);
    expect(await openAlerts()).toMatchObject([{ outcome: "record", attendAt: null }]);
    await node.accept([arrival("a", { severity: "critical" })]);
    const [sharper] = await openAlerts();
    expect(sharper).toMatchObject({
      outcome: "declare",
      declareSeverity: "SEV1",
      attendAt: now,
      count: 2,
    });
    await run(store.db, sql`update alert_open set attend_at = null`);
    await node.accept([
      arrival("a", { severity: "critical" }),
      arrival("a", { severity: "error" }),
    ]);
    const [after] = await openAlerts();
    expect(after).toMatchObject({
      declareSeverity: "SEV1",
      attendAt: null,
      count: 4,
      because: "severity is critical",
    });
  });

  test("in one flush decides by the strictest of its signals", async () => {
    await desk().accept([
      arrival("a", { severity: "critical" }),
      arrival("a", { severity: "info" }),
    ]);
    expect(await openAlerts()).toMatchObject([
      { declareSeverity: "SEV1", outcome: "declare", count: 2 },
    ]);
  });

  test("of an acknowledged alert stays acknowledged and is counted", async () => {
    const node = desk();
    await node.accept([arrival("a")]);
    await node.accept([arrival("a", { action: "acknowledge" })]);
    await run(store.db, sql`update alert_open set attend_at = null`);
    expect(what(await node.accept([arrival("a")]))).toEqual(["repeated"]);
    expect(await openAlerts()).toMatchObject([
      { status: "acknowledged", count: 2, attendAt: null },
    ]);
  });
});

describe("what is kept", () => {
  test("every signal has its decision, its alert and its place in the raw batch", async () => {
    const bodies = ["first", "second"].map((text) => Buffer.from(`{"body":"${text}"}`));
    await desk().accept([
      arrival("a", {}, bodies[0]),
      arrival("b", { severity: "info" }, bodies[0]),
      arrival("c", {}, bodies[1]),
    ]);
    const rows = await signals();
    expect(rows.map((row) => [row.dedupKey, row.ruleId, row.outcome, row.because])).toEqual(
      expect.arrayContaining([
        ["a", "on-error", "declare", "severity is error"],
        ["b", "on-info", "record", "severity is info"],
        ["c", "on-error", "declare", "severity is error"],
      ]),
    );
    const alerts = new Map((await openAlerts()).map((row) => [row.dedupKey, row.id]));
    for (const row of rows) {
      expect(row.alertId).toBe(alerts.get(row.dedupKey));
      const { sealed } = await one(
        store.db,
        sql<{ sealed: Buffer }>`select sealed from signal_batch where id = ${row.batchId}`,
      );
      const body = openBodies(keys, sealed)[row.position];
      expect(body).toEqual(row.dedupKey === "c" ? bodies[1] : bodies[0]);
    }
  });

  test("an alert's signals are found, that which opened it as well, and whatever an older version wrote", async () => {
    const node = desk();
    await node.accept([arrival("a"), arrival("b", { severity: "info" }), arrival("a")]);
    now = addMs(now, SECOND);
    await node.accept([arrival("c"), arrival("a", { severity: "critical" })]);
    const [a, b, c] = (await openAlerts()).map(({ id }) => id);
    await run(
      store.db,
      sql`insert into signal (id, received_at, batch_id, position, key_id, adapter, action, dedup_key, alert_id,
          outcome, because)
        select id, received_at - 1000, id, 0, 'acme', 'tocsin', 'trigger', 'b', ${b}, 'record', 'of old' from signal`,
    );
    const told = async (id: string | undefined) =>
      (await listSignals(store.db, id!, 10)).map((row) => [row.action, row.ruleId, row.outcome]);
    expect(await told(a)).toEqual([
      ["trigger", "on-critical", "repeated"],
      ["trigger", "on-error", "declare"],
      ["trigger", "on-error", "declare"],
    ]);
    expect(await told(b)).toEqual([
      ["trigger", null, "record"],
      ["trigger", "on-info", "record"],
    ]);
    expect(await told(c)).toEqual([["trigger", "on-error", "declare"]]);
    await node.accept([arrival("c", { action: "resolve" })]);
    expect(await told(c)).toEqual([
      ["resolve", "on-error", "closed"],
      ["trigger", "on-error", "declare"],
    ]);
    const opening = await findOpeningSignal(store.db, a!);
    expect(opening).toMatchObject({ keyId: "acme", adapter: "tocsin", ruleId: "on-error" });
    const ids = (await listSignals(store.db, a!, 10)).map(({ id }) => id);
    expect(new Set(ids).size).toBe(3);
    expect(opening?.id).toBe(ids.at(-1));
  });

  test("each flush writes one ledger entry in its own transaction", async () => {
    const entries = () =>
      one(store.db, sql<{ n: number }>`select count(*) as n from ledger_pending`);
    const batches = () => one(store.db, sql<{ n: number }>`select count(*) as n from signal_batch`);
    const before = await entries();
    await desk().accept(numbered(300).map((n) => arrival(`k ${n}`)));
    expect((await entries()).n - before.n).toBe((await batches()).n);
    expect((await batches()).n).toBeLessThanOrEqual(4);
  });
});

describe("a store that is away", () => {
  test("is said so, and nothing is there afterwards", async () => {
    const away = openDb({
      url: "postgresql://nobody:nothing@127.0.0.1:1/none",
      maxConnections: 2,
      name: "away",
      onFault: () => undefined,
    });
    const refused = await desk(world(away))
      .accept([arrival("a")])
      .catch((error: unknown) => error);
    await away.destroy();
    expect(refused).toBeInstanceOf(Refusal);
    expect(refused).toMatchObject({ code: "server.store_away" });
  });

  test("in the middle of a flush leaves nothing half-written", async () => {
    const db = openDb({
      url: store.url,
      maxConnections: 2,
      name: "cut off",
      onFault: () => undefined,
    });
    await desk().accept([arrival("a")]);
    // It waits for the alert that somebody else has locked, in the middle of its statement.
    const other = await store.db.pool.connect();
    await other.query("begin");
    await other.query("select id from alert_open for update");
    const refused = desk(world(db))
      .accept([arrival("a"), arrival("b")])
      .catch((error: unknown) => error);
    const cut = sql<{ cut: boolean }>`select pg_terminate_backend(pid) as cut from pg_stat_activity
      where application_name = 'cut off' and wait_event_type = 'Lock'`;
    while ((await all(store.db, cut)).length === 0);
    expect(await refused).toMatchObject({ code: "server.store_away" });
    await other.query("rollback");
    other.release();
    await db.destroy();
    expect(await openAlerts()).toMatchObject([{ dedupKey: "a", count: 1 }]);
    expect(await signals()).toHaveLength(1);
  });

  test("does not stop the desk: what comes later is taken", async () => {
    let first = true;
    const stumbling: Decide = async (anew) => {
      if (first) {
        first = false;
        throw Object.assign(new Error("Connection terminated unexpectedly"), {});
      }
      return bySeverity(anew);
    };
    const node = desk(world(), stumbling);
    await expect(node.accept([arrival("a")])).rejects.toMatchObject({ code: "server.store_away" });
    expect(what(await node.accept([arrival("a")]))).toEqual(["opened"]);
    await node.drain();
    expect(node.waiting()).toBe(0);
  });
});
