/**
 * The company of the simulation: small enough to know by heart. Alice is paged first, Bob after five
 * minutes, Carol, the head, after ten; the list is gone through again once, then it is exhausted.
 */
import type { z } from "zod";
import { CONFIG_KINDS, type ConfigKind } from "../contract/config.ts";
import type { DesiredObject } from "../contract/configuration.ts";
import { hashedKey } from "../server/domain/config/secrets.ts";

type Written<K extends ConfigKind> = z.input<(typeof CONFIG_KINDS)[K]>;

/** One object as a file would state it; the file of all of them is called company.yaml. */
export const object = <K extends ConfigKind>(
  kind: K,
  id: string,
  body: Written<K>,
): DesiredObject => ({
  kind,
  id,
  body,
  source: { file: "company.yaml", line: 1 },
});

/** The intake key of a service, as tools would hold it. */
export const secretOfService = (service: string): string => `key-of-${service}`;

const person = (
  id: string,
  roles: Written<"people">["roles"] = [{ role: "responder" }],
): DesiredObject =>
  object("people", id, {
    name: `${id[0]?.toUpperCase()}${id.slice(1)} Sim`,
    email: `${id}@sim.example`,
    timezone: "Europe/Berlin",
    contacts: [{ channel: "mail", address: `${id}@sim.example` }],
    roles,
  });

const service = (
  id: string,
  team: string,
  escalation: string,
  tier = 2,
): readonly DesiredObject[] => [
  object("services", id, { name: id, team, escalation, tier }),
  object("keys", `${id}-key`, { service: id, secret: hashedKey(secretOfService(id)) }),
];

const alone = (id: string, who: string): DesiredObject =>
  object("schedules", id, {
    name: id,
    timezone: "Europe/Berlin",
    layers: [{ name: "Always", people: [who], every: "week", startsOn: "2024-01-01" }],
  });

const declares = (
  id: string,
  order: number,
  when: Pick<Written<"rules">, "when" | "labels">,
  severity: "SEV1" | "SEV2" | "SEV3" | "SEV4",
  autoResolve = false,
): DesiredObject =>
  object("rules", id, { ...when, order, then: { declare: severity, autoResolve } });

export const COMPANY: readonly DesiredObject[] = [
  object("calendars", "office", {
    timezone: "Europe/Berlin",
    hours: Object.fromEntries(
      ["mon", "tue", "wed", "thu", "fri"].map((day) => [day, "09:00-17:00"]),
    ),
    holidays: [{ date: "2026-12-25", name: "Christmas Day" }],
  }),
  object("channels", "mail", { type: "email", from: "tocsin@sim.example" }),
  object("channels", "hook", { type: "webhook", secret: "env:HOOK_SECRET" }),

  person("alice"),
  person("bob"),
  person("carol", [{ role: "responder" }, { role: "manager", team: "payments" }]),
  person("dave"),
  person("erin"),
  person("vera", [{ role: "viewer" }]),
  person("zoe", [{ role: "admin" }]),

  object("teams", "payments", {
    name: "Payments",
    members: ["alice", "bob", "carol"],
    manager: "carol",
    calendar: "office",
  }),
  object("teams", "discovery", {
    name: "Discovery",
    members: ["dave", "erin"],
    calendar: "office",
  }),

  alone("payments-primary", "alice"),
  alone("payments-secondary", "bob"),
  object("schedules", "discovery-daily", {
    name: "Discovery, in daily turns",
    timezone: "Europe/Berlin",
    layers: [
      {
        name: "Daily",
        people: ["dave", "erin"],
        every: "day",
        startsOn: "2024-01-01",
        handoffAt: "09:00",
      },
    ],
  }),
  object("schedules", "discovery-days", {
    name: "Discovery, by day only",
    timezone: "Europe/Berlin",
    layers: [
      {
        name: "Days",
        people: ["dave"],
        every: "week",
        startsOn: "2024-01-01",
        restrictions: [{ from: "08:00", to: "20:00" }],
      },
    ],
  }),

  object("escalations", "payments", {
    name: "Payments",
    steps: [
      { notify: [{ schedule: "payments-primary" }], timeoutMinutes: 5 },
      { notify: [{ schedule: "payments-secondary" }], timeoutMinutes: 5 },
      { notify: [{ person: "carol" }], timeoutMinutes: 10 },
    ],
    repeat: 1,
  }),
  object("escalations", "discovery", {
    name: "Discovery",
    steps: [{ notify: [{ schedule: "discovery-daily" }], timeoutMinutes: 5 }],
    repeat: 0,
  }),
  object("escalations", "days-then-erin", {
    name: "By day Dave, otherwise Erin",
    steps: [
      { notify: [{ schedule: "discovery-days" }], timeoutMinutes: 5 },
      { notify: [{ person: "erin" }], timeoutMinutes: 5 },
    ],
    repeat: 0,
  }),

  ...service("checkout", "payments", "payments", 1),
  ...service("refunds", "payments", "payments"),
  ...service("search", "discovery", "discovery"),
  ...service("reports", "discovery", "days-then-erin", 4),

  // Nobody but engineering hears of declarations, so that stories can say who receives what.
  object("policies", "default", {
    name: "Sim",
    severities: {
      SEV1: { tells: ["engineering"] },
      SEV2: { tells: [] },
      SEV3: { tells: [] },
      SEV4: { tells: [] },
    },
  }),
  object("audiences", "engineering", {
    name: "Engineering",
    contacts: [{ channel: "mail", address: "engineering@sim.example" }],
  }),
  object("audiences", "heads", { name: "Heads", people: ["carol"] }),

  declares("healing-is-sev2", 10, { when: `labels["class"] == "healing"` }, "SEV2", true),
  declares("cosmetic-is-sev4", 20, { when: `labels["class"] == "cosmetic"` }, "SEV4"),
  declares("critical-is-sev1", 100, { when: `severity == "critical"` }, "SEV1"),
  declares("error-is-sev2", 200, { when: `severity == "error"` }, "SEV2"),
  declares("warning-is-sev3", 300, { when: `severity == "warning"` }, "SEV3"),
];
