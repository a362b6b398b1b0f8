import { describe, expect, test } from "vitest";
import { CONFIG_KINDS, type ConfigKind } from "../../../contract/config.ts";
import { checkSnapshot, referrersOf } from "./check.ts";
import { type AnyEntry, snapshot } from "./config.ts";

type Objects = Partial<Record<ConfigKind, Readonly<Record<string, object>>>>;

const sound = {
  calendars: { office: { timezone: "UTC" } },
  channels: { email: { type: "email", from: "tocsin@acme.example" } },
  people: {
    ann: {
      name: "Ann",
      email: "a@acme.example",
      contacts: [{ channel: "email", address: "a@acme.example" }],
    },
    bob: { name: "Bob", email: "b@acme.example" },
  },
  teams: { shop: { name: "Shop", members: ["ann"], manager: "ann", calendar: "office" } },
  schedules: {
    primary: {
      name: "Primary",
      timezone: "UTC",
      layers: [{ name: "Weekly", people: ["ann"], every: "week", startsOn: "2024-01-01" }],
    },
  },
  escalations: {
    shop: { name: "Shop", steps: [{ notify: [{ schedule: "primary" }], timeoutMinutes: 5 }] },
  },
  services: { cart: { name: "Cart", team: "shop", escalation: "shop" } },
  audiences: { engineering: { name: "Engineering" } },
} satisfies Objects;

function configured(objects: Objects) {
  const entries = Object.entries({ ...sound, ...objects }).flatMap(([kind, group]) =>
    Object.entries(group).map(([id, body]) => {
      const read = CONFIG_KINDS[kind as ConfigKind].parse(body);
      const source = { file: `acme/${kind}.yaml`, line: 3 };
      return { kind, id, body: read, owner: "file", source, ref: `${kind}/${id}` } as AnyEntry;
    }),
  );
  return snapshot(1, entries);
}
const problems = (objects: Objects) =>
  checkSnapshot(configured(objects), () => []).map(
    ({ level, path, message }) => `${level}: ${path}: ${message}`,
  );
const { ann, bob } = sound.people;
const cart = sound.services.cart;
const rule = { then: { record: true } };

