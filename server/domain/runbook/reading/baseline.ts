/**
 * Findings that a team knows and accepts. A finding is recognised by its code, the document and the words
 * it is about, so that lines may move; two of the same words are told apart by their order.
 */
import { z } from "zod";
import type { RunbookDocument, RunbookFinding } from "../../../../contract/runbook.ts";
import { sha256, squeeze } from "./source.ts";

export const Baseline = z.strictObject({
  version: z.literal(1),
  accepted: z.array(
    z.strictObject({
      code: z.string(),
      path: z.string(),
      /** For whoever reads the file; nothing is compared with it. */
      message: z.string(),
      fingerprint: z.string(),
    }),
  ),
});
export type Baseline = z.infer<typeof Baseline>;

type Linted = Pick<RunbookDocument, "path" | "findings">;

/** One for each finding, in their order. */
export function fingerprintsOf(
  path: string,
  findings: readonly RunbookFinding[],
): readonly string[] {
  const counts = new Map<string, number>();
  return findings.map(({ code, quote, message }) => {
    const words = code.startsWith("E00") && quote === "" ? message : quote;
    const key = `${code}\n${normal(path)}\n${squeeze(words)}`;
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return sha256(`${key}\n${count}`).slice(0, 32);
  });
}

const normal = (path: string): string => path.replaceAll("\\", "/").replace(/^(?:\.\/)+/, "");

export const baselineOf = (documents: readonly Linted[]): Baseline => ({
  version: 1,
  accepted: documents.flatMap(({ path, findings }) => {
    const fingerprints = fingerprintsOf(path, findings);
    return findings.map(({ code, message }, index) => ({
      code,
      path: normal(path),
      message,
      fingerprint: fingerprints[index] ?? "",
    }));
  }),
});

/** The document with only those findings that nobody accepted, and how many were. */
export function withoutAccepted<D extends Linted>(
  document: D,
  baseline: Baseline,
): { readonly document: D; readonly accepted: number } {
  const known = new Set(baseline.accepted.map(({ fingerprint }) => fingerprint));
  const fingerprints = fingerprintsOf(document.path, document.findings);
  const findings = document.findings.filter((_, index) => !known.has(fingerprints[index] ?? ""));
  return {
    document: { ...document, findings },
    accepted: document.findings.length - findings.length,
  };
}
