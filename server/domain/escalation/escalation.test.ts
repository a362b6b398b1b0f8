import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EscalationPolicy } from "../../../contract/escalation.ts";
import { addMs, type Instant, instant, MINUTE } from "../../base/instant.ts";
import {
  nextInTurn,
  occasionOf,
  pagesNextAt,
  peopleOf,
  planEscalation,
  type Run,
  type Scene,
} from "./escalation.ts";

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
  heldUntil: null,
  askedBy: null,
  isReassigned: false,
  startedAt: NOW,
  stoppedAt: null,
  stoppedBecause: null,
};

/** Saturday morning, far outside the hours. */
const scene: Scene = {
  severity: "SEV2",
  labels: [{ region: "eu", tier: "web" }, { region: "us" }],
  calendar: { timezone: "UTC", hours: { mon: "09:00-17:00" }, holidays: [] },
};
const MONDAY = instant(Date.UTC(2026, 10, 23, 9));

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
    test(promise, () =>
      expect(planEscalation({ ...run, ...change }, NOW, scene)).toMatchObject(plan),
    );

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
          const plan = planEscalation(current, now, scene);
          if (plan.kind === "stop") break;
          if (plan.kind !== "page") throw new Error("it was due");
          occasions.push(plan.occasion);
          expect(plan.next.dueAt).toBeGreaterThan(now);
          current = { ...current, ...plan.next };
        }
        expect(occasions).toEqual(
          [1, 2].flatMap((round) => [1, 2, 3].map((step) => `run round ${round} step ${step}`)),
        );
        expect(planEscalation(current, addMs(now, 60 * MINUTE), scene).kind).toBe("stop");
      }),
      { seed: 20261121 },
    );
  });
});

describe("a step with a condition", () => {
  const [first, ...others] = policy.steps;
  const planned = (change: Partial<EscalationPolicy["steps"][number]>, more: Partial<Run> = {}) =>
    planEscalation(
      { ...run, policy: { ...policy, steps: [{ ...first!, ...change }, ...others] }, ...more },
      NOW,
      scene,
    );
  for (const [promise, when, because] of [
    ["counts for its severities", { severities: ["SEV1", "SEV2"] }, null],
    ["is passed over for others", { severities: ["SEV1"] }, "its severities"],
    ["counts outside business hours", { hours: "outside" }, null],
    ["is passed over outside its hours", { hours: "business" }, "its hours"],
    ["counts where one alert has all labels", { labels: { region: "eu", tier: "web" } }, null],
    [
      "is passed over where two alerts only share them",
      { labels: { region: "us", tier: "web" } },
      "its labels",
    ],
    ["asks for everything at once", { severities: ["SEV2"], hours: "business" }, "its hours"],
  ] as const)
    test(promise, () => {
      const plan = planned({ when: when as never });
      expect(plan).toMatchObject({
        kind: "page",
        at: { stepIndex: because === null ? 0 : 1, round: 0 },
        passedOver: because === null ? [] : [{ stepIndex: 0, round: 0, because }],
      });
    });

  test("takes no time when it is passed over, also from one round into the next", () =>
    expect(planned({ when: { severities: ["SEV1"] } }, { round: 1 })).toMatchObject({
      at: { stepIndex: 1, round: 1 },
      next: { stepIndex: 2, dueAt: at(5) },
    }));

  test("ends the policy at once where a whole round is passed over", () => {
    const none = { when: { severities: ["SEV4" as const] } };
    const steps = policy.steps.map((step) => ({ ...step, ...none }));
    const plan = planEscalation({ ...run, policy: { ...policy, steps } }, NOW, scene);
    expect(plan).toMatchObject({ kind: "stop", passedOver: [{}, {}, {}] });
  });

  test("waits until business hours begin and says when", () => {
    const plan = planned({ inBusinessHours: true });
    expect(plan).toMatchObject({ kind: "hold", until: MONDAY, at: { stepIndex: 0 } });
  });
  test("waits no longer once they have begun, when asked for by hand, or where none are known", () => {
    const held = { ...run, policy: { ...policy, steps: [{ ...first!, inBusinessHours: true }] } };
    expect(planEscalation(held, MONDAY, scene).kind).toBe("page");
    expect(planEscalation({ ...held, askedBy: "ann" }, NOW, scene).kind).toBe("page");
    expect(planEscalation(held, NOW, { ...scene, calendar: null }).kind).toBe("page");
  });
  test("is the promise of the page before it: when the next one really comes", () => {
    const steps = [first!, { ...first!, inBusinessHours: true }];
    const now = { ...run, policy: { ...policy, steps } };
    const plan = planEscalation(now, NOW, scene);
    expect(plan.kind === "page" && pagesNextAt(now, plan, scene)).toBe(MONDAY);
    const last = { ...run, stepIndex: 2, round: 1 };
    const end = planEscalation(last, NOW, scene);
    expect(end.kind === "page" && pagesNextAt(last, end, scene)).toBeNull();
  });
});

test("people in turn come one after the other, and again from the first", () => {
  const people = ["ann", "bo", "cy"].map((personId) => ({ personId }));
  const next = (last: string | null) => nextInTurn(people, last)?.personId;
  expect([next(null), next("ann"), next("bo"), next("cy"), next("gone")]).toEqual([
    "ann",
    "bo",
    "cy",
    "ann",
    "ann",
  ]);
  expect(nextInTurn([], "ann")).toBeNull();
});

test("an occasion names run, round and step, so that nobody is paged twice for one", () => {
  expect(occasionOf({ id: "r", round: 1, stepIndex: 2 })).toBe("r round 2 step 3");
});

describe("the people of a step", () => {
  const resolve = {
    onCall: (schedule: string) => (schedule === "primary" ? ["noah"] : []),
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
