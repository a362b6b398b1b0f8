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

export default defineConfig({
  test: {
    include:
      process.env["TOCSIN_TEST_MAJOR"] === "15"
        ? ofStore()
        : ["**/*.test.ts", "sim/stories/*.story.ts"],
    exclude: ["**/node_modules/**"],
    globalSetup: ["test/globalSetup.ts"],
    pool: "forks",
    maxWorkers: 2,
    // Tests of real processes share two cores with everything else: one second chance, shown in the report.
    retry: process.env["CI"] === "true" ? 1 : 0,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    coverage: {
      provider: "v8",
      include: ["server/**/*.ts", "contract/**/*.ts"],
      exclude: ["**/*.test.ts"],
      reporter: ["text-summary", "json-summary"],
      thresholds: { lines: 80, statements: 80 },
    },
  },
});
