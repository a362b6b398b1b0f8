/** What waits for nothing is found: rows are planted that no code of ours would leave behind. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { reviewStage, type Stage } from "../../test/reviewStage.ts";
import { all, run, sql } from "../base/db.ts";
import { addMs, MINUTE } from "../base/instant.ts";
import { type Log, silentLog } from "../base/log.ts";
import { OWN_SERVICE } from "../domain/catalog/catalog.ts";
import type { Snapshot } from "../domain/config/config.ts";
import { countUnaccounted } from "../domain/report/unaccounted.ts";
import { reconcileStep } from "./reconcile.ts";

let stage: Stage;
let logged: string[] = [];
beforeAll(async () => {
  stage = await reviewStage();
});
afterAll(() => stage.drop());
beforeEach(async () => {
  logged = [];
  await plant(`truncate signal, signal_batch, alert_open, alert_closed, incident, notification, notification_attempt, deadline,
    timeline_entry, unaccounted, spool_aside, measurement cascade`);
  stage.pass(5 * MINUTE);
});

const plant = (text: string) => run(stage.world.db, sql.raw(text));
const uuid = (id: number): string => `'0199c0de-0000-7000-8000-${String(id).padStart(12, "0")}'`;
const log: Log = { ...silentLog, error: (_, fields) => void logged.push(String(fields?.["what"])) };

/** The company of the stage, which also owns Tocsin itself. */
async function config(): Promise<Snapshot> {
  const company = await stage.config(null);
  return {
    ...company,
    get: (kind, id) => company.get(kind, id === OWN_SERVICE ? ("checkout" as never) : id),
  };
}

/** One look of a node, well after whatever was planted. */
async function look(): Promise<readonly string[]> {
  stage.pass(2 * MINUTE);
  await reconcileStep({ world: { ...stage.world, log }, config }).run(stage.now());
  return (await countUnaccounted(stage.world.db)).map(({ what, count }) => `${count} ${what}`);
}

const alert = (table: "alert_open" | "alert_closed", id: number): string => {
  const at = stage.now();
  const [own, values] =
    table === "alert_open" ? ["status", "'firing'"] : ["closed_at, closed_because", `${at}, 'x'`];
  return `insert into ${table} (id, key_id, dedup_key, service_id, title, severity, labels, adapter, started_at,
      first_received_at, last_received_at, count, batch_id, rule_id, outcome, because, declare_severity, ${own})
    values (${uuid(id)}, 'key', 'alert ${id}', 'checkout', 'It fails', 'error', '{}', 'tocsin', ${at}, ${at}, ${at},
      1, ${uuid(0)}, 'rule', 'declare', 'a test', 'SEV2', ${values})`;
};
const page = (
  state: string,
): string => `insert into notification (id, subject, occasion, channel_id, address, kind,
    urgency, message, reason, decided_at, due_at, state)
  values (${uuid(1)}, 'INC-1', 'step 1', 'mail', 'ann@acme.example', 'page', 'high', '{}', '{}',
    ${stage.now()}, ${stage.now()}, '${state}')`;

test("nothing is found where nothing is lost", async () => {
  await stage.declared("SEV1");
  await stage.resolved("SEV2");
  expect(await look()).toEqual([]);
  expect(logged).toEqual([]);
});

test("an accepted signal without a decision", async () => {
  await plant(`insert into signal (id, received_at, batch_id, position, key_id, adapter, action, dedup_key, alert_id,
      outcome, because)
    values (${uuid(1)}, ${stage.now()}, ${uuid(2)}, 0, 'key', 'tocsin', 'trigger', 'a', ${uuid(3)}, 'record', '')`);
  await plant(`insert into signal_batch (id, received_at, sealed, alert_ids, kind_of, key_ids, adapters,
       decision_of, rule_ids, rule_files, rule_lines, outcomes, becauses)
    values ('44444444-4444-7444-8444-444444444444', ${stage.now()}, '', array[${uuid(5)}::uuid, ${uuid(6)}::uuid], '{1,1}',
      '{key}', '{tocsin}', '{1,2}', '{r,r}', '{null,null}', '{null,null}', '{record,record}', '{because,""}')`);
  expect(await look()).toEqual(["2 signal without a decision"]);
  // Looked at once, it stays told for a day.
  expect(await look()).toEqual(["2 signal without a decision"]);
  stage.pass(25 * 60 * MINUTE);
  expect(await look()).toEqual([]);
});

test("a signal that a storm had to set aside", async () => {
  await plant(`insert into spool_aside (key_id, received_at, found_at, because, sealed)
    values ('key', ${stage.now()}, ${stage.now()}, 'a test', '')`);
  expect(await look()).toEqual(["1 signal that cannot be stored"]);
  stage.pass(25 * 60 * MINUTE);
  expect(await look()).toEqual([]);
});

for (const table of ["alert_open", "alert_closed"] as const)
  test(`an alert that declares and has no incident, in ${table}`, async () => {
    await plant(alert(table, 1));
    expect(await look()).toEqual(["1 alert without an incident"]);
  });

test("an urgent incident that nobody has and no step will touch", async () => {
  await stage.declared("SEV1");
  await plant("delete from timeline_entry where kind = 'no escalation policy'");
  await plant("delete from notification");
  expect(await look()).toEqual(["1 incident without a next step"]);
});

test("an incident without any clock", async () => {
  await stage.declared("SEV2");
  await plant("delete from deadline");
  expect(await look()).toEqual(["1 incident without a clock"]);
});

for (const state of ["pending", "sending"])
  test(`a page that is ${state} and waits for nothing`, async () => {
    await plant(page(state));
    expect(await look()).toEqual(["1 page without an end"]);
  });

test("each is told once, by one node, and as a number of Tocsin's own service", async () => {
  await plant(page("pending"));
  await look();
  await look();
  expect(logged).toEqual(["page without an end"]);
  const step = reconcileStep({ world: { ...stage.world, log }, config });
  await step.run(addMs(stage.now(), 1));
  const numbers = await all(
    stage.world.db,
    sql<{ value: number }>`select value from measurement where measure = 'tocsin_unaccounted'
      and service_id = ${OWN_SERVICE} order by at limit 10`,
  );
  expect(numbers.map(({ value }) => value)).toEqual([1, 1]);
});

test("what is well again is forgotten", async () => {
  await plant(page("pending"));
  expect(await look()).toHaveLength(1);
  await plant("update notification set state = 'dropped', ended_because = 'by hand'");
  expect(await look()).toEqual([]);
});
