/**
 * The figures that three documents of real teams must give; and the same of three of our own, which say
 * other things in the same forms, so that nothing depends on a folder that may be absent.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { filesLinked, withDeadLinks } from "./deadLinks.ts";
import { readRunbook } from "./read.ts";

const SEEDS = fileURLToPath(new URL("../../../../../shared/seeds/", import.meta.url));
const OWN = fileURLToPath(new URL("golden/", import.meta.url));
if (!existsSync(SEEDS)) console.warn(`no ${SEEDS}: only our own documents are read`);

/** Our own, and the seed where it is there. */
const both = (own: string, seed: string): readonly string[] =>
  [`${OWN}${own}`, `${SEEDS}${seed}`].filter((path) => existsSync(path));

function read(path: string) {
  const document = readRunbook(path, readFileSync(path));
  return withDeadLinks(document, new Set(filesLinked(document)));
}

const codes = (document: ReturnType<typeof read>): readonly string[] =>
  document.findings.map(({ code }) => code);
const count = (list: readonly string[], wanted: string): number =>
  list.filter((one) => one === wanted).length;

describe.each(both("outage.md", "incident-response-workflow.md"))("a workflow: %s", (path) => {
  const document = read(path);

  test("its metadata comes back from between underscore rules", () => {
    expect(document.metadata.forms).toEqual(["underscore-rule"]);
    expect(document.metadata.owner).not.toBeNull();
    expect(document.metadata.lastReviewed).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(document.metadata["status"]).toBe("active");
    expect(document.metadata["related_tools"]).toMatch(/\.md$/);
    expect(document.title).toBe(document.metadata["title"]);
    expect(codes(document)).toContain("I001");
  });

  test("four severities with twelve durations", () => {
    expect(
      document.policy.severities.map(({ name, acknowledge, mitigate, resolve }) => [
        name,
        acknowledge,
        mitigate,
        resolve,
      ]),
    ).toEqual([
      ["SEV1", "PT15M", "PT1H", "PT4H"],
      ["SEV2", "PT1H", "PT4H", "PT24H"],
      ["SEV3", "PT4H", "PT24H", "P1W"],
      ["SEV4", "PT24H", "P1W", "P1M"],
    ]);
    expect(document.policy.severities.map(({ examples }) => examples.length)).toEqual([5, 4, 3, 4]);
    expect(codes(document)).not.toContain("W209");
  });

  test("nine triggers, five for SEV1 and four for SEV2, seven of them measurable", () => {
    const { triggers } = document.policy;
    expect(triggers.map(({ severity }) => severity)).toEqual([
      ...Array.from({ length: 5 }, () => "SEV1"),
      ...Array.from({ length: 4 }, () => "SEV2"),
    ]);
    expect(
      triggers.map(({ comparator, threshold, thresholdTo, unit, percentile, window }) => [
        comparator,
        threshold,
        thresholdTo,
        unit,
        percentile,
        window,
      ]),
    ).toEqual([
      [">", 10, null, "%", null, "PT5M"],
      [">", 5, null, "%", null, null],
      [null, null, null, null, null, null],
      [">", 1, null, "%", null, null],
      [null, null, null, null, null, null],
      ["between", 5, 10, "%", null, "PT15M"],
      [">", 5, null, "s", "p95", "PT10M"],
      ["<", 95, null, "%", null, "PT15M"],
      [">", 3, null, "x baseline", null, null],
    ]);
  });

  test("one plan of four phases whose steps have roles", () => {
    expect(document.kind).toBe("procedure");
    expect(document.plans).toHaveLength(1);
    const [plan] = document.plans;
    expect(plan?.phases).toHaveLength(4);
    expect(plan?.phases.map(({ steps }) => steps.length)).toEqual([2, 2, 2, 2]);
    const steps = plan?.phases.flatMap((phase) => phase.steps) ?? [];
    expect(steps.every(({ role }) => role !== null)).toBe(true);
    expect(steps.at(-1)?.roles).toHaveLength(2);
    expect(steps.at(-1)?.guard).toMatch(/^Impact includes .*\?$/);
    expect(plan?.trigger).not.toBeNull();
  });

  test("a postmortem form of nine sections, 48 h for SEV1 and a week for SEV2", () => {
    const [form] = document.forms;
    expect(document.forms).toHaveLength(1);
    expect(form?.sections).toHaveLength(9);
    expect(form?.deadlines.map(({ iso, severity, anchor }) => [iso, severity, anchor])).toEqual([
      ["PT48H", "SEV1", "incident resolved"],
      ["P1W", "SEV2", "incident resolved"],
    ]);
    expect(form?.optionalFor).toEqual(["SEV3", "SEV4"]);
    const fields = form?.sections.flatMap((section) => section.fields) ?? [];
    expect(fields.find(({ label }) => label === "Severity")?.options).toHaveLength(4);
    expect(fields.find(({ type }) => type === "boolean")?.label).toMatch(/breach|broken/i);
    expect(form?.sections[0]?.fields[0]?.prefilled).toBe(true);
    expect(form?.sections[2]?.fields[0]).toMatchObject({ type: "grid", prefilled: true });
  });

  test("a flowchart of 29 nodes and 36 edges, with all its defects", () => {
    expect(document.graph?.nodes).toHaveLength(29);
    expect(document.graph?.edges).toHaveLength(36);
    expect(document.graphs).toHaveLength(1);
    const found = codes(document);
    expect(count(found, "W301"), "two dead ends").toBe(2);
    expect(count(found, "W302"), "one choice without effect").toBe(1);
    expect(count(found, "W303"), "three forks by team").toBe(3);
    expect(count(found, "W304"), "one loop without end").toBe(1);
    expect(count(found, "W305"), "goes on without the cause").toBe(1);
    expect(count(found, "W306"), "one root, all reachable").toBe(0);
    expect(count(found, "W307"), "three phases against four, one called otherwise").toBe(2);
    expect(count(found, "W308"), "SEV4 is assigned to nobody").toBe(1);
    expect(count(found, "W211"), "“immediately” beside a time, SEV1 and SEV2").toBe(2);
  });

  test("gaps between severities, and severities that nothing declares", () => {
    const gaps = document.findings.filter(({ code }) => code === "W207").map((one) => one.message);
    expect(gaps).toHaveLength(2);
    expect(gaps.join(" ")).toMatch(/above 10 % for up to 5 min, not even SEV2/);
    expect(gaps.join(" ")).toMatch(/5 to 10 % for up to 15 min/);
    const undeclared = document.findings.filter(({ code }) => code === "W208");
    expect(undeclared.map(({ message }) => /SEV\d/.exec(message)?.[0])).toEqual(["SEV3", "SEV4"]);
  });

  test("three inputs are declared", () => {
    expect(document.inputs).toHaveLength(3);
    expect(document.inputs[1]).toMatchObject({ name: "SEVERITY", type: "severity" });
  });
});

