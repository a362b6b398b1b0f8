import { globSync, readFileSync } from "node:fs";
import { defineConfig, type TestProjectConfiguration } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Where another version of PostgreSQL could matter: tests that ask a store, and a few stories of everything. */
const ofStore = (): string[] =>
  [
    ...globSync("server/{base,domain,engine}/**/*.test.ts"),
    ...globSync("sim/stories/{alerts,delivery,escalation,silences}.story.ts"),
  ].filter((file) =>
    /(?:test\/(?:store|\w+Stage)|sim\/world|\/story)\.ts/.test(readFileSync(file, "utf8")),
  );

/**
 * Tests of pure pieces by themselves: no store, process, thread, clock or environment. They share their workers, so that
 * one that takes a millisecond does not wait half a second for a process of its own; whatever names one of these has one.
 */
const NEEDS_ITS_OWN =
  /\/test\/|\/sim\/|Stage|\bvi\.|worker|process\.|node:(?:child_process|net)|mkdtemp|globalThis|performance\.|setTimeout/;
const ofPureParts = (): string[] =>
  globSync("{contract,server,web,cli}/**/*.test.ts").filter(
    (file) => !NEEDS_ITS_OWN.test(readFileSync(file, "utf8")),
  );

/**
 * Stories, and tests of commands and steps over a store, keep what they know in a database of their own. They share their
 * workers as well: the production is read and warmed up once instead of for each of them.
 */
const NEEDS_ITS_PROCESS =
  /\bvi\.|worker|process\.|node:(?:child_process|net)|mkdtemp|globalThis|performance\.|setTimeout/;
const ofStories = (): string[] =>
  [
    ...globSync("sim/stories/*.story.ts"),
    ...globSync("server/{base,domain,engine}/**/*.test.ts").filter((file) =>
      /\/test\/|\/sim\/|Stage/.test(readFileSync(file, "utf8")),
    ),
  ].filter((file) => !NEEDS_ITS_PROCESS.test(readFileSync(file, "utf8")));

const HOW = {
  pool: "forks",
  // Tests of real processes share two cores with everything else: one second chance, shown in the report.
  retry: process.env["CI"] === "true" ? 1 : 0,
  testTimeout: 60_000,
  hookTimeout: 60_000,
} as const;
const ELSEWHERE = ["**/node_modules/**"];
const STORE = { ...HOW, globalSetup: ["test/globalSetup.ts"] };

const pure = ofPureParts();
const stories = ofStories();
const shared = (include: string[]): TestProjectConfiguration => ({
  test: { ...STORE, name: "shared", include, exclude: ELSEWHERE, isolate: false },
});

const ordinary = (): TestProjectConfiguration[] => {
  const include = ["**/*.test.ts", "sim/stories/*.story.ts"];
  const exclude = [...ELSEWHERE, ...pure, ...stories];
  const setupFiles = ["test/children.ts"];
  return [
    { test: { ...STORE, name: "whole", include, exclude, setupFiles } },
    { test: { ...HOW, name: "pure", include: pure, exclude: ELSEWHERE, isolate: false } },
    shared(stories),
  ];
};

const onOtherMajor = (): TestProjectConfiguration[] => {
  const files = ofStore();
  const own = files.filter((file) => !stories.includes(file));
  return [
    { test: { ...STORE, name: "store", include: own, exclude: ELSEWHERE } },
    shared(files.filter((file) => stories.includes(file))),
  ];
};

/** Files are begun by size, and these are small: begun last, they would be waited for alone. */
const LONG = ["sim/faults.test.ts", "sim/weather.test.ts"];
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) =>
      LONG.some((name) => moduleId.endsWith(name));
    return [...sorted.filter(isLong), ...sorted.filter((spec) => !isLong(spec))];
  }
}

export default defineConfig({
  test: {
    projects: process.env["TOCSIN_TEST_MAJOR"] === "15" ? onOtherMajor() : ordinary(),
    sequence: { sequencer: LongestFirst },
    maxWorkers: 2,
    coverage: {
      provider: "v8",
      include: ["server/**/*.ts", "contract/**/*.ts"],
      exclude: ["**/*.test.ts"],
      reporter: ["text-summary", "json-summary"],
      thresholds: { lines: 80, statements: 80 },
    },
  },
});
