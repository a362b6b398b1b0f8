/**
 * Commands that meet on two nodes with real connections, in every order of their statements that matters: the promises
 * hold after each, nothing waits for ever, and none of these pairs ever waits for each other.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { attachAlert, declareIncident } from "../contract/incident.ts";
import { addOverride } from "../contract/schedule.ts";
import { createSilence, endSilence } from "../contract/silence.ts";
import { all, one, sql } from "../server/base/db.ts";
import { addMs, instant, MINUTE, toIso } from "../server/base/instant.ts";
import { isLong, longTest } from "../test/long.ts";
import { type Ends, type Hand, interleave, type Pair } from "./interleave.ts";
import { VERBS } from "./people.ts";
import { openSky, type Sky } from "./sky.ts";
import type { Condition, Signal } from "./tools.ts";

/** Orders of a pair in the normal run; the long form plays all. */
const ORDERS = 2;

let sky: Sky;
beforeAll(async () => {
  sky = await openSky();
});
afterAll(() => sky?.close());

const START = instant(Date.parse("2026-11-23T10:00:00Z"));
const condition = (title: string, over: Partial<Condition> = {}): Condition => ({
  title,
  service: "checkout",
  severity: "critical",
  class: null,
  via: "pagerduty",
  says: null,
  accepted: false,
  endsAt: null,
  expires: false,
  ...over,
});
const trigger = (title: string, over: Partial<Condition> = {}): Signal => ({
  condition: condition(title, over),
  action: "trigger",
});
const resolve = (title: string, over: Partial<Condition> = {}): Signal => ({
  condition: condition(title, over),
  action: "resolve",
});

const verb =
  (name: keyof typeof VERBS, id: string, body: object = {}, person = "zoe") =>
  (hand: Hand): Promise<unknown> =>
    hand.as(person, VERBS[name], { params: { id }, body });
const step =
  (name: string) =>
  (hand: Hand): Promise<unknown> =>
    hand.step(name);

/** An outage that Alice was paged for. */
async function outage(hand: Hand): Promise<void> {
  await hand.signal(trigger("Down"));
  await hand.rest();
}
/** The next step of its escalation is due. */
async function unanswered(hand: Hand): Promise<void> {
  await outage(hand);
  hand.forward(5 * MINUTE);
}
/** A SEV1 and a SEV2 of another service. */
async function two(hand: Hand): Promise<void> {
  await hand.signal(trigger("Small", { service: "refunds", severity: "error" }));
  await hand.rest();
  await hand.signal(trigger("Great"));
  await hand.rest();
}

const count = async ({ db }: Pick<Ends, "db">, of: string): Promise<number> =>
  (await one(db, sql<{ n: number }>`select count(*) as n from ${sql.raw(of)}`)).n;
const none = "incident where state in ('declared', 'mitigated')";

