import { expect, test } from "vitest";
import type { EscalationPolicy } from "../../../contract/escalation.ts";
import { type AnyEntry, snapshot } from "../config/config.ts";
import { checkEscalations } from "./check.ts";

const step = { notify: [{ person: "ann" }], timeoutMinutes: 5 };
const policy = (id: string, body: Partial<EscalationPolicy>) =>
  entry("escalations", id, { name: id, steps: [step], repeat: 0, ...body });
const entry = (kind: string, id: string, body: unknown) =>
  ({ kind, id, body, owner: "file", source: null, ref: id }) as unknown as AnyEntry;
const team = entry("teams", "red", { name: "Red", members: [] });

for (const [promise, policies, found] of [
  ["what hands over to nobody is fine", [policy("a", {})], []],
  [
    "hours need a calendar where the team is known",
    [policy("a", { team: "red", steps: [{ ...step, inBusinessHours: true }] })],
    [["a", "steps.0", /expected a calendar/]],
  ],
  [
    "a calendar of its own is enough",
    [policy("a", { team: "red", calendar: "office", steps: [{ ...step, inBusinessHours: true }] })],
    [],
  ],
  [
    "without a team the hours are those of the team in charge",
    [policy("a", { steps: [step, { ...step, when: { hours: "business" } }] })],
    [],
  ],
  [
    "a ring of policies is named at each of them",
    [policy("a", { then: "b" }), policy("b", { then: "a" }), policy("c", { then: "a" })],
    [
      ["a", "then", /a → b → a/],
      ["b", "then", /b → a → b/],
    ],
  ],
  [
    "a policy that may page nobody is warned about",
    [policy("a", { steps: [{ ...step, when: { severities: ["SEV1"] } }] })],
    [["a", "steps", /every step has a condition/]],
  ],
] as const)
  test(promise, () => {
    const problems = checkEscalations(snapshot(1, [team, ...policies]));
    expect(problems).toEqual(
      found.map(([id, path, message]) =>
        expect.objectContaining({ id, path, message: expect.stringMatching(message) }),
      ),
    );
  });
