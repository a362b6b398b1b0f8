/** A request to a system whose address and methods an administrator allowed. */
import { z } from "zod";
import type { Connection } from "../../../contract/action.ts";
import { action, type ActionRequest, type UsableConnection } from "../../domain/runbook/action.ts";
import { below, jsonRequest, readHttp } from "./replies.ts";

const Value = z.union([z.string(), z.number(), z.boolean()]);

const Input = z.strictObject({
  method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]).default("GET"),
  /** Below the connection's address; {name} is filled from `params`, as one part of the path. */
  path: z.string().max(1_000).default(""),
  params: z.record(z.string(), Value).default({}),
  query: z.record(z.string(), Value).default({}),
  body: z.unknown().optional(),
  /** The status that counts as success, where 2xx is not meant. */
  expectStatus: z.int().min(100).max(599).optional(),
});
type Input = z.infer<typeof Input>;
type Http = Extract<Connection, { type: "http" }>;

export const httpRequest = action<Input>({
  name: "http.request",
  version: 1,
  title: "Ask another system over HTTP",
  input: Input,
  output: z.object({ status: z.int(), body: z.unknown() }),
  connection: "http",
  risk: ({ method }) => (method === "GET" ? "read" : method === "DELETE" ? "destructive" : "write"),
  permission: "runbooks.run",
  timeoutMs: 15_000,
  prose: [],
  fixed: ["method", "path"],
  repeatable: false,
  plan: (request) => ({ via: "http", outbound: outboundOf(request) }),
  read(reply, { input }) {
    const result = readHttp(reply);
    const { expectStatus } = input;
    if (expectStatus === undefined || result.kind === "unknown" || result.output === undefined)
      return result;
    const held = result.output["status"] === expectStatus;
    const learned = `${result.learned}, and ${expectStatus} was expected`;
    return held
      ? { kind: "done", output: result.output, learned: result.learned }
      : { kind: "failed", output: result.output, learned };
  },
  dryRun: (request) => {
    const { method, url, body } = outboundOf(request);
    return { words: `${method} ${url}${body === null ? "" : ` with ${body.slice(0, 2_000)}`}` };
  },
  undo: null,
});

function outboundOf(request: ActionRequest<Input>) {
  const { input } = request;
  const { connection, secret } = request.connection as UsableConnection;
  const { url, methods, headers } = connection as Http;
  if (!methods.includes(input.method))
    throw new RangeError(`the connection does not allow ${input.method}`);
  const address = new URL(below(url, pathOf(input)));
  for (const [name, value] of Object.entries(input.query))
    address.searchParams.set(name, String(value));
  const filled = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      value.startsWith("env:") ? secret(value) : value,
    ]),
  );
  const body = input.method === "GET" ? undefined : input.body;
  return jsonRequest(request, input.method, address.href, body, filled);
}

/** Each {name} becomes one encoded part: a value can add no slash, no dot-dot and no question mark. */
function pathOf({ path, params }: Input): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined) throw new RangeError(`the path asks for {${name}}`);
    const text = String(value);
    if (text === "" || text === "." || text === "..")
      throw new RangeError(`“${text}” is no part of a path`);
    return encodeURIComponent(text);
  });
}
