/** Starting, holding, hurrying and stopping a run on a real store. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { EscalationPolicy } from "../../../contract/escalation.ts";
import { reviewStage, type Stage } from "../../../test/reviewStage.ts";
import { all, one, run as execute, sql, transact, type Tx } from "../../base/db.ts";
import { addMs, instant, type Instant, MINUTE } from "../../base/instant.ts";
import * as escalation from "./commands.ts";
import { findDueRuns, listRuns, nextRun } from "./store.ts";

const policy: EscalationPolicy = {
  name: "P",
  steps: [{ notify: [{ person: "ann" }], timeoutMinutes: 5 }],
  repeat: 0,
};
let stage: Stage;
const INCIDENT = 7;

beforeAll(async () => {
  stage = await reviewStage();
});
afterAll(() => stage.drop());
beforeEach(async () => {
  await execute(stage.world.db, sql`truncate escalation_run`);
});

const within = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => transact(stage.world.db, work);
const start = () =>
  within((tx) =>
    escalation.startEscalation(tx, stage.world, INCIDENT, { id: "p", body: policy }, stage.now()),
  );
const nextDue = async () =>
  (await one(stage.world.db, sql<{ at: Instant | null }>`select ${nextRun} as at`)).at;
const due = async (minutes = 0) =>
  (
    await findDueRuns(
      stage.world.db,
      { from: instant(0), until: addMs(stage.now(), minutes * MINUTE) },
      10,
    )
  ).map(({ incidentNumber }) => incidentNumber);

test("a run that starts is due at once", async () => {
  await start();
  expect(await due()).toEqual([INCIDENT]);
  expect(await nextDue()).toBe(stage.now());
});

test("a second start replaces the first run, so that one is at work", async () => {
  await start();
  await start();
  const runs = await listRuns(stage.world.db, INCIDENT);
  expect(runs.map((each) => each.stoppedBecause).toSorted()).toEqual(["replaced", null].toSorted());
  expect(await due()).toEqual([INCIDENT]);
});

test("two starts at once leave one run at work", async () => {
  await Promise.allSettled([start(), start(), start()]);
  const active = await all(
    stage.world.db,
    sql`select id from escalation_run where incident_number = ${INCIDENT} and stopped_at is null`,
  );
  expect(active).toHaveLength(1);
});

test("a stopped run is never due again and says why", async () => {
  await start();
  await within((tx) => escalation.stopEscalation(tx, INCIDENT, "acknowledged", stage.now()));
  expect(await due(10_000)).toEqual([]);
  expect(await listRuns(stage.world.db, INCIDENT)).toMatchObject([
    { stoppedBecause: "acknowledged", stoppedAt: stage.now(), dueAt: null },
  ]);
});

test("a held run waits without an end, and goes on at once when it is resumed", async () => {
  await start();
  await within((tx) => escalation.holdEscalation(tx, INCIDENT, "deferred"));
  expect(await due(10_000)).toEqual([]);
  await within((tx) => escalation.resumeEscalation(tx, INCIDENT, addMs(stage.now(), MINUTE)));
  expect(await due(1)).toEqual([INCIDENT]);
});

test("hurrying makes a waiting run due, and leaves one alone that is due, held or stopped", async () => {
  const hurry = () => within((tx) => escalation.hurryEscalation(tx, INCIDENT, stage.now()));
  expect(await hurry()).toBe(false);
  await start();
  expect(await hurry()).toBe(false);
  await execute(
    stage.world.db,
    sql`update escalation_run set due_at = ${addMs(stage.now(), MINUTE)}`,
  );
  expect(await hurry()).toBe(true);
  expect(await due()).toEqual([INCIDENT]);
  await within((tx) => escalation.holdEscalation(tx, INCIDENT, "deferred"));
  expect(await hurry()).toBe(false);
});

test("resuming what was not held moves nothing", async () => {
  await start();
  await execute(
    stage.world.db,
    sql`update escalation_run set due_at = ${addMs(stage.now(), MINUTE)}`,
  );
  await within((tx) => escalation.resumeEscalation(tx, INCIDENT, stage.now()));
  expect(await due()).toEqual([]);
});
