import { describe, expect, test } from "vitest";
import { CONFIG_KINDS, type ConfigKind } from "../../../contract/config.ts";
import type { ReadinessArea } from "../../../contract/readiness.ts";
import { addMs, DAY, HOUR, type Instant, instant, MINUTE } from "../../base/instant.ts";
import { type AnyEntry, snapshot, type Snapshot } from "../config/config.ts";
import { provenKey } from "./doubts.ts";
import { readiness, type ReadinessFacts } from "./readiness.ts";

const now = instant(Date.UTC(2026, 10, 21, 12));

type Objects = { readonly [K in ConfigKind]?: Readonly<Record<string, object>> };

const READY: Objects = {
  channels: { email: { type: "email", from: "tocsin@acme.example" } },
  people: {
    ann: {
      name: "Ann",
      email: "ann@acme.example",
      contacts: [{ channel: "email", address: "ann@acme.example" }],
      roles: [{ role: "admin" }],
    },
    bob: {
      name: "Bob",
      email: "bob@acme.example",
      contacts: [{ channel: "email", address: "bob@acme.example" }],
    },
  },
  teams: {
    core: { name: "Core", members: ["ann", "bob"] },
    own: { name: "Own", members: ["ann"] },
  },
  schedules: {
    core: {
      name: "Core",
      timezone: "UTC",
      layers: [{ name: "Weekly", people: ["ann"], every: "week", startsOn: "2026-01-05" }],
    },
  },
  escalations: {
    core: {
      name: "Core",
      steps: [
        { notify: [{ schedule: "core" }], timeoutMinutes: 5 },
        { notify: [{ person: "bob" }], timeoutMinutes: 5 },
      ],
    },
  },
  services: {
    shop: {
      name: "Shop",
      team: "core",
      tier: 1,
      escalation: "core",
      runbook: "https://acme.example/shop",
    },
    tocsin: { name: "Tocsin", team: "own", tier: 3, escalation: "core" },
  },
  keys: { shop: { service: "shop", secret: "env:SHOP_KEY" } },
};

function configOf(objects: Objects): Snapshot {
  const entries = Object.entries(objects).flatMap(([kind, bodies]) =>
    Object.entries(bodies ?? {}).map(([id, body]) => ({
      kind,
      id,
      body: CONFIG_KINDS[kind as ConfigKind].parse(body),
      owner: "api",
      source: null,
      ref: `${kind}:${id}`,
    })),
  );
  return snapshot(1, entries as unknown as AnyEntry[]);
}

const PROVED = {
  verified: new Set(
    ["ann", "bob"].map((person) => provenKey(person, "email", `${person}@acme.example`)),
  ),
  tested: new Set(["ann", "bob"]),
  marks: new Map(),
};

/** READY with some kinds replaced. */
const facts = (objects: Objects = {}, change: Partial<ReadinessFacts> = {}): ReadinessFacts => ({
  config: configOf({ ...READY, ...objects }),
  overrides: [],
  publicUrl: "https://bell.acme.example",
  mailServer: true,
  unsetSecrets: new Set(),
  wakeable: new Set(),
  proofs: PROVED,
  channelUse: [{ channelId: "email", lastAcceptedAt: addMs(now, -HOUR), lastFailedAt: null }],
  intakeUse: [{ keyId: "shop", adapter: "own-json", lastUsedAt: addMs(now, -MINUTE) }],
  queries: [],
  failingRules: [],
  overduePostmortems: [],
  overdueItems: [],
  engine: { lastTickAt: now, skewMs: 3 },
  ledger: { waiting: 2, oldestAt: addMs(now, -1_000) },
  unaccounted: [],
  spool: { signals: 0, oldestAt: null },
  setAside: 0,
  ...change,
});

const of = (given: ReadinessFacts, area: ReadinessArea, level: string): readonly string[] =>
  readiness(given, now)
    .filter((finding) => finding.area === area && finding.level === level)
    .map(({ what }) => what);

test("an installation in which all is well misses nothing and answers every area", () => {
  const findings = readiness(facts(), now);
  expect(findings.filter(({ level }) => level === "missing")).toEqual([]);
  expect(new Set(findings.map(({ area }) => area)).size).toBe(16);
});

test("every finding that is not well says what to do", () => {
  for (const given of [facts(), facts({}, { config: configOf({}), engine: null })]) {
    for (const { level, todo } of readiness(given, now)) expect(todo === null).toBe(level === "ok");
  }
});

test("nothing configured misses services, channels and monitoring", () => {
  const findings = readiness(facts({}, { config: configOf({}) }), now);
  const areas = findings.filter(({ level }) => level === "missing").map(({ area }) => area);
  expect(areas).toEqual(["services", "channels", "monitoring"]);
});

