/** `intake try` as scripts use it: one JSON object on a line of its own for every file. */
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openClient } from "../cli/client.ts";
import { buildProgram } from "../cli/program.ts";
import { TriedFile } from "../contract/intake.ts";

const SAMPLES = fileURLToPath(new URL("../server/edge/inbound/golden/", import.meta.url));
const GRAFANA = `${SAMPLES}grafana.unified.json`;
const INDICATORS = `${SAMPLES}indicators.list.csv`;
const DEPLOYMENT = `${SAMPLES}github.deployment.json`;

/** What the command printed, line by line, what it said of problems, and how it ended. */
async function tried(...words: readonly string[]) {
  const [lines, problems]: [string[], string[]] = [[], []];
  let code = 0;
  const client = openClient({ url: "http://127.0.0.1:1", token: null });
  const program = buildProgram({
    client,
    keyless: client,
    output: { line: (text) => void lines.push(text), problem: (text) => void problems.push(text) },
    now: () => Date.parse("2026-11-21T10:00:00Z"),
    width: Number.POSITIVE_INFINITY,
    exit: (given) => void (code = given),
  });
  await program.parseAsync(["intake", "try", ...words], { from: "user" });
  return { lines, problems, code };
}

test("with --json one file gives one line, several give one each in their order", async () => {
  expect((await tried(GRAFANA, "--json")).lines).toHaveLength(1);
  const { lines, code } = await tried(GRAFANA, INDICATORS, DEPLOYMENT, "--json");
  const files = lines.map((line) => TriedFile.parse(JSON.parse(line)));
  expect(files.map(({ file, tool }) => [file, tool])).toEqual([
    [GRAFANA, "grafana"],
    [INDICATORS, "indicators"],
    [DEPLOYMENT, "github"],
  ]);
  const fields = "file tool alerts indicators changes findings";
  expect(Object.keys(files[0]!).join(" ")).toBe(fields);
  const ofAlert = "title severity status dedupKey service link startedAt";
  expect(Object.keys(files[0]!.alerts[0]!).join(" ")).toBe(ofAlert);
  expect(files[1]!.indicators.length).toBeGreaterThan(0);
  expect(files[2]!.changes).toHaveLength(1);
  expect(code).toBe(0);
});

test("a file that cannot be read costs the others nothing", async () => {
  const { lines, problems, code } = await tried(GRAFANA, `${SAMPLES}gone.json`, "--json");
  expect(lines.map((line) => TriedFile.parse(JSON.parse(line)).file)).toEqual([GRAFANA]);
  expect(problems).toEqual([expect.stringContaining("gone.json cannot be read (ENOENT)")]);
  expect(code).toBe(2);
});
