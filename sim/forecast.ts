/** What the weather of one seed is like: drawn once, before anything happens, so that it can be told. */
import { type Chance, seededChance } from "../server/base/chance.ts";
import { MINUTE, SECOND } from "../server/base/instant.ts";
import type { DesiredObject } from "../contract/configuration.ts";
import { CONNECTIONS } from "./brokenTable.ts";
import { NUMBERS, PHONE_CHANNELS } from "./phones.ts";
import { COMPANY, object, secretOfService } from "./company.ts";
import { type StormLimits, STORM_LIMITS } from "../server/domain/alert/spool.ts";
import { hashedKey } from "../server/domain/config/secrets.ts";
import type { Behaviour } from "../server/app/local/virtual/transport.ts";

/** A die with the words that a forecast needs. */
export type Die = {
  fraction(): number;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  maybe(chance: number): boolean;
  one<T>(of: readonly T[]): T;
  /** One of the names, each as often as its weight says. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K;
};

export function die(chance: Chance): Die {
  const fraction = (): number => chance.fraction();
  const between = (low: number, high: number): number =>
    low + Math.floor(fraction() * (high - low + 1));
  return {
    fraction,
    between,
    maybe: (likely) => fraction() < likely,
    one: (of) => of[between(0, of.length - 1)]!,
    weighted(weights) {
      const entries = Object.entries<number>(weights);
      let rest = fraction() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [name, weight] of entries) if ((rest -= weight) < 0) return name as never;
      return entries[0]![0] as never;
    },
  };
}

/** What can happen besides what people and engine do by themselves. */
export type Happening =
  | "storm"
  | "alert"
  | "twin events"
  | "resolve and trigger"
  | "trigger and resolve"
  | "expiring alert"
  | "repeat"
  | "resolve"
  | "verb"
  | "override"
  | "silence"
  | "end of a silence"
  | "company"
  | "numbers"
  | "loud key"
  | "click"
  | "crash"
  | "crash at a send"
  | "crash at a statement"
  | "cut at a statement"
  | "stall"
  | "cut"
  | "store away"
  | "clock step";

export type Forecast = {
  readonly seed: number;
  readonly startsAt: string;
  readonly nodes: number;
  readonly minutes: number;
  readonly skewMs: readonly number[];
  /** How likely a nudge from another node is lost. */
  readonly nudgeLoss: number;
  /** How likely a person who was paged stays asleep. */
  readonly sleepiness: number;
  readonly sends: Readonly<Record<SendName, number>>;
  /** From when on a key is loud, so that a handful of signals is a storm. */
  readonly storm: StormLimits;
  readonly happenings: readonly { readonly afterMs: number; readonly what: Happening }[];
};

export type SendName =
  | "accept"
  | "refuse"
  | "busy"
  | "limited"
  | "down"
  | "times out"
  | "lost"
  | "slow";

export const behaviourOf = (name: SendName, dice: Die): Behaviour => {
  switch (name) {
    case "lost":
      return "loses the reply";
    case "slow":
      return { takesMs: dice.one([400, 3 * SECOND, 20 * SECOND, 59 * SECOND, 75 * SECOND]) };
    case "limited":
      return { limitedFor: dice.between(1, 90) };
    default:
      return name;
  }
};

/** A Monday, a Friday night, and both nights on which the clocks of Berlin change. */
const BEGINNINGS = [
  "2026-11-23T10:00:00Z",
  "2026-11-27T22:40:00Z",
  "2026-10-25T00:20:00Z",
  "2027-03-28T00:20:00Z",
];

const CALM = {
  accept: 30,
  refuse: 0,
  busy: 1,
  limited: 1,
  down: 0,
  "times out": 0,
  lost: 1,
  slow: 4,
};
const ROUGH = {
  accept: 8,
  refuse: 1,
  busy: 3,
  limited: 2,
  down: 2,
  "times out": 1,
  lost: 4,
  slow: 5,
};

const OFTEN: Readonly<Record<Happening, number>> = {
  storm: 2,
  alert: 6,
  "twin events": 2,
  "resolve and trigger": 3,
  "trigger and resolve": 1,
  "expiring alert": 2,
  repeat: 3,
  resolve: 4,
  verb: 6,
  override: 1,
  silence: 2,
  "end of a silence": 1,
  company: 2,
  numbers: 2,
  "loud key": 1,
  click: 2,
  crash: 1,
  "crash at a send": 2,
  "crash at a statement": 2,
  "cut at a statement": 2,
  stall: 1,
  cut: 1,
  "store away": 1,
  "clock step": 1,
};

/** Loud from the fourth signal on, and projected in small portions. */
const TENSE: StormLimits = { waiting: -1, backlog: 1_000, quietKey: 3, room: 1_000, portion: 4 };

export function forecast(seed: number): Forecast {
  const dice = die(seededChance(`forecast ${seed}`));
  const nodes = dice.between(1, 3);
  const minutes = dice.between(4, 14);
  const count = dice.between(4, 9);
  const rough = dice.maybe(0.6);
  const first = dice.weighted({
    alert: 3,
    storm: 1,
    "twin events": 1,
    "expiring alert": 1,
    company: 1,
    numbers: 1,
  });
  return {
    seed,
    startsAt: dice.one(BEGINNINGS),
    nodes,
    minutes,
    skewMs: Array.from({ length: nodes }, () => (dice.maybe(0.5) ? 0 : dice.between(-900, 900))),
    nudgeLoss: dice.one([0, 0.3, 1]),
    sleepiness: dice.one([0.1, 0.5, 0.9]),
    sends: rough ? ROUGH : CALM,
    storm: dice.maybe(0.3) ? TENSE : STORM_LIMITS,
    happenings: [
      { afterMs: dice.between(0, 5 * SECOND), what: first },
      ...Array.from({ length: count }, () => ({
        afterMs: dice.between(0, minutes * MINUTE),
        what: dice.weighted(OFTEN),
      })),
    ].toSorted((a, b) => a.afterMs - b.afterMs),
  };
}

/** The services that burn, each escalating in its own way. */
export const SERVICES = ["checkout", "refunds", "search", "backups"] as const;

const isReplaced = ({ kind, id }: DesiredObject): boolean =>
  (kind === "people" && id === "bob") || (kind === "services" && id === "checkout");

/**
 * The company in bad weather: a second way to reach Bob, a service whose shift changes at 02:30, one that depends on
 * another, a rule whose alerts wait for company, and what a runbook reaches.
 */
export const WEATHER_COMPANY: readonly DesiredObject[] = [
  ...COMPANY.filter((each) => !isReplaced(each)),
  ...CONNECTIONS,
  object("services", "checkout", {
    name: "checkout",
    team: "payments",
    escalation: "payments",
    tier: 1,
    dependsOn: ["refunds"],
  }),
  object("rules", "in-company", {
    when: `labels["class"] == "company"`,
    order: 5,
    then: { declare: "SEV2", autoResolve: true },
    group: { wait: "PT20S", interval: "PT1M", causes: "PT10M" },
  }),
  object("people", "bob", {
    name: "Bob Sim",
    email: "bob@sim.example",
    timezone: "Europe/Berlin",
    contacts: [
      { channel: "mail", address: "bob@sim.example" },
      { channel: "hook", address: "https://hooks.sim.example/bob", afterMinutes: 1 },
    ],
    roles: [{ role: "responder" }],
  }),
  object("schedules", "night", {
    name: "Backups, in turns that change in the night",
    timezone: "Europe/Berlin",
    layers: [
      {
        name: "Nights",
        people: ["erin", "dave", "bob"],
        every: "day",
        startsOn: "2024-01-01",
        handoffAt: "02:30",
      },
    ],
  }),
  object("escalations", "night", {
    name: "Backups",
    steps: [
      { notify: [{ schedule: "night" }], timeoutMinutes: 4 },
      { notify: [{ schedule: "night" }, { person: "dave" }], timeoutMinutes: 4 },
    ],
    repeat: 1,
  }),
  object("services", "backups", {
    name: "backups",
    team: "discovery",
    escalation: "night",
    tier: 2,
  }),
  object("keys", "backups-key", {
    service: "backups",
    secret: hashedKey(secretOfService("backups")),
  }),
];

/** Every fourth seed is one of text messages and calls, none of those by which planted faults are known. */
export const hasPhones = (seed: number): boolean => seed % 4 === 3 && seed > 3;

const byPhone: Readonly<Record<string, Parameters<typeof object<"people">>[2]["contacts"]>> = {
  alice: [{ channel: "text", address: NUMBERS["alice"]!, urgency: "high" }],
  bob: [
    { channel: "mail", address: "bob@sim.example" },
    { channel: "voice", address: NUMBERS["bob"]!, urgency: "high", afterMinutes: 1 },
  ],
  dave: [
    { channel: "text", address: NUMBERS["dave"]! },
    { channel: "voice", address: NUMBERS["dave"]!, urgency: "high", afterMinutes: 2 },
  ],
};

/** The same company with telephones. */
export const PHONE_COMPANY: readonly DesiredObject[] = [
  ...PHONE_CHANNELS,
  ...WEATHER_COMPANY.map((each) => {
    const contacts = each.kind === "people" ? byPhone[each.id] : undefined;
    return contacts === undefined
      ? each
      : { ...each, body: { ...(each.body as object), contacts } };
  }),
];
