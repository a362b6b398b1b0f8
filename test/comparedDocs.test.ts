/**
 * docs/compared.md says of each adapter what its reading was compared with, how many forms are kept as
 * rows, and what is known not to be covered. Its part on security, data, cost and intelligence is made from
 * server/edge/inbound/compared/, one file for each list, and must not fall behind them.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { COST_ADAPTERS } from "../server/edge/inbound/cost.ts";
import { DATA_ADAPTERS } from "../server/edge/inbound/data.ts";
import { INTELLIGENCE_ADAPTERS } from "../server/edge/inbound/intelligence.ts";
import { SECURITY_ADAPTERS } from "../server/edge/inbound/security.ts";

const INBOUND = new URL("../server/edge/inbound/", import.meta.url);
const FILE = new URL("../docs/compared.md", import.meta.url);
const REGENERATE = "TOCSIN_WRITE_DOCS=1 npx vitest run test/comparedDocs.test.ts";
/** From here on the rows are written by hand; test/toolsDocs.test.ts counts their forms. */
const BY_HAND = "\n## Monitoring\n";
const LISTS = {
  security: SECURITY_ADAPTERS,
  data: DATA_ADAPTERS,
  cost: COST_ADAPTERS,
  intelligence: INTELLIGENCE_ADAPTERS,
};
type List = keyof typeof LISTS;
type Compared = { readonly with: string; readonly open: string };

const read = (path: string): unknown => JSON.parse(readFileSync(new URL(path, INBOUND), "utf8"));
const comparedOf = (list: List): Readonly<Record<string, Compared>> =>
  existsSync(new URL(`compared/${list}.json`, INBOUND))
    ? (read(`compared/${list}.json`) as Record<string, Compared>)
    : {};
const lists = (Object.keys(LISTS) as List[]).filter(
  (list) => Object.keys(comparedOf(list)).length > 0,
);

/** The samples of its own and the rows of variants/, by the tool that they become. */
function formsOf(): ReadonlyMap<string, number> {
  const forms = new Map<string, number>();
  const count = (tool: string, more: number): void => {
    forms.set(tool, (forms.get(tool) ?? 0) + more);
  };
  for (const file of readdirSync(new URL("variants/", INBOUND))) {
    const rows = read(`variants/${file}`) as Record<string, readonly unknown[]>;
    for (const [tool, list] of Object.entries(rows)) count(tool, list.length);
  }
  for (const file of readdirSync(new URL("golden/", INBOUND))) {
    if (!file.endsWith(".expected.json")) continue;
    const expected = read(`golden/${file}`) as Record<string, { readonly tool: string }>;
    for (const { tool } of Object.values(expected)) count(tool, 1);
  }
  return forms;
}

function page(): string {
  const forms = formsOf();
  const sections = lists.map((list) => {
    const compared = comparedOf(list);
    const rows = LISTS[list].map(({ about }) => {
      const row = compared[about.id];
      return `| ${about.name} | ${row?.with ?? ""} | ${forms.get(about.id) ?? 0} | ${row?.open ?? ""} |`;
    });
    const head = "| tool | compared with | forms kept | not covered |\n|---|---|---|---|";
    return `## ${list[0]!.toUpperCase()}${list.slice(1)}\n\n${head}\n${rows.join("\n")}`;
  });
  return `# What the adapters were compared with

Every adapter names the vendor's page that it follows (docs/tools.md). This table says what its reading was compared with beside
that page, by eye, how many forms of it are kept as expectations (\`golden/\`, \`variants/\` and the corpus beside the project), and
what is known not to be covered: such a body is still accepted, read by its usual names, and says that nobody knew it.

${sections.join("\n\n")}
`;
}

test("docs/compared.md says what was compared", async () => {
  const whole = await readFile(FILE, "utf8");
  const others = whole.slice(whole.indexOf(BY_HAND));
  if (process.env["TOCSIN_WRITE_DOCS"] !== undefined) await writeFile(FILE, page() + others);
  expect(await readFile(FILE, "utf8"), REGENERATE).toBe(page() + others);
});

test("every adapter of a list that was compared has its row, and every row its adapter", () => {
  for (const list of lists) {
    const ids = LISTS[list].map(({ about }) => about.id);
    expect(Object.keys(comparedOf(list)).toSorted()).toEqual(ids.toSorted());
  }
});
