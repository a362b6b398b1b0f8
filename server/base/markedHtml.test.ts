import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toMarkedHtml } from "./markedHtml.ts";

/** The HTML of a text in which each of these words is marked by its own letters. */
function html(text: string, ...words: readonly string[]): string {
  const spans = words.map((word) => {
    const start = text.indexOf(word);
    expect(start).toBeGreaterThanOrEqual(0);
    return { id: word.replace(/\W+/g, ""), start, end: start + word.length };
  });
  return toMarkedHtml({ text, spans, front: null });
}

/** What a reader sees under a mark. */
const under = (page: string, id: string): string =>
  [...page.matchAll(/<span data-marks="([^"]*)">([^<]*)<\/span>/g)]
    .filter(([, marks]) => marks?.split(" ").includes(id))
    .map(([, , words]) => words)
    .join("");

describe("marks", () => {
  for (const [where, text, word, seen] of [
    ["in a paragraph", "Page the primary now.", "primary", "primary"],
    ["over an emphasis", "Page **the** primary now.", "the** primary", "the primary"],
    ["behind an escape", "A \\* and the primary now.", "primary", "primary"],
    ["behind an entity", "A &amp; B &lt; C, the primary now.", "primary", "primary"],
    ["behind an entity of two halves", "A &#x1F600; then primary.", "primary", "primary"],
    ["behind characters of two halves", "A 🚒 then primary.", "primary", "primary"],
    ["in a list", "- one\n- the primary\n", "the primary", "the primary"],
    [
      "over lines of a quote",
      "> the first\n> primary here\n",
      "first\n> primary",
      "first\nprimary",
    ],
    ["in a table", "| a | b |\n|---|---|\n| x | the primary |\n", "primary", "primary"],
    ["in a code span", "Run `kubectl get pods` now.", "get pods", "get pods"],
    ["in a fence", "```bash\nbash -c x\nrestart it\n```\n", "restart", "restart"],
    ["in a link", "See [the primary](https://a.example).", "primary", "primary"],
    ["with CRLF", "First line\r\nthe primary\r\n", "primary", "primary"],
    ["in HTML that somebody typed", "<b>the primary</b>\n", "primary", "primary"],
  ] as const)
    test(`stand on just their words ${where}`, () => {
      expect(under(html(text, word), word.replace(/\W+/g, ""))).toBe(seen);
    });

  test("that overlap share the words that both mean", () => {
    const page = html(
      "Page the primary within 5 minutes.",
      "the primary within",
      "within 5 minutes",
    );
    expect(under(page, "theprimarywithin")).toBe("the primary within");
    expect(under(page, "within5minutes")).toBe("within 5 minutes");
    expect(page).toContain('<span data-marks="theprimarywithin within5minutes">within</span>');
  });

  test("stand in front matter, which is shown as it is", () => {
    const text = "---\nowner: <b>core</b>\n---\n# T\n";
    const start = text.indexOf("owner");
    const spans = [{ id: "owner", start, end: start + 5 }];
    const page = toMarkedHtml({ text, spans, front: { start: 0, end: 26 } });
    expect(page).toContain('<span data-marks="owner">owner</span>: &#x3C;b>core&#x3C;/b>');
    expect(page).toContain('<h1 data-line="4" id="user-content-t">T</h1>');
  });

  test("change no word of any document", () => {
    const seen = (page: string): string => page.replace(/<\/?span[^>]*>/g, "");
    const pieces = fc.constantFrom(
      "a ",
      "*b* ",
      "`c` ",
      "\n\n",
      "- ",
      "> ",
      "&amp;",
      "\\",
      "é",
      "🚒",
    );
    fc.assert(
      fc.property(
        fc.array(pieces, { maxLength: 40 }),
        fc.array(fc.tuple(fc.nat(120), fc.nat(40)), { maxLength: 8 }),
        (words, places) => {
          const text = words.join("");
          const spans = places.map(([start, length], at) => ({
            id: `m${at}`,
            start,
            end: start + length,
          }));
          const marked = toMarkedHtml({ text, spans, front: null });
          expect(seen(marked)).toBe(seen(toMarkedHtml({ text, spans: [], front: null })));
        },
      ),
    );
  });
});

describe("nothing is fetched or run", () => {
  test("a picture is a link, and a link says nothing of where one came from", () => {
    expect(html("![plan](https://a.example/x.png)")).toBe(
      '<p data-line="1"><a href="https://a.example/x.png" rel="noopener noreferrer nofollow">plan</a></p>',
    );
  });
  test("a relative address leads to no page of this server", () => {
    expect(html("[other](../v1/tokens)")).toBe(
      '<p data-line="1"><span title="../v1/tokens">other</span></p>',
    );
  });
  test("a link within the document finds its heading", () => {
    const page = html("# Roll back!\n\n[see](#roll-back)\n");
    expect(page).toContain('id="user-content-roll-back"');
    expect(page).toContain('href="#user-content-roll-back"');
  });
  for (const address of ["javascript:alert(1)", "data:text/html,x", "tocsin:run", "file:///etc"])
    test(`an address of ${address.split(":")[0]} is no link`, () => {
      expect(html(`[x](${address})`)).not.toContain("href");
    });
  test("a document cannot make marks", () => {
    expect(html('<span data-marks="m1">x</span>')).not.toContain("<span");
  });
});
