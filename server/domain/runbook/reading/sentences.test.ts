/**
 * Single sentences, in many wordings: what they tell to do, under which condition, who, for whom, until when.
 *
 * How often they hold was counted by eye over 38 real documents: docs/runbooks.md.
 */
import { describe, expect, test } from "vitest";
import type { RunbookStep } from "../../../../contract/runbook.ts";
import { kindOfCode } from "./commands.ts";
import { readRunbook } from "./read.ts";
import { AMBIGUOUS } from "./words.ts";

const read = (text: string) => readRunbook("text.md", Buffer.from(text, "utf8"));
const stepsIn = (text: string): readonly RunbookStep[] =>
  read(text).plans.flatMap(({ phases }) => phases.flatMap(({ steps }) => steps));
/** The first step of an item below a heading that promises steps. */
const item = (words: string): RunbookStep | undefined =>
  stepsIn(`# T\n\n## Step 1: Go\n\n- ${words}\n`)[0];
/** The steps of a paragraph there. */
const told = (words: string): readonly RunbookStep[] =>
  stepsIn(`# T\n\n## Mitigation\n\n${words}\n`);

describe("what is to be done", () => {
  test.each([
    ["Stop the writer.", "act"],
    ["Stop accepting orders.", "act"],
    ["Find and terminate the oldest transactions.", "act"],
    ["Check for and remove stale locks.", "act"],
    ["Check whether the replica is in sync.", "check"],
    ["Make sure to remove the old directory.", "act"],
    ["Make sure you are on the replica.", "check"],
    ["Be prepared to page other people.", "communicate"],
    ["Don't forget to restart the agent.", "act"],
    ["Take a look at the dashboard.", "check"],
    ["Track down the query that holds the lock.", "check"],
    ["Track every decision in the incident channel.", "record"],
    ["Run the script to see who is connected.", "check"],
    ["Run the script to restore the table.", "act"],
    ["Select “Users” and click “Disable”.", "act"],
    ["Choose between failing over and waiting.", "decide"],
    ["Provide status updates to the executives.", "communicate"],
    ["Release a public statement.", "communicate"],
    ["Update the case file.", "record"],
    ["The next best step is to check the error tracker.", "check"],
    ["In the left-hand menu select `Event history`.", "act"],
    ["After the pod has started use `kubectl cp` to copy the dump.", "act"],
    ["To see all files of a bucket use command: `aws s3 ls`.", "check"],
    ["`kubectl get pods -n shop`", "check"],
    ["`systemctl restart nginx`", "act"],
    ["You will typically be required to update the status page.", "communicate"],
    ["Undrain the node.", "act"],
    ["Overview the timeline.", "act"],
    ["✅ Checkout the code.", "act"],
    ["Identify the root cause and resolve it.", "act"],
    ["List snapshots.", "check"],
    ["As validation, check the endpoint.", "check"],
  ])("%s", (words, kind) => {
    expect(item(words)?.kind).toBe(kind);
  });

  test.each([
    "This happens when a process deletes a file that another one holds.",
    "Access to the logs is described elsewhere.",
    "We have a support contract with the vendor.",
    "Every member of the team may start this.",
    "[Block public access to a bucket](https://example.org)",
    "You can also review the [guide](https://example.org) for more details.",
    "For further information, including examples, please refer to the manual.",
    "A rolling reboot of each node may raise this alert too.",
  ])("tells nothing: %s", (words) => {
    expect(told(words)).toEqual([]);
  });

  test.each([
    ["kubectl get pods", "check"],
    ["$ kubectl -n a logs x\npanic", "check"],
    ["sudo find /tmp -mtime +2 -delete", "act"],
    ["curl -s https://x/health", "check"],
    ["curl -X POST https://x/restart", "act"],
    ["SELECT count(*)\nFROM a\nWHERE b", "check"],
    ["kubectl get pods\nkubectl rollout restart deploy/a", "act"],
    ["# only a comment", null],
  ])("code that looks or does: %s", (code, kind) => {
    expect(kindOfCode(code)).toBe(kind);
  });

  test("a lead-in is no step beside those it leads to", () => {
    const list = "- Stop the writer\n- Drain the queue\n";
    for (const lead of [
      "Do the following:",
      "Contain the threat:",
      "Run these steps:",
      "Then:",
      "",
    ])
      for (const heading of ["## Step 1: Go", "## Mitigation", "## Procedure", "## How to fix it"])
        expect(stepsIn(`# T\n\n${heading}\n\n${lead}\n\n${list}`), lead).toHaveLength(2);
  });

  test("a lead-in is the step where its list only lists", () => {
    const [step] = told("Use these as a starting point:\n\n- Patch the hosts\n- Block the ports\n");
    expect(step?.substeps).toHaveLength(2);
  });

  test("items that Markdown took for words of a paragraph are steps all the same", () => {
    const steps = told("To change it:\n    1. Open the console\n    2. Select `Settings`\n");
    expect(steps.map(({ text }) => text)).toEqual(["Open the console", "Select Settings"]);
  });

  test("headings far below one that promises steps are not lost", () => {
    const text =
      "# T\n\n## Preparation\n\n### Inventory\n\n#### Identify the owner\n\n- Ask the team\n- Check the catalog\n";
    expect(stepsIn(text)).toHaveLength(2);
  });
});

