/** How two published versions of a runbook differ: its words, its sidecar, its steps. */
import type { z } from "zod";
import type { DiffHunk, getRunbookDiff } from "../../../contract/published.ts";
import type { RunbookPlan, RunbookStep } from "../../../contract/runbook.ts";
import { hunksBetween, linesOf } from "../../base/lineDiff.ts";
import { changesBetween, runnable, type Version } from "./version.ts";
import type { Texts } from "./versionStore.ts";

type Diff = z.input<(typeof getRunbookDiff)["reply"]>;
type Side = { readonly version: Version; readonly texts: Texts };

/** `from`: null where nothing was published before. */
export function versionDiff(from: Side | null, to: Side): Diff {
  return {
    id: to.version.runbookId,
    from: from === null ? null : nameOf(from.version),
    to: nameOf(to.version),
    document: hunks(from?.texts.document.toString("utf8"), to.texts.document.toString("utf8")),
    sidecar: hunks(from?.texts.sidecar, to.texts.sidecar),
    steps: [...stepChanges(from === null ? [] : runnable(from.version.plan), to.version)],
  };
}

const nameOf = ({ digest, number }: Version) => ({ digest, version: number });

const hunks = (before: string | null | undefined, after: string | null): DiffHunk[] =>
  hunksBetween(linesOf(before ?? ""), linesOf(after ?? "")).map((hunk) => ({
    ...hunk,
    lines: hunk.lines.map(({ mark, text }) => ({ mark, text: text.replace(/\r?\n$/, "") })),
  }));

function* stepChanges(
  before: readonly RunbookPlan[],
  { plan }: Version,
): Generator<Diff["steps"][number]> {
  const after = runnable(plan);
  for (const old of before) {
    const now = after.find(({ id }) => id === old.id) ?? null;
    for (const change of changesBetween(old, now))
      yield {
        plan: old.id,
        change: change.change,
        before: wordsOf(change.before),
        after: wordsOf(change.after),
      };
  }
  for (const { id, phases } of after.filter((each) => before.every((old) => old.id !== each.id)))
    for (const step of phases.flatMap(({ steps }) => steps))
      yield { plan: id, change: "added", before: null, after: wordsOf(step) };
}

const wordsOf = (step: RunbookStep | null) =>
  step === null ? null : { id: step.id, text: step.text, line: step.line };
