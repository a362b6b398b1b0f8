/** Documents that mean harm: nothing of them runs, nothing of them holds up others, and they say so. */
import { existsSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { toSafeHtml } from "../../../base/safeMarkdown.ts";
import { MAX_BYTES, MAX_DEPTH } from "./limits.ts";
import { readRunbook } from "./read.ts";
import { openReader } from "./safely.ts";

const bytes = (text: string): Buffer => Buffer.from(text, "utf8");
const read = (text: string) => readRunbook("hostile.md", bytes(text));
const TRAP = join(mkdtempSync(join(tmpdir(), "tocsin-trap-")), "sprung");

const TRAPS: readonly (readonly [what: string, text: string])[] = [
  ["a fence in a language of a shell", `\`\`\`sh\ntouch ${TRAP}\n\`\`\`\n`],
  ["a fence that names Tocsin", `\`\`\`tocsin run\ntouch ${TRAP}\n\`\`\`\n`],
  [
    "a fence with attributes to run it",
    `\`\`\`bash {"run": true, "auto": true}\ntouch ${TRAP}\n\`\`\`\n`,
  ],
  ["a fence of JavaScript", `\`\`\`js\nrequire("fs").writeFileSync("${TRAP}", "")\n\`\`\`\n`],
  ["a link of a scheme of its own", `[run](tocsin:run?command=touch%20${TRAP})\n`],
  ["a link of JavaScript", `[run](javascript:require('fs').writeFileSync('${TRAP}',''))\n`],
  ["a link to a file", `![x](file://${TRAP})\n`],
  ["a comment", `<!-- tocsin: run touch ${TRAP} -->\n`],
  ["a directive", `:::act{run="touch ${TRAP}"}\n:::\n`],
  ["a leaf directive", `::run[touch ${TRAP}]\n`],
  [
    "front matter with a tag of a language",
    `---\nrun: !!js/function "function(){ require('fs').writeFileSync('${TRAP}','') }"\n---\n`,
  ],
  [
    "front matter that sets a prototype",
    `---\n__proto__:\n  polluted: yes\nconstructor:\n  prototype:\n    polluted: yes\n---\n`,
  ],
  [
    "front matter with a sidecar in it",
    `---\nbindings:\n  - step: all\n    action: shell\n    mode: auto\n---\n`,
  ],
  ["front matter of nested keys", `---\na: ${"? ".repeat(4000)}\nb: ${"[".repeat(4000)}\n---\n`],
  [
    "front matter that unfolds",
    `---\na: &a [x, x]\nb: &b [*a, *a, *a]\nc: &c [*b, *b, *b]\nd: [*c, *c, *c]\n---\n`,
  ],
  ["TOML that sets a prototype", `+++\n__proto__ = { polluted = true }\n+++\n`],
  ["a template", `{{ constructor.constructor("return process")().exit(7) }} \${process.exit(7)}\n`],
  ["a script", `<script>process.exit(7)</script><img src=x onerror="process.exit(7)">\n`],
  ["a flowchart that calls", "```mermaid\ngraph TD\nA-->B\nclick A call alert()\n```\n"],
];

describe.each(TRAPS)("%s", (_, trap) => {
  const text = `${trap}\n# Trap\n\n## Step 1: Do it\n\n- Run \`touch ${TRAP}\` now.\n\n${trap}`;
  const document = read(text);

  test("causes nothing to run and grants nothing", () => {
    expect(existsSync(TRAP)).toBe(false);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    for (const { phases } of document.plans)
      for (const { steps } of phases)
        for (const step of steps)
          expect(
            Object.keys(step).filter((key) => /binding|action|auto|mode|run/i.test(key)),
          ).toEqual([]);
  });

  test("is shown as words, without anything that a browser would run", () => {
    const html = toSafeHtml(text);
    expect(html).not.toMatch(/<(?:script|iframe|object|embed|style|form|svg|base|meta)\b/i);
    expect(html).not.toMatch(/<[^>]*\son[a-z]+\s*=/i);
    expect(html).not.toMatch(
      /(?:href|src)\s*=\s*["']?\s*(?:javascript|data|file|vbscript|tocsin):/i,
    );
  });
});

test("nothing that reads documents can start a process, open a file or reach the network", () => {
  const folder = fileURLToPath(new URL(".", import.meta.url));
  const files = readdirSync(folder).filter(
    (name) => /(?<!\.test)\.ts$/.test(name) && !name.endsWith(".test.ts"),
  );
  const imported = files.flatMap((name) =>
    [...readFileSync(join(folder, name), "utf8").matchAll(/from "([^".][^"]*)"/g)].map(
      ([, module]) => `${name}: ${module}`,
    ),
  );
  const node = imported.filter((line) => line.includes("node:")).toSorted();
  expect(node).toEqual(["readWorker.ts: node:worker_threads", "source.ts: node:crypto"]);
  const text = files.map((name) => readFileSync(join(folder, name), "utf8")).join("\n");
  expect(text).not.toMatch(/\beval\(|new Function\(|\bFunction\(|\bimport\(/);
});

describe("limits", () => {
  test("more than a megabyte is refused by a finding, before parsing", () => {
    const document = readRunbook("large.md", Buffer.alloc(MAX_BYTES + 1, "*a "));
    expect(document.findings).toMatchObject([{ code: "E001", level: "error" }]);
    expect(document).toMatchObject({ kind: "reference", plans: [], sections: [] });
  });

  for (const [what, text] of [
    ["quotes", `${"> ".repeat(MAX_DEPTH + 1)}deep\n`],
    ["quotes without blanks", `${">".repeat(5000)}deep\n`],
    ["lists on one line", `${"- ".repeat(MAX_DEPTH + 1)}deep\n`],
    [
      "lists on many lines",
      Array.from({ length: 120 }, (_, at) => `${"  ".repeat(at)}- a`).join("\n"),
    ],
    [
      "numbered lists",
      Array.from({ length: 120 }, (_, at) => `${"   ".repeat(at)}1. a`).join("\n"),
    ],
    ["lists by tabs", Array.from({ length: 120 }, (_, at) => `${"\t".repeat(at)}* a`).join("\n")],
  ] as const)
    test(`${what} more than a hundred levels deep are refused by a finding`, () => {
      expect(read(text).findings).toMatchObject([{ code: "E002", level: "error" }]);
    });

  test("a hundred items below each other are not deep", () => {
    expect(
      read("# T\n\n## Steps\n\n1. Restart it\n".concat("1. Restart it\n".repeat(200))).kind,
    ).toBe("procedure");
  });

  test("what is no UTF-8 is refused by a finding", () => {
    expect(readRunbook("a.md", Buffer.from([0xff, 0xfe, 0x23, 0x00])).findings[0]?.code).toBe(
      "E003",
    );
  });
});

describe("documents that keep a parser busy", () => {
  const reader = openReader({ timeoutMs: 1000, memoryMb: 256 });
  afterAll(() => reader.close());

  test("are stopped, and the next one is read by a new thread", { timeout: 60_000 }, async () => {
    const slow = [
      "*a _b ".repeat(100_000),
      "[".repeat(100_000),
      "![[]()".repeat(50_000),
      "`a``".repeat(100_000),
      `|${"a|".repeat(30_000)}\n|${"-|".repeat(30_000)}\n${`|${"b|".repeat(300)}\n`.repeat(100)}`,
      "<a ".repeat(100_000),
      "**a".repeat(200_000),
    ];
    const documents = await Promise.all(
      slow.map((text, at) => reader.read(`${at}.md`, bytes(text))),
    );
    for (const { findings, sha256 } of documents) {
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(findings.length).toBeGreaterThan(0);
    }
    expect(documents.some(({ findings }) => findings[0]?.code === "E004")).toBe(true);
    const next = await reader.read("next.md", bytes("# T\n\n## Steps\n\n1. Restart it\n"));
    expect(next.plans).toHaveLength(1);
  });
});
