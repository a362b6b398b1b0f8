/** One document of ours for each family that teams keep, and what a practised reader finds in it. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { RunbookDocument } from "../../../../contract/runbook.ts";
import { readRunbook } from "./read.ts";

const read = (name: string): RunbookDocument =>
  readRunbook(name, readFileSync(new URL(`golden/variants/${name}`, import.meta.url)));
const stepsOf = (document: RunbookDocument) =>
  document.plans.flatMap(({ phases }) => phases.flatMap(({ steps }) => steps));
const kinds = (document: RunbookDocument): readonly string[] =>
  stepsOf(document).map(({ kind }) => kind);
const phases = (document: RunbookDocument): readonly string[] =>
  document.plans.flatMap((plan) => plan.phases.map(({ title }) => title));

test("a page exported from a wiki: keycap numbers, boxes, when to use it", () => {
  const document = read("exported-page.md");
  expect(document.metadata).toMatchObject({
    owner: "@cache-squad",
    lastReviewed: "February 11, 2026",
    lastUpdated: "March 3, 2026 4:12 PM",
  });
  expect(document.plans[0]?.trigger).toMatch(/^RedisPrimaryDown has been firing.*; Clients report/);
  expect(phases(document)).toEqual(["Check", "Fail over", "Afterwards"]);
  expect(kinds(document)).toEqual([
    "check",
    "check",
    "communicate",
    "act",
    "act",
    "act",
    "act",
    "form",
  ]);
  expect(stepsOf(document)[5]).toMatchObject({
    guard: "Clients do not reconnect within 5 minutes?",
    deadlines: [],
  });
  expect(stepsOf(document)[7]?.deadlines[0]).toMatchObject({ iso: "P3D", calendar: "business" });
});

test("an operating procedure with typed numbers, headings with lines below, and who does what", () => {
  const document = read("typed-numbers.md");
  expect(document.metadata.entries.map(({ key }) => key)).toEqual([
    "sop_number",
    "title",
    "owner",
    "effective_date",
    "review_date",
  ]);
  expect(stepsOf(document).map(({ role, kind }) => [role, kind])).toEqual([
    ["service-desk", "act"],
    ["mail-engineer", "check"],
    ["mail-engineer", "act"],
    ["service-desk", "communicate"],
  ]);
  expect(stepsOf(document)[2]?.inputs.map(({ name }) => name)).toEqual(["address"]);
  expect(stepsOf(document)[3]?.deadlines.map(({ iso }) => iso)).toEqual(["PT4H"]);
  expect(document.policy.retention.map(({ keep }) => keep)).toEqual(["P2Y"]);
});

test("an alert in prose: fences with words before them, a forecast, what cannot be taken back", () => {
  const document = read("alert-in-prose.md");
  const [plan] = document.plans;
  expect(document.kind).toBe("alert-runbook");
  expect(plan?.alert).toBe("QueueBacklogHigh");
  expect(plan?.trigger).toBe("more than 10 000 invoices wait for longer than 15 minutes");
  expect(kinds(document)).toEqual(["check", "check", "check", "act", "act", "communicate"]);
  const [, , , scale, drop, escalate] = stepsOf(document);
  expect(scale?.destructive).toBe(false);
  expect(drop).toMatchObject({ destructive: true, guard: "You know its id?" });
  expect(escalate?.guard).toBe("The backlog does not shrink in 30 minutes?");
  expect(plan?.conditionalEscalations[0]?.to).toEqual(["billing-lead"]);
  expect(stepsOf(document).flatMap(({ deadlines }) => deadlines)).toEqual([]);
});

test.each(["german.md", "french.md"])(
  "%s: the frame is read, the words stay with people",
  (name) => {
    const document = read(name);
    expect(document.metadata.owner).not.toBeNull();
    expect(document.plans[0]?.phases).toHaveLength(2);
    expect(stepsOf(document).length).toBeGreaterThanOrEqual(3);
    expect(
      new Set(stepsOf(document).map(({ kind, confidence }) => `${kind} ${confidence}`)),
    ).toEqual(new Set(["manual possible"]));
  },
);

test("a table of steps below the title, with commands, people and what is to be seen", () => {
  const steps = stepsOf(read("table-with-commands.md"));
  expect(steps.map(({ role }) => role)).toEqual([
    "release-manager",
    "sre",
    "sre",
    "qa",
    "sre",
    null,
  ]);
  expect(steps[1]).toMatchObject({ destructive: true, kind: "act" });
  expect(steps[1]?.attachments.map(({ kind, text }) => [kind, text])).toEqual([
    ["code", "kubectl drain node-a"],
    ["note", "Expected result: No pods left"],
  ]);
  expect(steps[4]?.kind).toBe("act");
  expect(steps[5]?.guard).toBe("The error rate is above 2% for 5 minutes?");
});

test("a numbered list of titles holds phases; its introduction is none", () => {
  const document = read("numbered-titles.md");
  expect(phases(document)).toEqual(["Preparation", "Renewal", "Verification"]);
  expect(kinds(document)).toEqual(["act", "check", "act", "act", "act"]);
});

test("boxes in four dialects are no steps; two facts on a line are two", () => {
  const document = read("boxes.md");
  expect(document.metadata).toMatchObject({ owner: "Infra", lastReviewed: "2026-05-01" });
  expect(kinds(document)).toEqual(["act", "act", "act", "communicate"]);
});

test("front matter in JSON", () => {
  const document = read("json-front-matter.md");
  expect(document.metadata).toMatchObject({
    title: "Cache flush",
    owner: "web-platform",
    lastReviewed: "2026-02-02",
  });
  expect(document.metadata.entries.map(({ line }) => line)).toEqual([2, 3, 4]);
  expect(kinds(document)).toEqual(["act", "check"]);
});

test("headings and lead-ins that say who, and a lead-in that says when", () => {
  const steps = stepsOf(read("headings-are-roles.md"));
  expect(steps.map(({ role }) => role)).toEqual([
    "incident-commander",
    "incident-commander",
    "incident-commander",
    "scribe",
    "scribe",
    "ic",
    "ic",
    null,
    null,
  ]);
  expect(steps.slice(7).map(({ guard }) => guard)).toEqual([
    "Customers were affected?",
    "Customers were affected?",
  ]);
  expect(steps[5]?.sources["role"]?.quote).toBe("IC");
});

test("severities in raw HTML, and a path in a list with times", () => {
  const document = read("html-severities.md");
  expect(document.kind).toBe("policy");
  expect(
    document.policy.severities.map((one) => [
      one.name,
      one.acknowledge,
      one.updateEvery,
      one.calendar,
    ]),
  ).toEqual([
    ["P1", "PT10M", "PT30M", "always"],
    ["P2", "PT1H", "PT2H", "always"],
    ["P3", "P1D", null, "business"],
  ]);
  expect(document.escalation.map(({ after }) => after)).toEqual([null, "PT15M", "PT45M"]);
});

test("commands to know are no steps, and neither is what will be seen", () => {
  const document = read("cheat-sheet.md");
  expect(document.plans[0]?.trigger).toBe("Alert SidekiqQueueStuck in #alerts");
  expect(kinds(document)).toEqual(["check", "act", "act", "act"]);
  expect(stepsOf(document).flatMap(({ deadlines }) => deadlines)).toEqual([]);
});
