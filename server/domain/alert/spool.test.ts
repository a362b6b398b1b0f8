/** The spool of several nodes: what waits in it counts once, whatever ends a node, and nothing overtakes it. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { freshDatabase, type TestStore } from "../../../test/store.ts";
import { seededChance } from "../../base/chance.ts";
import { keyring, sha256 } from "../../base/crypto.ts";
import { all, run, sql, transact, type Tx } from "../../base/db.ts";
import { Refusal } from "../../base/errors.ts";
import { addMs, instant, MINUTE } from "../../base/instant.ts";
import { silentLog } from "../../base/log.ts";
import { pooledSession } from "../../base/session.ts";
import type { World } from "../../base/world.ts";
import { basisText, findBasis } from "../signal/basis.ts";
import { insertAside, listAside } from "./asideStore.ts";
import { changesOver } from "./changes.ts";
import { type Arrival, intakeDesk } from "./intake.ts";
import { sealArrivals } from "./packed.ts";
import { type AsideCommand, dropAside, retryAside } from "./setAside.ts";
import { type SpoolingDesk, spoolingDesk } from "./spool.ts";
import { insertSpooled } from "./spoolStore.ts";

let store: TestStore;
let now = instant(Date.UTC(2026, 10, 26, 9));
let worlds = 0;
/** As marks are made; see Mark. */
const wording = (text: string): string => sha256(text).toString("latin1");

beforeAll(async () => {
  store = await freshDatabase();
});
afterAll(() => store.drop());
beforeEach(async () => {
  now = addMs(now, MINUTE);
  await run(
    store.db,
    sql`truncate alert_open, alert_closed, signal, signal_batch, spool, storm_key, spool_aside, spool_overtaken`,
  );
});

const newWorld = (): World => ({
  clock: { now: () => now, sleep: async () => undefined },
  chance: seededChance(`spool ${worlds++}`),
  db: store.db,
  keys: keyring(sha256("test")),
  transport: { send: () => Promise.reject(new Error("intake sends nothing")) },
  log: silentLog,
  publicUrl: "http://127.0.0.1",
  secret: () => null,
  nudge: () => undefined,
});

/** A node; from a limit of nothing on it storms for every key. */
function node(storms: boolean, beforeCommit?: (tx: Tx) => Promise<void>): SpoolingDesk {
  const world = newWorld();
  const decide = async () => ({
    basis: basisText(await findBasis(store.db)),
    decide: () => ({
      ruleId: "rule",
      ruleFile: "rules.yaml",
      ruleLine: 1,
      outcome: "declare" as const,
      because: "a test",
      declareSeverity: "SEV2" as const,
      autoResolve: false,
    }),
  });
  const readChanges = changesOver(pooledSession(store.db));
  const desk = intakeDesk({ world, decide, readChanges }, () => undefined);
  const limits = { waiting: 1_000, backlog: 1_000, quietKey: 1_000, room: 1_000, portion: 50 };
  return spoolingDesk(
    world,
    {
      ...desk,
      acceptSpooled: ({ take, settle }) =>
        desk.acceptSpooled({
          take,
          async settle(tx, results) {
            await settle(tx, results);
            await beforeCommit?.(tx);
          },
        }),
    },
    storms ? { ...limits, waiting: -1, quietKey: 0 } : limits,
  );
}

function arrival(
  dedupKey: string,
  action: "trigger" | "resolve",
  keyId = "loud",
  severity: "error" | "critical" = "error",
): Arrival {
  return {
    keyId,
    adapter: "a tool",
    resends: true,
    mark: wording(dedupKey),
    serviceId: "checkout",
    raw: Buffer.from("{}"),
    signal: {
      dedupKey,
      action,
      title: `title of ${dedupKey}`,
      severity,
      source: null,
      labels: {},
      details: null,
      link: null,
      startedAt: null,
      endsAt: addMs(now, 60 * MINUTE),
    },
  };
}

const send = async (to: SpoolingDesk, ...arrivals: Arrival[]): Promise<readonly string[]> =>
  (await to.accept(arrivals)).map((result) => ("what" in result ? result.what : result.code));
const alerts = () =>
  all(
    store.db,
    sql<{ alert: string; count: number }>`
      select concat(dedup_key, ' ', state) as alert, count from (
        select dedup_key, 'open' as state, count from alert_open
        union all select dedup_key, 'closed', count from alert_closed) a order by 1 limit 500`,
  );
const waiting = () =>
  all(
    store.db,
    sql`select key_id, spooled, projected from storm_key where spooled > projected order by key_id limit 10`,
  );

async function projectAll(by: SpoolingDesk): Promise<number> {
  let done = 0;
  for (;;) {
    await by.measure(now);
    const portion = await by.project(now);
    if (portion === 0) return done;
    done += portion;
  }
}