test("a rule that fails whatever comes is missing with its place, one that lacks a label to know about", () => {
  const body = CONFIG_KINDS.rules.parse({ when: "details.load > 5", then: { record: true } });
  const rule = { id: "load", body, source: { file: "rules.yaml", line: 7 } };
  const failed = { rule, asked: 3, failure: "No such operator", isAbsence: false };
  const told =
    "The rule load (rules.yaml:7) could not be asked about any of the last 3 alerts that it concerns: No such operator.";
  expect(of(facts({}, { failingRules: [failed] }), "policy", "missing")).toEqual([told]);
  const absent = facts({}, { failingRules: [{ ...failed, isAbsence: true }] });
  expect(of(absent, "policy", "warning")).toContain(told);
  expect(of(absent, "policy", "missing")).toEqual([]);
});

test("the two bands that declare nothing are told, and do not make it unready", () => {
  expect(of(facts(), "policy", "warning")).toEqual([
    expect.stringContaining("error_rate from 5 % up to 10 % for 15 min or less declares nothing"),
    expect.stringContaining("error_rate above 10 % for 5 min or less declares nothing"),
  ]);
});

const shop = READY.services?.["shop"] ?? {};
const noContact = { ...READY.people, ann: { name: "Ann", email: "ann@acme.example" } };
const slack = { type: "slack", token: "env:SLACK_TOKEN", signingSecret: "env:SLACK_SECRET" };
const notify = (target: object) => ({
  core: { name: "Core", steps: [{ notify: [target], timeoutMinutes: 5 }] },
});

describe("what is missing is named:", () => {
  const rows: readonly [string, ReadinessArea, ReadinessFacts, string][] = [
    [
      "a service whose team is empty",
      "services",
      facts({
        teams: { core: { name: "Core", members: [] }, own: { name: "Own", members: ["ann"] } },
      }),
      "shop is owned by core, in which nobody is.",
    ],
    [
      "a service of tier 2 without a runbook",
      "plan",
      facts({ services: { shop: { ...shop, tier: 2, runbook: undefined } } }),
      "No plan is documented for shop.",
    ],
    [
      "a service without a policy",
      "escalation",
      facts({ services: { shop: { ...shop, escalation: undefined } } }),
      "Nobody is paged for shop.",
    ],
    [
      "a policy that reaches nobody",
      "escalation",
      facts({ people: noContact, escalations: notify({ schedule: "core" }) }),
      "Nobody is reached by core.",
    ],
    [
      "a schedule with a gap, and when",
      "on call",
      facts({
        schedules: {
          core: {
            name: "Core",
            timezone: "UTC",
            layers: [
              {
                name: "Weekly",
                people: ["ann"],
                every: "week",
                startsOn: "2026-01-05",
                endsOn: "2026-11-30",
              },
            ],
          },
        },
      }),
      "Nobody is on call in core: 2026-11-30T09:00:00.000Z to 2026-12-05T12:00:00.000Z.",
    ],
    [
      "somebody on call without a contact",
      "people",
      facts({ people: noContact }),
      "No page reaches ann, who may be paged: no contact on a channel that works.",
    ],
    [
      "people whose only channel lacks its secret",
      "people",
      facts({ channels: { email: slack } }, { unsetSecrets: new Set(["env:SLACK_TOKEN"]) }),
      "No page reaches ann, bob, who may be paged: no contact on a channel that works.",
    ],
    [
      "the variable of a channel's secret",
      "secrets",
      facts({ channels: { email: slack } }, { unsetSecrets: new Set(["env:SLACK_TOKEN"]) }),
      "SLACK_TOKEN is not set, which the channel email needs.",
    ],
    [
      "the variable of a key",
      "secrets",
      facts({}, { unsetSecrets: new Set(["env:SHOP_KEY"]) }),
      "SHOP_KEY is not set, which the key shop needs.",
    ],
    [
      "the variable of what a key's tool proves itself with",
      "secrets",
      facts(
        {
          keys: { shop: { service: "shop", secret: "env:SHOP_KEY", signedWith: "env:SHOP_SIGNS" } },
        },
        { unsetSecrets: new Set(["env:SHOP_SIGNS"]) },
      ),
      "SHOP_SIGNS is not set, which the key shop needs.",
    ],
    [
      "a channel that only ever failed",
      "channels",
      facts({}, { channelUse: [{ channelId: "email", lastAcceptedAt: null, lastFailedAt: now }] }),
      "email failed at 2026-11-21T12:00:00.000Z; nothing was ever delivered.",
    ],
    [
      "a mail server",
      "mail",
      facts({}, { mailServer: false }),
      "email sends mail, and no mail server is set.",
    ],
    [
      "a key that nothing ever came in by",
      "monitoring",
      facts({}, { intakeUse: [] }),
      "Nothing has ever come in by the key shop (shop).",
    ],
    [
      "a query that brings no numbers, and why",
      "monitoring",
      facts(
        {},
        { queries: [{ server: "http://prometheus:9090", query: "up", failure: "refused" }] },
      ),
      "“up” brings no numbers from http://prometheus:9090: refused.",
    ],
    [
      "an overdue postmortem",
      "postmortems",
      facts({}, { overduePostmortems: [{ incident: "INC-7", dueAt: addMs(now, -DAY) }] }),
      "The postmortem of INC-7 was due 2026-11-20T12:00:00.000Z.",
    ],
    [
      "an overdue action item",
      "action items",
      facts({}, { overdueItems: [{ item: "AI-3", owner: "ann", dueAt: addMs(now, -DAY) }] }),
      "AI-3 of ann was due 2026-11-20T12:00:00.000Z.",
    ],
    [
      "an engine that stands still",
      "engine",
      facts({}, { engine: { lastTickAt: addMs(now, -MINUTE), skewMs: 0 } }),
      "The engine has not ticked since 2026-11-21T11:59:00.000Z.",
    ],
    [
      "a clock that is away",
      "engine",
      facts({}, { engine: { lastTickAt: now, skewMs: -2_500 } }),
      "The node's clock is -2500 ms away from the database's: it does not page.",
    ],
    [
      "a ledger that is behind",
      "ledger",
      facts({}, { ledger: { waiting: 40, oldestAt: addMs(now, -5 * MINUTE) } }),
      "40 entries wait to be sealed, the oldest since 2026-11-21T11:55:00.000Z.",
    ],
  ];
  for (const [promise, area, given, what] of rows)
    test(promise, () => expect(of(given, area, "missing")).toEqual([what]));
});

