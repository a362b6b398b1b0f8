/**
 * The short way in for what tools send most: a plain request to an address where nothing but a key and a body is
 * given. It meets the same route, the same reading of its body, the same limit and the same refusals; what is left
 * out is what has to be asked of every other request (decisions 89, 111). Whatever is unusual about a request, and
 * everything that a server that is closing is sent, goes the way of all.
 */
import type { Server } from "node:http";
import { stopwatch } from "../base/clock.ts";
import { type PlainAnswer, type PlainRequest, takePlainRequests } from "../base/plainRequests.ts";
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
  readonly #request: PlainRequest;
  readonly #way: ShortWay;
  #id: string | null = null;
  readonly method = "POST";
  constructor(request: PlainRequest, way: ShortWay) {
    this.#request = request;
    this.#way = way;
  }
  get requestId(): string {
    return (this.#id ??= this.#way.newRequestId());
  }
  get headers(): PlainRequest["headers"] {
    return this.#request.headers;
  }
  get address(): string {
    const { headers, peer } = this.#request;
    const told = this.#way.trustProxy ? (headers["x-forwarded-for"] ?? "") : "";
    return told.split(",")[0]?.trim() || peer;
  }
  get url(): string {
    return this.#request.url;
  }
  get rawBody(): Buffer {
    return this.#request.body;
  }
  get bodyLimit(): number {
    return this.#way.bodyLimitOf(this.#request.url);
  }
}

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
  takePlainRequests(
    server,
    {
      takes: (url) => (short.has(url) ? way.bodyLimitOf(url) : null),
      answer: (request) => answer(world, way, short.get(request.url)!, request),
      isClosing: way.isClosing,
    },
    () => world.log.warn("this Node's HTTP parser is not known: all requests go the way of all"),
  );
}

async function answer(
  world: Pick<World, "log">,
  way: ShortWay,
  { route, answer: answerOf }: BoundRoute<Actor>,
  request: PlainRequest,
): Promise<PlainAnswer> {
  const elapsedMs = stopwatch();
  const facts = new ShortRequest(request, way);
  let answered: PlainAnswer;
  try {
    const { url, headers, body } = request;
    const read = way.parse(route, way.read(url, headers["content-type"] ?? "", body));
    // A route by key finds its own actor; see http.ts.
    const found = await answerOf({
      actor: ENGINE,
      params: NOTHING as never,
      query: NOTHING as never,
      body: read as never,
      request: facts,
    });
    answered =
      found instanceof Raw
        ? asText(found)
        : { status: route.status ?? 200, ...JSON_ANSWER, body: JSON.stringify(found) };
  } catch (error) {
    answered = asText(refusedAnswer(world, way.refusalPage, error, facts));
  }
  way.answered(
    { method: "POST", route: route.path, status: answered.status, ms: elapsedMs() },
    () => facts.requestId,
  );
  return answered;
}

const NOTHING = Object.freeze({});
const JSON_ANSWER = { type: "application/json; charset=utf-8", headers: NOTHING };

function asText(given: Pick<Raw, "status" | "type" | "headers" | "body">): PlainAnswer {
  const { status, type, headers, body } = given;
  if (typeof body !== "string") throw new TypeError("what tools are answered is text");
  return { status, type, headers, body };
}
