/** docs/lint.md is made from the rules and must not fall behind them. */
import { readFile, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { type FindingCode, levelOf, RULES } from "../server/domain/runbook/reading/codes.ts";

const FILE = new URL("../docs/lint.md", import.meta.url);
const REGENERATE = "TOCSIN_WRITE_DOCS=1 npx vitest run test/lintDocs.test.ts";

const INTRODUCTION = `# What is checked in a runbook document

<!-- Made from server/domain/runbook/reading/codes.ts: ${REGENERATE} -->

\`./bin/tocsin runbook lint FILE…\` reads documents and tells what is wrong with them; the web and
\`POST /v1/runbooks/lint\` tell the same. Nothing is changed and nothing is run. Codes do not change:
a code is never used for something else. E are errors, W warnings, I notes. No rule asks for a section
to exist because somebody decreed it.

In a pipeline:

\`\`\`
./bin/tocsin runbook lint runbooks/*.md --format sarif > runbooks.sarif
\`\`\`

It exits with 1 when there is an error (\`--fail-on warning\` is stricter, \`never\` only tells), and with 2 when
a file cannot be read. What a team knows and accepts goes into a file:

\`\`\`
./bin/tocsin runbook lint runbooks/*.md --write-baseline lint.json
./bin/tocsin runbook lint runbooks/*.md --baseline lint.json
\`\`\`

A sidecar beside a document (\`name.tocsin.yaml\`) answers what only it can name, such as a calendar.
A finding is recognised by its code, its document and the words it is about, so lines may move. What stands
in ‹ › below is filled in.`;

const shown = (text: string): string => text.replaceAll("{", "‹").replaceAll("}", "›");

const page = (): string => {
  const sections = Object.entries(RULES).map(([code, { name, says, why, remedy }]) =>
    [
      `## ${code}: ${name.replaceAll("-", " ")}`,
      "",
      `*${levelOf(code as FindingCode)}* · ${shown(says)}`,
      "",
      `Why: ${why}`,
      "",
      `Remedy: ${remedy}`,
    ].join("\n"),
  );
  return `${INTRODUCTION}\n\n${sections.join("\n\n")}\n`;
};

test("docs/lint.md tells every code with its reason and its remedy", async () => {
  if (process.env["TOCSIN_WRITE_DOCS"] === "1") await writeFile(FILE, page());
  const written = await readFile(FILE, "utf8").catch(() => "");
  expect(written, `docs/lint.md is stale. Write it again: ${REGENERATE}`).toBe(page());
});

test("a code's letter is its level; names are unique; every sentence ends", () => {
  const names = Object.values(RULES).map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const [code, { says, why, remedy }] of Object.entries(RULES)) {
    expect(code).toMatch(/^[EWI]\d{3}$/);
    for (const text of [says, why, remedy]) expect(text, code).toMatch(/[.?!}]$/);
  }
});
