/** Guards: rules that are not asked are rules that would have said no. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { Rule } from "../../../contract/signal.ts";
import { type AlertFacts, compileExpression, prepare } from "./cel.ts";
import { answerOfAll, mayMatch } from "./guards.ts";
import { compileRules, decide, type RuleEntry } from "./rules.ts";

const guardsOf = (source: string) => {
  const compiled = compileExpression(source);
  if ("error" in compiled) throw new Error(compiled.error);
  return compiled.guards;
};
const label = (name: string, value: string | null, failure = `No such key: ${name}`) => ({
  field: { kind: "label", name },
  value,
  failure: value === null ? null : failure,
});
const text = (name: string, value: string) => ({
  field: { kind: "text", name },
  value,
  failure: null,
});

test.each([
  ['labels.a == "x"', [label("a", "x")]],
  ['"x" == labels["a"]', [label("a", "x", "No such key")]],
  ['has(labels.a) && labels.a == "x"', [label("a", null), label("a", "x")]],
  ['service == "s" && (labels.a == "x" && title == "t")', 3],
  ['severity == "error" && size(title) > 3 && labels.a == "x"', [text("severity", "error")]],
  ['labels.a == "x" || labels.b == "y"', []],
  ['!(labels.a == "x")', []],
  ['labels.a != "x"', []],
  ["labels.a == title", []],
  ['details.a == "x"', []],
  ["tier == 1", []],
])("%s", (source, guards) => {
  if (typeof guards === "number") expect(guardsOf(source)).toHaveLength(guards);
  else expect(guardsOf(source)).toEqual(guards);
});

const word = fc.constantFrom("x", "y", "z", "");
const name = fc.constantFrom("a", "b");
const question: fc.Arbitrary<string> = fc.oneof(
  fc.tuple(name, word).map(([key, value]) => `labels.${key} == "${value}"`),
  fc.tuple(name, word).map(([key, value]) => `"${value}" == labels["${key}"]`),
  word.map((value) => `!(service == "${value}")`),
  name.map((key) => `has(labels.${key})`),
  word.map((value) => `service == "${value}"`),
  word.map((value) => `title.contains("${value}")`),
  fc.tuple(name, word).map(([key, value]) => `labels.${key} != "${value}"`),
);
const expression = fc
  .array(fc.tuple(question, fc.constantFrom("&&", "&&", "&&", "||")), {
    minLength: 1,
    maxLength: 5,
  })
  .map((parts) => parts.map(([q, op], at) => (at === 0 ? q : `${op} ${q}`)).join(" "));
const alert: fc.Arbitrary<AlertFacts> = fc.record({
  title: word,
  severity: fc.constant("error" as const),
  source: fc.constant(null),
  service: fc.option(word),
  tier: fc.constant(null),
  team: fc.constant(null),
  key: fc.constant(null),
  labels: fc.dictionary(name, word),
  details: fc.constant(null),
});

test("whatever the guards refuse, the expression refuses without a failure", () => {
  fc.assert(
    fc.property(expression, alert, (source, facts) => {
      const compiled = compileExpression(source);
      if ("error" in compiled || mayMatch(compiled.guards, facts)) return;
      expect(compiled.evaluate(prepare(facts))).toEqual({ matches: false, failure: null });
    }),
    { numRuns: 500 },
  );
});

/** Where every question may be asked without the expression. */
const plainQuestion: fc.Arbitrary<string> = fc.oneof(
  fc.tuple(name, word).map(([key, value]) => `labels.${key} == "${value}"`),
  fc.tuple(name, word).map(([key, value]) => `"${value}" == labels["${key}"]`),
  name.map((key) => `has(labels.${key})`),
  word.map((value) => `service == "${value}"`),
  word.map((value) => `"${value}" == title`),
);
const conjunction = fc.letrec<{ all: string }>((tie) => ({
  all: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    plainQuestion,
    fc.tuple(tie("all"), tie("all")).map(([a, b]) => `${a} && ${b}`),
    fc.tuple(tie("all"), tie("all")).map(([a, b]) => `(${a}) && (${b})`),
  ),
})).all;

test("what asks nothing else answers as the expression does, in the same words", () => {
  fc.assert(
    fc.property(fc.oneof(conjunction, expression), alert, (source, facts) => {
      const compiled = compileExpression(source);
      if ("error" in compiled || !compiled.isPlain) return;
      expect(answerOfAll(compiled.guards, facts)).toEqual(compiled.evaluate(prepare(facts)));
    }),
    { numRuns: 1_000 },
  );
});

test("rules found by their field decide as rules asked one by one", () => {
  const entries = fc.array(
    fc.tuple(expression, fc.dictionary(name, word), fc.integer({ min: 0, max: 3 })),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(entries, alert, (list, facts) => {
      const rules = list.map(([when, labels, order], at): RuleEntry => ({
        id: `rule-${at}`,
        body: Rule.parse({ when, labels, order, then: { record: true } }),
        source: null,
      }));
      const oneByOne = rules
        .toSorted((a, b) => a.body.order - b.body.order || (a.id < b.id ? -1 : 1))
        .map((rule) => decide(compileRules([rule]), facts));
      const first = oneByOne.findIndex((decision) => decision.ruleId !== null);
      const notes = oneByOne.slice(0, first < 0 ? undefined : first + 1).flatMap((d) => d.notes);
      const decision = decide(compileRules(rules), facts);
      expect(decision.ruleId).toBe(oneByOne[first]?.ruleId ?? null);
      expect(decision.notes).toEqual(notes);
    }),
    { numRuns: 300 },
  );
});
