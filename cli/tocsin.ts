/** The command line. Local commands run here; all others talk to the server over the contract. */
import { CommanderError } from "commander";
import { requireRuntime } from "../server/app/local/runtime.ts";
import { ClientError, clientOptions, openClient } from "./client.ts";
import { terminal } from "./output.ts";
import { buildProgram } from "./program.ts";

/** Expected failures end in one line and this code; so does wrong usage. */
const REFUSED = 2;
const FAULT = 1;

async function main(): Promise<void> {
  requireRuntime();
  const options = clientOptions(process.env);
  const program = buildProgram({
    client: openClient(options),
    keyless: openClient({ ...options, token: null }),
    output: terminal,
    now: () => Date.now(),
    width: process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY,
    exit: (code) => void (process.exitCode = code),
  });
  await program.parseAsync();
}

/** Whoever reads may have seen enough (`tocsin incidents | head`): that is no fault. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

main().catch((error: unknown) => {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : REFUSED;
    return;
  }
  const expected =
    error instanceof ClientError || (error instanceof Error && error.name === "Refusal");
  const text = expected
    ? `tocsin: ${(error as Error).message}`
    : String(error instanceof Error ? error.stack : error);
  process.stderr.write(`${text}\n`);
  process.exitCode = expected ? REFUSED : FAULT;
});
