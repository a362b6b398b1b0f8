/** `intake try` as scripts use it: one JSON object on a line of its own for every file. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { openClient } from "../cli/client.ts";
import { buildProgram } from "../cli/program.ts";
import { TriedFile } from "../contract/intake.ts";
import { LINES_MAX } from "../server/edge/inbound/body.ts";

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

test("a file that cannot be read says why in an object of its own, and costs the others nothing", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tocsin-try-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const bad = { gone: null, empty: " \n", packed: gzipSync("{}") };
  for (const [name, content] of Object.entries(bad))
    if (content !== null) await writeFile(join(folder, name), content);
  const names = Object.keys(bad).map((name) => join(folder, name));
  const { lines, problems, code } = await tried(...names, GRAFANA, folder, "--json");
  const files = lines.map((line) => TriedFile.parse(JSON.parse(line)));
  expect(files.map(({ file }) => file)).toEqual([...names, GRAFANA, folder]);
  expect(files.map(({ tool, findings }) => tool ?? findings[0])).toEqual([
    "cannot be read (there is no such file)",
    "cannot be read (empty)",
    "cannot be read (no text: compressed, or a format of its own)",
    "grafana",
    "cannot be read (a directory: name its files, as in DIR/*)",
  ]);
  expect(problems).toHaveLength(4);
  expect(problems[0]).toContain("gone cannot be read (there is no such file)");
  expect(code).toBe(2);
});

test("more lines of JSON than one request may have say so, and are not called broken", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tocsin-try-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const long = join(folder, "long.ndjson");
  await writeFile(long, '{"alert":"a","host":"b"}\n'.repeat(LINES_MAX + 1));
  const { alerts, findings } = TriedFile.parse(JSON.parse((await tried(long, "--json")).lines[0]!));
  expect(alerts).toHaveLength(1);
  expect(findings[0]).toContain(`it has more than ${LINES_MAX} lines: send fewer at once`);
});

test("a line that is broken costs the lines around it nothing", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tocsin-try-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const lines = [
    '{"alert":"a"}',
    '{"alert":"b","said":"no "way""}',
    '{"alert":"c',
    "# end",
    "stop",
  ];
  const file = join(folder, "lines.ndjson");
  await writeFile(file, lines.join("\n"));
  const shown = await tried(file, "--json");
  const { alerts } = TriedFile.parse(JSON.parse(shown.lines[0]!));
  expect(alerts.map(({ title }) => title)).toEqual(["a", "b", "c", "stop"]);
});

test("a file with more alerts than a call takes arguments is read to its end", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tocsin-try-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const huge = join(folder, "huge.json");
  const alert = { status: "firing", labels: { alertname: "A" }, startsAt: "2026-11-21T10:00:00Z" };
  const alerts = Array.from({ length: 150_000 }, () => alert);
  await writeFile(
    huge,
    JSON.stringify({ version: "4", groupKey: "g", receiver: "r", status: "firing", alerts }),
  );
  const { lines, code } = await tried(huge, "--json");
  expect(TriedFile.parse(JSON.parse(lines[0]!)).alerts).toHaveLength(150_000);
  expect(code).toBe(0);
});

test("a file in UTF-16 is read as the tool wrote it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tocsin-try-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const wide = join(folder, "wide.json");
  await writeFile(wide, `\ufeff${await readFile(GRAFANA, "utf8")}`, "utf16le");
  const [as, plain] = await Promise.all([tried(wide, "--json"), tried(GRAFANA, "--json")]);
  const { alerts, tool } = TriedFile.parse(JSON.parse(as.lines[0]!));
  expect({ alerts, tool }).toMatchObject({
    tool: "grafana",
    alerts: JSON.parse(plain.lines[0]!).alerts,
  });
});

test("a mail that somebody saved is read as if it had come by mail", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tocsin-try-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const head = [
    "Received: from relay.acme.example",
    "  by mail.acme.example; Fri, 1 Mar 2024 10:00:02 +0100",
    "From: Monitoring <watch@acme.example>",
    "Date: Fri, 1 Mar 2024 10:00:00 +0100",
    "Content-Type: text/plain; charset=iso-8859-1",
  ].join("\r\n");
  const names = ["PROBLEM: =?ISO-8859-1?Q?K=FChlung?= CRITICAL", "RESOLVED: Kühlung OK"].map(
    (subject, at) => ({ subject, file: join(folder, `${at}.eml`) }),
  );
  for (const { subject, file } of names)
    await writeFile(file, `${head}\r\nSubject: ${subject}\r\n\r\nRaum für Rechner\r\n`, "utf8");
  const { lines } = await tried(...names.map(({ file }) => file), "--json");
  const files = lines.map((line) => TriedFile.parse(JSON.parse(line)));
  expect(files.map(({ tool }) => tool)).toEqual(["email", "email"]);
  const [problem, resolved] = files.map(({ alerts: [alert] }) => alert);
  expect(problem).toMatchObject({
    title: "PROBLEM: Kühlung CRITICAL",
    severity: "critical",
    status: "firing",
    startedAt: "2024-03-01T09:00:00.000Z",
  });
  expect(resolved).toMatchObject({ status: "resolved", dedupKey: problem?.dedupKey });
});
