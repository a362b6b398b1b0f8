/** The document as a page without scripts or outside resources. Only threads load this: it brings the parser along. */
import { createHash } from "node:crypto";
import { escapeHtml } from "../../base/html.ts";
import { toSafeHtml } from "../../base/safeMarkdown.ts";
import { type Document, toMarkdown } from "./document.ts";

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
