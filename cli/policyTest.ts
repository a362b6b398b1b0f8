/** `tocsin test`: policy tests in files, for a team's CI. */
import type { Command } from "commander";
import { ClientError } from "./client.ts";
import { addCommand, type Cli } from "./command.ts";
import { bold, styled } from "./output.ts";

export function registerPolicyTest(program: Command, cli: Cli): void {
  addCommand(program, cli, {
    usage: "test <directory>",
    what: "play the policy tests (*.test.yaml) of a configuration on a virtual clock, without a server",
    example: "./bin/tocsin test examples/acme --mutate",
    options: [["--mutate", "also take each rule away in turn, and name those that no test misses"]],
    async run(given) {
      const { testPolicies } = await import("../server/app/local/policy/testPolicies.ts");
      const directory = given.arg(0);
      const report = await testPolicies(directory, {
        mutate: given.flag("mutate"),
        onResult: () => undefined,
      }).catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOTDIR")
          throw new ClientError(`${directory} is a file; name the directory that it stands in`);
        if (error.code !== "ENOENT") throw error;
        throw new ClientError(`${directory} is no directory that can be read`);
      });
      const { findings, tests, mutants } = report;
      if (findings.length === 0 && tests.length === 0)
        throw new ClientError(`there is no *.test.yaml below ${directory}`);
      const failed = tests.filter(({ passed }) => !passed);
      const survivors = (mutants ?? []).filter(({ missedBy }) => missedBy === null);
      const lines = () => [
        ...findings,
        ...tests.flatMap(({ name, file, line, passed, diff }) => [
          `${passed ? styled({ text: "passed", style: "green" }) : styled({ text: "FAILED", style: "red" })}  ${bold(name)}  ${file}:${line}`,
          ...diff.map((text) => `  ${text}`),
        ]),
        ...(tests.length === 0
          ? []
          : [`${tests.length - failed.length} of ${tests.length} passed.`]),
        ...(mutants === null
          ? given.flag("mutate") && failed.length > 0
            ? ["No rule was taken away: every test has to pass first."]
            : []
          : [
              `${mutants.length - survivors.length} of ${mutants.length} rules are missed by a test when they are taken away.`,
              ...survivors.map(({ removed, source }) => `no test misses ${removed} (${source})`),
            ]),
      ];
      const exitCode = findings.length > 0 ? 2 : failed.length + survivors.length > 0 ? 1 : 0;
      return { value: report, lines, exitCode };
    },
  });
}