test("a node that ends between deciding and forgetting has done neither, and each signal counts once", async () => {
  const ending = node(true, (tx) =>
    run(tx, sql`select pg_terminate_backend(pg_backend_pid())`).then(() => undefined),
  );
  expect(await send(ending, arrival("a", "trigger"))).toEqual(["spooled"]);
  await send(ending, arrival("b", "trigger"));
  await send(ending, arrival("b", "trigger"));
  await send(ending, arrival("b", "resolve"));
  await ending.measure(now);
  await expect(ending.project(now)).rejects.toThrow(/terminat|ECONNRESET/i);
  expect(await alerts()).toEqual([]);
  expect(await projectAll(node(false))).toBe(4);
  expect(await alerts()).toEqual([
    { alert: "a open", count: 1 },
    { alert: "b closed", count: 2 },
  ]);
  expect(await waiting()).toEqual([]);
});

test("two nodes that project at once decide about each signal once", async () => {
  const nodes = [node(true), node(true)];
  for (let n = 0; n < 120; n++) await send(nodes[0]!, arrival(`a${n}`, "trigger"));
  for (const each of nodes) await each.measure(now);
  while ((await Promise.all(nodes.map((each) => each.project(now)))).some((done) => done > 0));
  const found = await alerts();
  expect(found).toHaveLength(120);
  expect(found.filter(({ count }) => count !== 1)).toEqual([]);
});

test("a resolve at a node that has heard of no storm does not overtake its trigger in the spool", async () => {
  const [storming, quiet] = [node(true), node(false)];
  expect(await send(storming, arrival("a", "trigger"))).toEqual(["spooled"]);
  expect(await send(quiet, arrival("a", "resolve"))).toEqual(["spooled"]);
  expect(await send(quiet, arrival("x", "trigger", "another key"))).toEqual(["opened"]);
  await projectAll(quiet);
  expect(await alerts()).toEqual([
    { alert: "a closed", count: 1 },
    { alert: "x open", count: 1 },
  ]);
});

test("of one flush only what stands behind the spool is spooled", async () => {
  const quiet = node(false);
  await send(node(true), arrival("a", "trigger"));
  const both = await Promise.all([
    send(quiet, arrival("a", "resolve")),
    send(quiet, arrival("x", "trigger", "another key"), arrival("y", "trigger", "another key")),
  ]);
  expect(both).toEqual([["spooled"], ["opened", "opened"]]);
});

test("a repeat is not counted before what its key has in the spool", async () => {
  const [storming, quiet] = [node(true), node(false)];
  // Known to the quiet node, which could count a repeat without writing it.
  await quiet.accept([arrival("a", "trigger")]);
  await quiet.accept([arrival("a", "trigger")]);
  await quiet.writeRepeats();
  await send(storming, arrival("a", "resolve"));
  const repeat = { text: wording("a"), endsAt: addMs(now, 60 * MINUTE) };
  expect(await quiet.repeats("loud", [repeat], now)).toBe(false);
  expect(await send(quiet, arrival("a", "trigger"))).toEqual(["spooled"]);
  await projectAll(quiet);
  expect(await alerts()).toEqual([
    { alert: "a closed", count: 2 },
    { alert: "a open", count: 1 },
  ]);
});

const critical = (dedupKey: string): Arrival => arrival(dedupKey, "trigger", "loud", "critical");
/** Enough that a single critical alert among it is rare. */
async function makeLoud(by: SpoolingDesk): Promise<void> {
  for (let n = 0; n < 60; n++) await send(by, arrival(`noise ${n}`, "trigger"));
}
const setAside = () =>
  all(
    store.db,
    sql<{
      keyId: string;
      because: string;
    }>`select key_id, because from spool_aside order by id limit 10`,
  );

test("a critical alert that is rare goes ahead of its key's spool, many do not", async () => {
  const by = node(true);
  await makeLoud(by);
  expect(await send(by, critical("grave"), arrival("slight", "trigger"))).toEqual([
    "opened",
    "spooled",
  ]);
  expect((await send(by, ...["b", "c", "d", "e", "f"].map(critical))).join()).toMatch(
    /^spooled(,spooled)*$/,
  );
  expect(await alerts()).toEqual([{ alert: "grave open", count: 1 }]);
  await projectAll(by);
  expect(await alerts()).toHaveLength(67);
});

