/** docs/errors.md is made from the catalogue of refusals and must not fall behind it. */
import { readFile, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { REFUSALS } from "../contract/refusals.ts";

const FILE = new URL("../docs/errors.md", import.meta.url);
const REGENERATE = "TOCSIN_WRITE_DOCS=1 npx vitest run test/errorsDocs.test.ts";

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

function page(): string {
  const nouns = new Map<string, [code: string, status: number, text: string][]>();
  for (const [code, [status, text]] of Object.entries(REFUSALS)) {
    const noun = code.slice(0, code.indexOf("."));
    nouns.set(noun, [...(nouns.get(noun) ?? []), [code, status, text]]);
  }
  const tables = [...nouns].map(([noun, rows]) =>
    [
      `## ${noun}`,
      "",
      "| code | status | says |",
      "|---|---|---|",
      ...rows.map(([code, status, text]) => `| \`${code}\` | ${status} | ${cell(text)} |`),
    ].join("\n"),
  );
  return `${INTRODUCTION}\n\n${tables.join("\n\n")}\n`;
}

const INTRODUCTION = `# Errors

<!-- Made from contract/refusals.ts: ${REGENERATE} -->

Whatever Tocsin refuses, it refuses with a stable code, the parameters of the case and one sentence.
Over HTTP that is \`application/problem+json\` (RFC 9457):

\`\`\`json
{
  "type": "https://tocsin.invalid/errors/incident.not_found",
  "title": "incident not found",
  "status": 404,
  "detail": "There is no incident INC-7 that you may see.",
  "code": "incident.not_found",
  "params": { "id": "INC-7" },
  "requestId": "5f0c…"
}
\`\`\`

Programs look at \`code\`, which does not change; \`detail\` is for people and may be worded better one day.
\`requestId\` stands in the log beside whatever happened. \`/v2/enqueue\` answers a bad event in PagerDuty's
own shape instead, because its clients expect that. What stands in braces is filled in.`;

test("docs/errors.md shows every refusal as the catalogue has it", async () => {
  if (process.env["TOCSIN_WRITE_DOCS"] === "1") await writeFile(FILE, page());
  const written = await readFile(FILE, "utf8").catch(() => "");
  expect(written, `docs/errors.md is stale. Write it again: ${REGENERATE}`).toBe(page());
});

test("a code names its noun, its status is an error's, its words end as a sentence", () => {
  for (const [code, [status, text]] of Object.entries(REFUSALS)) {
    expect(code).toMatch(/^[a-z_]+\.[a-z_]+$/);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
    expect(text, code).toMatch(/[.?!)}]$/);
  }
});
