import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Rule } from "../../../contract/signal.ts";
import { DEFAULT_RULES } from "../policy/defaultRules.ts";
import type { AlertFacts } from "./cel.ts";
import { failingRules } from "./failingRules.ts";
import {
  alertRulesFrom,
  compileRules,
  decide,
  explain,
  measurementRulesFrom,
  type RuleEntry,
} from "./rules.ts";

const facts: AlertFacts = {
  title: "Disk almost full",
  severity: "error",
  source: null,
  service: "checkout",
  tier: 2,
  team: "shop",
  key: "prometheus",
  labels: { region: "eu" },
  details: null,
};

type RuleText = Partial<Parameters<typeof Rule.parse>[0] & object>;

function entry(
  id: string,
  body: RuleText,
  line: number | null = null,
  file = "rules.yaml",
): RuleEntry {
  const source = line === null ? null : { file, line };
  return { id, body: Rule.parse({ then: { declare: "SEV2" }, ...body }), source };
}

const decideBy = (...entries: RuleEntry[]) => decide(compileRules(entries), facts);

describe("the first rule that matches decides", () => {
  test("by order before anything else", () => {
    const decision = decideBy(
      entry("late", { order: 20, services: ["checkout"] }, 1),
      entry("early", { order: 10, then: { declare: "SEV1", autoResolve: true } }, 9),
    );
    expect(decision).toEqual({
      ruleId: "early",
      file: "rules.yaml",
      line: 9,
      outcome: { kind: "declare", severity: "SEV1", autoResolve: true },
      because: "rule matched",
      notes: [],
    });
  });

  test("of equal order by the place in its file, then without a file by id", () => {
    expect(decideBy(entry("a", {}, 9), entry("b", {}, 4)).ruleId).toBe("b");
    expect(decideBy(entry("a", {}, 1, "z.yaml"), entry("b", {}, 4, "b.yaml")).ruleId).toBe("b");
    expect(decideBy(entry("a", {}), entry("b", {}, 4)).ruleId).toBe("b");
    expect(decideBy(entry("d", {}), entry("c", {})).ruleId).toBe("c");
  });

  test("a rule with no line of its own shows none", () => {
    expect(decideBy(entry("a", {}))).toMatchObject({ ruleId: "a", file: null, line: null });
  });

  test("which may be to record only", () => {
    const decision = decideBy(entry("quiet", { then: { record: true } }), entry("z", {}));
    expect(decision).toMatchObject({ ruleId: "quiet", outcome: { kind: "record" } });
  });
});

describe("equality comes before CEL", () => {
  for (const [promise, body] of [
    ["another service", { services: ["search"] }],
    ["another key", { keys: ["sentry"] }],
    ["the service, but another key", { services: ["checkout"], keys: ["sentry"] }],
    ["another value of a label", { labels: { region: "us" } }],
    ["a label that is not there", { labels: { zone: "eu" } }],
    ["a label that only objects have", { labels: { constructor: "x" } }],
    ["no service at all", { services: [] }],
  ] as const) {
    test(`${promise} excludes a rule without evaluating it`, () => {
      const decision = decideBy(entry("rule", { ...body, when: `labels.missing == "x"` }));
      expect(decision).toMatchObject({ ruleId: null, notes: [] });
    });
  }

  test("service, key and labels together let it through", () => {
    const body = {
      services: ["search", "checkout"],
      keys: ["prometheus"],
      labels: { region: "eu" },
    };
    expect(decideBy(entry("rule", body)).ruleId).toBe("rule");
  });

  test("an alert without a service or key meets only rules that name none", () => {
    const rules = compileRules([
      entry("service", { services: ["checkout"] }),
      entry("key", { keys: ["prometheus"] }),
      entry("z-all", {}),
    ]);
    expect(decide(rules, { ...facts, service: null, key: null }).ruleId).toBe("z-all");
  });
});