describe("what somebody should know is a warning:", () => {
  const accepted: Instant = addMs(now, -HOUR);
  const rows: readonly [string, ReadinessArea, ReadinessFacts, string][] = [
    [
      "a channel that was never used",
      "channels",
      facts({}, { channelUse: [] }),
      "email: nothing was ever delivered.",
    ],
    [
      "a channel that failed after it had worked",
      "channels",
      facts(
        {},
        { channelUse: [{ channelId: "email", lastAcceptedAt: accepted, lastFailedAt: now }] },
      ),
      "email failed at 2026-11-21T12:00:00.000Z; last delivered 2026-11-21T11:00:00.000Z.",
    ],
    [
      "a step that reaches nobody",
      "escalation",
      facts({ people: noContact }),
      "Nobody is reached by step 1 of core.",
    ],
    [
      "the last administrator has left",
      "people",
      facts({ people: { ...READY.people, ann: { ...READY.people!["ann"], roles: [] } } }),
      "No person is an administrator: only a token, a link from the server's own host or a break-glass code gives out access.",
    ],
    [
      "a policy that tells an audience that is not there",
      "policy",
      facts({ policies: { default: { severities: { SEV1: { tells: ["nobody"] } } } } }),
      "The policy default tells nobody, which is not configured.",
    ],
  ];
  for (const [promise, area, given, what] of rows)
    test(promise, () => expect(of(given, area, "warning")).toContain(what));
});

test("an override that fills a gap covers it, and whoever takes it must be reachable", () => {
  const layers = [{ name: "Later", people: ["ann"], every: "week", startsOn: "2026-11-22" }];
  const objects: Objects = { schedules: { core: { name: "Core", timezone: "UTC", layers } } };
  const gap = of(facts(objects), "on call", "missing");
  expect(gap).toEqual([
    "Nobody is on call in core: 2026-11-21T12:00:00.000Z to 2026-11-22T09:00:00.000Z.",
  ]);
  const override = {
    id: "o",
    scheduleId: "core",
    person: "cyd",
    replaces: null,
    startsAt: now,
    endsAt: addMs(now, DAY),
  };
  const covered = facts(objects, { overrides: [override] });
  expect(of(covered, "on call", "missing")).toEqual([]);
  expect(of(covered, "people", "missing")[0]).toContain("cyd");
});

describe("the public address:", () => {
  for (const [url, level] of [
    ["http://127.0.0.1:4400", "missing"],
    ["http://localhost:4400", "missing"],
    ["https://10.1.2.3", "missing"],
    ["https://[fd00::1]:8443", "missing"],
    ["https://[::1]", "missing"],
    ["https://bell", "missing"],
    ["https://bell.local", "missing"],
    ["http://bell.acme.example", "warning"],
    ["https://bell.acme.example", "ok"],
    ["https://8.8.8.8", "ok"],
  ] as const)
    test(`${url} is ${level}`, () => {
      const levels = readiness(facts({}, { publicUrl: url }), now)
        .filter(({ area }) => area === "address")
        .map((finding) => finding.level);
      expect(levels.at(-1)).toBe(level);
    });
});

test("what the reconciler found is missing, with its kind, number and an example", () => {
  const found = { what: "page without an end", count: 2, example: "notification:7", since: now };
  expect(of(facts({}, { unaccounted: [found] }), "engine", "missing")).toEqual([
    expect.stringMatching(/^2 × page without an end, such as notification:7, since 2/),
  ]);
});

test("a storm that is not over is a warning with its backlog and age", () => {
  const spool = { signals: 900, oldestAt: addMs(now, -5 * MINUTE) };
  expect(of(facts({}, { spool }), "storm", "warning")).toEqual([
    "900 signals of a storm wait to be decided about, the oldest since 2026-11-21T11:55:00.000Z.",
  ]);
});
