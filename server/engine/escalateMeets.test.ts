/** What escalating meets in the middle of a step, on two connections, moment by moment. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CONFIG_KINDS } from "../../contract/config.ts";
import { type Acts, meeting } from "../../test/meeting.ts";
import { reviewStage, type Stage } from "../../test/reviewStage.ts";
import { all, type Db, one, sql, transact } from "../base/db.ts";
import { addMs, MINUTE } from "../base/instant.ts";
import { type AnyEntry, everyEntry, type Snapshot, snapshot } from "../domain/config/config.ts";
import { declare } from "../domain/incident/declare.ts";
import { escalate } from "../domain/incident/escalating.ts";
import type { Incident } from "../domain/incident/incident.ts";
import { acknowledge, mitigate } from "../domain/incident/respond.ts";
import { escalateStep } from "./escalate.ts";

let stage: Stage;
let company: Snapshot;

beforeAll(async () => {
  stage = await reviewStage();
  const body = CONFIG_KINDS.escalations.parse({
    name: "Shop",
    steps: ["ann", "max"].map((person) => ({ notify: [{ person }], timeoutMinutes: 5 })),
  });
  const id = "shop";
  const policy = { kind: "escalations", id, body, owner: "file", source: null, ref: "ref-shop" };
  const entries = everyEntry(await stage.config(null)).map((entry) =>
    entry.kind === "services" ? { ...entry, body: { ...entry.body, escalation: id } } : entry,
  );
  company = snapshot(1, [...entries, policy as AnyEntry]);
});
afterAll(() => stage.drop());

async function declared(): Promise<number> {
  const incident = await stage.run(stage.as("ann"), (command) =>
    declare(
      { ...command, config: company },
      {
        title: "Payments fail",
        severity: "SEV1",
        services: ["checkout"],
        regions: [],
        summary: null,
        detectedAt: stage.now(),
        rule: null,
        autoResolve: false,
        restricted: false,
        readers: [],
      },
    ),
  );
  return incident!.number;
}

const turn = (db: Db, minutes: number) =>
  escalateStep({ world: { ...stage.world, db }, config: async () => company }).run(
    addMs(stage.now(), minutes * MINUTE),
  );

/** Acknowledges; what it gives commits that. */
async function acknowledging(number: number): Promise<() => Promise<void>> {
  const [opened, ends] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const committed = stage.run(stage.as("max"), async (command) => {
    await acknowledge(command, number);
    opened.resolve();
    await ends.promise;
  });
  await Promise.race([opened.promise, committed]);
  return () => {
    ends.resolve();
    return committed;
  };
}

async function untilOneWaits(): Promise<void> {
  const found = sql<{ waits: boolean }>`select exists (select from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock') as waits`;
  while (!(await one(stage.world.db, found)).waits);
}

describe("an acknowledge that is committed while the next step is drawn: no page of that step begins", () => {
  const LOCK = /from incident where .* for update skip locked/s;
  const RUN = /from escalation_run where incident_number = any/;
  const PAGES = /insert into notification\b/;
  let commit: () => Promise<void>;
  const opens = (number: number) => async () => void (commit = await acknowledging(number));
  const commits = () => commit();

  const moments: readonly (readonly [
    moment: string,
    acts: (number: number) => Acts,
    fired: number,
  ])[] = [
    ["before the incident is locked", (number) => [[LOCK, () => opens(number)().then(commits)]], 0],
    [
      "between the lock of the incident, which is passed over, and the reading of the run",
      (number) => [
        [LOCK, opens(number)],
        [RUN, commits],
      ],
      0,
    ],
    [
      "after the run was read: it waits for the step, and drops its page",
      (number) => [
        [
          PAGES,
          async () => {
            const committed = acknowledging(number).then((end) => end());
            commit = () => committed;
            const first = await Promise.race([committed.then(() => "over"), untilOneWaits()]);
            expect(first).not.toBe("over");
          },
        ],
      ],
      1,
    ],
  ];
  test.each(moments)("%s", async (_, acts, fired) => {
    const { db } = stage.world;
    const number = await declared();
    await turn(db, 0);
    let met = 0;
    const counted = acts(number).map(([asked, act]) => [asked, () => ((met += 1), act())] as const);
    expect((await turn(meeting(stage.world.db, counted), 5)).done).toBe(fired);
    expect(met).toBe(counted.length);
    await commits();
    await turn(db, 30);
    const pages = await all(
      db,
      sql`select person_id, state, ended_because, attempts from notification
        where incident_number = ${number} and kind = 'page' order by decided_at, id`,
    );
    const dropped = { state: "dropped", endedBecause: "acknowledged", attempts: 0 };
    const people = ["ann", "max"].slice(0, 1 + fired);
    expect(pages).toEqual(people.map((personId) => ({ personId, ...dropped })));
    const run = await one(
      db,
      sql`select due_at, stopped_because from escalation_run where incident_number = ${number}`,
    );
    expect(run).toEqual({ dueAt: null, stoppedBecause: "acknowledged" });
  });
});

test("an acknowledge that waited for a step counts from when no page can begin any more, and what moves it on no sooner", async () => {
  const { db } = stage.world;
  const number = await declared();
  let moved: Promise<Incident> | undefined;
  await transact(db, async (tx) => {
    await one(tx, sql`select number from incident where number = ${number} for update`);
    moved = stage.run(stage.as("max"), (command) => mitigate(command, number, null));
    await untilOneWaits();
    stage.pass(40);
  });
  const { acknowledgedAt, mitigatedAt } = await moved!;
  expect([acknowledgedAt, mitigatedAt]).toEqual([stage.now(), stage.now()]);
  const told = sql<{ kind: string }>`select kind from timeline_entry
    where incident_number = ${number} order by recorded_at desc, id desc limit 2`;
  expect((await all(db, told)).map(({ kind }) => kind)).toEqual(["mitigated", "acknowledged"]);
});

test("a timeline tells what met in the order in which it came to be, not in which it was asked for", async () => {
  const { db } = stage.world;
  const number = await declared();
  let escalated: Promise<unknown> | undefined;
  await stage.run(stage.as("max"), async (command) => {
    await one(command.tx, sql`select number from incident where number = ${number} for update`);
    escalated = stage.run(stage.as("ann"), (later) =>
      escalate({ ...later, config: company }, number, null),
    );
    await untilOneWaits();
    stage.pass(40);
    await acknowledge(command, number);
  });
  await escalated;
  const told = sql<{ kind: string }>`select kind from timeline_entry
    where incident_number = ${number} order by recorded_at desc, id desc limit 3`;
  const kinds = ["acknowledge ended", "escalated", "acknowledged"];
  expect((await all(db, told)).map(({ kind }) => kind)).toEqual(kinds);
});
