/**
 * The nine sections as one document: a Markdown file, or a page without scripts or outside
 * resources.
 */
import { createHash } from "node:crypto";
import { SECTION_TITLES } from "../../../contract/postmortem.ts";
import { escapeHtml } from "../../base/html.ts";
import { toSafeHtml } from "../../base/safeMarkdown.ts";
import { plain } from "./markdown.ts";
import type { Section } from "./postmortem.ts";

export type Document = {
  /** “Postmortem of INC-1: …”, as plain text. */
  readonly title: string;
  /** “Draft” or “Published 2026-…”. */
  readonly standing: string;
  readonly sections: readonly Pick<Section, "key" | "body">[];
};

/** Headings and bodies in order. The bodies stand as their authors wrote them. */
export function toMarkdown({ title, standing, sections }: Document): string {
  const parts = sections.map(
    ({ key, body }, index) => `## ${index + 1}. ${SECTION_TITLES[key]}\n\n${body.trim()}`,
  );
  return `${[`# ${plain(title)}`, plain(standing), ...parts].join("\n\n")}\n`;
}

const STYLE = [
  "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}",
  "body{color:#1a1a1a;background:#fff}",
  "h2{margin-top:2.5rem;border-bottom:1px solid #ccc}",
  "table{border-collapse:collapse;display:block;overflow-x:auto}",
  "th,td{border:1px solid #ccc;padding:.3rem .6rem;text-align:left;vertical-align:top}",
  "pre{overflow-x:auto;background:#f4f4f4;padding:.6rem}",
].join("");

// Nothing is fetched and nothing runs; only this one style sheet counts.
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** A page that stands alone: it can be mailed, printed and kept. */
export function toHtmlPage(document: Document): string {
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    `<title>${escapeHtml(document.title)}</title>`,
    `<style>${STYLE}</style>`,
    "</head>",
    "<body>",
    toSafeHtml(toMarkdown(document)),
    "</body>",
    "</html>",
    "",
  ].join("\n");
}