describe("every alert ends in a decision", () => {
  test("without a matching rule it is recorded", () => {
    expect(decideBy(entry("rule", { when: `severity == "critical"` }))).toEqual({
      ruleId: null,
      file: null,
      line: null,
      outcome: { kind: "record" },
      because: "no rule matched",
      notes: [],
    });
  });

  test("a rule that fails is noted, and the next one decides", () => {
    const decision = decideBy(
      entry("a", { when: `labels.zone == "eu"` }),
      entry("b", { when: `details` }),
      entry("c", {}),
    );
    expect(decision.ruleId).toBe("c");
    expect(decision.notes).toEqual([
      { ruleId: "a", failure: "No such key: zone" },
      { ruleId: "b", failure: "gave a value of type null instead of true or false" },
    ]);
  });

  test("a rule that does not compile becomes a finding and the others still decide", () => {
    const rules = compileRules([
      entry("broken", { when: `title`, order: 1 }, 3),
      entry("typo", { when: `\n lables.x == "a"`, order: 1 }),
      entry("whole", { order: 2 }),
    ]);
    expect(rules.findings).toEqual([
      {
        ruleId: "broken",
        source: { file: "rules.yaml", line: 3 },
        text:
          "rule “broken”: when, line 1, column 1: " +
          "gives a value of type string; it must say true or false",
      },
      {
        ruleId: "typo",
        source: null,
        text: "rule “typo”: when, line 2, column 2: Unknown variable: lables",
      },
    ]);
    expect(decide(rules, facts).ruleId).toBe("whole");
  });
});

test("rules over numbers stay out of decisions about alerts", () => {
  const condition = { measure: "error_rate", comparator: ">", threshold: 10 };
  const entries = [entry("number", { condition, order: 1 }), entry("alert", {})];
  expect(alertRulesFrom(entries).map(({ id }) => id)).toEqual(["alert"]);
  expect(measurementRulesFrom(entries).map(({ id }) => id)).toEqual(["number"]);
  expect(decideBy(...entries).ruleId).toBe("alert");
});

test("the index decides as a plain search through all rules would", () => {
  const names = (one: string) => fc.option(fc.subarray([one, "other"]), { nil: undefined });
  const body = fc.record({
    services: names("checkout"),
    keys: names("prometheus"),
    when: fc.constantFrom(undefined, `severity == "error"`, `severity == "info"`),
    order: fc.nat({ max: 3 }),
  });
  fc.assert(
    fc.property(fc.array(body, { maxLength: 12 }), (bodies) => {
      const entries = bodies.map((each, index) => entry(`r${index}`, each, index));
      const first = entries
        .toSorted((a, b) => a.body.order - b.body.order)
        .find(
          ({ body: { services, keys, when } }) =>
            (services === undefined || services.includes("checkout")) &&
            (keys === undefined || keys.includes("prometheus")) &&
            when !== `severity == "info"`,
        );
      return decideBy(...entries).ruleId === (first?.id ?? null);
    }),
    { seed: 20_261_121 },
  );
});

describe("the default rules about alerts", () => {
  const rules = compileRules(DEFAULT_RULES);
  const decideOn = (labels: Record<string, string>, changes: Partial<AlertFacts> = {}) =>
    decide(rules, { ...facts, labels, ...changes });

  test("compile", () => expect(rules.findings).toEqual([]));

  for (const labels of [
    { class: "security" },
    { class: "Security", category: "malware" },
    { category: "unauthorised access" },
    { category: "Unauthorized_Access" },
    { category: "data-exfiltration" },
    { category: "exfiltration" },
  ] as Record<string, string>[]) {
    test(`${JSON.stringify(labels)} declares SEV1`, () => {
      expect(decideOn(labels).outcome).toMatchObject({ kind: "declare", severity: "SEV1" });
    });
  }

  test("other alerts are recorded, without a note", () => {
    const others: Record<string, string>[] = [
      {},
      { class: "network" },
      { category: "exfiltration test" },
    ];
    for (const labels of others) {
      const decision = decideOn(labels);
      expect(decision).toMatchObject({ because: "no rule matched", notes: [] });
    }
  });

  test("a security alert that only informs declares nothing", () => {
    expect(decideOn({ class: "security" }, { severity: "info" }).outcome.kind).toBe("record");
  });
});

