/** How two versions of a runbook differ, as lines for a terminal. */
import type { z } from "zod";
import type { DiffHunk, getRunbookDiff } from "../contract/published.ts";
import { section } from "./output.ts";

type Diff = z.infer<(typeof getRunbookDiff)["reply"]>;

export function diffLines({ id, from, to, document, sidecar, steps }: Diff): readonly string[] {
  const moved = steps.filter(({ change }) => change !== "same");
  return [
    from === null
      ? `${id}: version ${to.version} is the first.`
      : `${id}: version ${from.version} → ${to.version}`,
    ...section("Steps", moved.map(stepLine)),
    ...section("Document", document.flatMap(hunkLines)),
    ...section("Sidecar", sidecar.flatMap(hunkLines)),
    ...(document.length + sidecar.length === 0 ? ["Not a line differs."] : []),
  ];
}

function stepLine({ change, before, after }: Diff["steps"][number]): string {
  if (change === "changed") return `changed: ${before?.text ?? ""} → ${after?.text ?? ""}`;
  return `${change}: ${(after ?? before)?.text ?? ""}`;
}

const hunkLines = ({ before, after, lines }: DiffHunk): readonly string[] => [
  `@@ line ${before} → ${after} @@`,
  ...lines.map(({ mark, text }) => `${mark}${text}`),
];