describe("conditions", () => {
  test.each([
    [
      "If the disk is full, and no one answers, delete the cache.",
      "The disk is full, and no one answers?",
    ],
    ["If you receive errors ensure that the locale matches.", "You receive errors?"],
    ["If that didn't work you can also remove old files.", "That didn't work?"],
    ["(Optional) If it is still full, stop the pod, then repeat.", "It is still full?"],
    ["Answer the call and, when prompted, enter the code.", null],
    ["Turn off the data center if you have to.", null],
    ["Shut it down (do not delete it if you can help it).", null],
    ["Announce it, do not act unless told to.", null],
    ["Give it a codename so if anyone overhears it nothing is told.", null],
    ["Do not use SMS, unless to move somebody elsewhere.", null],
    ["Reset it first, if they come from the image they will need the same locale.", null],
    [
      "Do not name partners, unless they spoke first, in which case link to them.",
      "Not they spoke first?",
    ],
    ["Should the node not come back, replace it.", "The node not come back?"],
    ["If a new category is valid → Update the test.", "A new category is valid?"],
    ["Tell nobody until cleared, particularly if an insider may be involved.", null],
  ])("%s", (words, guard) => {
    expect(item(words)?.guard ?? null).toBe(guard);
  });
});

describe("for whom", () => {
  test.each([
    [
      "Communicate with internal and external legal counsel.",
      ["internal and external legal counsel"],
    ],
    ["Communicate with regulators, including what they can do.", ["regulators"]],
    ["Notify regulators (e.g., the privacy authority) if necessary.", ["regulators"]],
    ["Contact vendors' and partners' security teams.", ["vendors' and partners' security teams"]],
    ["Page the on-duty/on-call commander.", ["on-duty/on-call commander"]],
    ["Contact your insurance provider.", ["insurance provider"]],
    ["Do not notify customers until cleared.", []],
    ["Notify Finance, Growth and IT.", ["Finance", "Growth", "IT"]],
  ])("%s", (words, audience) => {
    expect(item(words)?.audience).toEqual(audience);
  });
});

describe("who", () => {
  test("a verb's twin may begin a name", () => {
    for (const word of AMBIGUOUS) {
      const name = `${word.slice(0, 1).toUpperCase()}${word.slice(1)} Manager`;
      const [step] = stepsIn(
        `# T\n\n1. **Go (${name})**\n   - Restart it.\n2. **End**\n   - Wait.\n`,
      );
      expect(step?.role, name).toBe(`${word}-manager`);
    }
  });

  test.each([
    ["Release Manager coordinates the rollout.", "release-manager"],
    ["Triage Lead: assign an owner", "triage-lead"],
    ["Notify the Release Manager.", null],
    ["Restart Primary Database.", null],
  ])("%s", (words, role) => {
    expect(item(words)?.role ?? null).toBe(role);
  });

  test.each([
    ["**Delegate to:** Marketing Team", "marketing-team"],
    ["Owner: VP or Director of Engineering", "vp-or-director-of-engineering"],
    ["Responsible: Jane Doe", null],
  ])("a line above the steps: %s", (line, role) => {
    const [plan] = read(
      `# T\n\n## Communication\n\n${line}\n\n- Publish it.\n- Answer it.\n`,
    ).plans;
    expect(plan?.phases[0]?.role ?? null).toBe(role);
  });
});

