/** Flushes that stand in line behind each other on one connection: order, failure and loss of the connection. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { freshDatabase, type TestStore } from "../../../test/store.ts";
import { seededChance } from "../../base/chance.ts";
import { keyring, sha256 } from "../../base/crypto.ts";
import { all, type Db, openDb, run, sql } from "../../base/db.ts";
import { Refusal } from "../../base/errors.ts";
import { openLine } from "../../base/inLine.ts";
import { instant } from "../../base/instant.ts";
import { silentLog } from "../../base/log.ts";
import { pooledSession } from "../../base/session.ts";
import { basisText, findBasis } from "../signal/basis.ts";
import { changesOver } from "./changes.ts";
import { type Arrival, type IntakeDesk, intakeDesk } from "./intake.ts";

let store: TestStore;
let nodes = 0;
/** What happened, in its order. */
let events: string[] = [];
const now = instant(Date.UTC(2026, 10, 26, 9));

beforeAll(async () => {
  store = await freshDatabase();
});
afterAll(() => store.drop());
beforeEach(async () => {
  events = [];
  await run(store.db, sql`truncate alert_open, alert_closed, signal, signal_batch`);
});

function desk(db: Db = store.db): IntakeDesk {
  const world = {
    clock: { now: () => now, sleep: async () => undefined },
    chance: seededChance(`in line ${nodes++}`),
    db,
    keys: keyring(sha256("test")),
    transport: { send: () => Promise.reject(new Error("intake sends nothing")) },
    log: silentLog,
    publicUrl: "http://127.0.0.1",
    secret: () => null,
    nudge: () => undefined,
  };
  return intakeDesk(
    {
      world,
      readChanges: changesOver(pooledSession(db)),
      async decide() {
        const basis = basisText(await findBasis(store.db));
        return {
          basis,
          decide({ signal: { dedupKey } }) {
            events.push(`decides ${dedupKey}`);
            const none = { ruleId: null, ruleFile: null, ruleLine: null, declareSeverity: null };
            return { ...none, outcome: "record", because: "no rule", autoResolve: false };
          },
        };
      },
    },
    () => undefined,
  );
}

