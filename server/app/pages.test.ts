import { describe, expect, test } from "vitest";
import { addMs, instant, MINUTE } from "../base/instant.ts";
import { speaker } from "../base/words.ts";
import type { Run } from "../domain/escalation/escalation.ts";
import type { Incident } from "../domain/incident/incident.ts";
import { standingOf } from "./acknowledgePage.ts";
import { stepsAhead } from "./ladder.ts";
import { inReadersTime, listText, timeText } from "./pageParts.ts";

const now = instant(Date.UTC(2026, 10, 21, 12));

describe("what the acknowledge page is about", () => {
  const fresh = { state: "declared", acknowledgedAt: null, acknowledgedBy: null } as const;
  const taken = { ...fresh, acknowledgedAt: now, acknowledgedBy: "ada" } as const;
  for (const [promise, incident, person, standing] of [
    ["nobody has it: it is yours to take", fresh, "ada", "yours to take"],
    [
      "mitigated, and still nobody has it",
      { ...fresh, state: "mitigated" },
      "ada",
      "yours to take",
    ],
    ["you have it", taken, "ada", "you have it"],
    ["somebody else has it", taken, "bo", "somebody has it"],
    [
      "a tool has it, which is not you",
      { ...taken, acknowledgedBy: null },
      null,
      "somebody has it",
    ],
    ["what is over is over, whoever had it", { ...taken, state: "resolved" }, "ada", "over"],
  ] as const) {
    test(promise, () => expect(standingOf(incident as Incident, person)).toBe(standing));
  }
});

describe("times as somebody reads them", () => {
  const berlin = { now, zone: "Europe/Berlin", language: "en" } as const;
  test("today is a time of day in the reader's zone", () => {
    expect(timeText(addMs(now, 9 * MINUTE), berlin)).toBe("13:09");
    expect(timeText(addMs(now, 9_000), berlin, true)).toBe("13:00:09");
  });
  test("another day is named, another year as well", () => {
    expect(timeText(instant(Date.UTC(2026, 10, 23, 8)), berlin)).toBe("Mon 23 Nov 09:00");
    expect(timeText(instant(Date.UTC(2027, 0, 4, 8)), berlin)).toBe("Mon 4 Jan 2027 09:00");
  });
  test("midnight belongs to the reader's day, not to UTC's", () => {
    expect(timeText(instant(Date.UTC(2026, 10, 21, 23, 30)), berlin)).toBe("Sun 22 Nov 00:30");
  });
  test("instants inside a sentence are told the same way", () => {
    const text = "due 2026-11-21T12:14:00.000Z, not 2026-11-23T08:00:00Z";
    expect(inReadersTime(text, berlin)).toBe("due 13:14, not Mon 23 Nov 09:00");
  });
  test("in German a day is named in German, and so is a list", () => {
    const german = { ...berlin, language: "de" } as const;
    expect(timeText(instant(Date.UTC(2026, 10, 23, 8)), german)).toBe("Mo. 23. Nov. 09:00");
    expect(listText(speaker("de"), ["a", "b", "c"])).toBe("a, b und c");
  });
  test("lists read as people say them", () => {
    expect(
      [[], ["a"], ["a", "b"], ["a", "b", "c"]].map((list) => listText(speaker("en"), list)),
    ).toEqual(["", "a", "a and b", "a, b and c"]);
  });
});

describe("the steps ahead", () => {
  const step = (person: string, timeoutMinutes: number) => ({
    notify: [{ person }],
    timeoutMinutes,
  });
  const run: Run = {
    id: "run",
    incidentNumber: 1,
    policyId: "red",
    policy: { name: "Red", steps: [step("ada", 5), step("bo", 10)], repeat: 1 },
    stepIndex: 1,
    round: 0,
    dueAt: now,
    heldUntil: null,
    askedBy: null,
    isReassigned: false,
    startedAt: now,
    stoppedAt: null,
    stoppedBecause: null,
  };
  const scene = { severity: "SEV1", labels: [], calendar: null } as const;
  const told = (of: Run, ahead: number) =>
    stepsAhead(of, scene, ahead).steps.map(({ at, step: { notify } }) => [
      (at - now) / MINUTE,
      notify[0],
    ]);
  test("follow the policy to its end, each after the time-out of the one before", () => {
    expect(told(run, 9)).toEqual([
      [0, { person: "bo" }],
      [10, { person: "ada" }],
      [15, { person: "bo" }],
    ]);
  });
  test("are no more than asked for", () => expect(told(run, 1)).toHaveLength(1));
  test("say when nobody is left, and only where they were followed to there", () => {
    expect(stepsAhead(run, scene, 9).endsAt).toBe(addMs(now, 25 * MINUTE));
    expect(stepsAhead(run, scene, 3).endsAt).toBeNull();
  });
  test("are none while the run is held", () =>
    expect(told({ ...run, dueAt: null }, 9)).toEqual([]));
});