describe("until when", () => {
  test.each([
    "A job runs every 30 minutes and requeues what was lost; it can be restarted.",
    "Traffic recovered within 10 minutes.",
    "The replica failed over within 30 seconds.",
    "Metrics are scraped every 15 seconds.",
    "The whole thing took 5 minutes.",
    "The export will miss its window within 2 hours.",
    "Delete everything older than 10 minutes.",
    "Answer these questions; each should take less than 2 minutes.",
    "Watch the load for 15 minutes.",
  ])("promises nothing: %s", (words) => {
    expect(
      [...told(words), ...(item(words) ? [item(words)] : [])].flatMap((step) => step?.deadlines),
    ).toEqual([]);
  });

  test.each([
    ["Acknowledge within 5 minutes.", "PT5M", false],
    ["Post an update every 20 minutes.", "PT20M", true],
    ["The lead must be told within the hour, at most within 60 minutes.", "PT60M", false],
    ["Updates should be sent every 2 hours.", "PT2H", true],
  ])("promises: %s", (words, iso, repeats) => {
    expect(item(words)?.deadlines).toMatchObject([{ iso, repeats }]);
  });
});

describe("what it needs, and what does not come back", () => {
  test.each([
    ["Run `lsof [GROUP NAME]`.", ["GROUP NAME"]],
    ["Run `tool [options] list[0]`.", []],
    ["Connect to `$upstream`.", ["upstream"]],
  ])("%s", (words, names) => {
    expect(item(words)?.inputs.map(({ name }) => name)).toEqual(names);
  });

  test("a prompt that sticks to its command is no blank", () => {
    const [step] = told("Look at the disks:\n\n```\n$sudo lsblk\n$HOST\n```\n");
    expect(step?.inputs.map(({ name }) => name)).toEqual(["HOST"]);
  });

  test("what an example shows is not asked for", () => {
    const [step] = told(
      "Restart the writer.\n\nHere's an example of its settings:\n\n```\nhost='$fqdn'\n```\n",
    );
    expect(step?.inputs).toEqual([]);
    expect(step?.attachments.map(({ kind }) => kind)).toEqual(["note", "code"]);
  });

  test.each([
    ["Run `find /var/log -mtime +2 -exec rm {} \\;`", true],
    ["Run `find /tmp -delete`", true],
    ["Run `kafka-consumer-groups.sh --reset-offsets --to-latest --execute`", true],
    ["Drop the message. This cannot be undone.", true],
    ["Stop the pod. **This will lose all messages in flight.**", true],
    ["Run `find /tmp -name x`", false],
    ["Take a snapshot to prevent data loss.", false],
  ])("%s", (words, destructive) => {
    expect(item(words)?.destructive).toBe(destructive);
  });
});

describe("what is wrong with it", () => {
  const codes = (text: string): readonly string[] => read(text).findings.map(({ code }) => code);

  test.each([
    ["`TODO: write this`", 1],
    ["TBD", 1],
    ["Put `TODO` notes into the room.", 0],
  ])("left to do: %s", (words, count) => {
    expect(codes(`# T\n\n${words}\n`).filter((code) => code === "W406")).toHaveLength(count);
  });

  test("a file that the procedure itself writes need not be there", () => {
    const text =
      "# T\n\n## Steps\n\n1. Save the output to `out/a.md`.\n2. Read `out/a.md`.\n3. Read `b.md`.\n";
    expect(read(text).links.map(({ target }) => target)).toEqual(["b.md"]);
  });

  test("a report's date is the incident's, and what was run then is over", () => {
    const text =
      "# Post-mortem: the disk\n\n**Date:** May 3, 2026\n\n## Timeline\n\n10:00 `rm -rf /data`\n\n## Root cause\n\nA typo.\n";
    expect(read(text).metadata.lastUpdated).toBeNull();
    expect(codes(text)).not.toContain("W404");
    expect(codes(text)).not.toContain("W102");
  });
});

