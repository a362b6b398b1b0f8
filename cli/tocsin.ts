/**
 * The command line. A server keeps for months what it loaded, so `up` by itself loads nothing of the other
 * commands; they are cli/commandLine.ts.
 */
import { requireRuntime } from "../server/app/local/runtime.ts";

/** Expected failures end in one line and this code; so does wrong usage. */
const REFUSED = 2;
const FAULT = 1;
const EXPECTED = new Set(["ClientError", "Refusal"]);

async function main(words: readonly string[]): Promise<void> {
  requireRuntime();
  if (words.length === 1 && words[0] === "up") {
    const { up } = await import("../server/app/local/up.ts");
    // Whatever still runs, such as a thread that reads a calendar of somebody who has gone, holds up no stop.
    process.exit(await up(process.env, (line) => process.stdout.write(`${line}\n`)));
  }
  const { runCommand } = await import("./commandLine.ts");
  if (!(await runCommand())) process.exitCode = REFUSED;
}

/** Whoever reads may have seen enough (`tocsin incidents | head`): that is no fault. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

main(process.argv.slice(2)).catch((error: unknown) => {
  const expected = error instanceof Error && EXPECTED.has(error.name);
  const text = expected
    ? `tocsin: ${error.message}`
    : String(error instanceof Error ? error.stack : error);
  process.stderr.write(`${text}\n`);
  process.exitCode = expected ? REFUSED : FAULT;
});
