/**
 * The short way in for what tools send most: a plain request to an address where nothing but a key and a body is
 * given. It meets the same route, the same reading of its body, the same limit and the same refusals; what is left
 * out is what has to be asked of every other request (decision 89). Whatever is unusual about a request, and
 * everything that a server that is closing is sent, goes the way of all.
 */
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from "node:http";
import { stopwatch } from "../base/clock.ts";
import { type BoundRoute, Raw, type RequestFacts } from "../base/routes.ts";
import type { World } from "../base/world.ts";
import { type Actor, ENGINE } from "../domain/account/account.ts";
import type { AnsweredRequest } from "./metrics.ts";
import { type Asked, refusedAnswer, type RefusalPage } from "./refused.ts";

/** Where tools send one request after the other. Keys that stand in an address keep to the way of all. */
const SHORT_PATHS = new Set(["/api/v2/alerts", "/v2/enqueue", "/v1/signals"]);

export type ShortWay = {
  readonly trustProxy: boolean;
  readonly refusalPage: RefusalPage;
  newRequestId(): string;
  bodyLimitOf(path: string): number;
  /** The body as the route is given it. */
  read(path: string, type: string, body: Buffer): unknown;
  /** The body by contract. */
  parse(route: BoundRoute<Actor>["route"], body: unknown): unknown;
  /** Told of every request that was answered. */
  answered(request: AnsweredRequest, requestId: () => string): void;
  isClosing(): boolean;
};

/** What is asked about a request, each only when somebody wants to know. */
class ShortRequest implements RequestFacts, Asked {
  readonly #request: IncomingMessage;
  readonly #way: ShortWay;
  #id: string | null = null;
  readonly rawBody: Buffer;
  readonly bodyLimit: number;
  constructor(request: IncomingMessage, way: ShortWay, rawBody: Buffer, bodyLimit: number) {
    this.#request = request;
    this.#way = way;
    this.rawBody = rawBody;
    this.bodyLimit = bodyLimit;
  }
  get requestId(): string {
    return (this.#id ??= this.#way.newRequestId());
  }
  get headers(): Record<string, string | undefined> {
    return this.#request.headers as Record<string, string | undefined>;
  }
  get address(): string {
    const { headers, socket } = this.#request;
    const told = this.#way.trustProxy ? String(headers["x-forwarded-for"] ?? "") : "";
    return told.split(",")[0]?.trim() || (socket.remoteAddress ?? "");
  }
  get method(): string {
    return this.#request.method ?? "";
  }
  get url(): string {
    return this.#request.url ?? "";
  }
}

/** How many bytes come, for a request that is as plain as a tool's are; null for any other. */
function plainLength(request: IncomingMessage): number | null {
  const { headers } = request;
  if (request.httpVersion !== "1.1" || !isJson(headers["content-type"])) return null;
  const length = headers["content-length"];
  if (length === undefined || !/^[1-9]\d{0,8}$/.test(length) || isUnusual(headers)) return null;
  return Number(length);
}

const isJson = (type: string | undefined): boolean =>
  type === "application/json" || type === "application/json; charset=utf-8";
const isUnusual = (headers: IncomingHttpHeaders): boolean =>
  headers["content-encoding"] !== undefined ||
  headers["transfer-encoding"] !== undefined ||
  headers.expect !== undefined ||
  headers.upgrade !== undefined ||
  (headers.accept?.includes("html") ?? false);

/** Puts the short way before whatever answers the server's requests now. */
export function openShortWay(
  server: Server,
  world: Pick<World, "log">,
  routes: readonly BoundRoute<Actor>[],
  way: ShortWay,
): void {
  const short = new Map(
    routes
      .filter(({ route }) => route.method === "POST" && SHORT_PATHS.has(route.path))
      .map((bound) => [bound.route.path, bound]),
  );
  const others = server.listeners("request") as ((
    request: IncomingMessage,
    response: ServerResponse,
  ) => void)[];
  server.removeAllListeners("request");
  server.on("request", (request, response) => {
    const bound = request.method === "POST" ? short.get(request.url ?? "") : undefined;
    const length = bound === undefined || way.isClosing() ? null : plainLength(request);
    if (bound === undefined || length === null || length > way.bodyLimitOf(bound.route.path)) {
      for (const other of others) other.call(server, request, response);
      return;
    }
    const elapsedMs = stopwatch();
    // Whoever breaks off in the middle of it has sent nothing.
    whenWhole(request, length, (body) => {
      void answer(world, way, bound, { request, response, body, elapsedMs });
    });
  });
}

function whenWhole(request: IncomingMessage, length: number, done: (body: Buffer) => void): void {
  const parts: Buffer[] = [];
  let missing = length;
  request.on("data", (part: Buffer) => {
    missing -= part.length;
    parts.push(part);
    if (missing === 0) done(parts.length === 1 ? part : Buffer.concat(parts, length));
  });
}

type Exchange = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Buffer;
  elapsedMs(): number;
};

async function answer(
  world: Pick<World, "log">,
  way: ShortWay,
  { route, answer: answerOf }: BoundRoute<Actor>,
  { request, response, body, elapsedMs }: Exchange,
): Promise<void> {
  const facts = new ShortRequest(request, way, body, way.bodyLimitOf(route.path));
  let status: number;
  try {
    const type = request.headers["content-type"] ?? "";
    const read = way.parse(route, way.read(route.path, type, body));
    // A route by key finds its own actor; see http.ts.
    const found = await answerOf({
      actor: ENGINE,
      params: NOTHING as never,
      query: NOTHING as never,
      body: read as never,
      request: facts,
    });
    const given = found instanceof Raw;
    status = given ? found.status : (route.status ?? 200);
    if (given) send(response, found);
    else send(response, { status, type: JSON_TYPE, headers: NOTHING, body: JSON.stringify(found) });
  } catch (error) {
    const refused = refusedAnswer(world, way.refusalPage, error, facts);
    status = refused.status;
    send(response, refused);
  }
  way.answered(
    { method: "POST", route: route.path, status, ms: elapsedMs() },
    () => facts.requestId,
  );
}

const JSON_TYPE = "application/json; charset=utf-8";
const NOTHING = Object.freeze({});

function send(
  response: ServerResponse,
  { status, type, headers, body }: Pick<Raw, "status" | "type" | "headers" | "body">,
): void {
  if (typeof body !== "string") throw new TypeError("what tools are answered is text");
  // Head and body go out in one write.
  response.writeHead(status, {
    "cache-control": "no-store",
    ...headers,
    "content-type": type,
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
}
