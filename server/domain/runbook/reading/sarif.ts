/** Findings as SARIF 2.1.0, which code hosts show beside the lines that they are about. */
import type { RunbookDocument, RunbookFinding } from "../../../../contract/runbook.ts";
import { fingerprintsOf } from "./baseline.ts";
import { PARSER_VERSION } from "./refused.ts";
import { type FindingCode, levelOf, RULES } from "./codes.ts";

const LEVELS = { error: "error", warning: "warning", info: "note" } as const;
const HELP = "docs/lint.md";

export function toSarif(documents: readonly Pick<RunbookDocument, "path" | "findings">[]): {
  readonly $schema: string;
  readonly version: "2.1.0";
  readonly runs: readonly object[];
} {
  const codes = Object.keys(RULES) as FindingCode[];
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "Tocsin",
            version: PARSER_VERSION,
            rules: codes.map((code) => {
              const { name, says, why, remedy } = RULES[code];
              return {
                id: code,
                name: camel(name),
                shortDescription: { text: says.replaceAll("{", "‹").replaceAll("}", "›") },
                fullDescription: { text: why },
                help: { text: `${remedy} More: ${HELP}, ${code}.` },
                defaultConfiguration: { level: LEVELS[levelOf(code)] },
              };
            }),
          },
        },
        columnKind: "utf16CodeUnits",
        results: documents.flatMap(({ path, findings }) => {
          const fingerprints = fingerprintsOf(path, findings);
          return findings.map((one, index) => ({
            ruleId: one.code,
            ruleIndex: codes.indexOf(one.code as FindingCode),
            level: LEVELS[one.level],
            message: { text: one.message },
            locations: [{ physicalLocation: placeOf(path, one) }],
            partialFingerprints: { "tocsin/v1": fingerprints[index] ?? "" },
          }));
        }),
      },
    ],
  };
}

const placeOf = (path: string, { line, range }: RunbookFinding): object => ({
  artifactLocation: { uri: uriOf(path) },
  region: {
    startLine: line,
    byteOffset: range.startOffset,
    byteLength: range.endOffset - range.startOffset,
  },
});

const uriOf = (path: string): string =>
  path.replaceAll("\\", "/").split("/").map(encodeURIComponent).join("/");

const camel = (name: string): string =>
  name
    .split("-")
    .map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`)
    .join("");
