/** The same things in the many ways that teams write them. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { RunbookDocument } from "../../../../contract/runbook.ts";
import { readRunbook } from "./read.ts";

const read = (name: string): RunbookDocument =>
  readRunbook(name, readFileSync(new URL(`golden/variants/${name}`, import.meta.url)));
const readText = (text: string, path = "text.md"): RunbookDocument =>
  readRunbook(path, Buffer.from(text, "utf8"));
const steps = (document: RunbookDocument) =>
  document.plans.flatMap(({ phases }) => phases.flatMap((phase) => phase.steps));
const codes = ({ findings }: RunbookDocument): readonly string[] =>
  findings.map(({ code }) => code);

test("emoji in headings, metadata in a table, an escalation in a table with times", () => {
  const document = read("emoji-table.md");
  expect(document.kind).toBe("procedure");
  expect(document.metadata).toMatchObject({
    owner: "Database Team",
    lastReviewed: "2026-01-12",
    status: "Approved",
  });
  const [plan] = document.plans;
  expect(plan?.phases.map(({ title }) => title)).toEqual(["Detect", "Mitigate", "Verify"]);
  expect(plan?.escalation.map(({ role, after }) => [role, after])).toEqual([
    ["on-call-dba", null],
    ["database-lead", "PT15M"],
    ["vp-engineering", "PT1H"],
  ]);
  expect(codes(document)).not.toContain("W203");
  const [failOver] = plan?.phases[1]?.steps ?? [];
  expect(failOver?.attachments[0]).toMatchObject({ kind: "code", language: "bash" });
  expect(failOver?.inputs.map(({ name }) => name)).toEqual(["PGDATA"]);
  expect(
    steps(document).find(({ channel }) => channel === "#db-incidents")?.deadlines,
  ).toMatchObject([{ iso: "PT30M", repeats: true }]);
  expect(steps(document).find(({ assertion }) => assertion !== null)?.assertion?.expect).toBe(
    "zero",
  );
  expect(steps(document).at(-1)?.checked).toBe(false);
});

test("P1 to P4, times in words and letters, a setext heading, triggers in a list", () => {
  const document = read("priorities.md");
  expect(document.kind).toBe("policy");
  expect(document.title).toBe("Incident Severity and SLA Policy");
  expect(
    document.policy.severities.map((one) => [
      one.name,
      one.acknowledge,
      one.updateEvery,
      one.resolve,
      one.calendar,
    ]),
  ).toEqual([
    ["P1", "PT15M", "PT30M", "PT4H", "always"],
    ["P2", "PT30M", "PT1H", "PT8H", "always"],
    ["P3", "PT4H", "P1D", "P3D", "business"],
    ["P4", "P1D", "P1W", null, "business"],
  ]);
  expect(
    document.policy.triggers.map((one) => [
      one.measure,
      one.comparator,
      one.threshold,
      one.unit,
      one.percentile,
      one.window,
    ]),
  ).toEqual([
    ["error rate", ">", 5, "%", null, "PT5M"],
    ["p99 latency", ">", 2000, "ms", "p99", "PT10M"],
    ["queue depth", ">", 10_000, null, null, "PT15M"],
    ["failed logins", ">", 50, null, null, "PT5M"],
  ]);
  expect(document.escalation.map(({ role, after }) => [role, after])).toEqual([
    ["service-desk", null],
    ["team-lead", "PT15M"],
    ["head-of-it", "PT30M"],
    ["cio", null],
  ]);
});

test("two alerts in a file are two plans; the headings are questions", () => {
  const document = read("two-alerts.md");
  expect(document.kind).toBe("multi-runbook");
  expect(document.plans.map(({ alert }) => alert)).toEqual(["HighMemoryUsage", "DiskFull"]);
  expect(document.plans.map(({ phases }) => phases.map(({ title }) => title))).toEqual([
    ["How to investigate", "How to fix"],
    ["How to fix"],
  ]);
  expect(steps(document).find(({ destructive }) => destructive)?.text).toMatch(/^Delete old logs/);
});

test("severities in a list, people as subjects, a form of plain lines", () => {
  const document = read("lists-and-roles.md");
  expect(
    document.policy.severities.map((one) => [one.name, one.acknowledge, one.mitigate, one.resolve]),
  ).toEqual([
    ["SEV1", "PT5M", "PT30M", "PT4H"],
    ["SEV2", "PT15M", null, "PT8H"],
    ["SEV3", "P1D", null, null],
  ]);
  expect(steps(document).map(({ role }) => role)).toEqual([
    "on-call-engineer",
    "incident-commander",
    "communications-lead",
    "engineering-team",
    null,
    null,
    null,
  ]);
  const updates = steps(document)[2]?.deadlines.map(({ iso, severity, repeats }) => [
    iso,
    severity,
    repeats,
  ]);
  expect(updates).toEqual([
    ["PT30M", "SEV1", true],
    ["PT2H", "SEV2", true],
  ]);
  expect(steps(document)[5]?.deadlines).toMatchObject([
    { iso: "P5D", anchor: "incident resolved", calendar: "business", confidence: "certain" },
  ]);
  expect(document.records).toMatchObject([
    { table: "incident_reports", columns: ["id", "title", "severity"] },
  ]);
  expect(document.forms[0]?.sections[0]?.fields.map(({ type }) => type)).toEqual([
    "instant",
    "person",
    "select",
    "text",
  ]);
});

test("TOML, a quoted block of metadata, and steps in a table with who does them", () => {
  const document = read("steps-in-a-table.md");
  expect(document.metadata.forms).toEqual(["toml", "block quote"]);
  expect(document.metadata.lastReviewed).toBe("2026-02-01");
  const [plan] = document.plans;
  expect(plan?.trigger).toBe("a database must be restored");
  expect(plan?.phases[0]?.steps.map(({ role }) => role)).toEqual(["sre", "dba", "sre"]);
  expect(plan?.phases[1]?.steps[0]?.guard).toBe("The restore fails?");
  expect(document.checklists[0]?.title).toBe("Before you begin");
});

test("phases numbered in words, with whichever dash", () => {
  const [plan] = read("words-for-numbers.md").plans;
  expect(plan?.phases.map(({ id }) => id).slice(1)).toEqual(["triage", "stabilise", "follow-up"]);
  expect(plan?.phases[0]?.deadlines[0]?.iso).toBe("PT5M");
  const [assess] = plan?.phases[1]?.steps ?? [];
  expect(assess?.deadlines[0]).toMatchObject({ iso: "PT10M", anchor: "page sent" });
  // A length of time in a condition promises nothing.
  expect(plan?.phases[2]?.steps[1]?.deadlines).toEqual([]);
  expect(plan?.phases[3]?.steps[1]?.deadlines[0]).toMatchObject({
    iso: "P3D",
    anchor: "incident resolved",
  });
});

test("a byte order mark, CR LF and letters of several bytes", () => {
  const name = "mark-and-crlf.md";
  const bytes = readFileSync(new URL(`golden/variants/${name}`, import.meta.url));
  expect(bytes.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
  expect(bytes.includes("\r\n")).toBe(true);
  const document = readRunbook(name, bytes);
  expect(document.title).toBe("Résumé service – runbook");
  expect(document.metadata.owner).toBe("Café team");
  for (const { range, quote } of steps(document))
    expect(bytes.subarray(range.startOffset, range.endOffset).toString("utf8")).toBe(quote);
  expect(steps(document)[0]?.deadlines[0]?.quote).toBe("within 10 minutes");
});

test("alerts below a common heading are plans of their own", () => {
  const document = read("alerts-below-a-heading.md");
  expect(document.plans.map(({ phases }) => phases.map(({ steps: own }) => own.length))).toEqual([
    [2, 2],
    [1, 1],
  ]);
});

test("a numbered policy of a privacy office: duties, clocks, a register, years", () => {
  const document = read("numbered-policy.md");
  expect(document.metadata).toMatchObject({
    owner: "Privacy Office",
    lastReviewed: "March 2026",
    version: "2.1",
  });
  const deadlines = steps(document).flatMap((step) =>
    step.deadlines.map((one) => [step.role, one.iso, one.anchor]),
  );
  expect(deadlines).toEqual([
    ["ciso", "PT1H", "incident declared"],
    ["dpo", "PT72H", "incident declared"],
  ]);
  expect(document.policy.retention.map(({ keep }) => keep)).toEqual(["P5Y"]);
  expect(document.plans[0]?.escalation.map(({ role }) => role)).toEqual([
    "security-desk",
    "ciso",
    "ceo",
  ]);
});

for (const [said, iso, calendar] of [
  ["15 mins", "PT15M", "always"],
  ["2 hrs", "PT2H", "always"],
  ["1h", "PT1H", "always"],
  ["15 m", "PT15M", "always"],
  ["1h30m", "PT1H30M", "always"],
  ["1 hour and 30 minutes", "PT1H30M", "always"],
  ["1.5 hours", "PT90M", "always"],
  ["2 business days", "P2D", "business"],
  ["4 working hours", "PT4H", "business"],
  ["next business day", "P1D", "business"],
  ["half an hour", "PT30M", "always"],
  ["thirty minutes", "PT30M", "always"],
  ["15-30 min", "PT30M", "always"],
  ["< 5 minutes", "PT5M", "always"],
  ["Immediate", "PT0S", "always"],
  ["1 month", "P1M", "always"],
  ["90 seconds", "PT90S", "always"],
] as const)
  test(`“${said}” in a table is ${iso}`, () => {
    const table = `# T\n\n| Severity | Time to respond |\n|---|---|\n| Critical | ${said} |\n| Low | 3 weeks |\n`;
    expect(readText(table).policy.severities[0]).toMatchObject({
      name: "Critical",
      acknowledge: iso,
      calendar,
    });
  });

test("a table that lies on its side", () => {
  const table =
    "# T\n\n| | Sev 1 | Sev 2 |\n|---|---|---|\n| Respond | 5 min | 1 h |\n| Resolve | 4 h | 2 days |\n";
  expect(
    readText(table).policy.severities.map((one) => [one.name, one.acknowledge, one.resolve]),
  ).toEqual([
    ["SEV1", "PT5M", "PT4H"],
    ["SEV2", "PT1H", "P2D"],
  ]);
});

test("a list of action items is no policy", () => {
  const table =
    "# T\n\n| Priority | Action | Owner | Due |\n|---|---|---|---|\n| P0 | Mend | Ann | 2 days |\n| P1 | Look | Bob | 1 week |\n";
  expect(readText(table).policy.severities).toEqual([]);
});

for (const [words, role] of [
  ["`release-manager` coordinates the rollout.", "release-manager"],
  ["Incident Commander: assign roles", "incident-commander"],
  ["The on-call engineer restarts the node.", "on-call-engineer"],
  ["Restart the node.", null],
  ["Support enters the request.", "support"],
] as const)
  test(`who does “${words}”`, () => {
    expect(steps(readText(`# T\n\n## Step 1: Go\n\n- ${words}\n`))[0]?.role).toBe(role);
  });

for (const [words, guard] of [
  ["Pause jobs if data is wrong.", "Data is wrong?"],
  ["If the queue grows, add workers.", "The queue grows?"],
  ["Check if the queue grows.", null],
  ["Ask the owner if the data may be deleted.", null],
  ["Restart it, if possible.", null],
  ["For overruns of scans, stop the query.", "Overruns of scans?"],
  ["For each host, restart the agent.", null],
  ["Page the lead unless traffic recovers.", "Not traffic recovers?"],
] as const)
  test(`what “${words}” asks first`, () => {
    expect(steps(readText(`# T\n\n## Step 1: Go\n\n- ${words}\n`))[0]?.guard).toBe(guard);
  });

test("a pointer elsewhere holds no steps", () => {
  const document = readText(
    "# So you have an incident\n\nRead the [other page](https://example.com/page).\n",
  );
  expect(document.plans).toEqual([]);
  expect(document.kind).toBe("reference");
});

test("what happened is no procedure", () => {
  const report =
    "# Outage of May 3\n\n## Timeline\n\n- 10:00 restarted the node\n\n## Root cause\n\nA full disk.\n\n## Action items\n\n- Add a check\n";
  expect(readText(report)).toMatchObject({ kind: "reference", plans: [] });
});

test("an alert that fires within a time promises nothing", () => {
  const text =
    "# NodeDown\n\n## Meaning\n\nThe alert fires within 5 minutes.\n\n## Diagnosis\n\nThe volume will fill up within 4 hours.\n\nCheck the node.\n";
  expect(steps(readText(text)).flatMap(({ deadlines }) => deadlines)).toEqual([]);
});