const PAIRS: readonly Pair[] = [
  {
    name: "acknowledge against escalate",
    given: unanswered,
    one: verb("acknowledge", "INC-1", {}, "alice"),
    async other(hand) {
      await hand.step("escalate");
      await hand.step("deliver");
    },
    then: ({ pagesAfter }) =>
      pagesAfter.one === 0 ? [] : [`${pagesAfter.one} pages began after the acknowledge`],
  },
  {
    name: "acknowledge against deliver",
    async given(hand) {
      await unanswered(hand);
      await hand.step("escalate");
    },
    one: verb("acknowledge", "INC-1", {}, "alice"),
    other: step("deliver"),
    then: ({ pagesAfter }) =>
      pagesAfter.one === 0 ? [] : [`${pagesAfter.one} pages began after the acknowledge`],
  },
  {
    name: "two nodes that send one page",
    async given(hand) {
      await unanswered(hand);
      await hand.step("escalate");
    },
    one: step("deliver"),
    other: step("deliver"),
  },
  {
    name: "acknowledge by two people",
    given: outage,
    one: verb("acknowledge", "INC-1", {}, "alice"),
    other: verb("acknowledge", "INC-1", {}, "bob"),
    then: (ends) =>
      [ends.one, ends.other].filter((refusal) => refusal !== null).length === 1
        ? []
        : ["not exactly one of them has it"],
  },
  {
    name: "resolve against a tool that sends again",
    given: outage,
    one: verb("resolve", "INC-1"),
    async other(hand) {
      await hand.signal(trigger("Down"));
      await hand.step("attend alerts");
    },
    async then(ends) {
      // What still fires after the resolve of its incident declares anew; its alert is never left alone.
      const alone = await count(ends, "alert_open where incident_number is null and hold is null");
      return alone === 0 ? [] : ["an alert that fires has no incident"];
    },
  },
  {
    name: "the tool's resolve against its trigger",
    async given(hand) {
      await hand.signal(trigger("Down", { class: "healing" }));
      await hand.rest();
    },
    async one(hand) {
      await hand.signal(resolve("Down", { class: "healing" }));
      await hand.step("attend alerts");
    },
    async other(hand) {
      await hand.signal(trigger("Down", { class: "healing" }));
      await hand.step("attend alerts");
    },
  },
  {
    name: "merge against attach",
    given: two,
    one: verb("merge", "INC-1", { into: "INC-2" }),
    async other(hand) {
      const { id } = await one(
        hand.db,
        sql<{ id: string }>`select id from alert_open where title = 'Small'`,
      );
      return hand.as("zoe", attachAlert, { params: { id: "INC-2" }, body: { alert: id } });
    },
    async then(ends) {
      const lost = await count(ends, "alert_open where incident_number is distinct from 2");
      return lost === 0 ? [] : ["an alert is not in the incident that is open"];
    },
  },
  {
    name: "merges that cross",
    given: two,
    one: verb("merge", "INC-1", { into: "INC-2" }),
    other: verb("merge", "INC-2", { into: "INC-1" }),
    then: async (ends) => ((await count(ends, none)) === 1 ? [] : ["not one of the two is open"]),
  },
  {
    name: "two declares by alerts",
    given: (hand) =>
      hand.signal(trigger("One")).then(() => hand.signal(trigger("Two"))) as Promise<never>,
    one: step("attend alerts"),
    other: step("attend alerts"),
    then: async (ends) =>
      (await count(ends, none)) === 1 ? [] : ["not one incident is open for both"],
  },
  {
    name: "two declares by people",
    given: async () => undefined,
    one: (hand) =>
      hand.as("zoe", declareIncident, {
        body: { title: "By hand", severity: "SEV2", services: ["checkout"] },
      }),
    other: (hand) =>
      hand.as("alice", declareIncident, {
        body: { title: "By hand as well", severity: "SEV2", services: ["checkout"] },
      }),
    then: async (ends) => ((await count(ends, none)) === 2 ? [] : ["not both are declared"]),
  },
  {
    name: "defer against resolve",
    given: two,
    one: verb("defer", "INC-1", { because: "first the other" }),
    other: verb("resolve", "INC-2"),
    async then({ db }) {
      const waits = await all(
        db,
        sql<{
          number: number;
        }>`select i.number from incident i join incident b on b.number = i.deferred_for
          where b.state not in ('declared', 'mitigated') order by i.number limit 10`,
      );
      return waits.length === 0 ? [] : ["it waits for what is over"];
    },
  },
  {
    name: "defer against a lower severity of what burns",
    given: two,
    one: verb("defer", "INC-1", { because: "first the other" }),
    other: verb("changeSeverity", "INC-2", { severity: "SEV3", because: "not so bad" }),
    async then({ db }) {
      const waits = await all(
        db,
        sql<{
          number: number;
        }>`select i.number from incident i join incident b on b.number = i.deferred_for
          where b.severity >= i.severity order by i.number limit 10`,
      );
      return waits.length === 0 ? [] : ["it waits for what burns less"];
    },
  },
  {
    name: "override against escalate",
    given: unanswered,
    one: (hand) =>
      hand.as("zoe", addOverride, {
        params: { id: "payments-secondary" },
        body: {
          person: "dave",
          startsAt: toIso(START),
          endsAt: toIso(addMs(START, 60 * MINUTE)),
        },
      }),
    other: step("escalate"),
    async then({ db }) {
      const paged = await all(
        db,
        sql<{ person: string }>`select distinct person_id as person from notification
          where kind = 'page' and person_id <> 'alice' order by 1 limit 10`,
      );
      return paged.length === 1 && ["bob", "dave"].includes(paged[0]!.person)
        ? []
        : [`paged for one slot: ${paged.map(({ person }) => person).join(", ") || "nobody"}`];
    },
  },
  {
    name: "silence against page",
    given: (hand) => hand.signal(trigger("Down")) as Promise<never>,
    one: (hand) =>
      hand.as("zoe", createSilence, {
        body: {
          matchers: ["service=checkout"],
          reason: "we know",
          endsAt: toIso(addMs(START, 30 * MINUTE)),
        },
      }),
    async other(hand) {
      await hand.step("attend alerts");
      await hand.step("escalate");
      await hand.step("deliver");
    },
  },
  {
    name: "the end of a silence against what it would hold",
    async given(hand) {
      const silence = {
        matchers: ["service=checkout"],
        reason: "we know",
        endsAt: toIso(addMs(START, 30 * MINUTE)),
      };
      await hand.as("zoe", createSilence, { body: silence });
      await hand.signal(trigger("Down"));
    },
    async one(hand) {
      const { id } = await one(hand.db, sql<{ id: string }>`select id from silence limit 1`);
      return hand.as("zoe", endSilence, { params: { id } });
    },
    other: step("attend alerts"),
    async then(ends) {
      const held = await count(ends, "alert_open where incident_number is null");
      return held === 0 ? [] : ["an alert waits for a silence that is over"];
    },
  },
  {
    name: "two closes",
    async given(hand) {
      await outage(hand);
      await verb("resolve", "INC-1")(hand);
      await hand.rest();
    },
    one: verb("close", "INC-1", { override: { because: "no paperwork" } }),
    other: verb("close", "INC-1", { override: { because: "no paperwork either" } }),
    then: (ends) =>
      [ends.one, ends.other].filter((refusal) => refusal !== null).length === 1
        ? []
        : ["not exactly one of them closed it"],
  },
  {
    name: "reopen against a new outage of the same rule",
    async given(hand) {
      await outage(hand);
      await verb("resolve", "INC-1")(hand);
      await hand.rest();
      await hand.signal(trigger("Down again"));
    },
    one: verb("reopen", "INC-1", { because: "it is not over" }),
    other: step("attend alerts"),
    then: async (ends) => ((await count(ends, none)) === 1 ? [] : ["not one incident is open"]),
  },
  {
    name: "a resolve against its trigger that is being spooled",
    storm: { waiting: -1, backlog: 0, quietKey: 0, room: 1_000, portion: 50 },
    given: async () => undefined,
    async one(hand) {
      await hand.signal(trigger("Loud"));
      // Answered before it was asked: whoever sends now comes after it.
      await hand.signal(resolve("Loud"));
    },
    other: step("storm"),
    async then(ends) {
      const open = await count(ends, "alert_open");
      return open === 0 ? [] : ["what was resolved last is open"];
    },
  },
];

for (const pair of PAIRS)
  test(`${pair.name}: any order keeps every promise`, async () => {
    const played = await interleave(sky, pair, ORDERS);
    expect(played.length).toBeGreaterThanOrEqual(2);
    expect(played.filter(({ broken, deadlocks }) => broken.length > 0 || deadlocks > 0)).toEqual(
      [],
    );
  });

longTest("so do all orders of all of them", 1_200_000, async () => {
  expect(isLong).toBe(true);
  for (const pair of PAIRS) {
    const played = await interleave(sky, pair, Number.POSITIVE_INFINITY);
    process.stdout.write(`${pair.name}: ${played.length} orders\n`);
    const bad = played.filter(({ broken, deadlocks }) => broken.length > 0 || deadlocks > 0);
    expect(bad, pair.name).toEqual([]);
  }
});
