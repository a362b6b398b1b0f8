/** What a postmortem says of the runbooks that were carried out: which version, and what was not done. */
import { runId } from "../../../contract/ids.ts";
import type { Queryable } from "../../base/db.ts";
import type { StepRow } from "./run.ts";
import { stepOf } from "./run.ts";
import { listRunsOf, listSteps } from "./runStore.ts";
import { planOf } from "./version.ts";
import { findVersion } from "./versionStore.ts";

export type RunFact = {
  readonly id: string;
  readonly title: string;
  readonly state: string;
  readonly path: string;
  readonly version: number;
  readonly digest: string;
  readonly skipped: readonly { readonly text: string; readonly because: string | null }[];
  readonly late: readonly string[];
  readonly failed: readonly { readonly text: string; readonly because: string | null }[];
};

/** Drills are no part of what happened. The caller has checked that the incident may be seen. */
export async function listRunFacts(tx: Queryable, incident: number): Promise<readonly RunFact[]> {
  const facts: RunFact[] = [];
  for (const run of await listRunsOf(tx, incident)) {
    const version = run.drill ? null : await findVersion(tx, run.runbookId, run.digest);
    const plan = version === null ? null : planOf(version.plan, run.planId);
    if (version === null || plan === null) continue;
    const rows = await listSteps(tx, run.number);
    const text = (row: StepRow): string => stepOf(plan, row.stepId)?.text ?? row.text ?? row.stepId;
    const inState = (state: StepRow["state"]) =>
      rows
        .filter((row) => row.state === state)
        .map((row) => ({ text: text(row), because: row.because }));
    facts.push({
      id: runId(run.number),
      title: run.title,
      state: run.state,
      path: version.path,
      version: version.number,
      digest: run.digest,
      skipped: inState("skipped"),
      failed: inState("failed"),
      late: rows.filter((row) => row.late).map(text),
    });
  }
  return facts;
}