test("an end that waited while its alert went ahead does not close it, one that came later does", async () => {
  const by = node(true);
  await makeLoud(by);
  await send(by, arrival("grave", "trigger"));
  await send(by, arrival("grave", "resolve"));
  expect(await send(by, critical("grave"))).toEqual(["opened"]);
  await projectAll(by);
  const grave = async () => (await alerts()).filter(({ alert }) => alert.startsWith("grave"));
  expect(await grave()).toEqual([{ alert: "grave open", count: 2 }]);
  expect(await send(node(false), arrival("grave", "resolve"))).toEqual(["closed"]);
  expect(await grave()).toEqual([{ alert: "grave closed", count: 2 }]);
  // The end that touched nothing has its decision all the same.
  const ends = sql`select outcome from signal where dedup_key = 'grave' and action = 'resolve' order by outcome limit 10`;
  expect(await all(store.db, ends)).toEqual([{ outcome: "closed" }, { outcome: "unknown key" }]);
});

test("an end that is spooled behind an alert that went ahead closes it", async () => {
  const by = node(true);
  await makeLoud(by);
  await send(by, critical("grave"));
  expect(await send(by, arrival("grave", "resolve"))).toEqual(["spooled"]);
  await projectAll(by);
  expect((await alerts()).filter(({ alert }) => alert.startsWith("grave"))).toEqual([
    { alert: "grave closed", count: 1 },
  ]);
});

test("what cannot be stored is set aside with all that came, and holds up nothing", async () => {
  const by = node(true);
  const bad = arrival("bad", "trigger");
  await send(by, arrival("a", "trigger"), { ...bad, signal: { ...bad.signal, title: "a\0b" } });
  await transact(store.db, (tx) =>
    insertSpooled(tx, [{ keyId: "lost", signals: 1, sealed: Buffer.from("not ours") }], now),
  );
  await send(by, arrival("b", "trigger"));
  await projectAll(by);
  expect(await alerts()).toEqual([
    { alert: "a open", count: 1 },
    { alert: "b open", count: 1 },
  ]);
  expect(await waiting()).toEqual([]);
  expect(await setAside()).toEqual([
    { keyId: "lost", because: expect.stringMatching(/seal/) },
    { keyId: "loud", because: expect.stringMatching(/stor/) },
  ]);
});

test("what is set aside is tried again after a mend, or dropped, each with its actor", async () => {
  const [by, world] = [node(false), newWorld()];
  const actor = { kind: "token", tokenId: "t", label: "t", grants: [{ role: "manager" }] } as const;
  const odd = arrival("odd", "trigger");
  const bad = { ...odd, signal: { ...odd.signal, title: "a\0b" } };
  const rows = [
    sealArrivals(world, [arrival("good", "trigger")]),
    sealArrivals(world, [arrival("also good", "trigger"), bad]),
    sealArrivals(world, [bad]),
    Buffer.from("not ours"),
  ].map((sealed) => ({ keyId: "loud", receivedAt: now, because: "a test", sealed }));
  await transact(store.db, (tx) => insertAside(tx, rows, now));
  const ids = (await listAside(store.db, 10, null)).map(({ id }) => id).toReversed();
  const command = <T>(work: (given: AsideCommand) => Promise<T>) =>
    transact(store.db, (tx) => work({ tx, world, actor, now }));
  const codeOf = (id: number) =>
    command((given) => retryAside(given, by, id)).then(
      (taken) => taken.map(({ result }) => result.what).join(),
      (error: unknown) => (error instanceof Refusal ? error.code : "fault"),
    );
  expect(await Promise.all(ids.map(codeOf))).toEqual([
    "opened",
    "opened",
    "set_aside.still",
    "set_aside.sealed",
  ]);
  // What could not be taken of a request stays, without what could.
  const left = await listAside(store.db, 10, null);
  expect(left.map(({ id }) => id)).toEqual([ids[3], ids[2], ids[1]]);
  expect(left[2]?.because).toMatch(/stor/);
  const viewer = { ...actor, grants: [{ role: "viewer" }] } as const;
  await expect(
    transact(store.db, (tx) => dropAside({ tx, world, actor: viewer, now }, ids[2]!, "gone")),
  ).rejects.toThrow(/right/);
  await command((given) => dropAside(given, ids[2]!, "sent again by hand"));
  expect(await codeOf(ids[2]!)).toBe("set_aside.not_found");
  const facts = sql`select action, actor_ref from ledger_pending where object_ref like 'set-aside:%' order by id limit 10`;
  expect(await all(store.db, facts)).toMatchObject([
    { action: "set aside signal tried again" },
    { action: "set aside signal tried again" },
    { action: "set aside signal dropped" },
  ]);
});

test("what a node of the version before has leased is left to it until the lease ends", async () => {
  const by = node(true);
  await transact(store.db, (tx) =>
    insertSpooled(tx, [{ keyId: "loud", signals: 1, sealed: Buffer.from("not ours") }], now),
  );
  await run(store.db, sql`update spool set lease_until = ${addMs(now, 1_000)}`);
  await by.measure(now);
  expect(await by.project(now)).toBe(0);
});
