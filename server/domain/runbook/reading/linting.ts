/** What every rule of the linter is given, and how it speaks. */
import type { Root } from "mdast";
import type { RunbookDocument, RunbookFinding } from "../../../../contract/runbook.ts";
import type { FindingCode } from "./codes.ts";
import type { FrontMatter } from "./frontMatter.ts";
import type { Section } from "./outline.ts";
import type { PolicyRead } from "./policy.ts";
import type { Source, Span } from "./source.ts";

export type LintInput = {
  readonly source: Source;
  readonly top: Section;
  readonly root: Root;
  readonly front: FrontMatter | null;
  readonly document: RunbookDocument;
  readonly policy: PolicyRead;
  readonly isSkill: boolean;
  /** It tells what happened: nobody will run or review it. */
  readonly isReport: boolean;
};

/** Puts a finding at a place of the document. */
export type Say = (
  code: FindingCode,
  at:
    | Span
    | {
        readonly evidence: { readonly range: RunbookFinding["range"]; readonly quote: string };
        readonly line: number;
      },
  params?: Readonly<Record<string, string | number>>,
) => void;
