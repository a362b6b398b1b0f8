/** Git as a program: without prompts, hooks, system configuration, and any transport but a few. */
import { type Ended, runProgram } from "./programs.ts";

const URL_FORMS = /^(https:\/\/[^\s]+|ssh:\/\/[^\s-][^\s]*|[\w.-]+@[\w.-]+:[^\s-][^\s]*|\/[^\0]*)$/;
const TIMEOUT_MS = 60_000;
const MOST_OUTPUT = 8 * 1024 * 1024;

export const NOT_FOR_GIT = "the address or the branch is none that git should be given";

/** Neither can be taken for an option, nor for a transport that starts something. */
export const isForGit = (url: string, branch: string): boolean =>
  URL_FORMS.test(url) && !branch.startsWith("-") && !branch.includes("..");

export type GitCall = {
  /** For https. It stands in no argument. */
  readonly token: string | null;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
};

export function runGit({ token, args, environment = {} }: GitCall): Promise<Ended> {
  const header: Readonly<Record<string, string>> =
    token === null
      ? {}
      : {
          GIT_CONFIG_COUNT: "1",
          GIT_CONFIG_KEY_0: "http.extraHeader",
          GIT_CONFIG_VALUE_0: `Authorization: Basic ${Buffer.from(`x-access-token:${token}`).toString("base64")}`,
        };
  return runProgram({
    program: "git",
    args: ["-c", "core.hooksPath=/dev/null", "-c", "protocol.ext.allow=never", ...args],
    timeoutMs: TIMEOUT_MS,
    outputLimit: MOST_OUTPUT,
    environment: {
      GIT_TERMINAL_PROMPT: "0",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_ALLOW_PROTOCOL: "https:ssh:file",
      GIT_SSH_COMMAND: "ssh -oBatchMode=yes",
      ...environment,
      ...header,
    },
  });
}

/** Never the address, which may hold a name; git says what is wrong in its last line. */
export function failureOf(ended: Ended): string {
  if (ended.kind === "error") return ended.because;
  const last =
    ended.stderr
      .trim()
      .split("\n")
      .at(-1)
      ?.replace(/\S+:\/\/\S+/g, "…") ?? "";
  return `git ended with ${ended.exitCode}: ${last.slice(0, 300)}`;
}
