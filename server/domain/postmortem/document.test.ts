import fc from "fast-check";
import remarkGfm from "remark-gfm";
import remarkParse from "remark-parse";
import { unified } from "unified";
import { describe, expect, test } from "vitest";
import { SECTION_KEYS, SECTION_TITLES } from "../../../contract/postmortem.ts";
import { toMarkdown } from "./document.ts";
import { toHtmlPage } from "./documentPage.ts";
import { plain, table } from "./markdown.ts";

type Node = { type: string; value?: string; children?: Node[] };

const parse = (markdown: string): Node =>
  unified().use(remarkParse).use(remarkGfm).parse(markdown) as Node;
const textOf = (node: Node): string => node.value ?? (node.children ?? []).map(textOf).join("");
const typesIn = (node: Node): string[] => [node.type, ...(node.children ?? []).flatMap(typesIn)];

const page = (body: string): string =>
  toHtmlPage({ title: "T", standing: "Draft", sections: [{ key: "summary", body }] });

describe("Markdown", () => {
  test("the document has a title and nine numbered headings in order, bodies untouched", () => {
    const sections = SECTION_KEYS.map((key) => ({ key, body: `*body* of ${key}\n` }));
    const text = toMarkdown({ title: "Postmortem of INC-1: a_b <x>", standing: "Draft", sections });
    const headings = text.split("\n").filter((line) => line.startsWith("## "));
    expect(headings).toEqual(
      SECTION_KEYS.map((key, index) => `## ${index + 1}. ${SECTION_TITLES[key]}`),
    );
    expect(text.startsWith("# Postmortem of INC-1: a_b \\<x>\n\nDraft\n")).toBe(true);
    expect(text).toContain("\n\n*body* of impact\n\n");
  });

  test("a fact in a table cell is shown exactly as it is and never becomes markup", () => {
    const nasty = fc.string();
    const chunk = fc.constantFrom(
      "|",
      "\\",
      "\\|",
      "`",
      "``",
      "*",
      "**",
      "_",
      "__",
      "[",
      "](x)",
      "![",
      "<b>",
      "<!--",
      "&amp;",
      "&#35;",
      "~",
      "~~",
      "a",
      "b_c",
      " ",
      "\n",
      "#",
      "- ",
      "1. ",
      "[^1]",
      ":",
      "!",
      ">",
      "é",
      "x*y*z",
    );
    const text = fc.oneof(
      nasty,
      fc.array(chunk, { maxLength: 12 }).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(text, text, (one, two) => {
        fc.pre(!/www\.|:\/\/|@/.test(one + two));
        const root = parse(table(["A", "B"], [[one, two]]));
        expect(root.children?.map((child) => child.type)).toEqual(["table"]);
        const row = root.children?.[0]?.children?.[1];
        const shown = (row?.children ?? []).map(textOf);
        const asIs = (value: string): string => value.split(/\s+/).filter(Boolean).join(" ");
        expect(shown).toEqual([asIs(one), asIs(two)]);
        expect(new Set(typesIn(row!))).toEqual(
          new Set(["tableRow", "tableCell", ...(asIs(one) + asIs(two) === "" ? [] : ["text"])]),
        );
      }),
      { seed: 20261121, numRuns: 2_000 },
    );
  });

  test("an address in a fact stays one that can be clicked", () => {
    const link = parse(plain("see https://x.example/~bob/a_b?c=d*e|f now"));
    expect(typesIn(link)).toContain("link");
    expect(JSON.stringify(link)).toContain("https://x.example/~bob/a_b?c=d*e%7Cf");
  });
});

describe("HTML", () => {
  test("tables, lists and headings are rendered", () => {
    const text = page("| a | b |\n| --- | --- |\n| 1 | 2 |\n\n- one\n\n### three");
    for (const part of ["<td>1</td>", "<li>one</li>", "<h3>three</h3>", "<h2>1. Summary</h2>"]) {
      expect(text).toContain(part);
    }
  });

  for (const [promise, body] of [
    ["a script element", "<script>alert(1)</script>"],
    ["an event handler", '<img src=x onerror="alert(1)">'],
    ["a javascript: link", "[x](javascript:alert(1))"],
    ["a javascript: link in disguise", "[x](java\nscript:alert(1)) [y](JaVaScRiPt:alert(1))"],
    ["a javascript: reference", "[x][1]\n\n[1]: javascript:alert(1)"],
    ["a data: image", "![x](data:text/html;base64,PHNjcmlwdD4=)"],
    ["a frame", '<iframe srcdoc="<script>alert(1)</script>"></iframe>'],
    ["a style element", "<style>body{display:none}</style>"],
  ] as const) {
    test(`${promise} does not survive`, () => {
      const [, text = ""] = page(body).split("<body>");
      expect(text).not.toMatch(
        /<script|<[^>]*onerror|href="[^"]*script:|src="data:|<iframe|<style/i,
      );
    });
  }

  test("HTML that somebody typed is shown as text, and what stands beside it stays", () => {
    expect(page("<b>loud</b> and *slanted*")).toContain(
      "&#x3C;b>loud&#x3C;/b> and <em>slanted</em>",
    );
    expect(page("<div>all of it</div>")).toContain("&#x3C;div>all of it&#x3C;/div>");
  });

  test("the page fetches and runs nothing: its policy allows one style sheet by hash", () => {
    const text = page("x");
    const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(text)?.[1];
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/=]{44}'; base-uri 'none'/);
    expect(text).not.toMatch(/<script|<link|https?:/);
  });

  test("a title cannot end the head", () => {
    const text = toHtmlPage({ title: "</title><script>x", standing: "Draft", sections: [] });
    expect(text).toContain("<title>&lt;/title&gt;&lt;script&gt;x</title>");
    expect(text).not.toContain("<script");
  });
});
