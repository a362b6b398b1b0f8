/** docs/tools.md is made from the adapters and must not fall behind them. */
import { readFile, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { toolOf } from "../server/app/intakeTools.ts";
import { ADAPTER_LIST } from "../server/edge/inbound/index.ts";

const FILE = new URL("../docs/tools.md", import.meta.url);
const REGENERATE = "TOCSIN_WRITE_DOCS=1 npx vitest run test/toolsDocs.test.ts";
const INTRODUCTION = `# Tools that can send to Tocsin

Made from the adapters themselves (\`server/edge/inbound/\`); \`GET /v1/intake/tools\` tells the same. \`{key}\` in an address is the
secret of an intake key. \`POST /v1/intake/tools/{tool}/sample\` with \`{"key": "…"}\` (the key's id) sends a sample, and
\`./bin/tocsin intake try FILE\` shows what a payload would become.`;

function page(): string {
  const tools = ADAPTER_LIST.map((adapter) => toolOf(adapter, ""));
  const sections = tools.map((tool) => {
    const severities = Object.entries(tool.severities).map(([word, ours]) => `${word} → ${ours}`);
    return [
      `## ${tool.name}`,
      "",
      `\`POST ${tool.url}\` · ${tool.docs}`,
      ...(tool.steps.length === 0
        ? []
        : ["", ...tool.steps.map((step, at) => `${at + 1}. ${step}`)]),
      ...(severities.length === 0 ? [] : ["", `Severities: ${severities.join(", ")}.`]),
      ...(tool.signs
        ? ["", "It signs what it sends: name its secret in `signedWith` of the key."]
        : []),
    ].join("\n");
  });
  return `${INTRODUCTION}\n\n${sections.join("\n\n")}\n`;
}

test("docs/tools.md says what the adapters say", async () => {
  if (process.env["TOCSIN_WRITE_DOCS"] !== undefined) await writeFile(FILE, page());
  expect(await readFile(FILE, "utf8"), REGENERATE).toBe(page());
});
