/** What is said of a document that was not read. Without the parser, which only the threads load. */
import type { RunbookDocument, RunbookFinding } from "../../../../contract/runbook.ts";
import { finding } from "./codes.ts";
import { MAX_BYTES } from "./limits.ts";
import { sha256 } from "./source.ts";

/** Part of a plan's digest: two versions may read the same document differently. */
export const PARSER_VERSION = "2";

/** The refusal of a document with more bytes than are read; null where it has fewer. */
export function tooLarge(path: string, bytes: Uint8Array): RunbookDocument | null {
  if (bytes.byteLength <= MAX_BYTES) return null;
  return refused(path, bytes, "E001", 1, { size: bytes.byteLength, limit: MAX_BYTES });
}

/** A document about which nothing is known but a finding: it was too large, too deep, or took too long. */
export function refused(
  path: string,
  bytes: Uint8Array,
  code: "E001" | "E002" | "E003" | "E004",
  line: number,
  params: Readonly<Record<string, string | number>>,
): RunbookDocument {
  const at = { startOffset: 0, endOffset: 0 };
  const problem: RunbookFinding = finding(code, { line, range: at, quote: "" }, params);
  return {
    path,
    sha256: sha256(bytes),
    parser: PARSER_VERSION,
    kind: "reference",
    reason: `it was not read: ${problem.message}`,
    confidence: "certain",
    title: bareName(path),
    metadata: {
      forms: [],
      title: null,
      owner: null,
      status: null,
      version: null,
      lastReviewed: null,
      lastUpdated: null,
      entries: [],
    },
    sections: [],
    plans: [],
    checklists: [],
    policy: { severities: [], triggers: [], retention: [] },
    forms: [],
    records: [],
    inputs: [],
    escalation: [],
    graphs: [],
    graph: null,
    followUps: [],
    links: [],
    findings: [problem],
  };
}

export const bareName = (path: string): string =>
  nameOf(path).replace(/(?:\.[a-z]{1,8}){1,3}$/i, "") || "document";

export const nameOf = (path: string): string => path.replace(/^.*[/\\]/, "");
