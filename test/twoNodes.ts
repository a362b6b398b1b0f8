/** Two nodes over one store, on a clock that the test moves: what numbers over time lead to. */
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { CONFIG_KINDS, type ConfigKind } from "../contract/config.ts";
import { postMeasurements } from "../contract/intake.ts";
import type { ConfigCache } from "../server/app/configCache.ts";
import { measurementRoutes } from "../server/app/measurements.ts";
import { addressGuard } from "../server/base/addresses.ts";
import { seededChance } from "../server/base/chance.ts";
import { keyring, tokenHash } from "../server/base/crypto.ts";
import { all, one, run, sql, transact, type Db } from "../server/base/db.ts";
import { addMs, instant, type Instant, MINUTE } from "../server/base/instant.ts";
import { silentLog } from "../server/base/log.ts";
import { realTransport } from "../server/base/realTransport.ts";
import { pooledSession } from "../server/base/session.ts";
import type { World } from "../server/base/world.ts";
import { basisText, findBasis } from "../server/domain/signal/basis.ts";
import { changesOver } from "../server/domain/alert/changes.ts";
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

export const start = instant(Date.UTC(2026, 10, 21, 9));
export const SECRET = "a-key-of-the-test";
let store: TestStore;
let counter = 0;

/** The instant that both nodes live at, and the nodes. */
export const both: { now: Instant; nodes: readonly TestNode[] } = { now: start, nodes: [] };
export const forward = (ms: number): void => {
  both.now = addMs(both.now, ms);
};
export const db = (): Db => store.db;

/** A fresh store and two fresh nodes for every test of the file. */
export function useTwoNodes(): void {
  beforeAll(async () => {
    store = await freshDatabase();
  });
  afterAll(() => store.drop());
  beforeEach(async () => {
    both.now = start;
    await run(
      store.db,
      sql`truncate measurement, condition_state, measurement_query, alert_open, alert_closed, signal, signal_batch,
        config_object, incident cascade`,
    );
    await configure("teams", "payments", { name: "Payments" });
    await configure("services", "checkout", { name: "Checkout", team: "payments" });
    await configure("services", "search", { name: "Search", team: "payments" });
    const secret = `sha256:${tokenHash(SECRET).toString("hex")}`;
    await configure("keys", "monitoring", { service: "checkout", secret });
    both.nodes = [node(), node()];
  });
  afterEach(() => Promise.all(both.nodes.map((each) => each.settle())));
}

export type TestNode = {
  readonly desk: IntakeDesk;
  readonly conditions: ConditionsStep;
  readonly steps: readonly Step[];
  settle(): Promise<void>;
  post(body: unknown, secret?: string | null): Promise<unknown>;
};

export const bareWorld = (): World => ({
  clock: { now: () => both.now, sleep: async () => undefined },
  chance: seededChance(`measurements ${counter++}`),
  db: store.db,
  keys: keyring(Buffer.alloc(32, 7)),
  transport: { send: async () => ({ kind: "error", reached: "no", because: "nowhere" }) },
  log: silentLog,
  publicUrl: "http://127.0.0.1:4400",
  secret: () => null,
  nudge: () => undefined,
});

export function node(
  over: Partial<World> = {},
  wrap = (desk: IntakeDesk): IntakeDesk => desk,
): TestNode {
  const transport = realTransport({ smtpUrl: null, guard: addressGuard(["127.0.0.1"]) });
  const world: World = { ...bareWorld(), transport, ...over };
  const config = snapshotReader();
  const parts = { world, config };
  const cache: ConfigCache = {
    known: () => null,
    read: () => config(world.db),
    based: async () => ({ config: await config(world.db), basis: "1.1" }),
  };
  const undecided = async () => ({
    basis: basisText(await findBasis(world.db)),
    decide(): never {
      throw new Error("a condition brings its decision along");
    },
  });
  const readChanges = changesOver(pooledSession(world.db));
  const desk = wrap(intakeDesk({ world, decide: undecided, readChanges }, () => undefined));
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
      const request = { requestId: "r", headers, address: "127.0.0.1", rawBody: Buffer.from("") };
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

export async function configure(kind: ConfigKind, id: string, body: object): Promise<void> {
  const parsed = CONFIG_KINDS[kind].parse(body);
  const source = { file: "test.yaml", line: 7 };
  const entry = { kind, id, body: parsed, owner: "file", source, ref: randomUUID() } as AnyEntry;
  await transact(store.db, async (tx) => {
    await saveEntry(tx, entry, both.now);
    await setConfigVersion(tx, (await findConfigVersion(tx)) + 1);
  });
}

/** Takes an object out of configuration. */
export async function forget(kind: ConfigKind, id: string): Promise<void> {
  await transact(store.db, async (tx) => {
    await removeEntry(tx, kind, id);
    await setConfigVersion(tx, (await findConfigVersion(tx)) + 1);
  });
}

/** Both nodes at once, until neither finds anything to do. */
export async function stepBoth(): Promise<void> {
  for (let round = 0; round < 20; round++) {
    const done = await Promise.all(both.nodes.map(stepOnce));
    await Promise.all(both.nodes.map((each) => each.conditions.drain()));
    if (done.every((count) => count === 0)) return;
  }
  throw new Error("the nodes find no rest");
}

async function stepOnce(each: TestNode): Promise<number> {
  let done = 0;
  for (const step of each.steps) done += (await step.run(both.now)).done;
  return done;
}

/** A number a minute, sent to one node after the other, both stepping in between. */
export async function measure(value: number, minutes: number, more: object = {}): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    await both.nodes[minute % 2]?.post({ measure: "error_rate", value, ...more });
    await stepBoth();
    forward(MINUTE);
    await stepBoth();
  }
}

type AlertNow = { title: string; severity: string; count: number; because: string; status: string };

export const openAlerts = () =>
  all(
    store.db,
    sql<AlertNow>`select title, severity, count, because, 'firing' as status from alert_open
      order by dedup_key limit 100`,
  );
export const closedAlerts = () =>
  all(
    store.db,
    sql<{ title: string }>`select title from alert_closed order by closed_at limit 100`,
  );
export const incidents = () =>
  all(
    store.db,
    sql<{ severity: string; title: string; serviceId: string; ruleId: string }>`
      select severity, title, service_id, rule_id from incident order by number limit 100`,
  );
export const states = () =>
  all(
    store.db,
    sql<{ ruleId: string; verdict: { kind: string } | null }>`select rule_id, verdict
      from condition_state order by rule_id, service_id, series limit 100`,
  );
export const count = async (table: string): Promise<number> =>
  (await one(store.db, sql<{ n: number }>`select count(*) as n from ${sql.raw(table)}`)).n;
