/** Each check finds what breaks its promise: a row is planted, seen, and rolled back. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { one, run, sql } from "../server/base/db.ts";
import { addMs, type Instant, instant, MINUTE } from "../server/base/instant.ts";
import type { FinalShift } from "../server/domain/oncall/oncall.ts";
import { brokenPromises, CHECKS, type Scene, slotFaults } from "./checks.ts";
import { isExcused, pauseOf } from "./leftAlone.ts";
import { simulate, type Simulation } from "./world.ts";

let sim: Simulation;
let scene: Scene;

beforeAll(async () => {
  sim = await simulate({ seed: "checks" });
  await sim.event({ service: "refunds", title: "Refunds fail" });
  await sim.forward("1m");
  await sim.as("alice").acknowledge("INC-1");
  await sim.event({ title: "Payments fail" });
  await sim.forward("1m");
  scene = await sim.scene();
});
afterAll(() => sim.close());

/** What is broken after the damage, which nobody else ever sees. */
async function brokenBy(damage: readonly string[], looked = scene): Promise<readonly string[]> {
  let broken: readonly string[] = [];
  const looking = scene.db.transaction().execute(async (tx) => {
    for (const statement of damage) await run(tx, sql.raw(statement));
    broken = await brokenPromises({ ...looked, db: tx });
    throw new Error("only looking");
  });
  await expect(looking).rejects.toThrow("only looking");
  return broken;
}

test("nothing is found where nothing was planted", async () => {
  expect(await brokenPromises(scene)).toEqual([]);
});

const PAGE = "kind = 'page' and incident_number = 2";
const ATTEMPT = "(notification_id, attempt, started_at, ended_at, verdict, may_repeat)";

const CLOSED = `id, key_id, dedup_key, service_id, title, severity, source, labels, details, link, adapter, started_at,
  first_received_at, last_received_at, count, batch_id, rule_id, rule_file, rule_line, outcome, because,
  declare_severity, auto_resolve, incident_number`;

