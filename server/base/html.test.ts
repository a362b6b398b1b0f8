import { expect, test } from "vitest";
import { escapeHtml, type Html, html, safeHref } from "./html.ts";

test("escapes every value, in text and in attributes", () => {
  const evil = `"><script>alert('x')</script>&`;
  expect(html`<a title="${evil}">${evil}</a>`.toString()).toBe(
    `<a title="${escapeHtml(evil)}">${escapeHtml(evil)}</a>`,
  );
  expect(escapeHtml(evil)).toBe("&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;");
});

test("takes its own markup as it is, lists joined, null as nothing", () => {
  const items = ["a", "<b>"].map((text) => html`<li>${text}</li>`);
  const [list, count] = [html`${items}${null}`, html`${items.length}`];
  expect([list, count].join(" ")).toBe("<li>a</li><li>&lt;b&gt;</li> 2");
});

test("an object that only looks like markup is not trusted", () => {
  const forged = { toString: () => "<script>" } as unknown as Html;
  expect(() => html`${forged}`.toString()).toThrow();
});

for (const [url, href] of [
  ["https://tocsin.example/a?b=1", "https://tocsin.example/a?b=1"],
  ["mailto:a@example.org", "mailto:a@example.org"],
  ["javascript:alert(1)", "#"],
  [" JavaScript:alert(1)", "#"],
  ["data:text/html,x", "#"],
  ["/relative", "#"],
] as const) {
  test(`safeHref(${JSON.stringify(url)}) is ${href}`, () => expect(safeHref(url)).toBe(href));
}
