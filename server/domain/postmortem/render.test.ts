import { expect, test } from "vitest";
import { toHtmlPage } from "./documentPage.ts";
import { renderPage } from "./render.ts";

const documentOf = (body: string) => ({
  title: "Postmortem of INC-1: x",
  standing: "Draft",
  sections: [{ key: "lessons" as const, body }],
});

test("the thread renders what the renderer renders", async () => {
  const document = documentOf("**bold** <script>x</script>");
  expect(await renderPage(document)).toBe(toHtmlPage(document));
});

for (const [promise, body] of [
  ["keeps the parser busy for minutes", "*a_ ".repeat(25_000)],
  ["breaks the renderer", null as unknown as string],
] as const) {
  test(`what ${promise} ends its thread and nothing else`, async () => {
    expect(await renderPage(documentOf(body), { timeoutMs: 1_500, memoryMb: 256 })).toBeNull();
  });
}
