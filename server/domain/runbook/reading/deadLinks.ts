/** Links to files: whether those are there, only whoever has the folder can tell. */
import type { RunbookDocument } from "../../../../contract/runbook.ts";
import { finding } from "./codes.ts";

/** The paths that a document's links name, relative to its folder, without those into itself. */
export const filesLinked = (document: RunbookDocument): readonly string[] => [
  ...new Set(
    document.links
      .map(({ target }) => fileOf(target))
      // What begins with a slash is a place on some site, and templates are filled in by a site's builder.
      .filter((file) => file !== "" && !/^\/|[{}<>]/.test(file)),
  ),
];

/** The document with a finding for each link to a file that is missing. */
export function withDeadLinks(
  document: RunbookDocument,
  missing: ReadonlySet<string>,
): RunbookDocument {
  const dead = document.links.filter(({ target }) => missing.has(fileOf(target)));
  if (dead.length === 0) return document;
  const findings = [
    ...document.findings,
    ...dead.map((link) => finding("W402", link, { target: link.target })),
  ];
  return {
    ...document,
    findings: findings.toSorted(
      (a, b) => a.line - b.line || (a.code < b.code ? -1 : a.code > b.code ? 1 : 0),
    ),
  };
}

/** Without the place in it, and with its letters as they are on a disk. */
function fileOf(target: string): string {
  const path = target.replace(/[?#].*$/s, "");
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
