import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CONFIG_KINDS, type ConfigKind } from "../../../contract/config.ts";
import { findingText } from "../../../contract/configuration.ts";
import { planApply } from "./apply.ts";
import { type AnyEntry, KINDS, snapshot } from "./config.ts";
import { objectText, readFiles, type SourceFile, writeFiles } from "./files.ts";
import { hashedKey } from "./secrets.ts";

const file = (text: string, path = "a.yaml"): SourceFile => ({ path, text });
const found = (...files: SourceFile[]) => readFiles(files, "here").findings.map(findingText);

const ann = "people:\n  ann:\n    name: Ann\n    email: ann@acme.example\n";

describe("refuses with file and line", () => {
  for (const [promise, text, ...expected] of [
    [
      "an unknown kind",
      "persons:\n  ann: {}\n",
      "a.yaml:1: persons: unknown kind; known: " + KINDS.join(", "),
    ],
    [
      "an unknown key, naming the known ones",
      `${ann}    fax: 1\n`,
      "a.yaml:5: people.ann.fax: unknown key; known: name, email, phone, timezone, country, language, contacts, roles, quietHours, pagesPerMinute",
    ],
    [
      "an unknown key inside a list",
      `${ann}    contacts:\n      - channel: email\n        adress: x\n`,
      "a.yaml:6: people.ann.contacts.0.address: required: a text",
      "a.yaml:7: people.ann.contacts.0.adress: unknown key; known: channel, address, afterMinutes, urgency",
    ],
    [
      "a missing field at its object",
      "people:\n\n  ann:\n    name: Ann\n",
      "a.yaml:3: people.ann.email: required: a text",
    ],
    [
      "wrong values of several fields at once",
      "people:\n  ann:\n    name: 7\n    email: nowhere\n    timezone: Mars/Olympus\n",
      "a.yaml:3: people.ann.name: expected a text",
      "a.yaml:4: people.ann.email: expected an e-mail address",
      "a.yaml:5: people.ann.timezone: expected an IANA time zone such as Europe/Berlin",
    ],
    [
      "a number outside its bounds",
      "services:\n  a: { name: A, team: t, tier: 5 }\n",
      "a.yaml:2: services.a.tier: expected at most 4",
    ],
    [
      "a value that is none of the choices",
      "rules:\n  a:\n    then: { declare: SEV9 }\n",
      "a.yaml:3: rules.a.then.declare: expected SEV1 or SEV2 or SEV3 or SEV4",
    ],
    [
      "a target of no known form",
      "escalations:\n  a:\n    name: A\n    steps:\n      - notify: [{ shedule: x }]\n        timeoutMinutes: 5\n",
      "a.yaml:5: escalations.a.steps.0.notify.0: expected schedule or person or team",
    ],
    [
      "an id that is no name",
      "teams:\n  Big Team: { name: T }\n",
      "a.yaml:2: teams.Big Team: expected as id lower-case letters, digits, “-”, “.” or “_”, at most 63",
    ],
    [
      "the same key twice",
      `${ann}    name: Anna\n`,
      "a.yaml:5: YAML: the same key stands here twice",
    ],
    [
      "two documents in a file",
      `${ann}---\nteams: {}\n`,
      "a.yaml:5: YAML: a second document begins here; give each a file of its own",
    ],
    [
      "a rule that says nothing of what follows",
      'rules:\n  a: { when: "true" }\n',
      "a.yaml:2: rules.a.then: required: a mapping of keys",
    ],
    [
      "a phone number that YAML reads as a number, and one that no other country could call",
      `${ann}    phone: +4915112345678\n  ben: { name: Ben, email: ben@x.example, phone: "0151 12" }\n`,
      "a.yaml:5: people.ann.phone: expected a text",
      'a.yaml:6: people.ben.phone: expected a phone number with its country and without spaces, in quotes, such as "+4915112345678"',
    ],
    [
      "an alias",
      "teams:\n  a: &x { name: T }\n  b: *x\n",
      "a.yaml:3: teams.b: aliases are not accepted: write it out",
      "a.yaml:3: teams.b: expected a mapping of keys",
    ],
    [
      "a list where a mapping is due",
      "teams:\n  - a\n",
      "a.yaml:1: teams: expected a mapping from ids to objects",
    ],
    [
      "a file that is a list",
      "- teams\n",
      `a.yaml:1: : expected a mapping with some of: ${KINDS.join(", ")}`,
    ],
    [
      "a secret written out",
      "channels:\n  chat:\n    type: webhook\n    secret: hunter2\n",
      "a.yaml:4: channels.chat.secret: expected env:NAME, naming an environment variable",
    ],
    [
      "a key written out",
      "keys:\n  k:\n    service: s\n    secret: hunter2\n",
      "a.yaml:4: keys.k.secret: expected env:NAME or sha256:<64 hex>",
    ],
    [
      "a password in an address",
      "services:\n  s:\n    name: S\n    team: t\n    runbook: https://me:hunter2@wiki.example/s\n",
      "a.yaml:5: services.s.runbook: a secret never stands here: expected env:NAME, or an address without a password",
    ],
    [
      "a sample key outside of a sample",
      "keys:\n  k: { service: s, secret: 'sample:abcd' }\n",
      "a.yaml:2: keys.k.secret: a sample key is accepted only where tocsin.yaml says “sample: true”",
    ],
  ] as const)
    test(promise, () => expect(found(file(text))).toEqual(expected));

  test("text that is not YAML", () => {
    expect(found(file("teams: [\n"))[0]).toMatch(/^a\.yaml:\d+: YAML: /);
  });
  test("an object that stands in two files, naming the first", () => {
    expect(found(file(ann), file(`\n${ann}`, "b.yaml"))).toEqual([
      "b.yaml:3: people.ann: stands already in a.yaml:2",
    ]);
  });
  test("a marker with an unknown key", () => {
    expect(found(file("set: acme\nowner: me\n", "tocsin.yaml"))).toEqual([
      "tocsin.yaml:2: owner: unknown key; known: set, sample",
    ]);
  });
  test("all findings of all files at once, and never a value", () => {
    const texts = found(
      file("people:\n  ann: { name: Ann, email: secret-value }\n"),
      file("x: 1\n", "b.yaml"),
    );
    expect(texts).toHaveLength(2);
    expect(texts.join()).not.toContain("secret-value");
  });
});

