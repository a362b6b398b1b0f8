/** Feature flags over HTTP: looked at by OpenFeature's remote evaluation protocol, set by their state. */
import { z } from "zod";
import type { Connection } from "../../../contract/action.ts";
import { action, type ActionRequest, type UsableConnection } from "../../domain/runbook/action.ts";
import { below, jsonRequest, readHttp } from "./replies.ts";

const Flag = z.string().regex(/^[\w.-]{1,200}$/, "the key of a flag");
const Look = z.strictObject({ flag: Flag, context: z.record(z.string(), z.unknown()).default({}) });
const Set = z.strictObject({ flag: Flag, on: z.boolean() });
type Flags = Extract<Connection, { type: "flags" }>;

const output = z.object({ status: z.int(), body: z.unknown() });

function asked(
  request: ActionRequest<unknown>,
  method: "POST" | "PUT",
  path: string,
  body: unknown,
) {
  const { connection, secret } = request.connection as UsableConnection;
  const { url, token } = connection as Flags;
  const headers: Record<string, string> = {};
  if (token !== undefined) headers["Authorization"] = `Bearer ${secret(token)}`;
  const outbound = jsonRequest(request, method, below(url, path), body, headers);
  return { via: "http", outbound } as const;
}

const look = (request: ActionRequest<unknown>, flag: string, context: object) =>
  asked(request, "POST", `ofrep/v1/evaluate/flags/${encodeURIComponent(flag)}`, { context });
const set = (request: ActionRequest<unknown>, flag: string, on: boolean) =>
  asked(request, "PUT", `flags/${encodeURIComponent(flag)}`, {
    state: on ? "ENABLED" : "DISABLED",
  });

export const flagRead = action<z.infer<typeof Look>>({
  name: "flag.read",
  version: 1,
  title: "Look at a feature flag",
  input: Look,
  output,
  connection: "flags",
  risk: () => "read",
  permission: "runbooks.run",
  timeoutMs: 10_000,
  prose: [],
  fixed: ["flag"],
  repeatable: true,
  plan: (request) => look(request, request.input.flag, request.input.context),
  read: readHttp,
  dryRun: null,
  undo: null,
});

export const flagSet = action<z.infer<typeof Set>>({
  name: "flag.set",
  version: 1,
  title: "Turn a feature flag on or off",
  input: Set,
  output,
  connection: "flags",
  risk: () => "write",
  permission: "runbooks.run",
  timeoutMs: 10_000,
  prose: [],
  fixed: ["flag", "on"],
  // Setting it to the same state twice changes nothing.
  repeatable: true,
  plan: (request) => set(request, request.input.flag, request.input.on),
  read: readHttp,
  dryRun: (request) => look(request, request.input.flag, {}),
  undo: (request) => set(request, request.input.flag, !request.input.on),
});
