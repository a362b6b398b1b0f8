/** The commands that run here, without a server to talk to: `up`, `demo`, `backup` and `restore`. */
import type { Command } from "commander";
import { openClient } from "./client.ts";
import { type Cli, summaryOf } from "./command.ts";
import { applyDirectory } from "./configuration.ts";
import { fileURLToPath } from "node:url";

const SAMPLE = fileURLToPath(new URL("../examples/acme", import.meta.url));
/** Some 25 minutes of outage in less than one. */
const DEMO_SPEED = 30;

/** Their code is loaded when it is needed: a listing should not wait for a server's dependencies. */
export function registerLocal(program: Command, cli: Cli): void {
  const what = "start the server, with its own PostgreSQL unless DATABASE_URL names one";
  program
    .command("up")
    .summary(summaryOf(what, "./bin/tocsin up"))
    .description(what)
    .action(async () => {
      const { up } = await import("../server/app/local/up.ts");
      cli.exit(await up(process.env, cli.output.line));
    });
  const show = "the same server with a sample company, and one outage played on it";
  program
    .command("demo")
    .summary(summaryOf(show, "./bin/tocsin demo"))
    .description(show)
    .option(
      "--speed <n>",
      "how many times faster than time the waits of the outage run",
      Number,
      DEMO_SPEED,
    )
    .option("--once", "end after the outage and print its timeline", false)
    .action(async (options: { speed: number; once: boolean }) => {
      const { demo } = await import("../server/app/local/demo.ts");
      const code = await demo({
        ...options,
        env: process.env,
        print: cli.output.line,
        connect: openClient,
        async applySample(server) {
          const how = { dryRun: false, take: false };
          const report = await applyDirectory(openClient(server), SAMPLE, how, cli.output);
          return report.changes.length + report.unchanged;
        },
      });
      cli.exit(code);
    });
  registerBackup(program, cli);
}

function registerBackup(program: Command, cli: Cli): void {
  const telling = { env: process.env, print: cli.output.line, progress: cli.output.problem };
  const take = "write all of a store into one file, while the server goes on working";
  program
    .command("backup <file>")
    .summary(summaryOf(take, "./bin/tocsin backup FILE"))
    .description(take)
    .action(async (file: string) => {
      const { backup } = await import("../server/app/local/backup.ts");
      await backup(file, telling);
    });
  const give = "fill an empty store from a backup";
  program
    .command("restore <file>")
    .summary(summaryOf(give, "./bin/tocsin restore FILE"))
    .description(give)
    .option("--check", "only read the file and compare its checksums", false)
    .option("--without-key", "accept that what another master key sealed stays unreadable", false)
    .action(async (file: string, options: { check: boolean; withoutKey: boolean }) => {
      const local = await import("../server/app/local/backup.ts");
      await (options.check
        ? local.checkBackup(file, telling)
        : local.restore(file, telling, options));
    });
}