describe("reads", () => {
  test("objects with defaults, file and line", () => {
    const { objects, findings, set } = readFiles([file(`# people\n${ann}`)], "here");
    expect(findings).toEqual([]);
    expect(set).toBe("here");
    expect(objects).toEqual([
      {
        kind: "people",
        id: "ann",
        body: { name: "Ann", email: "ann@acme.example", contacts: [], roles: [] },
        source: { file: "a.yaml", line: 3 },
      },
    ]);
  });
  test("times, dates and words such as no as the text they are", () => {
    const text =
      "calendars:\n  a: { timezone: UTC, hours: { mon: 09:00-17:00 }, holidays: [{ date: 2026-12-25, name: no }] }\n";
    expect(readFiles([file(text)], "here").objects[0]?.body).toMatchObject({
      hours: { mon: "09:00-17:00" },
      holidays: [{ date: "2026-12-25", name: "no" }],
    });
  });
  test("a sample key as its hash, so that the key goes nowhere", () => {
    const { objects } = readFiles(
      [
        file("set: acme\nsample: true\n", "tocsin.yaml"),
        file("keys:\n  k: { service: s, secret: 'sample:acme-checkout' }\n"),
      ],
      "here",
    );
    expect(objects[0]?.body).toEqual({ service: "s", secret: hashedKey("acme-checkout") });
    expect(JSON.stringify(objects)).not.toContain('acme-checkout"');
  });
});

describe("writes what it reads back", () => {
  const slug = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,12}$/);
  const words = fc.string({ minLength: 1, maxLength: 60, unit: "grapheme" });
  const bodies: Partial<Record<ConfigKind, fc.Arbitrary<object>>> = {
    people: fc.record({
      name: words,
      email: slug.map((name) => `x${name.replace(/[^a-z0-9]/g, "")}@acme.example`),
      contacts: fc.array(fc.record({ channel: slug, address: words, afterMinutes: fc.nat(60) }), {
        maxLength: 3,
      }),
      roles: fc.array(
        fc.record(
          { role: fc.constantFrom("viewer", "admin"), team: slug },
          { requiredKeys: ["role"] },
        ),
        { maxLength: 2 },
      ),
    }),
    services: fc.record(
      {
        name: words,
        description: words,
        team: slug,
        tier: fc.integer({ min: 1, max: 4 }),
        dependsOn: fc.array(slug),
      },
      { requiredKeys: ["name", "team"] },
    ),
    rules: fc.record(
      {
        when: words,
        labels: fc.dictionary(
          words.filter((word) => word !== "__proto__"),
          words,
          { noNullPrototype: true },
        ),
        then: fc.constantFrom(
          { declare: "SEV1" },
          { record: true },
          { declare: "SEV4", autoResolve: true },
        ),
        order: fc.nat(1_000),
      },
      { requiredKeys: ["then"] },
    ),
    policies: fc.record({
      severities: fc.record(
        { SEV1: fc.record({ means: words, tells: fc.array(slug) }, { requiredKeys: [] }) },
        { requiredKeys: [] },
      ),
    }),
  };
  const entry = fc
    .constantFrom(...(Object.keys(bodies) as ConfigKind[]))
    .chain((kind) =>
      fc.record({ kind: fc.constant(kind), id: slug, body: bodies[kind] ?? fc.constant({}) }),
    )
    .map(({ kind, id, body }) => {
      const source = { file: `here/${kind}.yaml`, line: 1 };
      return {
        kind,
        id,
        body: CONFIG_KINDS[kind].parse(body),
        owner: "file",
        source,
        ref: id,
      } as AnyEntry;
    });
  const entries = fc.uniqueArray(entry, {
    selector: ({ kind, id }) => `${kind}/${id}`,
    maxLength: 12,
  });

  test("export, then apply, changes nothing, whatever the words are", () => {
    fc.assert(
      fc.property(entries, (all) => {
        const files = Object.entries(writeFiles("here", all)).map(([path, text]) => ({
          path,
          text,
        }));
        const read = readFiles(files, "elsewhere");
        expect(read.findings).toEqual([]);
        const objects = read.objects.map((object) => ({
          ...object,
          source: { ...object.source, file: `here/${object.source.file}` },
        }));
        const plan = planApply(
          snapshot(1, all),
          { set: read.set, objects: objects as never, take: false },
          () => "new",
        );
        expect(plan.changes).toEqual([]);
        expect(plan.unchanged).toBe(all.length);
      }),
      { seed: 20_261_121, numRuns: 200 },
    );
  });
  test("one object as it stands in a file, without what is filled in by itself", () => {
    const body = CONFIG_KINDS.people.parse({ name: "Ann", email: "ann@acme.example" });
    expect(objectText("people", "ann", body)).toBe(ann);
  });
});