describe.each(both("warehouse.md", "analytics-runbooks.md"))(
  "runbooks of a data team: %s",
  (path) => {
    const document = read(path);
    const steps = document.plans.flatMap(({ phases }) => phases.flatMap((phase) => phase.steps));

    test("four plans with triggers, one onboarding checklist, two open items", () => {
      expect(document.kind).toBe("multi-runbook");
      expect(document.plans).toHaveLength(4);
      expect(document.plans.every(({ trigger }) => trigger !== null)).toBe(true);
      expect(document.checklists).toHaveLength(1);
      expect(document.checklists[0]?.title).toMatch(/^Onboarding/);
      expect(document.followUps).toHaveLength(2);
      expect(document.policy.severities).toEqual([]);
      expect(document.forms).toEqual([]);
    });

    test("bold items are phases, the fourth plan has one without a name of its own", () => {
      expect(document.plans[1]?.phases.map(({ id }) => id).slice(0, 3)).toEqual([
        "detection",
        "triage",
        "containment",
      ]);
      expect(document.plans[1]?.phases[1]?.role).toBe("primary-on-call");
      expect(document.plans[3]?.phases).toHaveLength(1);
    });

    test("one escalation path of three, which gives nobody a time", () => {
      const paths = document.plans.map(({ escalation }) => escalation.length);
      expect(paths).toEqual([0, 3, 0, 0]);
      expect(document.plans[1]?.escalation[0]?.role).toBe("primary-on-call");
      expect(codes(document)).toContain("W203");
      expect(document.plans[0]?.conditionalEscalations).toHaveLength(1);
      expect(document.plans[2]?.conditionalEscalations[0]?.to).toEqual([
        "privacy-officer",
        "legal-team",
      ]);
      expect(document.plans[2]?.deadlines[0]?.iso).toBe("P30D");
    });

    test("two records with their columns", () => {
      expect(document.records.map(({ table, columns }) => [table, columns])).toEqual([
        ["governance_change_log", ["change_id", "submitted_by", "impact", "status"]],
        [
          "data_incident",
          ["incident_id", "start_at", "end_at", "impact", "rca", "follow_up_actions"],
        ],
      ]);
    });

    test("records change where the words say so", () => {
      const sets = steps.flatMap(({ records }) =>
        records.flatMap((record) => record.sets.map((set) => [set.column, set.value])),
      );
      expect(sets).toEqual([
        ["status", "verified"],
        ["status", "complete"],
        [expect.stringMatching(/hold_flag$/), "true"],
      ]);
    });

    test("acknowledge in 5 minutes, review in 2 business days, postmortem in 48 hours", () => {
      const deadlines = steps.flatMap((step) => step.deadlines).filter(({ repeats }) => !repeats);
      expect(deadlines.map(({ iso, anchor, calendar }) => [iso, anchor, calendar])).toEqual([
        ["P2D", "phase entered", "business"],
        ["PT5M", "page sent", "always"],
        ["PT48H", "incident resolved", "always"],
      ]);
      expect(codes(document)).toContain("W202");
    });

    test("questions before steps, a query to prove, words to send, years to keep", () => {
      const guards = steps.flatMap(({ guard }) => guard ?? []);
      expect(guards.length).toBeGreaterThanOrEqual(5);
      expect(steps.find(({ assertion }) => assertion?.query)?.assertion).toMatchObject({
        query: "SELECT COUNT(*) FROM silver_private",
        expect: "zero",
      });
      expect(steps.find(({ channel }) => channel !== null)?.kind).toBe("communicate");
      expect(steps.flatMap(({ audience }) => audience)).toContain("Finance");
      expect(document.policy.retention.map(({ keep }) => keep)).toEqual(["P7Y"]);
    });

    test("draft, dead links and vague words are noticed", () => {
      expect(document.metadata.status).toMatch(/^Draft/);
      expect(codes(document)).toContain("W103");
      expect(codes(document)).toContain("W402");
      const vague = document.findings
        .filter(({ code }) => code === "W401")
        .map(({ quote }) => quote);
      expect(vague).toEqual(["off-peak window", "predefined API", "1 cycle"]);
    });
  },
);

describe.each(both("skill.md", "security-incident-response.md"))("a skill: %s", (path) => {
  const document = read(path);

  test("is a reference with no steps, and says why", () => {
    expect(document.kind).toBe("reference");
    expect(document.plans).toEqual([]);
    expect(document.forms).toEqual([]);
    expect(document.reason).toMatch(/nothing to run/);
    expect(codes(document)).toContain("I003");
  });

  test("empty sections, a cut-off sentence, another language, and no review", () => {
    const found = codes(document);
    expect(count(found, "W403")).toBe(2);
    for (const code of ["I004", "I005", "I006", "I007", "W102"]) expect(found).toContain(code);
    expect(document.metadata.lastReviewed).toBeNull();
    expect(document.metadata.lastUpdated).not.toBeNull();
  });
});
