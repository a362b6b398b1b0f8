/** Reading runbook documents as their users do: by the command, in a pipeline, over HTTP. */
import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openClient } from "../cli/client.ts";
import { buildProgram } from "../cli/program.ts";
import { RunbookDocument } from "../contract/runbook.ts";
import { startTestNode, type TestNode } from "./node.ts";

const OWN = fileURLToPath(new URL("../server/domain/runbook/reading/golden/", import.meta.url));

/** Runs a command in this process: what it printed, and how it ended. */
async function run(...words: readonly string[]): Promise<{ out: string; code: number }> {
  const lines: string[] = [];
  let code = 0;
  const client = openClient({ url: "http://127.0.0.1:1", token: null });
  const program = buildProgram({
    client,
    keyless: client,
    output: { line: (text) => void lines.push(text), problem: (text) => void lines.push(text) },
    now: () => 0,
    width: Number.POSITIVE_INFINITY,
    exit: (given) => void (code = given),
  });
  await program.parseAsync(["runbook", ...words], { from: "user" });
  return { out: lines.join("\n"), code };
}

describe("the command", () => {
  test("parses one file into an object and several into a list, in the contract's shape", async () => {
    const one = await run("parse", `${OWN}outage.md`, "--json");
    expect(RunbookDocument.parse(JSON.parse(one.out)).plans).toHaveLength(1);
    const two = await run("parse", `${OWN}outage.md`, `${OWN}warehouse.md`, "--json");
    expect((JSON.parse(two.out) as object[]).length).toBe(2);
    const text = await run("parse", `${OWN}warehouse.md`);
    expect(text.out).toMatch(/multi-runbook/);
  });

  test("notices links to files that are not there", async () => {
    const { out } = await run("lint", `${OWN}warehouse.md`);
    expect(out).toMatch(/W402 .*data_quality_book\.md/);
  });

  test("gives SARIF 2.1.0 with a rule for each result, and places in bytes", async () => {
    const { out } = await run("lint", `${OWN}outage.md`, "--format", "sarif");
    const sarif = JSON.parse(out) as {
      version: string;
      $schema: string;
      runs: {
        tool: {
          driver: {
            name: string;
            rules: { id: string; defaultConfiguration: { level: string } }[];
          };
        };
        results: {
          ruleId: string;
          ruleIndex: number;
          level: string;
          message: { text: string };
          partialFingerprints: Record<string, string>;
          locations: {
            physicalLocation: { artifactLocation: { uri: string }; region: Record<string, number> };
          }[];
        }[];
      }[];
    };
    expect(sarif.version).toBe("2.1.0");
    expect(sarif.$schema).toMatch(/sarif.*2\.1\.0/);
    const [only] = sarif.runs;
    expect(only?.results.length).toBeGreaterThan(10);
    const bytes = await readFile(`${OWN}outage.md`);
    for (const result of only?.results ?? []) {
      expect(only?.tool.driver.rules[result.ruleIndex]?.id).toBe(result.ruleId);
      expect(["error", "warning", "note"]).toContain(result.level);
      expect(result.message.text).not.toBe("");
      expect(Object.values(result.partialFingerprints)).toHaveLength(1);
      const region = result.locations[0]?.physicalLocation.region ?? {};
      expect(region["startLine"]).toBeGreaterThanOrEqual(1);
      expect((region["byteOffset"] ?? 0) + (region["byteLength"] ?? 0)).toBeLessThanOrEqual(
        bytes.byteLength,
      );
    }
    const prints = only?.results.map(({ partialFingerprints }) => partialFingerprints["tocsin/v1"]);
    expect(new Set(prints).size).toBe(prints?.length);
  });

  test("accepts by a baseline what is known, although lines moved, and tells what is new", async () => {
    const folder = await mkdtemp(join(tmpdir(), "tocsin-lint-"));
    const [document, baseline] = [join(folder, "a.md"), join(folder, "known.json")];
    await writeFile(document, "# T\n\n## Steps\n\n1. Restart it within 5 minutes\n");
    expect((await run("lint", document, "--fail-on", "warning")).code).toBe(1);
    expect((await run("lint", document)).code).toBe(0);
    await run("lint", document, "--write-baseline", baseline);
    await writeFile(document, "# T\n\nWords.\n\n## Steps\n\n1. Restart it within 5 minutes\n");
    const known = await run("lint", document, "--baseline", baseline, "--fail-on", "info");
    expect(known).toMatchObject({
      code: 0,
      out: expect.stringMatching(/0 errors, 0 warnings, 0 notes, 3 accepted/),
    });
    await writeFile(document, "# T\n\n## Steps\n\n1. Restart it within 5 minutes\n\n## Empty\n");
    const fresh = await run("lint", document, "--baseline", baseline, "--fail-on", "warning");
    expect(fresh).toMatchObject({ code: 1, out: expect.stringMatching(/W403/) });
  });

  test("finds nothing in the seven runbooks that come with Tocsin", async () => {
    const folder = fileURLToPath(new URL("../runbooks/", import.meta.url));
    const files = (await readdir(folder)).filter((name) => name.endsWith(".md"));
    expect(files).toHaveLength(7);
    const paths = files.map((name) => `${folder}${name}`);
    const { out, code } = await run("lint", ...paths, "--fail-on", "info");
    expect([code, out]).toEqual([0, expect.stringContaining("7 read: 0 errors, 0 warnings, 0")]);
  });

  test("reads the sidecar beside a document: what it answers, what it cannot be, what drifted", async () => {
    const folder = await mkdtemp(join(tmpdir(), "tocsin-sidecar-"));
    const [document, sidecar] = [join(folder, "a.md"), join(folder, "a.tocsin.yaml")];
    await writeFile(document, "# T\n\n## Steps\n\n1. Review it within 2 business days\n");
    expect((await run("lint", document)).out).toContain("W202");
    await writeFile(sidecar, "tocsin: 1\ncalendar: office\n");
    expect((await run("lint", document)).out).not.toContain("W202");
    await writeFile(sidecar, "tocsin: 1\nbindigns: []\n");
    expect(await run("lint", document)).toMatchObject({
      code: 1,
      out: expect.stringMatching(/E101 .*a\.tocsin\.yaml:2: bindigns/),
    });
    const bound = (words: string): Promise<void> =>
      writeFile(
        sidecar,
        `tocsin: 1\nbindings:\n  - step: { path: t/steps, quote: ${words}, hash: ${"a".repeat(64)} }\n    action: safe-mode.on@1\n`,
      );
    await bound("Review it within 3 business days");
    expect(await run("lint", document)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/W501 .*suspended to manual: its words are “Review it within 2/),
    });
    await bound("Call the mayor");
    expect(await run("lint", document)).toMatchObject({
      code: 1,
      out: expect.stringMatching(/E102 .*a\.tocsin\.yaml:3: safe-mode\.on@1 is bound to a step/),
    });
  });

  test("refuses in one line what it cannot read, and goes on reading nothing", async () => {
    await expect(run("parse", `${OWN}nowhere.md`)).rejects.toThrow(
      /nowhere\.md cannot be read: ENOENT/,
    );
    await expect(run("parse", OWN)).rejects.toThrow(/it is no file/);
    await expect(run("lint", `${OWN}outage.md`, "--format", "xml")).rejects.toThrow(
      /text, json, sarif/,
    );
    await expect(run("lint", `${OWN}outage.md`, "--baseline", `${OWN}outage.md`)).rejects.toThrow(
      /is no baseline/,
    );
  });

  test("refuses a megabyte by a finding, with the hash of its bytes", async () => {
    const folder = await mkdtemp(join(tmpdir(), "tocsin-large-"));
    const path = join(folder, "large.md");
    await writeFile(path, Buffer.alloc(1024 * 1024 + 1, "a "));
    const { out, code } = await run("lint", path, "--json");
    expect(JSON.parse(out)).toMatchObject({
      findings: [{ code: "E001" }],
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(code).toBe(1);
  });
});

