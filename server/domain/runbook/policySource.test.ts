/** What a document says about severities, triggers, escalation and the postmortem, with the line it stands on. */
import { describe, expect, test } from "vitest";
import { Sidecar } from "../../../contract/sidecar.ts";
import { snapshot } from "../config/config.ts";
import { draft } from "./draft.ts";
import { acceptedInVain, publishedPolicy } from "./policySource.ts";
import { readRunbook } from "./reading/read.ts";

const LINES = [
  "# Outages — überall", // 1
  "",
  "## Severities",
  "",
  "| Severity | Definition |",
  "|---|---|",
  "| SEV1 | Everything is down |", // 7
  "| SEV2 | A part is down |",
  "",
  "## Targets",
  "",
  "| Severity | Time to Acknowledge | Time to Mitigation | Time to Resolution |",
  "|---|---|---|---|",
  "| SEV1 | 10 minutes | 1 hour | 4 hours |", // 14
  "| SEV2 | 30 minutes | 4 hours | 24 hours |",
  "",
  "### Automated Declaration",
  "",
  "**SEV1 Auto-Declaration:**",
  "",
  "- Error rate > 10% for > 5 minutes", // 21
  "- Somebody screams",
  "",
  "## Outage",
  "",
  "**Trigger:** It is down.",
  "",
  "1. **Look (Primary On-Call)**",
  "   - Acknowledge within 5 minutes of the page.",
  "2. **Mend**",
  "   - Mend it.",
  "",
  "Escalation path: Primary On-Call (5 min) → Secondary On-Call (10 min) → Head of Operations (15 min)", // 33
  "",
];
const plan = readRunbook("docs/outages.md", Buffer.from(LINES.join("\n")));

const version = (more: object) => ({
  runbookId: "outages",
  path: "docs/outages.md",
  plan,
  settings: Sidecar.parse({ tocsin: 1, owner: "shop", ...more }),
});
const ALL = ["severities", "triggers", "escalation", "postmortem"];
const roles = {
  "primary-on-call": { schedule: "first" },
  "secondary-on-call": { schedule: "second" },
  "head-of-operations": { person: "hana" },
};

describe("what replaces the defaults", () => {
  const policy = publishedPolicy(
    version({ accepted: ALL, roles, signals: { "error rate": "error_rate" } }),
  );

  test("names the line of each term, though two tables speak of one severity", () => {
    expect(policy?.severities?.termSources.SEV1).toMatchObject({
      means: "docs/outages.md:7",
      acknowledge: "docs/outages.md:14",
      mitigate: "docs/outages.md:14",
      resolve: "docs/outages.md:14",
    });
    expect(policy?.severities?.policy.severities.SEV1).toMatchObject({ acknowledge: "PT10M" });
  });

  test("names the line of each trigger that is bound to a measurement, and takes no other", () => {
    expect(policy?.rules.map(({ source, body }) => [source.line, body.then])).toEqual([
      [21, { declare: "SEV1", autoResolve: false }],
    ]);
  });

  test("names the line of the path, which gives each of its levels its own time", () => {
    expect(policy?.escalation).toMatchObject({
      source: "docs/outages.md:33",
      body: { steps: [{ timeoutMinutes: 5 }, { timeoutMinutes: 10 }, { timeoutMinutes: 15 }] },
    });
  });
});

describe("what is accepted in vain is told", () => {
  for (const [why, more, told] of [
    ["without an owner", { owner: undefined, accepted: ALL }, [/name the “owner”/]],
    ["for a document without a form", { accepted: ["postmortem"] }, [/no form of a postmortem/]],
    ["without signals", { accepted: ["triggers"] }, [/no trigger is bound/]],
    ["with a level that nobody holds", { accepted: ["escalation"] }, [/each of its roles/]],
    ["when nothing is accepted", { owner: undefined }, []],
    ["when all of it counts", { accepted: ["severities", "escalation"], roles }, []],
  ] as const)
    test(why, () => {
      const found = acceptedInVain(version(more));
      expect(found).toHaveLength(told.length);
      found.forEach((message, at) => expect(message).toMatch(told[at]!));
    });
});

describe("a draft", () => {
  const schedule = (id: string) =>
    ({ kind: "schedules", id, body: { name: id }, owner: "file", source: null, ref: id }) as never;
  const config = snapshot(1, [schedule("primary-on-call"), schedule("head-of-operations")]);

  test("binds roles to the schedules that they speak of, and takes the owner that is given", () => {
    const { sidecar, notes } = draft(config, plan, {
      path: "docs/outages.md",
      sidecar: null,
      owner: "shop",
    });
    expect(sidecar).toContain("owner: shop");
    expect(sidecar).toMatch(/primary-on-call:\n {4}schedule: primary-on-call/);
    expect(notes.join("\n")).not.toContain("owner:");
  });
});