const PLANTED: readonly (readonly [promise: string, what: string, ...damage: string[]])[] = [
  [
    "every accepted signal has a decision",
    "a signal without a reason",
    "update signal set because = ''",
    "update signal_batch set becauses = null",
  ],
  [
    "every accepted signal has a decision",
    "a signal of no alert",
    `insert into signal (id, received_at, batch_id, position, key_id, adapter, action, dedup_key, outcome, because)
      select id, received_at, id, 0, 'key', 'tocsin', 'trigger', 'of nothing', 'record', 'because' from signal_batch limit 1`,
  ],
  [
    "every batch that was taken in has its signals",
    "a batch whose signals are gone",
    "update signal_batch set alert_ids = null",
    "delete from signal where dedup_key like 'checkout%'",
  ],
  [
    "every alert that declares has an incident, or waits with a reason and a due time",
    "an alert that was looked at and forgotten",
    "update alert_open set incident_number = null",
  ],
  [
    "every alert that declares has an incident, or waits with a reason and a due time",
    "an alert that still waits",
    "update alert_open set attend_at = 1",
  ],
  [
    "one open incident per rule and service, or rule and group",
    "a second one, past the index",
    "drop index incident_one_open",
    "update incident set service_id = 'checkout'",
  ],
  [
    "every unanswered urgent incident has a next due time or a recorded end",
    "a run that waits for nothing",
    "update escalation_run set due_at = null",
  ],
  [
    "every unanswered urgent incident has a next due time or a recorded end",
    "a run that was missed",
    "update escalation_run set due_at = 1 where stopped_at is null",
  ],
  [
    "nothing escalates once somebody has it or it is over",
    "a run of an incident that is over",
    "update incident set state = 'resolved' where number = 2",
  ],
  [
    "no page starts after the acknowledge",
    "a page a minute later",
    `update notification_attempt set started_at = started_at + 120000 where notification_id in (
      select id from notification where kind = 'page' and incident_number = 1)`,
  ],
  [
    "no page starts after the acknowledge",
    "an acknowledge that was forgotten by its incident",
    `update notification_attempt set started_at = started_at + 120000 where notification_id in (
      select id from notification where kind = 'page' and incident_number = 1)`,
    "update incident set acknowledged_at = null",
  ],
  [
    "no send is taken for lost before its lease has ended",
    "a reply that was given up at once",
    "update notification_attempt set because = 'no reply before the lease ended', ended_at = started_at + 1",
  ],
  [
    "what its own alerts resolved is resolved",
    "an incident that its alerts left open",
    "update incident set auto_resolve = true where number = 2",
    `insert into alert_closed (${CLOSED}, closed_at, closed_because)
      select ${CLOSED}, 2, 'resolved by the tool' from alert_open where incident_number = 2`,
    "delete from alert_open where incident_number = 2",
  ],
  [
    "nobody gets one occasion twice by the same method, unless an attempt was unknown",
    "a second attempt after an accepted one",
    `insert into notification_attempt ${ATTEMPT} select id, 2, due_at, due_at, 'accepted', true from notification`,
  ],
  [
    "nobody gets one occasion twice by the same method, unless an attempt was unknown",
    "a repeat after an unknown one that does not say so",
    "update notification_attempt set verdict = 'unknown'",
    `insert into notification_attempt ${ATTEMPT} select id, 2, due_at, due_at, 'accepted', false from notification`,
  ],
  [
    "every due page is accounted for",
    "no receipt",
    `update notification set receipt_at = null where ${PAGE}`,
  ],
  [
    "every due page is accounted for",
    "a provider whose silence nobody minds",
    `update notification set receipt_by = 1 where ${PAGE}`,
  ],
  ["every due page is accounted for", "no attempt", "delete from notification_attempt"],
  [
    "every due page is accounted for",
    "an end without a reason",
    `update notification set state = 'dropped' where ${PAGE}`,
  ],
  [
    "every due page is accounted for",
    "a page that waits for nothing",
    `update notification set state = 'pending' where ${PAGE}`,
  ],
  [
    "every due page is accounted for",
    "a lease that ended",
    `update notification set state = 'sending', lease_until = 1 where ${PAGE}`,
  ],
  [
    "every due page is accounted for",
    "a send before its time",
    "update notification set handed_over_at = due_at - 1",
  ],
  [
    "no clock speaks before its time, and none is silent after it",
    "a missed mark",
    "update deadline set next_mark_at = 1",
  ],
  [
    "no clock speaks before its time, and none is silent after it",
    "a mark that fired early",
    "update deadline set body = jsonb_set(body, '{marks,0,firedAt}', '1')",
  ],
  [
    "nothing that is spooled waits while there is room",
    "a request that was forgotten",
    "insert into spool (key_id, received_at, signals, sealed) values ('checkout-key', 1, 1, '')",
  ],
  [
    "what a silence holds declares nothing",
    "a silence that was there before",
    `insert into silence (id, matchers, reason, owner, starts_at, ends_at, created_at, created_by)
      values ('00000000-0000-7000-8000-000000000000', '{service=checkout}', 'x', 'zoe', 0, 9000000000000, 0, '{}')`,
  ],
  [
    "every series with a condition is looked at in its time",
    "a series that nobody looked at",
    `insert into condition_state (rule_id, service_id, series, measure, labels, key_id, due_at)
      values ('rule', 'checkout', '', 'error_rate', '{}', 'checkout-key', 1)`,
  ],
  ...["'under way', null", "'due', 1", "'done', 1"].map(
    (state) =>
      [
        "every attempt of an action has its end, or a time by which it is looked for",
        `an attempt that is ${state}`,
        "set local session_replication_role = replica",
        `insert into run_attempt (id, run_number, step_id, attempt, purpose, state, due_at, action, risk, asked_by, asked_at,
          idempotency_key, input) values ('00000000-0000-7000-8000-000000000000', 1, 'step', 1, 'run', ${state},
          'command.run@1', 'write', '{}', 1, 'key', '{}')`,
      ] as const,
  ),
  [
    "every fact on a timeline stands in the ledger",
    "a fact that was slipped in",
    `insert into timeline_entry (id, incident_number, at, recorded_at, kind, actor)
      values ('00000000-0000-7000-8000-000000000000', 1, 5, 5, 'note', '{}')`,
  ],
];

