/** What is wrong with a document, or would hurt in an incident. Each rule looks and says; none changes anything. */
import type { RunbookFinding } from "../../../../contract/runbook.ts";
import { finding } from "./codes.ts";
import { lintCode } from "./lintCode.ts";
import { lintGraphs } from "./lintGraph.ts";
import { lintMetadata } from "./lintMetadata.ts";
import { lintPolicy } from "./lintPolicy.ts";
import { lintText } from "./lintText.ts";
import type { LintInput, Say } from "./linting.ts";
import { endOfLine, type Source, type Span } from "./source.ts";

const QUOTE = 500;

/** All findings, from the top of the document to its end. */
export function lint(input: LintInput): readonly RunbookFinding[] {
  const { source } = input;
  const found: RunbookFinding[] = [];
  const say: Say = (code, at, params = {}) => {
    const place =
      "evidence" in at
        ? { line: at.line, range: at.evidence.range, quote: at.evidence.quote }
        : spanPlace(source, at);
    if (
      found.some(
        (one) =>
          one.code === code &&
          one.range.startOffset === place.range.startOffset &&
          one.range.endOffset === place.range.endOffset &&
          code !== "W207" &&
          code !== "W208" &&
          code !== "W211" &&
          code !== "W307",
      )
    )
      return;
    found.push(finding(code, place, params));
  };
  for (const rules of [lintMetadata, lintPolicy, lintGraphs, lintText, lintCode]) rules(input, say);
  return found.toSorted(
    (a, b) => a.line - b.line || (a.code < b.code ? -1 : a.code > b.code ? 1 : 0),
  );
}

/** Quotes of findings are short: the range says where the rest is, and is cut with them. */
function spanPlace(
  source: Source,
  { start, end }: Span,
): Pick<RunbookFinding, "line" | "range" | "quote"> {
  // A long one is cut to its first line.
  let stop =
    end - start <= QUOTE ? end : Math.min(end, endOfLine(source.text, start), start + QUOTE);
  const last = source.text.charCodeAt(stop - 1);
  if (stop > start && last >= 0xd800 && last <= 0xdbff) stop--;
  return {
    line: source.lineAt(start),
    range: source.range(start, stop),
    quote: source.text.slice(start, stop),
  };
}
