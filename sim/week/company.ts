/**
 * A company of a realistic size: forty services of six teams that depend on each other, each team with the
 * intake keys of its tools, and the rules that a team would write after a year of being woken.
 */
import type { DesiredObject } from "../../contract/configuration.ts";
import { hashedKey } from "../../server/domain/config/secrets.ts";
import { object } from "../company.ts";

export type Team = {
  readonly id: string;
  readonly people: readonly [string, string];
  readonly services: readonly string[];
};

export const TEAMS: readonly Team[] = [
  {
    id: "platform",
    people: ["pia", "pau"],
    services: ["kubernetes", "network", "ingress", "dns", "registry", "vault", "ci"],
  },
  {
    id: "stores",
    people: ["sam", "suki"],
    services: ["orders-db", "users-db", "cache", "queue", "object-store", "search-index"],
  },
  {
    id: "shop",
    people: ["shay", "shona"],
    services: [
      "checkout",
      "payments",
      "cart",
      "catalogue",
      "prices",
      "promotions",
      "stock",
      "refunds",
      "storefront",
    ],
  },
  {
    id: "people",
    people: ["mila", "mo"],
    services: ["login", "profiles", "consent", "mailer", "push", "support-desk", "reviews"],
  },
  {
    id: "insight",
    people: ["ines", "ivo"],
    services: ["warehouse", "reports", "forecast", "events", "experiments", "recommendations"],
  },
  {
    id: "guard",
    people: ["gus", "gwen"],
    services: ["waf", "audit", "secrets-scan", "cloud-account", "finance"],
  },
];

export const SERVICES: readonly string[] = TEAMS.flatMap(({ services }) => services);
const FIRST_TIER = new Set(["orders-db", "users-db", "checkout", "payments", "login", "network"]);

/** What breaks when the other one breaks. */
export const NEEDS: Readonly<Record<string, readonly string[]>> = {
  ingress: ["network", "dns"],
  checkout: ["payments", "cart", "orders-db", "login"],
  payments: ["orders-db", "queue"],
  cart: ["cache", "orders-db"],
  catalogue: ["search-index", "object-store"],
  prices: ["cache"],
  promotions: ["prices"],
  stock: ["orders-db"],
  refunds: ["payments", "orders-db"],
  storefront: ["catalogue", "cart", "login"],
  login: ["users-db"],
  profiles: ["users-db"],
  consent: ["users-db"],
  mailer: ["queue"],
  push: ["queue"],
  reviews: ["users-db"],
  warehouse: ["object-store", "events"],
  reports: ["warehouse"],
  forecast: ["warehouse"],
  events: ["queue"],
  recommendations: ["events", "cache"],
};

/** The intake key of a team's tool, as the tool would hold it. */
export const secretOf = (tool: string, team: string): string => `${tool}-of-${team}`;
export const TOOLS = ["prometheus", "datadog", "sentry", "cloudwatch", "pingdom", "other"] as const;

const person = (id: string): DesiredObject =>
  object("people", id, {
    name: id,
    email: `${id}@week.example`,
    timezone: "Europe/Berlin",
    contacts: [{ channel: "mail", address: `${id}@week.example` }],
    roles: [{ role: id === "pia" ? "admin" : "responder" }],
  });

function teamOf({ id, people, services }: Team): readonly DesiredObject[] {
  return [
    ...people.map(person),
    object("teams", id, { name: id, members: [...people], manager: people[1] }),
    object("schedules", id, {
      name: id,
      timezone: "Europe/Berlin",
      layers: [{ name: "Weeks", people: [...people], every: "week", startsOn: "2024-01-01" }],
    }),
    object("escalations", id, {
      name: id,
      steps: [
        { notify: [{ schedule: id }], timeoutMinutes: 15 },
        { notify: [{ person: people[1] }], timeoutMinutes: 15 },
      ],
      repeat: 1,
    }),
    ...services.map((service) =>
      object("services", service, {
        name: service,
        team: id,
        escalation: id,
        tier: FIRST_TIER.has(service) ? 1 : 2,
        dependsOn: [...(NEEDS[service] ?? [])],
      }),
    ),
    ...TOOLS.map((tool) =>
      object("keys", `${tool}-${id}`, {
        service: services[0]!,
        serviceLabel: "service",
        secret: hashedKey(secretOf(tool, id)),
      }),
    ),
  ];
}

const quiet = { tells: [] };

/** The company with its rules; without `calm` every alert that matters declares at once. */
export const weekCompany = (calm: boolean): readonly DesiredObject[] => [
  object("channels", "mail", { type: "email", from: "tocsin@week.example" }),
  ...TEAMS.flatMap(teamOf),
  object("policies", "default", {
    name: "Week",
    severities: { SEV1: quiet, SEV2: quiet, SEV3: quiet, SEV4: quiet },
  }),
  object("rules", "news", { when: `severity == "info"`, then: { record: true }, order: 10 }),
  object("rules", "critical", {
    when: `severity == "critical"`,
    then: { declare: "SEV1", autoResolve: true },
    order: 20,
    ...(calm && { group: { causes: "PT15M" } }),
  }),
  object("rules", "error", {
    when: `severity == "error"`,
    then: { declare: "SEV2", autoResolve: true },
    order: 30,
    ...(calm && {
      holdBack: "PT3M",
      flapping: { times: 3, within: "PT2H", steady: "PT15M" },
      group: { wait: "PT1M", interval: "PT5M", causes: "PT15M" },
    }),
  }),
  object("rules", "warning", {
    then: { declare: "SEV3", autoResolve: true },
    order: 40,
    ...(calm && {
      holdBack: "PT15M",
      flapping: { times: 3, within: "PT6H", steady: "PT1H" },
      group: { wait: "PT5M", interval: "PT15M", causes: "PT1H" },
    }),
  }),
  ...(calm
    ? [
        object("maintenance", "search-move", {
          startsAt: "2026-11-24T22:00",
          duration: "PT2H",
          timezone: "Europe/Berlin",
          services: ["search-index", "catalogue"],
          reason: "the index moves to new machines",
          owner: "sam",
        }),
        object("maintenance", "batch", {
          startsAt: "2026-11-23T02:00",
          duration: "PT3H",
          until: "2027-11-23T02:00",
          repeats: "FREQ=DAILY",
          timezone: "Europe/Berlin",
          matchers: ["alertname=BatchLoadHigh"],
          reason: "the batch uses what is free at night",
          owner: "ines",
        }),
        object("inhibitions", "down-explains-slow", {
          source: ["alertname=ServiceDown"],
          target: ["alertname=~SlowAnswers|ErrorRateHigh"],
          equal: ["service"],
        }),
      ]
    : []),
];
