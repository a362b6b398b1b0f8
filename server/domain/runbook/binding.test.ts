/** An edit of a document can remove automation, and can never add or widen it. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Sidecar } from "../../../contract/sidecar.ts";
import { ACTIONS } from "../../edge/actions/index.ts";
import { bind, everyStep } from "./binding.ts";
import { readRunbook } from "./reading/read.ts";
import { redact, redactText } from "./redact.ts";
import { resolve } from "./references.ts";

const DOCUMENT = `# Table is late

**Trigger:** A table is late.

1. **Look**
   - Ask the warehouse how late the table is.
   - Read the log of the pipeline.
2. **Mend**
   - Pause the jobs that read the table.
   - Delete the partition that is broken.
`;

const read = (text: string) => readRunbook("late.md", Buffer.from(text));
const ORIGINAL = read(DOCUMENT);
const anchor = (words: RegExp) => {
  const step = everyStep(ORIGINAL).find(({ text }) => words.test(text));
  if (step === undefined) throw new Error(`no step like ${words}`);
  return { path: step.path, quote: step.text, hash: step.hash };
};

const SIDECAR = Sidecar.parse({
  tocsin: 1,
  bindings: [
    {
      step: anchor(/Ask the warehouse/),
      action: "sql.query@1",
      with: { connection: "w", statement: "select 1" },
      mode: "auto",
    },
    {
      step: anchor(/Pause the jobs/),
      action: "command.run@1",
      with: { connection: "p" },
      mode: "auto",
    },
    {
      step: anchor(/Delete the partition/),
      action: "http.request@1",
      with: { connection: "h", method: "DELETE", path: "partition" },
      risk: "read",
      mode: "auto",
    },
  ],
});

const bound = (text: string) => bind(read(text), SIDECAR, ACTIONS, () => 1);

test("the very words are live; what writes waits for a click although it says auto", () => {
  expect(bound(DOCUMENT).map(({ state, mode, risk }) => [state, mode, risk])).toEqual([
    ["live", "auto", "read"],
    ["live", "approve", "write"],
    ["live", "approve", "destructive"],
  ]);
});

for (const [promise, change, state] of [
  [
    "white space and case are no other words",
    (text: string) => text.replace("how late", "How  late"),
    "live",
  ],
  [
    "another word suspends it",
    (text: string) => text.replace("how late", "how very late"),
    "suspended",
  ],
  [
    "another phase suspends it",
    (text: string) => text.replace("**Look**", "**Search**"),
    "suspended",
  ],
  [
    "a twin in the same phase suspends it",
    (text: string) =>
      text.replace(
        "   - Read the log",
        "   - Ask the warehouse how late the table is.\n   - Read the log",
      ),
    "suspended",
  ],
  [
    "words that are gone are an orphan",
    (text: string) => text.replace("Ask the warehouse how late the table is.", "Sing."),
    "orphan",
  ],
] as const)
  test(promise, () => {
    expect(bound(change(DOCUMENT))[0]?.state).toBe(state);
  });

test("no edit makes more live, lowers a risk, or lets more run by itself", () => {
  const before = bound(DOCUMENT);
  const lines = DOCUMENT.split("\n");
  const edit = fc.record({
    at: fc.nat({ max: lines.length - 1 }),
    text: fc.oneof(
      fc.string({ maxLength: 60 }),
      fc.constantFrom(...lines),
      fc.constantFrom(
        "```tocsin",
        "<!-- tocsin: auto -->",
        "[run](tocsin:sql.query@1)",
        ":act[sql.query]",
      ),
    ),
    how: fc.constantFrom("put", "insert", "drop"),
  });
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), (edits) => {
      const changed = [...lines];
      for (const { at, text, how } of edits)
        changed.splice(at, how === "insert" ? 0 : 1, ...(how === "drop" ? [] : [text]));
      const after = bound(changed.join("\n"));
      expect(after).toHaveLength(before.length);
      for (const [index, now] of after.entries()) {
        const then = before[index];
        expect(now.mode).toBe(then?.mode);
        expect(now.risk).toBe(then?.risk);
        if (now.state !== "live") continue;
        const step = everyStep(read(changed.join("\n"))).find(({ id }) => id === now.stepId);
        expect(step?.hash).toBe(now.binding.step.hash);
      }
    }),
    { numRuns: 60 },
  );
});

test("without a sidecar nothing is bound, whatever a document holds", () => {
  const hostile = `${DOCUMENT}\n\`\`\`tocsin\naction: command.run@1\n\`\`\`\n<!-- mode: auto -->\n`;
  expect(bind(read(hostile), Sidecar.parse({ tocsin: 1 }), ACTIONS, () => 1)).toEqual([]);
});

describe("references", () => {
  const action = { prose: ["text"], fixed: ["statement"] };
  const values = {
    input: { who: "x'; drop table t; --", __proto__: "no" },
    incident: { id: "INC-1" },
    run: { id: "RUN-1" },
    output: { left: { rows: [{ n: 3 }] } },
  };
  for (const [promise, given, value, missing, faults] of [
    [
      "a whole value comes as it is",
      { values: ["${input.who}"] },
      { values: ["x'; drop table t; --"] },
      [],
      0,
    ],
    ["prose may hold one", { text: "of ${incident.id}" }, { text: "of INC-1" }, [], 0],
    ["a statement never does", { statement: "select ${input.who}" }, undefined, [], 1],
    ["no part of another value", { path: "a/${input.who}" }, undefined, [], 1],
    ["outputs are found by their path", { n: "${output.left.rows.0.n}" }, { n: 3 }, [], 0],
    ["what nobody gave is missing", { n: "${input.nobody}" }, undefined, ["input.nobody"], 0],
    [
      "what an object inherits is missing",
      { n: "${input.constructor}" },
      undefined,
      ["input.constructor"],
      0,
    ],
  ] as const)
    test(promise, () => {
      const resolved = resolve(given, action, values);
      if (value !== undefined) expect(resolved.value).toEqual(value);
      expect(resolved.missing).toEqual(missing);
      expect(resolved.faults).toHaveLength(faults);
    });
});

describe("what is kept of an output", () => {
  for (const [what, text] of [
    ["a password in an address", "postgres://me:hunter2hunter2@db/x"],
    ["a bearer token", "Authorization: Bearer hunter2hunter2"],
    ["a named secret", `{"password": "hunter2hunter2"}`],
    ["a secret that was used", "it said hunter2hunter2 to me"],
    ["a mail address", "ask hunter2hunter2@acme.example"],
  ] as const)
    test(`${what} is hidden`, () => {
      expect(redactText(text, ["hunter2hunter2"])).not.toContain("hunter2");
    });
  test("it is no larger than one text", () => {
    const kept = redact({ rows: Array.from({ length: 5_000 }, () => "x".repeat(50)) }, []);
    expect(JSON.stringify(kept).length).toBeLessThanOrEqual(16_000);
  });
});
