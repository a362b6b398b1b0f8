import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, realpathSync } from "node:fs";
import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { requireRuntime } from "./runtime.ts";

const launcher = join(import.meta.dirname, "..", "..", "..", "bin", "tocsin");
let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "tocsin launcher-")));
  mkdirSync(join(root, "bin"));
  mkdirSync(join(root, "cli"));
  mkdirSync(join(root, "node_modules", ".bin"), { recursive: true });
  cpSync(launcher, join(root, "bin", "tocsin"));
  writeFileSync(join(root, "package.json"), '{"type":"module"}');
  writeFileSync(
    join(root, "cli", "tocsin.ts"),
    "const words: string[] = process.argv.slice(2); console.log(JSON.stringify(words));",
  );
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const bringNode = (): void =>
  symlinkSync(process.execPath, join(root, "node_modules", ".bin", "node"));

/** A PATH with the few tools the launcher uses and the given stand-in for Node, or none. */
function pathWith(node: string | null): string {
  const path = join(root, "path");
  mkdirSync(path);
  for (const tool of ["sh", "dirname", "readlink", "false"]) {
    const found = execFileSync("sh", ["-c", `command -v ${tool}`], { encoding: "utf8" }).trim();
    if (found.startsWith("/")) symlinkSync(found, join(path, tool));
  }
  if (node !== null) {
    writeFileSync(join(path, "node"), node);
    chmodSync(join(path, "node"), 0o755);
  }
  return path;
}

const launch = (program: string, args: readonly string[], cwd: string, path?: string) =>
  spawnSync(program, args, {
    cwd,
    encoding: "utf8",
    env: { PATH: path ?? process.env["PATH"] ?? "", CDPATH: dirname(root) },
  });

test("the launcher hands every word over unchanged, without a warning", () => {
  bringNode();
  const words = ["up", "--name", "two words", "*", ""];
  const { stdout, stderr, status } = launch(join(root, "bin", "tocsin"), words, "/");
  expect({ words: JSON.parse(stdout), stderr, status }).toEqual({ words, stderr: "", status: 0 });
});

test("it works through links, absolute and relative, and by a relative path", () => {
  bringNode();
  symlinkSync(join(root, "bin", "tocsin"), join(root, "absolute"));
  symlinkSync("../absolute", join(root, "cli", "relative"));
  for (const program of ["./absolute", "cli/relative", "bin/tocsin"]) {
    expect(launch(program, ["x"], root).stdout).toBe('["x"]\n');
  }
  expect(launch("sh", ["tocsin", "x"], join(root, "bin")).stdout).toBe('["x"]\n');
});

test("without the Node it brought along, one on the PATH does if it is new enough", () => {
  const path = pathWith(`#!/bin/sh\nexec "${process.execPath}" "$@"\n`);
  expect(launch(join(root, "bin", "tocsin"), ["x"], "/", path).stdout).toBe('["x"]\n');
});

for (const [promise, node] of [
  ["without any Node it says what to do", null],
  ["with an old Node it says what to do", "#!/bin/sh\necho 22\n"],
  ["with a broken Node it says what to do", "#!/bin/sh\nexit 1\n"],
] as const) {
  test(`${promise}, in one line`, () => {
    const program = join(root, "bin", "tocsin");
    const { stdout, stderr, status } = launch(program, ["up"], "/", pathWith(node));
    expect({ stdout, status }).toEqual({ stdout: "", status: 2 });
    expect(stderr).toMatch(/^[^\n]*npm ci[^\n]*\n$/);
  });
}

for (const [promise, version, hasTemporal, problem] of [
  ["an old Node is refused", "25.9.0", true, /needs Node 26, this is 25\.9\.0/],
  ["a Node without Temporal is refused", "26.0.0", false, /needs Temporal/],
] as const) {
  test(promise, () => expect(() => requireRuntime(version, hasTemporal)).toThrow(problem));
}

test("this Node and newer ones are accepted", () => {
  requireRuntime();
  requireRuntime("30.1.0", true);
});
