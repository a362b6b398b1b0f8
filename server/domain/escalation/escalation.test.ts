import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EscalationPolicy } from "../../../contract/escalation.ts";
import { addMs, type Instant, instant, MINUTE } from "../../base/instant.ts";
import { occasionOf, peopleOf, planEscalation, type Run } from "./escalation.ts";

const NOW = instant(Date.UTC(2026, 10, 21, 10));
const at = (minutes: number): Instant => addMs(NOW, minutes * MINUTE);

const policy: EscalationPolicy = {
  name: "Payments",
  steps: [
    { notify: [{ schedule: "primary" }], timeoutMinutes: 5 },
    { notify: [{ schedule: "secondary" }], timeoutMinutes: 5 },
    { notify: [{ person: "lena" }], timeoutMinutes: 10 },
  ],
  repeat: 1,
};

const run: Run = {
  id: "run",
  incidentNumber: 1,
  policyId: "payments",
  policy,
  stepIndex: 0,
  round: 0,
  dueAt: NOW,
  startedAt: NOW,
  stoppedAt: null,
  stoppedBecause: null,
};

const page = (step: number, next: { stepIndex: number; round: number; dueAt: Instant }) => ({
  kind: "page",
  step: policy.steps[step],
  next,
});

describe("a run", () => {
  for (const [promise, change, plan] of [
    ["waits until it is due", { dueAt: at(1) }, { kind: "wait", until: at(1) }],
    ["pages the first step at once", {}, page(0, { stepIndex: 1, round: 0, dueAt: at(5) })],
    [
      "counts a timeout from when the step was due, not from when a slow node came",
      { stepIndex: 1, dueAt: at(-2) },
      page(1, { stepIndex: 2, round: 0, dueAt: at(3) }),
    ],
    [
      "gives a step its whole timeout when we are later than that",
      { stepIndex: 1, dueAt: at(-60) },
      page(1, { stepIndex: 2, round: 0, dueAt: at(5) }),
    ],
    [
      "begins the next round after the last step",
      { stepIndex: 2 },
      page(2, { stepIndex: 0, round: 1, dueAt: at(10) }),
    ],
    [
      "goes on at once when it was held",
      { dueAt: null },
      page(0, { stepIndex: 1, round: 0, dueAt: at(5) }),
    ],
    ["is exhausted after its repeats", { round: 2 }, { kind: "stop", because: "policy exhausted" }],
    [
      "stops when its step is not there",
      { stepIndex: 9 },
      { kind: "stop", because: "policy exhausted" },
    ],
  ] as const)
    test(promise, () => expect(planEscalation({ ...run, ...change }, NOW)).toMatchObject(plan));

  test("pages every step of every round exactly once, in order, and then stops, however late nodes are", () => {
    const lateness = fc.array(fc.integer({ min: 0, max: 40 * MINUTE }), {
      minLength: 6,
      maxLength: 6,
    });
    fc.assert(
      fc.property(lateness, (delays) => {
        let current = run;
        let now = NOW;
        const occasions: string[] = [];
        for (const delay of [...delays, 0]) {
          now = addMs(current.dueAt ?? now, delay);
          const plan = planEscalation(current, now);
          if (plan.kind === "stop") break;
          if (plan.kind === "wait") throw new Error("it was due");
          occasions.push(plan.occasion);
          expect(plan.next.dueAt).toBeGreaterThan(now);
          current = { ...current, ...plan.next };
        }
        expect(occasions).toEqual(
          [1, 2].flatMap((round) => [1, 2, 3].map((step) => `run round ${round} step ${step}`)),
        );
        expect(planEscalation(current, addMs(now, 60 * MINUTE)).kind).toBe("stop");
      }),
      { seed: 20261121 },
    );
  });
});

test("an occasion names run, round and step, so that nobody is paged twice for one", () => {
  expect(occasionOf({ id: "r", round: 1, stepIndex: 2 })).toBe("r round 2 step 3");
});

describe("the people of a step", () => {
  const resolve = {
    onCall: (schedule: string) => (schedule === "primary" ? "noah" : null),
    members: (team: string) => (team === "payments" ? ["lena", "noah"] : []),
  };
  for (const [promise, notify, people] of [
    ["are whoever holds the schedule", [{ schedule: "primary" }], ["noah"]],
    ["are nobody where nobody is on call", [{ schedule: "empty" }], []],
    ["are named people", [{ person: "lena" }], ["lena"]],
    ["are all members of a team", [{ team: "payments" }], ["lena", "noah"]],
    [
      "are each named once, by the first target that reaches them",
      [{ schedule: "primary" }, { team: "payments" }],
      ["noah", "lena"],
    ],
  ] as const)
    test(promise, () =>
      expect(
        peopleOf({ notify: [...notify], timeoutMinutes: 5 }, resolve).map(
          ({ personId }) => personId,
        ),
      ).toEqual(people),
    );

  test("keep the target that named them, for the reason in the page", () => {
    const [first] = peopleOf(
      { notify: [{ schedule: "primary" }, { person: "noah" }], timeoutMinutes: 5 },
      resolve,
    );
    expect(first?.target).toEqual({ schedule: "primary" });
  });
});
