import { describe, expect, test } from "vitest";
import { peopleOfLayer } from "../contract/oncall.ts";
import { snapshot, type Snapshot } from "../server/domain/config/config.ts";
import { checkSnapshot } from "../server/domain/config/check.ts";
import { planApply } from "../server/domain/config/apply.ts";
import { hashedKey } from "../server/domain/config/secrets.ts";
import { type FinalShift, finalShifts, gaps } from "../server/domain/oncall/oncall.ts";
import { compileRules, decide } from "../server/domain/signal/rules.ts";
import { addMs, DAY, type Instant, instant } from "../server/base/instant.ts";
import { readDirectory } from "../server/app/local/configDirectory.ts";

const { request, findings } = await readDirectory(
  new URL("../examples/acme", import.meta.url).pathname,
);
const acme: Snapshot = planApply(
  snapshot(1, []),
  { ...request, objects: request.objects as never, take: false },
  (() => {
    let count = 0;
    return () => `ref-${++count}`;
  })(),
).after;

test("the sample company applies without a finding or a warning", () => {
  expect(findings).toEqual([]);
  expect(
    checkSnapshot(acme, (of) =>
      compileRules(of.all("rules")).findings.map(({ ruleId, text }) => ({
        kind: "rules" as const,
        id: ruleId,
        path: "when",
        message: text,
      })),
    ),
  ).toEqual([]);
});

test("it has four teams, about ten services and three time zones", () => {
  expect(acme.all("teams")).toHaveLength(4);
  expect(acme.all("services").length).toBeGreaterThanOrEqual(10);
  expect(new Set(acme.all("people").map(({ body }) => body.timezone)).size).toBe(3);
});

const secondaryOf = (id: string): string =>
  id === "platform-reliability" ? `${id}-secondary` : id.replace(/-primary$/, "-secondary");

const meets = (a: FinalShift, b: FinalShift): boolean =>
  a.person === b.person && a.startsAt < b.endsAt && b.startsAt < a.endsAt;

describe("on call", () => {
  const from = instant(Date.UTC(2024, 0, 3));
  const to = addMs(from, 3 * 366 * DAY);
  for (const { id, body } of acme.all("schedules")) {
    test(`${id} is covered for every minute over every clock change of three years`, () => {
      expect(gaps(body, [], from, to)).toEqual([]);
    });
  }
  for (const { id, body } of acme.all("schedules").filter(({ id }) => !id.endsWith("-secondary"))) {
    test(`${id} and its secondary are never one person`, () => {
      const secondary = acme.get("schedules", secondaryOf(id))?.body ?? body;
      const others = finalShifts(secondary, [], from, to);
      // Nobody changes between two edges, so the edges of both say it for every minute.
      expect(
        finalShifts(body, [], from, to).filter((shift) =>
          others.some((other) => meets(shift, other)),
        ),
      ).toEqual([]);
    });
  }
  test("follow-the-sun pages people only between 8 and 20 o'clock of their own day", () => {
    const schedule = acme.get("schedules", "platform-reliability")?.body;
    for (const { person, startsAt, endsAt } of schedule
      ? finalShifts(schedule, [], from, to)
      : []) {
      const zone = acme.get("people", person ?? "")?.body.timezone ?? "";
      const hourOf = (at: Instant) =>
        Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).hour;
      expect(
        [startsAt, addMs(endsAt, -1)].map(hourOf).filter((hour) => hour < 8 || hour >= 20),
      ).toEqual([]);
    }
  });
  test("everybody in a schedule can be reached by mail", () => {
    const people = new Set(
      acme.all("schedules").flatMap(({ body }) => body.layers.flatMap(peopleOfLayer)),
    );
    for (const id of people) {
      expect(acme.get("people", id)?.body.contacts.map(({ channel }) => channel)).toContain(
        "email",
      );
    }
  });
});

describe("alerts", () => {
  const rules = compileRules(acme.all("rules"));
  for (const [severity, outcome] of [
    ["critical", { kind: "declare", severity: "SEV1", autoResolve: false }],
    ["error", { kind: "declare", severity: "SEV2", autoResolve: false }],
    ["warning", { kind: "declare", severity: "SEV3", autoResolve: false }],
    ["info", { kind: "record" }],
  ] as const)
    test(`of severity ${severity} on the checkout mean ${JSON.stringify(outcome)}`, () => {
      const facts = {
        title: "Down",
        source: "pagerduty-events",
        service: "checkout",
        tier: 1,
        team: "payments",
        key: "acme-checkout",
        labels: {},
        details: {},
      };
      expect(decide(rules, { ...facts, severity }).outcome).toEqual(outcome);
    });
});

test("every service is escalated to primary, secondary after five minutes, head at ten", () => {
  for (const { body } of acme.all("services")) {
    const team = acme.get("teams", body.team)?.body;
    const policy = acme.get("escalations", body.escalation ?? "")?.body;
    expect(policy?.repeat).toBe(2);
    expect(policy?.steps.map(({ timeoutMinutes }) => timeoutMinutes)).toEqual([5, 5, 10]);
    expect(policy?.steps[2]?.notify).toEqual([{ person: team?.manager }]);
  }
});

test("the checkout matters most and takes alerts by the key acme-checkout", () => {
  expect(acme.get("services", "checkout")?.body.tier).toBe(1);
  expect(acme.get("keys", "acme-checkout")?.body).toMatchObject({
    service: "checkout",
    secret: hashedKey("acme-checkout"),
  });
});
