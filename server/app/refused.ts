/** What is refused, or failed, as an answer: RFC 9457 problem details, or a page for a browser. */
import { type Problem } from "../../contract/route.ts";
import { refusalStatus } from "../../contract/refusals.ts";
import { isStoreAway } from "../base/db.ts";
import { Refusal } from "../base/errors.ts";
import { errorFields } from "../base/log.ts";
import type { Raw } from "../base/routes.ts";
import type { World } from "../base/world.ts";

/** What tells who asks. */
export type Asking = {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
};

/** How a refusal looks to a browser; everything else is told problem details. */
export type RefusalPage = (problem: Problem, request: Asking & { readonly url: string }) => Raw;

export type Asked = Asking & {
  readonly url: string;
  readonly requestId: string;
  /** How many bytes its body may have. */
  readonly bodyLimit: number;
};

type Answer = {
  readonly status: number;
  readonly type: string;
  readonly headers: Raw["headers"];
  readonly body: Raw["body"];
};

export function refusedAnswer(
  world: Pick<World, "log">,
  refusalPage: RefusalPage,
  error: unknown,
  asked: Asked,
): Answer {
  const refusal = refusalFor(world, error, asked);
  const problem = problemOf(refusal, asked.requestId);
  const { status } = problem;
  const headers = {
    ...retryAfter(refusal),
    ...(status === 401 && { "www-authenticate": "Bearer" }),
    vary: "accept",
  };
  if (/\btext\/html\b/.test(String(asked.headers["accept"] ?? ""))) {
    const page = refusalPage(problem, asked);
    return { status, type: page.type, headers: { ...headers, ...page.headers }, body: page.body };
  }
  const type = "application/problem+json; charset=utf-8";
  return { status, type, headers, body: JSON.stringify(problem) };
}

const retryAfter = ({ code, params }: Refusal): Record<string, string> => {
  if (code === "server.store_away") return { "retry-after": "2" };
  return code === "calendar.busy" ? { "retry-after": String(params["seconds"]) } : {};
};

function refusalFor(
  world: Pick<World, "log">,
  error: unknown,
  { requestId, bodyLimit: limit }: Asked,
): Refusal {
  if (error instanceof Refusal) return error;
  if (isStoreAway(error)) return new Refusal("server.store_away");
  const code = (error as { code?: string }).code;
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") return new Refusal("request.too_large", { limit });
  const { statusCode = 500 } = error as { statusCode?: number };
  if (typeof code === "string" && code.startsWith("FST_ERR_") && statusCode < 500) {
    const isBody = code.startsWith("FST_ERR_CTP_");
    return new Refusal("request.invalid", {
      field: isBody ? "body" : "path",
      expected: isBody ? "a readable body" : "a readable address",
    });
  }
  world.log.error("fault", { request_id: requestId, ...errorFields(error) });
  return new Refusal("server.fault", { requestId });
}

/** A refusal as RFC 9457 problem details. */
export function problemOf(refusal: Refusal, requestId: string): Problem {
  return {
    type: `https://tocsin.invalid/errors/${refusal.code}`,
    title: refusal.code.replaceAll(/[._]/g, " "),
    status: refusalStatus(refusal.code),
    detail: refusal.message,
    code: refusal.code,
    params: { ...refusal.params },
    requestId,
  };
}
