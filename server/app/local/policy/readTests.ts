/** Policy tests as files: every *.test.yaml below a directory, read as strictly as configuration. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ConfigFinding, DesiredObject } from "../../../../contract/configuration.ts";
import { expectationsOf, pathText } from "../../../../contract/expected.ts";
import { type PolicyTest, PolicyTests } from "../../../../contract/policyTest.ts";
import { readTree } from "../../../domain/config/files.ts";
import { mistakesIn } from "./checkTests.ts";

export type NamedTest = {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly test: PolicyTest;
};

export type TestFiles = {
  readonly tests: readonly NamedTest[];
  readonly findings: readonly ConfigFinding[];
};

const TEST_FILE = /\.test\.ya?ml$/;

/**
 * The tests of a directory in the order of their files and lines; findings name file and line. What they name is
 * looked for among the objects, where these could be read.
 */
export async function readTests(
  directory: string,
  objects: readonly DesiredObject[] | null,
): Promise<TestFiles> {
  const findings: ConfigFinding[] = [];
  const tests: NamedTest[] = [];
  const names = await readdir(directory, { recursive: true });
  for (const name of names.filter((path) => TEST_FILE.test(path)).toSorted()) {
    const file = join(directory, name);
    const tree = readTree({ path: file, text: await readFile(file, "utf8") }, findings);
    if (tree === null) continue;
    const read = PolicyTests.safeParse(tree.value ?? {});
    if (!read.success) {
      for (const { path, expected } of expectationsOf(PolicyTests, read.error)) {
        const line = lineOf(tree.lines, path);
        findings.push({ source: { file, line }, path: pathText(path), message: expected });
      }
      continue;
    }
    for (const [title, test] of Object.entries(read.data.tests)) {
      tests.push({ name: title, file, line: tree.lines.get(`tests.${title}`) ?? 1, test });
      for (const mistake of objects === null ? [] : mistakesIn(test, objects)) {
        const path = ["tests", title, ...mistake.path];
        const source = { file, line: lineOf(tree.lines, path) };
        findings.push({ source, path: pathText(path), message: mistake.expected });
      }
    }
  }
  return { tests, findings };
}

function lineOf(lines: ReadonlyMap<string, number>, path: readonly (string | number)[]): number {
  for (let length = path.length; length > 0; length--) {
    const line = lines.get(pathText(path.slice(0, length)));
    if (line !== undefined) return line;
  }
  return 1;
}
