/** What alerts lead to, drawn by two nodes at once over real connections. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { reviewStage, type Stage } from "../../test/reviewStage.ts";
import { all, run as execute, sql } from "../base/db.ts";
import { SECOND } from "../base/instant.ts";
import { pooledSession } from "../base/session.ts";
import type { DecisionColumns } from "../domain/alert/alert.ts";
import { basisText, findBasis } from "../domain/signal/basis.ts";
import { changesOver } from "../domain/alert/changes.ts";
import { type Arrival, type IntakeDesk, intakeDesk } from "../domain/alert/intake.ts";
import { attendStep } from "./attend.ts";
import type { EngineParts } from "./parts.ts";

let stage: Stage;
let desk: IntakeDesk;

beforeAll(async () => {
  stage = await reviewStage();
  desk = intakeDesk(
    {
      world: stage.world,
      decide: async () => ({ basis: basisText(await findBasis(stage.world.db)), decide: decided }),
      readChanges: changesOver(pooledSession(stage.world.db)),
    },
    () => undefined,
  );
});
afterAll(() => stage.drop());
beforeEach(async () => {
  await execute(stage.world.db, sql`truncate alert_open, alert_closed, incident cascade`);
});

/** The label `rule` names the rule, `severity` what it declares. */
const decided = ({ signal }: Arrival): DecisionColumns => ({
  ruleId: signal.labels["rule"] ?? "rule",
  ruleFile: "rules.yaml",
  ruleLine: 1,
  outcome: "declare",
  because: "a test",
  declareSeverity: signal.labels["severity"] === "SEV1" ? "SEV1" : "SEV2",
  autoResolve: true,
});

type Change = Partial<Arrival["signal"]>;
const arrival = (dedupKey: string, change: Change = {}): Arrival => ({
  keyId: "acme",
  adapter: "tocsin",
  resends: false,
  serviceId: "checkout",
  raw: Buffer.from("{}"),
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

/** Two nodes look at what waits, at the same time, until nothing does. */
async function attend(): Promise<void> {
  const parts: EngineParts = { world: stage.world, config: stage.config };
  const nodes = [attendStep(parts), attendStep(parts)];
  for (let turn = 0; turn < 20; turn++) {
    const results = await Promise.all(nodes.map((node) => node.run(stage.now())));
    if (results.every((result) => result.done === 0)) return;
  }
  throw new Error("there is no end to it");
}

type Row = {
  number: number;
  ruleId: string;
  severity: string;
  state: string;
  acknowledgedAt: number | null;
};
const incidents = (): Promise<readonly Row[]> =>
  all(
    stage.world.db,
    sql<Row>`select number, rule_id, severity, state, acknowledged_at from incident order by number`,
  );

const unattended = () =>
  all(
    stage.world.db,
    sql`select id from alert_open where attend_at is not null or incident_number is null`,
  );

test("alerts of one service and rule are one incident, also when two nodes race for them", async () => {
  const names = Array.from({ length: 60 }, (_, n) => n);
  await desk.accept(names.map((n) => arrival(`a${n}`, { labels: { rule: `rule-${n % 5}` } })));
  await attend();
  const rows = await incidents();
  expect(rows.map((row) => row.ruleId).toSorted()).toEqual([
    "rule-0",
    "rule-1",
    "rule-2",
    "rule-3",
    "rule-4",
  ]);
  expect(await unattended()).toEqual([]);
  const counts = await all(
    stage.world.db,
    sql<{
      n: number;
    }>`select count(*) as n from alert_open group by incident_number order by incident_number`,
  );
  expect(counts.map((row) => row.n)).toEqual([12, 12, 12, 12, 12]);
});

test("a worse alert raises the incident that it joins, once", async () => {
  await desk.accept([arrival("mild")]);
  await attend();
  await desk.accept([arrival("bad", { labels: { severity: "SEV1" } })]);
  await attend();
  expect(await incidents()).toMatchObject([{ severity: "SEV1", state: "declared" }]);
  const changes = await all(
    stage.world.db,
    sql`select id from timeline_entry e where kind = 'severity changed'
      and exists (select 1 from incident i where i.number = e.incident_number)`,
  );
  expect(changes).toHaveLength(1);
});

test("what the tool acknowledges is acknowledged, and its last resolve ends the incident", async () => {
  await desk.accept([arrival("a"), arrival("b")]);
  await attend();
  await desk.accept([arrival("a", { action: "acknowledge" })]);
  await attend();
  expect(await incidents()).toMatchObject([{ acknowledgedAt: stage.now() }]);
  await desk.accept([arrival("a", { action: "resolve" })]);
  await attend();
  expect(await incidents()).toMatchObject([{ state: "declared" }]);
  await desk.accept([arrival("b", { action: "resolve" })]);
  await attend();
  expect(await incidents()).toMatchObject([{ state: "resolved" }]);
});

test("an alert that flaps takes its incident up again instead of making a new one", async () => {
  for (let round = 0; round < 4; round++) {
    await desk.accept([arrival("flap")]);
    await attend();
    stage.pass(5 * SECOND);
    await desk.accept([arrival("flap", { action: "resolve" })]);
    await attend();
    stage.pass(5 * SECOND);
  }
  expect(await incidents()).toMatchObject([{ state: "resolved" }]);
});

test("a trigger and a resolve that nobody looked at in between leave no incident open", async () => {
  await desk.accept([arrival("blip"), arrival("blip", { action: "resolve" })]);
  await attend();
  expect((await incidents()).filter((row) => row.state === "declared")).toEqual([]);
});

/** Counts the statements that go to the store from now on. */
function statements(): () => number {
  let asked = 0;
  const seen = new WeakSet<object>();
  stage.world.db.pool.on("acquire", (client) => {
    if (seen.has(client)) return;
    seen.add(client);
    const direct = client.query.bind(client) as (...args: unknown[]) => unknown;
    const query = (...args: unknown[]): unknown => ((asked += 1), direct(...args));
    Object.assign(client, { query });
  });
  return () => asked;
}

test("forty incidents are declared with as many statements as one", async () => {
  const asked = statements();
  const step = attendStep({ world: stage.world, config: stage.config });
  const declared = async (many: number): Promise<number> => {
    await execute(stage.world.db, sql`truncate alert_open, alert_closed, incident cascade`);
    const names = Array.from({ length: many }, (_, n) => `${many} of ${n}`);
    await desk.accept(names.map((name) => arrival(name, { labels: { rule: name } })));
    const before = asked();
    await step.run(stage.now());
    const after = asked();
    expect(await incidents()).toHaveLength(many);
    expect(await unattended()).toEqual([]);
    return after - before;
  };
  const one = await declared(1);
  expect(await declared(40)).toBe(one);
  expect(one).toBeLessThan(25);
});
