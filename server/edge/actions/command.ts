/** Starts a program that an administrator configured with all its arguments: no shell, nothing added. */
import { z } from "zod";
import type { Connection } from "../../../contract/action.ts";
import { action, type ActionRequest, type UsableConnection } from "../../domain/runbook/action.ts";
import { lost } from "./replies.ts";

type Template = Extract<Connection, { type: "command" }>;
const Input = z.strictObject({});

const templateOf = (request: ActionRequest<unknown>): Template =>
  (request.connection as UsableConnection).connection as Template;

export const commandRun = action<z.infer<typeof Input>>({
  name: "command.run",
  version: 1,
  title: "Start a configured program, such as one that sets a flag",
  input: Input,
  output: z.object({ exitCode: z.int(), stdout: z.string(), stderr: z.string() }),
  connection: "command",
  risk: () => "write",
  permission: "runbooks.run",
  timeoutMs: 300_000,
  prose: [],
  fixed: [],
  repeatable: false,
  plan(request) {
    const { program, args, timeoutSeconds } = templateOf(request);
    const timeoutMs = Math.min(request.timeoutMs, timeoutSeconds * 1_000);
    return { via: "program", program, args, timeoutMs };
  },
  read(reply) {
    if (reply.via === "error") return lost(reply);
    if (reply.via !== "program") return { kind: "failed", learned: "the reply is of another kind" };
    const { exitCode, stdout, stderr } = reply;
    const output = { exitCode, stdout, stderr };
    const learned = `it ended with ${exitCode}`;
    return exitCode === 0 ? { kind: "done", output, learned } : { kind: "failed", output, learned };
  },
  dryRun(request) {
    const { program, args } = templateOf(request);
    return { words: `would start ${[program, ...args].join(" ")}` };
  },
  undo: null,
});
