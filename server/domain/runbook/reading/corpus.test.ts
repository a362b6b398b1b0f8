/**
 * Real documents of other teams, read by path. What each must give was looked at by eye beside its source and
 * is kept in a shape of our own: kinds, ids, counts and lines, none of its sentences.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { RunbookDocument } from "../../../../contract/runbook.ts";
import { readRunbook } from "./read.ts";

const CORPUS = fileURLToPath(new URL("../../../../../shared/corpus/", import.meta.url));
const GOLDEN = new URL("golden/corpus.json", import.meta.url);
const names = ["runbooks", "postmortems"]
  .filter((folder) => existsSync(`${CORPUS}${folder}`))
  .flatMap((folder) => readdirSync(`${CORPUS}${folder}`).map((name) => `${folder}/${name}`))
  .filter((name) => name.endsWith(".md"));
if (names.length === 0) console.warn(`no ${CORPUS}: real documents are not read`);

const read = (name: string): RunbookDocument => readRunbook(name, readFileSync(`${CORPUS}${name}`));
const tally = (values: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries(
    [...new Set(values)]
      .toSorted()
      .map((one) => [one, values.filter((other) => other === one).length]),
  );

function summary(document: RunbookDocument): object {
  return {
    kind: document.kind,
    metadata: document.metadata.forms,
    sections: document.sections.map(({ line, kind }) => `${line} ${kind}`),
    plans: document.plans.map((plan) => ({
      line: plan.line,
      trigger: plan.trigger !== null,
      alert: plan.alert !== null,
      escalation: plan.escalation.length,
      phases: plan.phases.map((phase) => ({
        line: phase.line,
        role: phase.role,
        steps: phase.steps.map(({ line, kind }) => `${line} ${kind}`),
      })),
      ...tally(
        plan.phases.flatMap((phase) =>
          phase.steps.flatMap((step) => [
            ...step.deadlines.map(({ iso }) => `deadline ${iso}`),
            ...step.inputs.map(() => "inputs"),
            ...step.attachments.map(({ kind }) => `beside: ${kind}`),
            ...(step.guard === null ? [] : ["guards"]),
            ...(step.destructive ? ["destructive"] : []),
          ]),
        ),
      ),
    })),
    severities: document.policy.severities.map((one) => [
      one.name,
      one.acknowledge,
      one.mitigate,
      one.resolve,
    ]),
    triggers: document.policy.triggers.length,
    checklists: document.checklists.map(({ line, items }) => `${line}: ${items.length}`),
    forms: document.forms.map(({ line, sections }) => ({
      line,
      sections: sections.map((section) => `${section.line}: ${section.fields.length}`),
    })),
    records: document.records.length,
    graphs: document.graphs.length,
    findings: tally(document.findings.map(({ code }) => code)),
  };
}

describe.runIf(names.length > 0)("the corpus", () => {
  const golden = JSON.parse(readFileSync(GOLDEN, "utf8")) as Readonly<Record<string, object>>;

  test.each(names)("%s", (name) => {
    expect(summary(read(name))).toEqual(golden[name]);
  });

  test("nothing is kept of documents that are not there", async () => {
    if (process.env["TOCSIN_WRITE_GOLDEN"] === "1") {
      const all = Object.fromEntries(names.map((name) => [name, summary(read(name))]));
      await writeFile(GOLDEN, `${JSON.stringify(all, null, 1)}\n`);
    }
    expect(Object.keys(golden).toSorted()).toEqual(names.toSorted());
  });
});
