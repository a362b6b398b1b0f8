/** Reads a sidecar strictly; what is wrong with it is said with its line, and then it grants nothing. */
import { expectationsOf, pathText } from "../../../contract/expected.ts";
import type { PublishFinding } from "../../../contract/published.ts";
import { Sidecar } from "../../../contract/sidecar.ts";
import type { ConfigFinding } from "../../../contract/configuration.ts";
import { readTree } from "../config/files.ts";
import { literalSecrets } from "../config/secrets.ts";

export type ReadSidecar = {
  /** Null where it cannot be read as one. */
  readonly sidecar: Sidecar | null;
  readonly findings: readonly PublishFinding[];
  /** The line of a field, by its path: "bindings.0". */
  readonly lineOf: (path: string) => number;
};

/** The file beside a document: "runbooks/a.md" → "runbooks/a.tocsin.yaml". */
export const sidecarPath = (document: string): string =>
  `${document.replace(/\.(md|markdown)$/i, "")}.tocsin.yaml`;

/** What a sidecar answers of what its document leaves open: the document alone cannot name a calendar. */
export const answeredBy = (sidecar: Sidecar): readonly string[] =>
  sidecar.calendar === undefined ? [] : ["W202"];

/** What holds where there is no sidecar: everything is manual and nothing is replaced. */
export const NO_SIDECAR: Sidecar = Sidecar.parse({ tocsin: 1 });

export function readSidecar(text: string, file: string): ReadSidecar {
  const problems: ConfigFinding[] = [];
  const tree = readTree({ path: file, text }, problems);
  const lineOf = (path: string): number => {
    for (let at = path; at !== ""; at = at.slice(0, Math.max(0, at.lastIndexOf("."))))
      if (tree?.lines.has(at) === true) return tree.lines.get(at) ?? 1;
    return 1;
  };
  const finding = (line: number, message: string): PublishFinding => ({
    code: "sidecar",
    level: "error",
    file,
    line,
    message,
  });
  const unreadable = problems.map(({ source, path, message }) =>
    finding(source?.line ?? 1, `${path === "" ? "" : `${path}: `}${message}`),
  );
  if (tree === null || unreadable.length > 0)
    return { sidecar: null, findings: unreadable, lineOf };
  const secrets = literalSecrets(tree.value).map((path) =>
    finding(lineOf(pathText(path)), `${pathText(path)}: a secret never stands here`),
  );
  const read = Sidecar.safeParse(tree.value);
  if (read.success && secrets.length === 0) return { sidecar: read.data, findings: [], lineOf };
  const wrong = (read.success ? [] : expectationsOf(Sidecar, read.error)).map(
    ({ path, expected }) => finding(lineOf(pathText(path)), `${pathText(path)}: ${expected}`),
  );
  return { sidecar: null, findings: [...secrets, ...wrong], lineOf };
}
