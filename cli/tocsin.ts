/** The command line. Local commands run here; all others talk to the server over the contract. */
import { Command } from "commander";
import { requireRuntime } from "../server/app/local/runtime.ts";
import { ClientError, clientOptions, openClient } from "./client.ts";
import { registerConfiguration } from "./configuration.ts";

/** Expected failures end in one line and this code; so does wrong usage. */
const REFUSED = 2;
const FAULT = 1;

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const printError = (line: string): void => void process.stderr.write(`${line}\n`);

async function main(): Promise<void> {
  requireRuntime();
  const program = new Command("tocsin")
    .description("Incident response: from an alert to a paged person, a resolved incident and its postmortem.")
    .showHelpAfterError("(--help shows what is possible)")
    .exitOverride();
  program
    .command("up")
    .description("start the server, with its own PostgreSQL unless DATABASE_URL names one")
    .action(async () => {
      const { up } = await import("../server/app/local/up.ts");
      process.exitCode = await up(process.env, print);
    });
  registerConfiguration(program, openClient(clientOptions(process.env)));
  await program.parseAsync();
}

main().catch((error: unknown) => {
  if (error instanceof Error && "exitCode" in error && "code" in error && String(error.code).startsWith("commander.")) {
    process.exitCode = error.exitCode === 0 ? 0 : REFUSED;
    return;
  }
  const expected = error instanceof ClientError || (error instanceof Error && error.name === "Refusal");
  printError(expected ? `tocsin: ${(error as Error).message}` : String(error instanceof Error ? error.stack : error));
  process.exitCode = expected ? REFUSED : FAULT;
});
