import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["**/*.test.ts", "sim/stories/*.story.ts"],
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
