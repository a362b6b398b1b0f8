import { describe, expect, test } from "vitest";
import type { Attempt, RunDetail, RunStep } from "../../contract/run.ts";
import { faceOf, gateBefore, nextStep, stepAfter, whyNotRun, whyNotSecond } from "./runView.ts";

const attempt = (state: Attempt["state"], askedBy = "ann"): Attempt => ({
  id: "00000000-0000-0000-0000-000000000000",
  attempt: 1,
  purpose: "run",
  state,
  askedBy: { kind: "person", id: askedBy },
  approvedBy: null,
  askedAt: "2026-11-25T02:00:00Z",
  endedAt: null,
  input: {},
  output: null,
  learned: null,
});

const step = (id: string, phase: string, more: Partial<RunStep> = {}): RunStep => ({
  id,
  phase,
  text: id,
  resolvedText: id,
  kind: "act",
  line: 1,
  state: "pending",
  because: null,
  role: null,
  assignee: null,
  startedAt: null,
  endedAt: null,
  endedBy: null,
  late: false,
  guard: null,
  inputs: [],
  missingInputs: [],
  assertion: null,
  records: [],
  audience: [],
  substeps: [],
  attachments: [],
  deadlines: [],
  automation: null,
  ...more,
});

const bound = (attempts: Attempt[] = []): RunStep["automation"] => ({
  action: "command.run@1",
  mode: "approve",
  risk: "destructive",
  state: "live",
  because: null,
  canDryRun: false,
  canUndo: false,
  attempts,
  stopped: false,
});

const runOf = (steps: readonly RunStep[], gates: readonly string[] = []): RunDetail => {
  const phases = [...new Set(steps.map(({ phase }) => phase))];
  return {
    id: "RUN-1",
    runbook: "broken",
    digest: "d",
    plan: "p",
    title: "Broken",
    state: "running",
    incident: null,
    team: null,
    drill: false,
    startedAt: "2026-11-25T02:00:00Z",
    endedAt: null,
    startedBy: { kind: "person", id: "ann" },
    because: "by hand",
    stepsSettled: 0,
    stepsAll: steps.length,
    source: { path: "broken.md", version: 1 },
    newer: null,
    phases: phases.map((id) => ({
      id,
      title: id,
      role: null,
      appliesWhen: null,
      gate: gates.includes(id) ? "required" : "advisory",
      enteredAt: null,
      steps: steps.filter(({ phase }) => phase === id),
    })),
    inputs: [],
    forms: [],
    escalation: [],
    conditionalEscalations: [],
    records: [],
    fixes: [],
    fixBranches: [],
  };
};

const ANN = { mayRun: true, me: "ann" };
const BOB = { mayRun: true, me: "bob" };

describe("the next step", () => {
  for (const [promise, steps, next] of [
    ["is the first that is open", [step("a", "1", { state: "done" }), step("b", "1")], "b"],
    [
      "is one's own that has begun",
      [step("a", "1"), step("b", "1", { state: "in progress", assignee: "ann" })],
      "b",
    ],
    [
      "is one that failed before a fresh one",
      [step("a", "1"), step("b", "1", { state: "failed" })],
      "b",
    ],
    [
      "is none that another has to confirm, while there is another",
      [step("a", "1", { automation: bound([attempt("asked")]) }), step("b", "1")],
      "b",
    ],
    ["is none when all is settled", [step("a", "1", { state: "skipped" })], undefined],
  ] as const)
    test(promise, () => expect(nextStep(runOf(steps), "ann")?.id).toBe(next));

  test("goes round, and past what is settled", () => {
    const run = runOf([step("a", "1"), step("b", "1", { state: "done" }), step("c", "2")]);
    expect(stepAfter(run, "a")?.id).toBe("c");
    expect(stepAfter(run, "c")?.id).toBe("a");
  });
});

describe("what a step waits for is said", () => {
  test("a gate before it, until that is settled", () => {
    const shut = runOf([step("a", "look"), step("b", "mend")], ["look"]);
    const [, mend] = shut.phases;
    expect(gateBefore(shut, { phase: mend?.id ?? "" })?.id).toBe("look");
    expect(whyNotRun(shut, step("b", "mend"), ANN)).toBe("look is a gate: 1 step is still open.");
    const open = runOf([step("a", "look", { state: "done" }), step("b", "mend")], ["look"]);
    expect(gateBefore(open, { phase: "mend" })).toBeNull();
  });

  for (const [promise, more, why] of [
    ["its question", { guard: { question: "Is it?", answer: null, by: null } }, /question/],
    ["its values", { missingInputs: ["REGION"] }, /needs REGION/],
    ["its second person", { automation: bound([attempt("asked")]) }, /second person/],
    ["an attempt under way", { automation: bound([attempt("under way")]) }, /under way/],
    [
      "a suspended binding",
      { automation: { ...bound()!, state: "suspended", because: "x" } },
      /Suspended: x/,
    ],
    ["three failures", { automation: { ...bound()!, stopped: true } }, /stopped after 3/],
  ] as const)
    test(promise, () => {
      const it = step("a", "1", { automation: bound(), ...(more as Partial<RunStep>) });
      expect(whyNotRun(runOf([it]), it, ANN)).toMatch(why);
    });

  test("whoever asked is not the second; another is", () => {
    const it = step("a", "1", { automation: bound([attempt("asked", "ann")]) });
    const run = runOf([it]);
    expect(whyNotSecond(run, it, ANN)).toBe("Not you: you asked.");
    expect(whyNotSecond(run, it, BOB)).toBeNull();
    expect(whyNotSecond(run, it, { ...BOB, mayRun: false })).toMatch(/runbooks.run/);
    expect(faceOf(it, "ann")).toBe("second person");
  });
});
