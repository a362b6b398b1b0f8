/** The commands that run here, without a server to talk to: `tocsin up`. */
import type { Command } from "commander";
import { type Cli, summaryOf } from "./command.ts";

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
}
