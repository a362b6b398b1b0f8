/** `tocsin watch`: for another host, to notice when the server itself is down. */
import type { Command } from "commander";
import { type Cli, summaryOf } from "./command.ts";

export function registerWatch(program: Command, cli: Cli): void {
  const what = "watch a server from another host, and page by ways of its own when it is down";
  program
    .command("watch <file>")
    .summary(summaryOf(what, "./bin/tocsin watch watch.yaml"))
    .description(what)
    .action(async (file: string) => {
      const { watch } = await import("../server/app/local/watch/watch.ts");
      cli.exit(await watch(file, process.env, cli.output.line));
    });
}
