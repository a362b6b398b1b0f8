import { expect, test } from "vitest";
import { toPdf } from "./markdownPdf.ts";

const MARKDOWN = `# Nachlese: Überlast

A **bold** word, \`code\` and [a link](https://example.org).

- first
- [ ] second
  - below

| when | what |
|---|---|
| 02:10 | <script>alert(1)</script> |

![a picture](file:///etc/passwd)

\`\`\`
line one
\`\`\`
`;

test("a document becomes pages, with its tables and lists, and nothing is fetched for it", async () => {
  const pages = Buffer.from(await toPdf({ title: "T", markdown: MARKDOWN, foot: "Draft" }));
  expect(pages.subarray(0, 5).toString()).toBe("%PDF-");
  expect(pages.length).toBeGreaterThan(5_000);
  expect(pages.toString("latin1")).not.toContain("/etc/passwd");
});

test("a long one has many pages", async () => {
  const rows = Array.from({ length: 400 }, (_, n) => `| ${n} | what happened ${n} |`).join("\n");
  const markdown = `# Long\n\n| at | what |\n|---|---|\n${rows}\n`;
  const pages = Buffer.from(await toPdf({ title: "T", markdown, foot: "Draft" })).toString(
    "latin1",
  );
  expect((pages.match(/\/Type \/Page\b/g) ?? []).length).toBeGreaterThan(5);
});
