/** Pages of HTML → the words that somebody sees. */
import { expect, test } from "vitest";
import { htmlText } from "./htmlText.ts";

for (const [promise, markup, text] of [
  [
    "a block is a line",
    "<h1>Server  down</h1><p>since <b>10:00</b></p>",
    "Server down\nsince 10:00",
  ],
  [
    "styles, scripts and heads are not seen",
    "<head><title>x</title></head><style>p{}</style>a<script>b</script>c",
    "ac",
  ],
  [
    "the address of a link stands behind its words",
    '<a href="https://a.example/x?y=1&amp;z=2">Open</a>',
    "Open https://a.example/x?y=1&z=2",
  ],
  [
    "entities are characters",
    "Disk &gt; 90&#37; &amp; K&uuml;hlhaus &#x1F525; &unknown;",
    "Disk > 90% & Kühlhaus 🔥 &unknown;",
  ],
  ["cells stand apart", "<table><tr><td>Host</td><td>db-1</td></tr></table>", "Host db-1"],
  ["comments are not read", "a<!-- <b>no</b> -->b", "ab"],
  ["what has no end is cut", "a<style>b", "a"],
  ["a sign of less is kept up to where a tag would begin", "a <b", "a"],
] as const)
  test(promise, () => expect(htmlText(markup)).toBe(text));
