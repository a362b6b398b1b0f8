import { globSync, readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";

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
const projects =
  process.env["TOCSIN_TEST_MAJOR"] === "15"
    ? [{ test: { ...STORE, name: "store", include: ofStore(), exclude: ELSEWHERE } }]
    : [
        {
          test: {
            ...STORE,
            name: "whole",
            include: ["**/*.test.ts", "sim/stories/*.story.ts"],
            exclude: [...ELSEWHERE, ...pure],
          },
        },
        { test: { ...HOW, name: "pure", include: pure, exclude: ELSEWHERE, isolate: false } },
      ];

export default defineConfig({
  test: {
    projects,
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