const arrival = (dedupKey: string, change: Partial<Arrival["signal"]> = {}): Arrival => ({
  keyId: "acme",
  adapter: "tocsin",
  resends: false,
  serviceId: "checkout",
  raw: Buffer.from("{}"),
  signal: {
    dedupKey,
    action: "trigger",
    title: dedupKey,
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
const ends = (dedupKey: string): Arrival => arrival(dedupKey, { action: "resolve" });

/** Sends by itself, and notes what became of it. */
async function send(node: IntakeDesk, ...arrivals: readonly Arrival[]): Promise<string> {
  const outcome = await node.accept(arrivals).then(
    (results) =>
      results.map((each) => (each instanceof Refusal ? each.code : each.what)).join(", "),
    (error: unknown) => (error as Refusal).code,
  );
  events.push(`tells ${arrivals[0]!.signal.dedupKey}`);
  return outcome;
}

/** Holds an alert as somebody does who opens the same one and has not committed; resolves to its letting go. */
async function hold(dedupKey: string): Promise<() => Promise<void>> {
  const other = await store.db.pool.connect();
  await other.query("begin");
  await other.query(`insert into alert_open (id, key_id, dedup_key, service_id, title, severity, status, labels, adapter,
      started_at, first_received_at, last_received_at, count, batch_id, outcome, because)
    values (gen_random_uuid(), 'acme', '${dedupKey}', 's', 't', 'info', 'firing', '{}', 'a', 0, 0, 0, 1,
      gen_random_uuid(), 'record', 'b')`);
  return async () => {
    await other.query("rollback");
    other.release();
  };
}

const waiters = sql<{ pid: number }>`select pid from pg_stat_activity
  where datname = current_database() and wait_event_type = 'Lock'`;
/** Until a flush waits for what is held. */
async function untilOneWaits(): Promise<number> {
  for (;;) {
    const [waiter] = await all(store.db, waiters);
    if (waiter !== undefined) return waiter.pid;
  }
}
/** Until what was sent has had its turns to be decided about. */
async function untilDecided(dedupKey: string): Promise<void> {
  while (!events.includes(`decides ${dedupKey}`))
    await new Promise((resume) => setImmediate(resume));
}

const open = async (): Promise<readonly string[]> =>
  (
    await all(
      store.db,
      sql<{ dedupKey: string; count: number }>`select dedup_key, count from alert_open
        order by dedup_key collate "C"`,
    )
  ).map(({ dedupKey, count }) => `${dedupKey} ${count}`);
const closed = async (): Promise<readonly string[]> =>
  (
    await all(store.db, sql<{ dedupKey: string }>`select dedup_key from alert_closed order by id`)
  ).map(({ dedupKey }) => dedupKey);

test("what waits leaves before those are answered whose flush is done", async () => {
  const node = desk();
  const first = send(node, ...["a", "b", "c", "d"].map((key) => arrival(key)));
  await untilDecided("d");
  const second = send(node, arrival("e"));
  await Promise.all([first, second]);
  expect(events.slice(4)).toEqual(["decides e", "tells a", "tells e"]);
});

test("a first flush that fails with a second in line behind it refuses only what is bad", async () => {
  const node = desk();
  const letGo = await hold("a held");
  const bad = arrival("bad", { severity: "none such" as never });
  const first = [send(node, arrival("a held")), send(node, bad), send(node, arrival("good"))];
  await untilOneWaits();
  const second = [send(node, arrival("x")), send(node, arrival("y"))];
  // Of a key of the first: it must not be done before the first is there at last.
  const third = send(node, ends("good"));
  await untilDecided("y");
  expect(events).not.toContain("tells a held");
  await letGo();
  expect(await Promise.all(first)).toEqual(["opened", "signal.unstorable", "opened"]);
  expect(await Promise.all(second)).toEqual(["opened", "opened"]);
  expect(await third).toBe("closed");
  await node.drain();
  expect(await open()).toEqual(["a held 1", "x 1", "y 1"]);
  expect(await closed()).toEqual(["good"]);
});

test("a key stays behind itself, however many flushes stand in line", async () => {
  const node = desk();
  const letGo = await hold("a held");
  const all = [send(node, arrival("a held")), send(node, arrival("k"))];
  await untilOneWaits();
  const later = [ends("k"), arrival("k"), arrival("s"), ends("k"), ends("s"), arrival("k")];
  for (const each of later) {
    all.push(send(node, each));
    await new Promise((resume) => setImmediate(resume));
  }
  await letGo();
  expect((await Promise.all(all)).join(" ")).toBe(
    "opened opened closed opened opened closed closed opened",
  );
  expect(await open()).toEqual(["a held 1", "k 1"]);
  expect((await closed()).toSorted()).toEqual(["k", "k", "s"]);
});

test("a connection that breaks between two loses nothing that was answered, and both may be sent again", async () => {
  const db = openDb({ url: store.url, maxConnections: 3, name: "cut", onFault: () => undefined });
  const node = desk(db);
  expect(await send(node, arrival("before"))).toBe("opened");
  const letGo = await hold("held");
  const first = send(node, arrival("held"), arrival("with it"));
  const pid = await untilOneWaits();
  const second = send(node, arrival("behind"));
  await untilDecided("behind");
  await run(store.db, sql`select pg_terminate_backend(${pid})`);
  expect(await Promise.all([first, second])).toEqual(["server.store_away", "server.store_away"]);
  await letGo();
  expect(await open()).toEqual(["before 1"]);
  expect(await send(node, arrival("held"), arrival("behind"))).toBe("opened, opened");
  await node.drain();
  await db.destroy();
  expect(await open()).toEqual(["before 1", "behind 1", "held 1"]);
});

test("two nodes that open and end the same alerts in line count every one", async () => {
  const both = [desk(), desk()];
  const keys = Array.from({ length: 12 }, (_, n) => `k${n}`);
  const outcomes = await Promise.all(
    both.flatMap((node, n) =>
      (n === 0 ? keys : keys.toReversed()).flatMap((key) => [
        send(node, arrival(key)),
        send(node, ends(key)),
        send(node, arrival(key)),
      ]),
    ),
  );
  const opened = outcomes.filter((outcome) => outcome === "opened").length;
  const known = ["opened", "repeated", "closed", "unknown key"];
  expect(outcomes.filter((outcome) => !known.includes(outcome))).toEqual([]);
  expect(outcomes.filter((outcome) => outcome === "closed")).toHaveLength((await closed()).length);
  expect((await open()).length + (await closed()).length).toBe(opened);
  expect(await open()).toHaveLength(keys.length);
});

test("a line that never ends gives its connection back to whoever waits for it", async () => {
  const db = openDb({ url: store.url, maxConnections: 1, name: "line", onFault: () => undefined });
  const ask = openLine(db.pool);
  let asked = 0;
  const flood = async (): Promise<void> => {
    while (asked < 250) await ask({ text: `select ${asked++} as n` }, () => undefined);
  };
  const flooding = Promise.all([flood(), flood()]);
  const waited = db.pool.query("select 1").then(() => asked);
  await flooding;
  expect(await waited).toBeLessThan(120);
  // One that fails takes nothing with it.
  const replies = [
    ask({ text: "select 1 / 0" }, () => undefined),
    ask<{ n: number }>({ text: "select 7 as n" }, () => undefined),
  ] as const;
  await expect(replies[0]).rejects.toMatchObject({ code: "22012" });
  expect(await replies[1]).toEqual([{ n: 7 }]);
  await db.destroy();
});