describe("over HTTP", () => {
  let node: TestNode;
  beforeAll(async () => {
    node = await startTestNode();
  });
  afterAll(() => node.stop());
  const markdown = { "content-type": "text/markdown; charset=utf-8" };

  test("the document is the body, byte for byte", async () => {
    const raw = await readFile(`${OWN}variants/mark-and-crlf.md`);
    const answer = await node.ask("POST /v1/runbooks/parse?path=a.md", { headers: markdown, raw });
    expect(answer.status).toBe(200);
    const document = RunbookDocument.parse(answer.json);
    const [step] = document.plans[0]?.phases[0]?.steps ?? [];
    expect(raw.subarray(step?.range.startOffset, step?.range.endOffset).toString("utf8")).toBe(
      step?.quote,
    );
    const asText = await node.ask("POST /v1/runbooks/parse", { body: raw.toString("utf8") });
    expect(asText.json["sha256"]).toBe(answer.json["sha256"]);
  });

  test("findings come as JSON or as SARIF", async () => {
    const raw = await readFile(`${OWN}warehouse.md`);
    const found = await node.ask<{ findings: object[] }>("POST /v1/runbooks/lint", {
      headers: markdown,
      raw,
    });
    expect(found.json.findings.length).toBeGreaterThan(5);
    const sarif = await node.ask("POST /v1/runbooks/lint?format=sarif", { headers: markdown, raw });
    expect(sarif.json["version"]).toBe("2.1.0");
  });

  test("what is too large is told by a finding, what is no text by a refusal", async () => {
    const large = await node.ask<{ findings: object[] }>("POST /v1/runbooks/lint", {
      headers: markdown,
      raw: Buffer.alloc(1024 * 1024 + 1, "a "),
    });
    expect(large.json.findings).toMatchObject([{ code: "E001" }]);
    const wrong = await node.ask("POST /v1/runbooks/parse", { body: { not: "a text" } });
    expect(wrong).toMatchObject({ status: 400, code: "request.invalid" });
    const signedOut = await node.ask("POST /v1/runbooks/parse", {
      headers: markdown,
      raw: "# T",
      token: null,
    });
    expect(signedOut.status).toBe(401);
  });
});
