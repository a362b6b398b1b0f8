/** docs/tools.md is made from the adapters and must not fall behind them. */
import { readdirSync, readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { toolOf } from "../server/app/intakeTools.ts";
import { CHANGE_ADAPTERS } from "../server/edge/inbound/change.ts";
import { ADAPTER_LIST, ADAPTERS } from "../server/edge/inbound/index.ts";
import { MONITORING_ADAPTERS } from "../server/edge/inbound/monitoring.ts";

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
      ...(tool.tokensOf === null
        ? []
        : [
            "",
            `It can carry tokens of ${tool.tokensOf}: describe them in \`signedBy\` of the key.`,
          ]),
      ...(tool.signs
        ? [
            "",
            "It proves itself by a secret: name that, as `env:NAME`, in `signedWith` of the key.",
          ]
        : []),
    ].join("\n");
  });
  return `${INTRODUCTION}\n\n${sections.join("\n\n")}\n`;
}

test("docs/tools.md says what the adapters say", async () => {
  if (process.env["TOCSIN_WRITE_DOCS"] !== undefined) await writeFile(FILE, page());
  expect(await readFile(FILE, "utf8"), REGENERATE).toBe(page());
});

const COMPARED = new URL("../docs/compared.md", import.meta.url);
/** From here on tools stand by their ids, and their forms are counted. */
const COUNTED = "\n## Monitoring\n";
const INBOUND = new URL("../server/edge/inbound/", import.meta.url);

/** How many forms of each tool are kept: our samples and our variants. */
function formsOf(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const count = (tool: string, times: number): void => {
    counts.set(tool, (counts.get(tool) ?? 0) + times);
  };
  const read = (path: string): Record<string, unknown> =>
    JSON.parse(readFileSync(new URL(path, INBOUND), "utf8")) as Record<string, unknown>;
  for (const name of readdirSync(new URL("golden/", INBOUND))) {
    if (!name.endsWith(".expected.json")) continue;
    for (const [sample, become] of Object.entries(read(`golden/${name}`)))
      if (!sample.includes("/")) count((become as { readonly tool: string }).tool, 1);
  }
  for (const name of readdirSync(new URL("variants/", INBOUND)))
    for (const [tool, rows] of Object.entries(read(`variants/${name}`)))
      count(tool, (rows as readonly unknown[]).length);
  return counts;
}

test("docs/compared.md tells of every tool that monitors or changes, and counts what is kept of it", async () => {
  const forms = formsOf();
  const whole = await readFile(COMPARED, "utf8");
  const [others, text] = [
    whole.slice(0, whole.indexOf(COUNTED)),
    whole.slice(whole.indexOf(COUNTED)),
  ];
  const rows = [...text.matchAll(/^\| ([a-z0-9-]+) \| .* \| \d+ \| .* \|$/gm)].map(([, id]) => id!);
  expect(rows.filter((id) => id !== "tool" && !ADAPTERS.has(id))).toEqual([]);
  const asked = [...MONITORING_ADAPTERS, ...CHANGE_ADAPTERS].map(({ about }) => about.id);
  expect(asked.filter((id) => !rows.includes(id))).toEqual([]);
  const counted = text.replaceAll(
    /^(\| ([a-z0-9-]+) \| .* \| )\d+( \| .* \|)$/gm,
    (_, before: string, id: string, after: string) => `${before}${forms.get(id) ?? 0}${after}`,
  );
  if (process.env["TOCSIN_WRITE_DOCS"] !== undefined) await writeFile(COMPARED, others + counted);
  expect(await readFile(COMPARED, "utf8"), REGENERATE).toBe(others + counted);
});
