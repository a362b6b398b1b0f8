/**
 * Repeats on a real store and two desks: what changes nothing is not written, and whatever somebody else
 * did to the alert, to the rules or to the connection, the next repeat is.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { freshDatabase, type TestStore } from "../../../test/store.ts";
import { seededChance } from "../../base/chance.ts";
import { keyring, sha256 } from "../../base/crypto.ts";
import { all, one, run, sql, transact } from "../../base/db.ts";
import { Refusal } from "../../base/errors.ts";
import { addMs, instant, MINUTE, SECOND } from "../../base/instant.ts";
import { silentLog } from "../../base/log.ts";
import { openSession, pooledSession, type Session } from "../../base/session.ts";
import type { World } from "../../base/world.ts";
import { basisText, findBasis, moveDecisionBasis } from "../signal/basis.ts";
import { changesOver, type ReadChanges, type Reading } from "./changes.ts";
import { type Arrival, type IntakeDesk, intakeDesk } from "./intake.ts";
import { mayWait, openRepeats, type Repeats } from "./repeats.ts";
import { expireAlerts, pruneChanges } from "./store.ts";

let store: TestStore;
let now = instant(Date.UTC(2026, 10, 25, 9));
let worlds = 0;
const desks: IntakeDesk[] = [];

beforeAll(async () => {
  store = await freshDatabase();
});
afterAll(async () => {
  for (const each of desks) await each.drain();
  await store.drop();
});
beforeEach(async () => {
  await run(store.db, sql`truncate alert_open, alert_closed, signal, signal_batch`);
});

const world = (): World => ({
  clock: { now: () => now, sleep: async () => undefined },
  chance: seededChance(`repeats ${worlds++}`),
  db: store.db,
  keys: keyring(sha256("test")),
  transport: { send: () => Promise.reject(new Error("intake sends nothing")) },
  log: silentLog,
  publicUrl: "http://127.0.0.1",
  secret: () => null,
  nudge: () => undefined,
});

function desk(readChanges: ReadChanges = changesOver(pooledSession(store.db))): IntakeDesk {
  const opened = intakeDesk(
    {
      world: world(),
      readChanges,
      decide: async () => ({
        basis: basisText(await findBasis(store.db)),
        decide: ({ signal }) => ({
          ruleId: "rule",
          ruleFile: "rules.yaml",
          ruleLine: 1,
          outcome: "record",
          because: `decided about ${signal.title}`,
          declareSeverity: null,
          autoResolve: false,
        }),
      }),
    },
    () => undefined,
  );
  desks.push(opened);
  return opened;
}

type Change = Partial<Omit<Arrival, "signal">> & { readonly signal?: Partial<Arrival["signal"]> };

/** As marks are made; see Mark. */
const wording = (text: string): string => sha256(text).toString("latin1");

/** As a tool that repeats sends it; its wording is its title. */
function arrival(dedupKey: string, { signal, ...change }: Change = {}): Arrival {
  const title = signal?.title ?? `title of ${dedupKey}`;
  return {
    keyId: "acme",
    adapter: "a tool",
    resends: true,
    mark: wording(`${dedupKey} ${title}`),
    serviceId: "checkout",
    raw: Buffer.from("{}"),
    ...change,
    signal: {
      dedupKey,
      action: "trigger",
      title,
      severity: "error",
      source: null,
      labels: {},
      details: null,
      link: null,
      startedAt: null,
      endsAt: addMs(now, 4 * MINUTE),
      ...signal,
    },
  };
}
const resolve = (dedupKey: string) => arrival(dedupKey, { signal: { action: "resolve" } });

const send = async (to: IntakeDesk, ...arrivals: Arrival[]): Promise<readonly string[]> =>
  (await to.accept(arrivals)).map((result) =>
    result instanceof Refusal ? result.code : result.what,
  );
/** How many signals were written so far. */
const written = async (): Promise<number> =>
  (await one(store.db, sql<{ n: number }>`select count(*) as n from every_signal`)).n;
const open = () =>
  all(
    store.db,
    sql<{ dedupKey: string; title: string; count: number; expiresAt: number }>`
      select dedup_key, title, count, expires_at from alert_open order by dedup_key`,
  );