describe("checkSnapshot", () => {
  test("finds nothing in a sound configuration", () => expect(problems({})).toEqual([]));

  for (const [promise, objects, ...expected] of [
    [
      "a contact on a channel that does not exist",
      { people: { ann, bob: { ...bob, contacts: [{ channel: "fax", address: "1" }] } } },
      "refused: people.bob.contacts.0.channel: there is no channel “fax”",
    ],
    [
      "a role in a team that does not exist",
      { people: { ann, bob: { ...bob, roles: [{ role: "admin", team: "x" }] } } },
      "refused: people.bob.roles.0.team: there is no team “x”",
    ],
    [
      "a contact that a mail cannot reach",
      { people: { ann, bob: { ...bob, contacts: [{ channel: "email", address: "bob" }] } } },
      "refused: people.bob.contacts.0.address: expected an e-mail address",
    ],
    [
      "a web hook contact that is no address",
      {
        channels: { ...sound.channels, hook: { type: "webhook", secret: "env:HOOK" } },
        audiences: { engineering: { name: "E", contacts: [{ channel: "hook", address: "here" }] } },
      },
      "refused: audiences.engineering.contacts.0.address: expected an https:// address",
    ],
    [
      "members, manager and calendar of a team that do not exist",
      { teams: { shop: { name: "Shop", members: ["ann", "x"], manager: "y", calendar: "z" } } },
      "refused: teams.shop.members.1: there is no person “x”",
      "refused: teams.shop.manager: there is no person “y”",
      "refused: teams.shop.calendar: there is no calendar “z”",
    ],
    [
      "a layer with a person who does not exist",
      {
        schedules: {
          primary: {
            ...sound.schedules.primary,
            team: "t",
            layers: [
              { name: "Weekly", people: ["ann", "x"], every: "day", startsOn: "2024-01-01" },
            ],
          },
        },
      },
      "refused: schedules.primary.team: there is no team “t”",
      "refused: schedules.primary.layers.0.people.1: there is no person “x”",
    ],
    [
      "escalation targets that do not exist",
      {
        escalations: {
          shop: {
            name: "Shop",
            steps: [
              {
                notify: [{ person: "ann" }, { schedule: "x" }, { team: "y" }, { person: "z" }],
                timeoutMinutes: 5,
              },
            ],
          },
        },
      },
      "refused: escalations.shop.steps.0.notify.1.schedule: there is no schedule “x”",
      "refused: escalations.shop.steps.0.notify.2.team: there is no team “y”",
      "refused: escalations.shop.steps.0.notify.3.person: there is no person “z”",
    ],
    [
      "a service of a team, on services and with an escalation policy that do not exist",
      { services: { cart: { name: "Cart", team: "x", dependsOn: ["y"], escalation: "z" } } },
      "refused: services.cart.team: there is no team “x”",
      "refused: services.cart.dependsOn.0: there is no service “y”",
      "refused: services.cart.escalation: there is no escalation policy “z”",
    ],
    [
      "a severity policy named like nobody, with a commander and an audience that do not exist",
      {
        policies: {
          nobody: { severities: { SEV1: { commander: { schedule: "x" }, tells: ["y"] } } },
        },
      },
      "refused: policies.nobody: expected to be named “default” or like a team",
      "refused: policies.nobody.severities.SEV1.commander.schedule: there is no schedule “x”",
      "refused: policies.nobody.severities.SEV1.tells.0: there is no audience “y”",
    ],
    [
      "an audience with a person who does not exist",
      { audiences: { engineering: { name: "E", people: ["x"] } } },
      "refused: audiences.engineering.people.0: there is no person “x”",
    ],
    [
      "a key of a service that does not exist",
      { keys: { k: { service: "x", secret: "env:K" } } },
      "refused: keys.k.service: there is no service “x”",
    ],
    [
      "two keys with one secret",
      {
        keys: { k: { service: "cart", secret: "env:K" }, l: { service: "cart", secret: "env:K" } },
      },
      "refused: keys.l.secret: expected another secret than that of “k”",
    ],
    [
      "a rule for services and keys that do not exist",
      { rules: { r: { ...rule, services: ["x"], keys: ["y"] } } },
      "refused: rules.r.services.0: there is no service “x”",
      "refused: rules.r.keys.0: there is no intake key “y”",
    ],
    [
      "services that need each other in a ring, once",
      {
        services: {
          a: { ...cart, dependsOn: ["b"] },
          b: { ...cart, dependsOn: ["c"] },
          c: { ...cart, dependsOn: ["a"] },
        },
      },
      "warning: services.a.dependsOn: depends on itself: a → b → c → a",
    ],
    [
      "a service that needs itself",
      { services: { a: { ...cart, dependsOn: ["a"] } } },
      "warning: services.a.dependsOn: depends on itself: a → a",
    ],
    [
      "a step that pages an empty team",
      {
        teams: { shop: { name: "Shop" } },
        escalations: {
          shop: { name: "Shop", steps: [{ notify: [{ team: "shop" }], timeoutMinutes: 5 }] },
        },
      },
      "warning: escalations.shop.steps.0: reaches nobody",
    ],
    [
      "a step in which nobody has a contact",
      {
        escalations: {
          shop: { name: "Shop", steps: [{ notify: [{ person: "bob" }], timeoutMinutes: 5 }] },
        },
      },
      "warning: escalations.shop.steps.0: reaches nobody: nobody in it has a contact",
    ],
    [
      "a service for which nobody is paged",
      { services: { cart: { name: "Cart", team: "shop" } } },
      "warning: services.cart.escalation: absent: nobody is paged for this service",
    ],
  ] as const)
    test(`finds ${promise}`, () => expect(problems(objects as Objects)).toEqual(expected));

  test("a shared dependency is no ring", () => {
    const services = {
      a: { ...cart, dependsOn: ["b", "c"] },
      b: { ...cart, dependsOn: ["c"] },
      c: cart,
    };
    expect(problems({ services })).toEqual([]);
  });

  test("tells what a later noun finds in rules, with file and line", () => {
    const check = () => [
      { kind: "rules" as const, id: "r", path: "when", message: "does not compile" },
    ];
    const [found] = checkSnapshot(configured({ rules: { r: rule } }), check);
    expect(found).toEqual({
      kind: "rules",
      id: "r",
      level: "refused",
      path: "rules.r.when",
      message: "does not compile",
      source: { file: "acme/rules.yaml", line: 3 },
    });
  });
});

describe("referrersOf", () => {
  test("names everybody who refers to an object", () =>
    expect(referrersOf(configured({}), "people", "ann")).toEqual([
      "teams.shop.members.0",
      "teams.shop.manager",
      "schedules.primary.layers.0.people.0",
    ]));
  test("does not count an object that refers to itself", () =>
    expect(
      referrersOf(
        configured({ services: { cart: { ...cart, dependsOn: ["cart"] } } }),
        "services",
        "cart",
      ),
    ).toEqual([]));
});
