import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type AlertFacts,
  type Compiled,
  type CompileError,
  compileExpression,
  prepare,
} from "./cel.ts";

const facts: AlertFacts = {
  title: "Disk almost full",
  severity: "error",
  source: null,
  service: "checkout",
  tier: 2,
  team: "shop",
  key: "prometheus",
  labels: { class: "security", "host-name": "db-1", empty: "" },
  details: { value: 91.5, count: 5, items: [{ name: "a" }, { name: "b" }], nothing: null },
};

function compiled(source: string): Compiled {
  const result = compileExpression(source);
  if ("error" in result) throw new Error(`${source}: ${result.error}`);
  return result;
}

function refused(source: string): CompileError {
  const result = compileExpression(source);
  if (!("error" in result)) throw new Error(`was not refused: ${source.slice(0, 80)}`);
  return result;
}

const evaluate = (source: string, changes: Partial<AlertFacts> = {}) =>
  compiled(source).evaluate(prepare({ ...facts, ...changes }));

describe("an expression that matches", () => {
  for (const source of [
    `title.contains("full") && severity == "error"`,
    `severity in ["critical", "error"]`,
    `tier <= 2`,
    `source == "" && service == "checkout" && team != "data" && key.startsWith("prom")`,
    `labels.class.lowerAscii() == "security"`,
    `labels["host-name"].re("^db-[0-9]+$")`,
    `!has(labels.region)`,
    `"class" in labels`,
    `labels.region == "eu" || labels.class == "security"`,
    `labels.exists(name, labels[name].re("^sec"))`,
    `details.value > 90 && details.count == 5`,
    `details.items.exists(item, item.name == "b")`,
    `details.items.filter(item, item.name != "a").size() == 1`,
    `["nearly", "almost"].exists_one(word, title.contains(word))`,
    `title.re("(?i)DISK")`,
  ]) {
    test(source, () => expect(evaluate(source)).toEqual({ matches: true, failure: null }));
  }
});

describe("a failure at run time is no match, with a reason", () => {
  for (const [source, reason] of [
    [`labels.region == "eu"`, "No such key: region"],
    [`labels.constructor == "eu"`, "No such key: constructor"],
    [`details.items[7].name == "a"`, "No such key: index out of bounds, index 7 >= size 2"],
    [`details.count + 1 > 3`, "no such overload: dyn<double> + int"],
    [`1 / 0 == 1`, "division by zero"],
    [`details.value`, "gave a value of type number instead of true or false"],
    [`details.nothing`, "gave a value of type null instead of true or false"],
    [`details.items`, "gave a value of type list instead of true or false"],
  ] as const) {
    test(source, () => expect(evaluate(source)).toEqual({ matches: false, failure: reason }));
  }

  test("when details are no object", () => {
    expect(evaluate(`details.value > 1`, { details: "text" }).matches).toBe(false);
    expect(evaluate(`details.value > 1`, { details: null }).failure).not.toBeNull();
  });

  test("when the tier is not known", () => {
    expect(evaluate(`tier <= 2`, { tier: null })).toEqual({
      matches: false,
      failure: "Unknown variable: tier",
    });
  });

  test("without showing a value of the alert", () => {
    expect(evaluate(`labels[title] == "x"`, { title: "jane@example.org" }).failure).toBe(
      "No such key",
    );
  });
});