describe("rules within rules", () => {
  const tree = [
    entry("outer", { order: 10, services: ["checkout"], then: { record: true } }, 1),
    entry("inner", { order: 20, within: "outer", when: 'severity == "error"' }, 2),
    entry("innermost", { order: 5, within: "inner", labels: { region: "us" } }, 3),
    entry("last", { order: 30 }, 4),
  ];

  test("the first inside that matches decides, else the outer one", () => {
    const rules = compileRules(tree);
    expect(decide(rules, facts).ruleId).toBe("inner");
    expect(decide(rules, { ...facts, severity: "info" }).ruleId).toBe("outer");
    expect(decide(rules, { ...facts, labels: { region: "us" } }).ruleId).toBe("innermost");
    expect(decide(rules, { ...facts, service: "search" }).ruleId).toBe("last");
  });

  test("a dry run names every rule that is looked at, with why not", () => {
    const looks = explain(
      compileRules([entry("first", { order: 1, keys: ["other"] }, 9), ...tree]),
      facts,
    );
    expect(looks.map(({ rule, depth, whyNot }) => [rule.id, depth, whyNot])).toEqual([
      ["first", 0, "another key"],
      ["outer", 0, null],
      ["inner", 1, null],
      ["innermost", 2, "label region is not us"],
    ]);
  });

  test("a dry run ends where the decision does, whatever the alert", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("error", "info", "warning" as const),
        fc.constantFrom("checkout", "search"),
        fc.constantFrom("us", "eu"),
        (severity, service, region) => {
          const rules = compileRules(tree);
          const asked = { ...facts, severity, service, labels: { region } } as const;
          const matching = explain(rules, asked).filter(({ whyNot }) => whyNot === null);
          expect(matching.at(-1)?.rule.id ?? null).toBe(decide(rules, asked).ruleId);
        },
      ),
    );
  });

  test("rules within each other, or within one that asks about numbers, are findings", () => {
    const condition = { measure: "m", comparator: ">", threshold: 1 } as const;
    const { findings } = compileRules([
      entry("a", { within: "b" }, 1),
      entry("b", { within: "a" }, 2),
      entry("c", { within: "n" }, 3),
      entry("n", { condition }, 4),
    ]);
    expect(findings.map(({ ruleId }) => ruleId)).toEqual(["a", "b", "c"]);
    expect(findings[0]?.text).toContain("within");
  });
});

describe("a rule that always fails is found", () => {
  const failing = (alerts: readonly AlertFacts[], ...entries: RuleEntry[]) =>
    failingRules(compileRules(entries), alerts).map(({ rule, asked }) => `${rule.id} ${asked}`);
  const odd = entry("odd", { when: `details.load > 5`, order: 2 });

  test("also behind one that decides, and within one that matches", () => {
    const first = entry("first", { order: 1 });
    const inner = entry("inner", { when: `details`, within: "first" });
    const high = { ...facts, details: { load: "high" } };
    expect(failing([high, high], first, odd, inner).toSorted()).toEqual(["inner 2", "odd 2"]);
  });

  test("but not one that has an answer for another alert, or is not asked", () => {
    expect(failing([facts, { ...facts, details: { load: 2 } }], odd)).toEqual([]);
    expect(
      failing([{ ...facts, service: "search" }], {
        ...odd,
        body: { ...odd.body, services: ["checkout"] },
      }),
    ).toEqual([]);
  });

  test("and one that asks for what all of them lack, once they are many", () => {
    const zone = entry("zone", { when: `labels.zone == "eu"` });
    expect(failing([facts, facts, facts, facts], zone)).toEqual([]);
    expect(failing([facts, facts, facts, facts, facts], zone)).toEqual(["zone 5"]);
  });
});