describe("a repeat that changes nothing", () => {
  test("is answered without a commit, counted, and written in bulk with its end", async () => {
    const node = desk();
    const before = await written();
    expect(await send(node, arrival("a"))).toEqual(["opened"]);
    now = addMs(now, MINUTE);
    expect(await send(node, arrival("a"))).toEqual(["repeated"]);
    now = addMs(now, MINUTE);
    const last = arrival("a");
    expect(await send(node, last)).toEqual(["repeated"]);
    expect((await written()) - before).toBe(1);
    expect(await open()).toMatchObject([{ count: 1 }]);
    expect(node.owesRepeats()).toBe(true);
    expect(await node.writeRepeats()).toBe(1);
    expect(node.owesRepeats()).toBe(false);
    expect(await open()).toMatchObject([{ count: 3, expiresAt: last.signal.endsAt }]);
    expect((await written()) - before).toBe(1);
  });

  test("among others in one request is told apart from them", async () => {
    const node = desk();
    await send(node, arrival("a"), arrival("b"));
    const before = await written();
    expect(await send(node, arrival("a"), arrival("c"), arrival("b"))).toEqual([
      "repeated",
      "opened",
      "repeated",
    ]);
    expect((await written()) - before).toBe(1);
  });

  test("in two wordings of the same thing is known in both", async () => {
    const node = desk();
    const wordings = ["first", "second"].map((text) => arrival("a", { mark: wording(text) }));
    for (const wording of wordings) await send(node, wording);
    const before = await written();
    for (const wording of wordings) expect(await send(node, wording)).toEqual(["repeated"]);
    expect(await written()).toBe(before);
  });

  test.each([
    ["of a one-shot event", { resends: false }],
    ["without a mark", { mark: undefined }],
    ["that does not say until when it holds", { signal: { endsAt: null } }],
  ])("%s is written all the same", async (_, change) => {
    const node = desk();
    await send(node, arrival("a", change));
    const before = await written();
    await send(node, arrival("a", change));
    expect((await written()) - before).toBe(1);
  });

  test("is written when it asks for less than before, or the store would forget the alert too soon", async () => {
    const node = desk();
    await send(node, arrival("a"));
    const before = await written();
    await send(node, arrival("a", { signal: { endsAt: addMs(now, 3 * MINUTE) } }));
    expect((await written()) - before).toBe(1);
    now = addMs(now, 2 * MINUTE);
    await send(node, arrival("a"));
    expect((await written()) - before).toBe(2);
  });
});

describe("a repeat is written again after", () => {
  type Pair = { readonly here: IntakeDesk; readonly there: IntakeDesk };
  const cases: readonly [string, (pair: Pair) => Promise<unknown>, string][] = [
    ["another node resolved the alert", ({ there }) => send(there, resolve("a")), "opened"],
    ["this node resolved the alert", ({ here }) => send(here, resolve("a")), "opened"],
    [
      "the alert expired",
      () => transact(store.db, (tx) => expireAlerts(tx, addMs(now, 5 * MINUTE), now, 9)),
      "opened",
    ],
    [
      "another node took in other words",
      ({ there }) => send(there, arrival("a", { signal: { title: "worse" } })),
      "repeated",
    ],
    [
      "the configuration changed",
      () => run(store.db, sql`update config_version set version = version + 1`),
      "repeated",
    ],
    [
      "something else that decisions rest on changed",
      () => transact(store.db, moveDecisionBasis),
      "repeated",
    ],
    [
      "an operator deleted the row by hand",
      () => run(store.db, sql`delete from alert_open`),
      "opened",
    ],
    ["the table was emptied", () => run(store.db, sql`truncate alert_open`), "opened"],
    [
      "changes were pruned that this node did not read",
      async () => {
        const { id } = await one(
          store.db,
          sql<{ id: string }>`select pg_current_xact_id()::text as id`,
        );
        const isPruned = sql<{ pruned: boolean }>`
          select pruned_below > ${id}::xid8 as pruned from alert_change_horizon`;
        // Not before every transaction that was under way has ended, also those of other tests.
        for (let at = now; !(await one(store.db, isPruned)).pruned; at = addMs(at, 11 * MINUTE))
          await transact(store.db, (tx) => pruneChanges(tx, at));
      },
      "repeated",
    ],
  ];
  test.each(cases)("%s", async (_, happens, what) => {
    const pair = { here: desk(), there: desk() };
    await send(pair.here, arrival("a"));
    expect(await send(pair.here, arrival("a"))).toEqual(["repeated"]);
    await happens(pair);
    const before = await written();
    expect(await send(pair.here, arrival("a"))).toEqual([what]);
    expect((await written()) - before).toBe(1);
    expect(await send(pair.here, arrival("a"))).toEqual(["repeated"]);
    expect(await open()).toHaveLength(1);
  });

  test("a close that was under way during the last reading and commits late", async () => {
    const node = desk();
    await send(node, arrival("a"), arrival("b"));
    const client = await store.db.pool.connect();
    await client.query("begin");
    await client.query("delete from alert_open where dedup_key = 'a'");
    // Later transactions commit first, and readings go on.
    await send(desk(), resolve("b"));
    expect(await send(node, arrival("b"))).toEqual(["opened"]);
    expect(await send(node, arrival("a"))).toEqual(["repeated"]);
    await client.query("commit");
    client.release();
    expect(await send(node, arrival("a"))).toEqual(["opened"]);
  });

  test("the stream of changes broke, for as long as it is broken", async () => {
    let broken = false;
    const read = changesOver(pooledSession(store.db));
    const node = desk(() => (broken ? Promise.reject(new Error("no answer")) : read()));
    await send(node, arrival("a"));
    expect(await send(node, arrival("a"))).toEqual(["repeated"]);
    const before = await written();
    broken = true;
    for (let times = 0; times < 3; times++)
      expect(await send(node, arrival("a"))).toEqual(["repeated"]);
    expect((await written()) - before).toBe(3);
    broken = false;
    await send(node, arrival("a"));
    await send(node, arrival("a"));
    expect((await written()) - before).toBe(4);
  });

  test("its session was lost, and another one answers", async () => {
    const session: Session = openSession(store.url, "tocsin lost session");
    const node = desk(changesOver(session));
    await send(node, arrival("a"));
    expect(await send(node, arrival("a"))).toEqual(["repeated"]);
    const before = await written();
    await run(
      store.db,
      sql`select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'tocsin lost session'`,
    );
    await send(node, arrival("a"));
    await send(node, arrival("a"));
    expect(await written()).toBeGreaterThan(before);
    const after = await written();
    expect(await send(node, arrival("a"))).toEqual(["repeated"]);
    expect(await written()).toBe(after);
    await session.stop();
  });
});