describe("refused before it runs", () => {
  for (const [source, error, line, column] of [
    [`lables.x == "a"`, "Unknown variable: lables", 1, 1],
    [`title == "a" &&\n  lables.x == "a"`, "Unknown variable: lables", 2, 3],
    [`title.matches("(a+)+$")`, "write .re(", 1, 1],
    [`title.re("(a")`, "is not valid: missing closing )", 1, 1],
    [`title.re("a(?=b)")`, "is not valid", 1, 1],
    [`title.re(source)`, "must be a text written in the rule", 1, 1],
    [`title.re("${"a".repeat(501)}")`, "longer than 500", 1, 1],
    [`title`, "gives a value of type string", 1, 1],
    [`tier + 1`, "gives a value of type int", 1, 1],
    [`title == 5`, "no such overload", 1, 1],
    [`severity == "high"`, "no alert has the severity “high”; it is critical, error", 1, 1],
    [`severity in ["error", "fatal"]`, "no alert has the severity “fatal”", 1, 1],
    [`labels.map(k, k).size() > 0`, "use exists, all or filter", 1, 1],
    [`cel.bind(x, title, x == "a")`, "is not offered", 1, 1],
    [`title.split(",").exists(x, x == "a")`, "there is no .split(…) here", 1, 1],
    [`timestamp(title) == timestamp("x")`, "there is no timestamp(…) here", 1, 1],
    [`[title + title].exists(x, x == "a")`, "a loop runs over labels", 1, 2],
    [`title == "a" )`, "Unexpected character", 1, 14],
    [``, "Unexpected token: EOF", 1, 1],
    [`${"(".repeat(30)}true${")".repeat(30)}`, "maxDepth", 1, 25],
    [`${"!".repeat(600)}true`, "maxAstNodes", 1, 101],
    [`title == "${"a".repeat(4_000)}"`, "longer than 4000 characters", 1, 4_001],
  ] as const) {
    test(`${source.slice(0, 50)}: ${error}`, () => {
      const refusal = refused(source);
      expect(refusal.error).toContain(error);
      expect(refusal.position).toEqual({ line, column });
    });
  }
});

describe("an evaluation is bounded", () => {
  const many = Array.from({ length: 2_000 }, (_, index) => index);

  test("one loop over a large alert is carried out", () => {
    expect(evaluate(`details.l.all(x, x >= 0)`, { details: { l: many } }).matches).toBe(true);
  });

  test("loops inside each other over a large alert are refused", () => {
    for (const source of [
      `details.l.all(x, details.l.all(y, x + y >= 0.0))`,
      `details.l.all(x, details.l == details.l)`,
      `details.l.all(x, x in details.l)`,
    ]) {
      const failure = "the alert is too large for the loops of this expression";
      expect(evaluate(source, { details: { l: many } })).toEqual({ matches: false, failure });
    }
  });

  test("long texts count for a loop as well", () => {
    const details = { l: ["a".repeat(1_000_000)] };
    expect(evaluate(`details.l.all(x, labels.all(k, x != k))`, { details }).failure).toContain(
      "too large",
    );
  });

  test("a pattern that would hang elsewhere ends", () => {
    const title = `${"a".repeat(50_000)}!`;
    expect(evaluate(`title.re("^(a+)+$")`, { title })).toEqual({ matches: false, failure: null });
  });

  test("a costly pattern over a long text is refused", () => {
    const title = "a".repeat(100_000);
    expect(evaluate(`title.re("((a{1,10}){1,10}){1,10}$")`, { title }).failure).toContain(
      "too long",
    );
  });

  test("the work of one evaluation is not counted against the next", () => {
    const expression = compiled(`title.re("^(a|b)+$")`);
    const prepared = prepare({ ...facts, title: "ab".repeat(200_000) });
    for (let round = 0; round < 7; round += 1) {
      expect(expression.evaluate(prepared).failure).toBeNull();
    }
  });
});

test("compiling and evaluating never throw, whatever the text is", () => {
  const words = `title labels details . ( ) [ ] == && ! re exists "a" 1 x , has in ? : + filter`;
  const word = fc.constantFrom(...words.split(" "));
  const text = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.array(word, { maxLength: 12 }).map((some) => some.join(" ")),
  );
  const prepared = prepare(facts);
  fc.assert(
    fc.property(text, (source) => {
      const result = compileExpression(source);
      if ("error" in result) return result.error.length > 0;
      return typeof result.evaluate(prepared).matches === "boolean";
    }),
    { seed: 20_261_121, numRuns: 1_500 },
  );
});
