/** A signed JSON request to a receiver, in the form that notifications have. */
import { z } from "zod";
import type { Connection } from "../../../contract/action.ts";
import { hmacSha256 } from "../../base/crypto.ts";
import { SECOND, toIso } from "../../base/instant.ts";
import { action, type ActionRequest, type UsableConnection } from "../../domain/runbook/action.ts";
import { jsonRequest, readHttp } from "./replies.ts";

const Input = z.strictObject({
  event: z.string().regex(/^[a-z][a-z0-9._-]{0,80}$/, "a name such as jobs.pause"),
  data: z.record(z.string(), z.unknown()).default({}),
});
type Input = z.infer<typeof Input>;
type Webhook = Extract<Connection, { type: "webhook" }>;

export const webhook = action<Input>({
  name: "webhook.send",
  version: 1,
  title: "Send a signed event to a receiver",
  input: Input,
  output: z.object({ status: z.int(), body: z.unknown() }),
  connection: "webhook",
  risk: () => "write",
  permission: "runbooks.run",
  timeoutMs: 15_000,
  prose: [],
  fixed: ["event"],
  // The receiver drops what carries a key that it has seen.
  repeatable: true,
  plan: (request) => ({ via: "http", outbound: outboundOf(request) }),
  read: readHttp,
  dryRun: ({ input }) => ({
    words: `would send ${input.event} with ${JSON.stringify(input.data)}`,
  }),
  undo: null,
});

function outboundOf(request: ActionRequest<Input>) {
  const { connection, secret } = request.connection as UsableConnection;
  const { url, secret: reference } = connection as Webhook;
  const outbound = jsonRequest(request, "POST", url, {
    type: request.input.event,
    idempotencyKey: request.idempotencyKey,
    sentAt: toIso(request.now),
    run: request.correlation.run,
    step: request.correlation.step,
    incident: request.correlation.incident,
    data: request.input.data,
  });
  const seconds = Math.floor(request.now / SECOND);
  const signature = hmacSha256(secret(reference), `${seconds}.${outbound.body}`).toString("hex");
  return {
    ...outbound,
    headers: { ...outbound.headers, "Tocsin-Signature": `t=${seconds},v1=${signature}` },
  };
}
