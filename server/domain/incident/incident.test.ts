import { describe, expect, test } from "vitest";
import type { IncidentState } from "../../../contract/incident.ts";
import type { TimelineKind } from "../../../contract/texts.ts";
import { Refusal } from "../../base/errors.ts";
import { instant } from "../../base/instant.ts";
import {
  ALLOWED,
  allowedVerbs,
  isOpen,
  missingPieces,
  mustAllow,
  owedPieces,
  type Verb,
} from "./incident.ts";
import { timelineView } from "./present.ts";

const STATES: readonly IncidentState[] = [
  "declared",
  "mitigated",
  "resolved",
  "closed",
  "cancelled",
];

describe("the state table", () => {
  for (const [state, verbs] of [
    ["closed", ["note", "finish-task", "impact", "root-cause", "reopen", "restrict"]],
    ["cancelled", ["note", "restrict"]],
  ] as const)
    test(`leaves for ${state} only what may still be done`, () => {
      expect(allowedVerbs(state)).toEqual(verbs);
    });

  for (const [verb, states] of [
    ["mitigate", ["declared"]],
    ["close", ["resolved"]],
    ["reopen", ["resolved", "closed"]],
    ["merge", ["declared", "mitigated"]],
    ["cancel", ["declared", "mitigated"]],
  ] as const)
    test(`allows ${verb} only when ${states.join(" or ")}`, () =>
      expect(ALLOWED[verb]).toEqual(states));

  for (const state of STATES)
    test(`every verb that ${state} does not allow is refused, naming what is allowed`, () => {
      for (const verb of Object.keys(ALLOWED) as Verb[]) {
        const ask = () => mustAllow({ number: 4, state, mergedInto: null }, verb);
        if (allowedVerbs(state).includes(verb)) {
          expect(ask).not.toThrow();
          continue;
        }
        expect(ask).toThrow(Refusal);
        try {
          ask();
        } catch (error) {
          const { code, params } = error as Refusal;
          expect(code).toBe("incident.wrong_state");
          expect(params).toEqual({ id: "INC-4", state, verb, allowed: allowedVerbs(state) });
        }
      }
    });

  test("a merged incident says into which one", () => {
    expect(() => mustAllow({ number: 4, state: "cancelled", mergedInto: 2 }, "resolve")).toThrow(
      /merged into INC-2/,
    );
  });

  test("an incident is open until it is resolved or cancelled", () => {
    expect(STATES.filter(isOpen)).toEqual(["declared", "mitigated"]);
  });
});

describe("what is owed before closing", () => {
  for (const [promise, severity, postmortem, owed] of [
    ["SEV1 owes six pieces", "SEV1", true, 6],
    ["without a postmortem no lessons are owed", "SEV3", false, 5],
    ["SEV4 is tracked and owes nothing", "SEV4", true, 0],
  ] as const)
    test(promise, () => expect(owedPieces(severity, postmortem)).toHaveLength(owed));

  test("what is recorded is no longer missing", () => {
    const owed = owedPieces("SEV1", true);
    expect(missingPieces(owed, [{ piece: "root cause" }, { piece: "lessons" }])).toEqual([
      "containment",
      "verification",
      "evidence",
      "stakeholders",
    ]);
  });
});

test("an entry of a kind that only a later version knows is told by its name", () => {
  const entry = {
    id: "1",
    at: instant(0),
    recordedAt: instant(0),
    kind: "moved to Mars" as TimelineKind,
    actor: { kind: "engine" } as const,
    params: { planet: "Mars" },
    text: null,
  };
  expect(timelineView(entry)).toMatchObject({ kind: "moved to Mars", text: "moved to Mars" });
});
