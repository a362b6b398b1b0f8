/** Runs one command. Local commands run here; all others talk to the server over the contract. */
import { CommanderError } from "commander";
import { clientOptions, openClient } from "./client.ts";
import { terminal } from "./output.ts";
import { buildProgram } from "./program.ts";

/** Says whether it was used rightly; what was wrong has been told. */
export async function runCommand(): Promise<boolean> {
  const options = clientOptions(process.env);
  const program = buildProgram({
    client: openClient(options),
    keyless: openClient({ ...options, token: null }),
    output: terminal,
    now: () => Date.now(),
    width: process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY,
    exit: (code) => void (process.exitCode = code),
  });
  try {
    await program.parseAsync();
    return true;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0;
    throw error;
  }
}
