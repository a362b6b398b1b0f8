/** `tocsin up`: one command from nothing to a server that pages. */
import { styleText } from "node:util";
import { compactWhenIdle, tidyAfterStart } from "../../base/memory.ts";
import { start } from "../main.ts";
import { untilSignalled } from "./untilSignalled.ts";
import { type Environment, readSettings } from "../settings.ts";
import { ensureWebApp } from "./buildWeb.ts";

/** Runs until it is signalled; returns the exit code. */
export async function up(env: Environment, print: (line: string) => void): Promise<number> {
  const settings = readSettings(env);
  compactWhenIdle();
  // Whoever read our output may go away; the pages must go on.
  process.stdout.on("error", () => undefined);
  // From the first moment on: a Ctrl-C during the start ends in an orderly stop as well.
  const signalled = untilSignalled();
  await ensureWebApp((line) => print(styleText("dim", line)));
  const running = await start({ settings, env, tell: (line) => print(styleText("dim", line)) });
  print("");
  print(`${styleText("bold", "Tocsin")} answers at ${styleText("bold", running.address)}`);
  print(`Sign in once as administrator: ${await running.signInLink()}`);
  print(
    styleText(
      "dim",
      "Next: ./bin/tocsin apply examples/acme, then ./bin/tocsin doctor. Ctrl-C stops it.",
    ),
  );
  const ended = new AbortController();
  void tidyAfterStart(ended.signal);
  await signalled;
  ended.abort();
  print("Stopping: finishing what is under way.");
  await running.stop();
  return 0;
}
