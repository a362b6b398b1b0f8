/** What holds for every document, whatever it says: arbitrary ones, and mutations of real ones. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RunbookDocument, RunbookMetadata } from "../../../../contract/runbook.ts";
import { readRunbook } from "./read.ts";

const GOLDEN = fileURLToPath(new URL("golden/", import.meta.url));
const CORPUS = fileURLToPath(new URL("../../../../../shared/corpus/", import.meta.url));
const LONG = process.env["TOCSIN_LONG"] === "1";
const RUNS = LONG ? 2000 : 60;
if (!LONG) console.warn("TOCSIN_LONG is not set: few runs of each property");

const own = readdirSync(GOLDEN, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".md"))
  .map((name) => readFileSync(`${GOLDEN}${name}`, "utf8"));
const theirs = ["runbooks", "postmortems"]
  .filter((folder) => existsSync(`${CORPUS}${folder}`))
  .flatMap((folder) =>
    readdirSync(`${CORPUS}${folder}`).map((name) =>
      readFileSync(`${CORPUS}${folder}/${name}`, "utf8"),
    ),
  );
const texts = [
  ...own,
  ...(LONG ? theirs : theirs.filter((text) => text.length < 6000).slice(0, 12)),
];

type Located = {
  readonly range: { readonly startOffset: number; readonly endOffset: number };
  readonly quote: string;
};

/** Everything in the answer that carries a range and a quote. */
function* located(value: unknown): Generator<Located> {
  if (typeof value !== "object" || value === null) return;
  if ("range" in value && "quote" in value) yield value as Located;
  for (const inner of Object.values(value)) yield* located(inner);
}

function check(bytes: Buffer): RunbookDocument {
  const document = readRunbook("any.md", bytes);
  RunbookDocument.parse(document);
  RunbookMetadata.parse(document.metadata);
  for (const { range, quote } of located(document)) {
    expect(range.startOffset).toBeGreaterThanOrEqual(0);
    expect(range.endOffset).toBeLessThanOrEqual(bytes.byteLength);
    expect(range.startOffset).toBeLessThanOrEqual(range.endOffset);
    expect(bytes.subarray(range.startOffset, range.endOffset).toString("utf8")).toBe(quote);
  }
  for (const plan of document.plans) {
    const steps = plan.phases.flatMap((phase) => phase.steps);
    expect(new Set(steps.map(({ id }) => id)).size).toBe(steps.length);
    expect(new Set(plan.phases.map(({ id }) => id)).size).toBe(plan.phases.length);
  }
  // Reading grants nothing: there is no word in the answer that would start anything.
  expect(JSON.stringify(document)).not.toMatch(/"(?:binding|action|automatic|mode)":/);
  return document;
}

/** What the document means, without where it stands. */
function meaning(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(meaning);
  if (typeof value !== "object" || value === null)
    return typeof value === "string" ? value.replaceAll("\r\n", "\n") : value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !["range", "extent", "sha256"].includes(key))
      .map(([key, inner]) => [key, meaning(inner)]),
  );
}

const pieces = fc.constantFrom(
  ..."# |## |### |- |* |1. |- [ ] |> |\n|\n\n|\r\n|**|__|_|`|```\n|~~~\n|| |---\n|+++\n|[|](|)|![|]|<!-- |-->|<div>|</div>|{{NAME}}|$X|<x>|\t|    |  |SEV1|P2|within 5 minutes|every 2 hours (P1)|Trigger:|**Trigger:** |Owner: x\n|if |, then |Restart the node|escalate to |→|-->|graph TD\n|mermaid\n|A-->B|Step 1: |Phase 2 – |> 5%|for 5 min|`t` (`a`, `b`)|\\|&lt;|é|🚀|ข้อ|\u0000|\uFEFF|______________________\n|a: b\n|title: x\n|:|.".split(
    "|",
  ),
  "|",
);
const words = fc.array(pieces, { maxLength: 80 }).map((parts) => parts.join(""));

describe("every document", () => {
  test("made of whatever is read, with ranges inside it and quotes that are its words", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary", maxLength: 300 }), words), (text) => {
        check(Buffer.from(text, "utf8"));
      }),
      { numRuns: RUNS * 5 },
    );
  });

  test("of any bytes is answered", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        check(Buffer.from(bytes));
      }),
      { numRuns: RUNS * 2 },
    );
  });

  test("that was real and is cut, doubled or disturbed is read", () => {
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.nat(), fc.nat(), words, (text, a, b, put) => {
        const [from, to] = [a % (text.length + 1), b % (text.length + 1)].toSorted((x, y) => x - y);
        check(Buffer.from(`${text.slice(0, from)}${put}${text.slice(to)}`.toWellFormed(), "utf8"));
      }),
      { numRuns: RUNS },
    );
  });

  test("says the same with CR LF as with LF", () => {
    fc.assert(
      fc.property(fc.oneof(words, fc.constantFrom(...own)), (text) => {
        const lf = text.replaceAll("\r\n", "\n").replaceAll("\r", "\n");
        const unix = check(Buffer.from(lf, "utf8"));
        const dos = check(Buffer.from(lf.replaceAll("\n", "\r\n"), "utf8"));
        expect(meaning(dos)).toEqual(meaning(unix));
      }),
      { numRuns: RUNS },
    );
  });

  test("says the same every time", () => {
    fc.assert(
      fc.property(fc.oneof(words, fc.constantFrom(...texts)), (text) => {
        const bytes = Buffer.from(text.toWellFormed(), "utf8");
        expect(JSON.stringify(readRunbook("a.md", bytes))).toBe(
          JSON.stringify(readRunbook("a.md", bytes)),
        );
      }),
      { numRuns: RUNS },
    );
  });
});