describe("is found:", () => {
  for (const [promise, what, ...damage] of PLANTED)
    test(what, async () => {
      const broken = await brokenBy(damage);
      expect(broken.filter((line) => line.startsWith(`${promise}: `))).not.toEqual([]);
    });

  const repeats = "a repeat that reaches somebody says so and follows an unknown attempt";
  test("a mail that came twice", async () => {
    const twice = { ...scene, received: [...scene.received, scene.received[0]!] };
    expect(await brokenPromises(twice)).toEqual([expect.stringContaining(repeats)]);
  });

  const slots = "exactly one person per covered slot";
  const from = instant(0);
  const at = (minutes: number): Instant => addMs(from, minutes * MINUTE);
  const shift = (person: string | null, start: number, end: number): FinalShift => ({
    startsAt: at(start),
    endsAt: at(end),
    person,
    others: [],
    layer: null,
    overrideId: null,
  });
  for (const [what, shifts, faults] of [
    ["nothing, where shifts follow each other", [shift("a", 0, 30), shift("b", 30, 60)], 0],
    ["a hole between two shifts", [shift("a", 0, 29), shift("b", 30, 60)], 1],
    ["two people at once", [shift("a", 0, 30), shift("b", 29, 60)], 2],
    ["a shift that the schedule gives to another", [shift("a", 0, 30), shift("a", 30, 60)], 2],
    ["an end that is missing", [shift("a", 0, 30), shift("b", 30, 59)], 1],
  ] as const)
    test(what, () => {
      const asked = (when: Instant): string => (when < at(30) ? "a" : "b");
      expect(slotFaults(shifts, from, at(60), asked)).toHaveLength(faults);
    });

  test("one for every promise", () => {
    const planted = [...PLANTED.map(([promise]) => promise), repeats, slots];
    expect(
      CHECKS.map(({ promise }) => promise).filter((promise) => !planted.includes(promise)),
    ).toEqual([]);
  });
});

describe("a vendor that was asked again too early", () => {
  const heard = { skewMs: 2_000, line: { isCut: () => false, cuts: () => 1 } };
  /** Somebody's first page, as if its vendor had asked for a minute of quiet. */
  async function excusedAfter(damage: string, isLost: boolean): Promise<boolean> {
    const { id } = await one(
      scene.db,
      sql<{ id: string }>`select id from notification where kind = 'page'
      and incident_number = 2 limit 1`,
    );
    let cuts = 1;
    const from = { ...heard, line: { ...heard.line, cuts: () => cuts } };
    const asked = { id, vendor: "Slack", until: addMs(scene.now, MINUTE) };
    const pause = pauseOf(asked, from, scene.now);
    if (isLost) cuts += 1;
    let excused = false;
    await expect(
      scene.db.transaction().execute(async (tx) => {
        await run(tx, sql.raw(damage));
        excused = await isExcused(tx, pause);
        throw new Error("only looking");
      }),
    ).rejects.toThrow("only looking");
    return excused;
  }
  const end = (verdict: string, at: Instant): string =>
    `update notification_attempt set verdict = '${verdict}', ended_at = ${at}`;
  const heardAt = (): Instant => addMs(scene.now, heard.skewMs);

  test("is excused only where its answer was lost with its node", async () => {
    expect(await excusedAfter(end("unknown", addMs(heardAt(), MINUTE)), true)).toBe(true);
    expect(await excusedAfter(end("unknown", addMs(heardAt(), MINUTE)), false)).toBe(false);
  });
  test("is found where the answer was recorded, whatever became of its node", async () => {
    expect(await excusedAfter(end("retry", heardAt()), true)).toBe(false);
    expect(await excusedAfter(end("retry", heardAt()), false)).toBe(false);
  });
});

test("only what was touched lately is looked at between ticks", async () => {
  const damage = ["update signal_batch set becauses = null"];
  expect(await brokenBy(damage)).not.toEqual([]);
  expect(await brokenBy(damage, { ...scene, since: addMs(scene.now, 1) })).toEqual([]);
});
