/** What the web shows of a published runbook: its words with marks, and how versions differ. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type {
  getRunbookDiff,
  getRunbookPage,
  PublishReport,
  Runbook,
} from "../contract/published.ts";
import type { RunbookDocument } from "../contract/runbook.ts";
import type { z } from "zod";
import { startTestNode, type TestNode } from "./node.ts";

type Page = z.infer<(typeof getRunbookPage)["reply"]>;
type Diff = z.infer<(typeof getRunbookDiff)["reply"]>;

const FIRST = `---
owner: core
---
# Late data — Überblick

**Trigger:** a suite fails.

1. **Triage (Primary On-Call)**
   - Acknowledge the page within 5 minutes.
   - Pause the jobs if data is wrong.
2. **Fix**
   - Re-run the job.

<script>alert(1)</script>
`;
const SECOND = FIRST.replace("Re-run the job.", "Re-run the job with its partition.").replace(
  "   - Pause the jobs if data is wrong.\n",
  "",
);

let node: TestNode;
let digests: readonly string[] = [];

const publish = async (document: string): Promise<PublishReport> => {
  const body = { id: "late", path: "late.md", document };
  return (await node.ask<PublishReport>("POST /v1/runbooks", { body })).json;
};
const pageOf = async (digest: string | undefined): Promise<Page> =>
  (await node.ask<Page>(`GET /v1/runbooks/late/page?digest=${digest}`)).json;
const diffOf = (query: string) => node.ask<Diff>(`GET /v1/runbooks/late/diff${query}`);

beforeAll(async () => {
  node = await startTestNode();
  digests = [(await publish(FIRST)).digest, (await publish(SECOND)).digest];
});
afterAll(() => node.stop());

describe("the page of a runbook", () => {
  test("marks the words of each thing that was read, in bytes and in the HTML", async () => {
    const page = await pageOf(digests[0]);
    const bytes = Buffer.from(FIRST);
    const words = new Map(
      page.marks.map((mark) => [
        mark,
        bytes.subarray(mark.range.startOffset, mark.range.endOffset).toString("utf8"),
      ]),
    );
    const of = (kind: string): string[] =>
      [...words].filter(([mark]) => mark.kind === kind).map(([, text]) => text);
    expect(of("step")).toEqual([
      "Acknowledge the page within 5 minutes.",
      "Pause the jobs if data is wrong.",
      "Re-run the job.",
    ]);
    expect(of("role")).toEqual(["Primary On-Call"]);
    expect(of("deadline")).toEqual(["within 5 minutes"]);
    expect(of("metadata")).toEqual(["owner: core"]);
    for (const [mark, text] of words) {
      expect(new Set(page.marks.map(({ id }) => id)).size).toBe(page.marks.length);
      const shown = [...page.html.matchAll(/<span data-marks="([^"]*)">([^<]*)<\/span>/g)]
        .filter(([, ids]) => ids?.split(" ").includes(mark.id))
        .map(([, , part]) => part)
        .join("");
      if (mark.kind === "step") expect(shown).toBe(text);
      if (mark.kind !== "finding") expect(shown, mark.kind).not.toBe("");
    }
    expect(page.html).toContain("&#x3C;script>");
    expect(page.html).not.toContain("<script");
  });

  test("keeps the marks of what has the same words in the next version", async () => {
    const marks = async (digest: string | undefined): Promise<readonly string[]> => {
      const page = await pageOf(digest);
      return page.marks.filter(({ kind }) => kind === "step").map(({ id }) => id);
    };
    const [before, after] = [await marks(digests[0]), await marks(digests[1])];
    expect(after[0]).toBe(before[0]);
    expect(before).not.toContain(after[1]);
  });
});

describe("two versions", () => {
  test("differ in lines and steps", async () => {
    const diff = (await diffOf("")).json;
    expect(diff).toMatchObject({ from: { version: 1 }, to: { version: 2 }, sidecar: [] });
    const changed = diff.document.flatMap(({ lines }) => lines).filter(({ mark }) => mark !== " ");
    expect(changed.map(({ mark, text }) => mark + text)).toEqual([
      "-   - Pause the jobs if data is wrong.",
      "-   - Re-run the job.",
      "+   - Re-run the job with its partition.",
    ]);
    expect(diff.steps.map(({ change, after }) => `${change} ${after?.text ?? ""}`.trim())).toEqual([
      "same Acknowledge the page within 5 minutes.",
      "removed",
      "changed Re-run the job with its partition.",
    ]);
  });

  test("of the first, all is new", async () => {
    const diff = (await diffOf(`?to=${digests[0]}`)).json;
    expect(diff.from).toBeNull();
    expect(diff.steps.every(({ change }) => change === "added")).toBe(true);
  });

  test("that do not exist are refused by name", async () => {
    expect(await diffOf("?from=nothing")).toMatchObject({
      status: 404,
      code: "runbook.version_unknown",
    });
  });
});

describe("the library and the plan", () => {
  test("say what is wrong with each document, and the risk as it would run", async () => {
    const command = { type: "command", program: "/bin/true" };
    await node.configure("connections", "prod", { ...command, risk: "destructive" });
    const asked = { raw: SECOND, headers: { "content-type": "text/markdown" } };
    const { json: read } = await node.ask<RunbookDocument>("POST /v1/runbooks/parse", asked);
    const steps = read.plans.flatMap((plan) => plan.phases.flatMap((phase) => phase.steps));
    const { path, quote, hash } = steps.find(({ text }) => text.startsWith("Re-run"))!;
    const sidecar =
      `tocsin: 1\nowner: core\nbindings:\n  - step: ${JSON.stringify({ path, quote, hash })}\n` +
      "    action: command.run@1\n    with: { connection: prod }\n";
    await node.configure("teams", "core", { name: "Core" });
    const body = { id: "bound", path: "bound.md", document: SECOND, sidecar };
    const { json } = await node.ask<PublishReport>("POST /v1/runbooks", { body });
    expect(json.bindings).toMatchObject([{ risk: "destructive", raisedTo: "destructive" }]);
    const { json: list } = await node.ask<{ items: Runbook[] }>("GET /v1/runbooks?limit=500");
    const bound = list.items.find(({ id }) => id === "bound")!;
    const counted = read.findings.filter(({ level }) => level === "warning").length;
    expect(bound.findings.warning).toBe(counted);
    expect(bound.findings.error).toBe(0);
  });
});