test("cells of a form that name the blank beside them", () => {
  const table = "| Number | | Severity | |\n|---|---|---|---|\n| Date | | Lead | |\n";
  const [form] = read(
    `# Postmortem template\n\n## Summary\n\n${table}\n## Impact\n\n| | |\n|-|-|\n| Users | ?? |\n| Minutes | ?mins |\n`,
  ).forms;
  expect(
    form?.sections.map(({ fields }) => fields.map(({ label, type }) => [label, type])),
  ).toEqual([
    [
      ["Number", "text"],
      ["Severity", "text"],
      ["Date", "instant"],
      ["Lead", "person"],
    ],
    [
      ["Users", "number"],
      ["Minutes", "number"],
    ],
  ]);
});

test("bold labels with code or a table below them are steps", () => {
  const text =
    "# T\n\n## Troubleshooting\n\n**Diagnosis**:\n\n```sh\ndocker info\n```\n\n**Solutions**:\n\n```sh\ndocker restart db\n```\n\n**Document the following:**\n\n| What | How |\n|---|---|\n| Policy | `aws s3api get-bucket-policy` |\n";
  expect(stepsIn(text).map(({ kind, attachments }) => [kind, attachments[0]?.kind])).toEqual([
    ["check", "code"],
    ["act", "code"],
    ["record", "table"],
  ]);
});

test("a name of a phase with nothing but a query below it is what is done", () => {
  const steps = stepsIn(
    "# T\n\n**Trigger:** a test fails\n\n1. **Find the orphans**\n   ```sql\n   SELECT 1\n   ```\n2. **Tell the owner**\n   - Ask who loads it\n",
  );
  expect(steps.map(({ kind, text }) => [kind, text])).toEqual([
    ["check", "Find the orphans"],
    ["communicate", "Ask who loads it"],
  ]);
});

test("what is called an escalation may be a procedure, with people and clocks", () => {
  const document = read(
    "# T\n\n## Part 1 - Prepare\n\n### Escalation\n\n| Role | Responsibility | When |\n|---|---|---|\n| IR Lead | Coordinates | First |\n| Data Owner | Classifies | P1 |\n\n**Path:**\n\n1. **Triage (IR Lead, < 15 min):** IR Lead assesses the severity and decides whether it goes on.\n2. **Updates:** IR Lead provides updates to stakeholders every 30 minutes (P1), every 2 hours (P2), or less often.\n",
  );
  expect(document.escalation).toEqual([]);
  const steps = document.plans.flatMap(({ phases }) => phases.flatMap((phase) => phase.steps));
  expect(
    steps.map(({ role, deadlines }) => [role, deadlines.map((one) => [one.iso, one.severity])]),
  ).toEqual([
    ["ir-lead", [["PT15M", null]]],
    [
      "ir-lead",
      [
        ["PT30M", "P1"],
        ["PT2H", "P2"],
      ],
    ],
  ]);
});

test("procedures without a trigger beside some that have one are plans too", () => {
  const document = read(
    "# T\n\n## A\n\n**Trigger:** x\n\n1. Stop it\n\n## B\n\n**Trigger:** y\n\n1. Start it\n\n## Rollback\n\n1. Stop it\n2. Restore the dump\n\n## Overview\n\n- Read it\n",
  );
  expect(document.plans.map(({ title, trigger }) => [title, trigger])).toEqual([
    ["A", "x"],
    ["B", "y"],
    ["Rollback", null],
  ]);
});

test("criteria define a severity; with a number they declare one", () => {
  const { policy } = read(
    "# T\n\n| Priority | Criteria |\n|---|---|\n| P1 | Data is gone |\n| P2 | Error rate > 5% for 10 minutes |\n",
  );
  expect(policy.severities).toHaveLength(2);
  expect(policy.triggers.map(({ severity }) => severity)).toEqual(["P2"]);
});
