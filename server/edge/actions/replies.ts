/** What an HTTP reply means for an action, where actions agree. */
import type { ActionRequest, ActionResult, EffectReply } from "../../domain/runbook/action.ts";
import type { HttpOutbound } from "../../base/transport.ts";

/** The headers that every request of an action carries. */
export const marked = ({
  idempotencyKey,
  correlation,
}: Pick<ActionRequest<unknown>, "idempotencyKey" | "correlation">): Readonly<
  Record<string, string>
> => ({
  "User-Agent": "Tocsin",
  "Idempotency-Key": idempotencyKey,
  "Tocsin-Run": correlation.run,
  ...(correlation.incident === null ? {} : { "Tocsin-Incident": correlation.incident }),
});

export const jsonRequest = (
  request: ActionRequest<unknown>,
  method: HttpOutbound["method"],
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): HttpOutbound => ({
  via: "http",
  method,
  url,
  headers: {
    ...marked(request),
    Accept: "application/json",
    ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    ...headers,
  },
  body: body === undefined ? null : JSON.stringify(body),
  timeoutMs: request.timeoutMs,
});

/** An address below the connection's; what would leave it is a fault of the binding. */
export function below(base: string, path: string): string {
  const root = new URL(base.endsWith("/") ? base : `${base}/`);
  const url = new URL(path.replace(/^\/+/, ""), root);
  if (url.origin !== root.origin || !url.pathname.startsWith(root.pathname))
    throw new RangeError(`“${path}” leads out of ${base}`);
  return url.href;
}

const LONGEST_BODY = 16_000;

/** Success is 2xx. A status that says "not now" has failed like any other: attempts are counted above. */
export function readHttp(reply: EffectReply): ActionResult {
  if (reply.via === "error") return lost(reply);
  if (reply.via !== "http") return { kind: "failed", learned: "the reply is of another kind" };
  const { reply: http } = reply;
  if (http.kind === "error") return lost(http);
  if (http.kind !== "http") return { kind: "failed", learned: "the reply is of another kind" };
  const output = { status: http.status, body: bodyOf(http.body) };
  const learned = `the other side answered ${http.status}`;
  return http.status >= 200 && http.status < 300
    ? { kind: "done", output, learned }
    : { kind: "failed", output, learned };
}

export const lost = ({
  reached,
  because,
}: {
  readonly reached: "no" | "maybe";
  readonly because: string;
}): ActionResult =>
  reached === "no"
    ? { kind: "failed", learned: because }
    : { kind: "unknown", learned: `${because}; it may have happened` };

function bodyOf(text: string): unknown {
  if (text.length > LONGEST_BODY) return `${text.slice(0, LONGEST_BODY)}…`;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