describe("order", () => {
  test("a repeat behind a resolve in one request, or on its way, opens the alert again", async () => {
    const node = desk();
    await send(node, arrival("a"));
    expect(await send(node, arrival("a"), resolve("a"), arrival("a"))).toEqual([
      "repeated",
      "closed",
      "opened",
    ]);
    const answers = await Promise.all([send(node, resolve("a")), send(node, arrival("a"))]);
    expect(answers).toEqual([["closed"], ["opened"]]);
    expect(await open()).toHaveLength(1);
  });

  test("thirty rounds of resolve there and repeat here lose no opening", async () => {
    const [here, there] = [desk(), desk()];
    for (let round = 0; round < 30; round++) {
      await send(here, arrival("a"));
      await Promise.all([send(there, resolve("a")), send(here, arrival("a"))]);
      // Whatever the race led to, what comes after both answers finds the truth.
      const isOpen = (await open()).length === 1;
      expect(await send(here, arrival("a"))).toEqual([isOpen ? "repeated" : "opened"]);
      expect(await open()).toHaveLength(1);
    }
  });
});

test("counts are written to an alert that was closed meanwhile", async () => {
  const [here, there] = [desk(), desk()];
  await send(here, arrival("a"));
  await send(here, arrival("a"));
  await send(there, resolve("a"));
  await here.writeRepeats();
  const closed = await all(store.db, sql<{ count: number }>`select count from alert_closed`);
  expect(closed).toEqual([{ count: 2 }]);
});

describe("what a flush wrote", () => {
  const reading = (changed: Reading["changed"]): Reading => ({
    basis: "1.1",
    changed,
    spooling: [],
  });
  const endsAt = addMs(now, 24 * 60 * MINUTE);
  const alert = { key: "k", keyId: "key", alertId: "id", mark: wording("m"), expiresAt: endsAt };
  const find = (repeats: Repeats) => repeats.find("key", { text: wording("m"), endsAt }, now);

  test("is not remembered when a reading showed its end before its answer came", async () => {
    const readings = [reading(null), reading(["k"]), reading([])];
    const repeats = openRepeats(world(), async () => readings.shift()!);
    await repeats.prove();
    const watch = await repeats.watch();
    await repeats.prove();
    watch.remember("1.1", [alert]);
    watch.end();
    expect(find(repeats)).toBeNull();
    const later = await repeats.watch();
    later.remember("1.1", [alert]);
    expect(find(repeats)).not.toBeNull();
  });

  test("is not counted when its basis is not that of the reading", async () => {
    const repeats = openRepeats(world(), async () => reading([]));
    const watch = await repeats.watch();
    watch.remember("1.1", [alert]);
    const known = find(repeats)!;
    expect(repeats.holds(known, "key", "1.2")).toBe(false);
    expect(repeats.holds(known, "key", "1.1")).toBe(true);
  });

  test("requests that come together share one reading, and none joins one that has begun", async () => {
    let asked = 0;
    const held = Promise.withResolvers<void>();
    const repeats = openRepeats(world(), async () => {
      asked++;
      await held.promise;
      return reading([]);
    });
    const first = [repeats.prove(), repeats.prove(), repeats.prove()];
    await new Promise((resume) => setTimeout(resume, 10));
    expect(asked).toBe(1);
    const second = [repeats.prove(), repeats.prove()];
    held.resolve();
    await Promise.all([...first, ...second]);
    expect(asked).toBe(2);
  });
});

test.each([
  ["half of its life is stored", 120, 240, true],
  ["less than half is stored", 119, 240, false],
  ["it asks for less than is stored", 241, 240, false],
  ["it asks for less than four bulk writes", 19, 19, false],
  ["the store's end has passed", -1, 240, false],
])("a repeat may wait or not: %s", (_, stored, asked, may) => {
  expect(mayWait(addMs(now, stored * SECOND), addMs(now, asked * SECOND), now)).toBe(may);
});
