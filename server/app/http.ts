/**
 * The HTTP face: parses by contract, finds out who asks, checks the declared right, answers with problem
 * details (RFC 9457) when something is refused. A route without a declared right stops the start.
 */
import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import fastify, {
  type ConnectionError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
} from "fastify";
import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import { z } from "zod";
import { PERMISSIONS, type Permission } from "../../contract/access.ts";
import { expectationsOf } from "../../contract/expected.ts";
import { INTAKE_BYTES_MAX } from "../../contract/intake.ts";
import type { Route } from "../../contract/route.ts";
import { sleepReal } from "../base/clock.ts";
import { Refusal } from "../base/errors.ts";
import { textOf } from "../base/charsets.ts";
import { safeParse } from "../base/convertible.ts";
import { isEncodingKnown, opened } from "../base/encodings.ts";
import { type BoundRoute, LateBody, Raw, type RequestFacts } from "../base/routes.ts";
import { findUnstorable, isTooDeep, mayBeTooDeep, NESTING_MAX } from "../base/storable.ts";
import type { World } from "../base/world.ts";
import { type Actor, allow, ENGINE } from "../domain/account/account.ts";
import { bodyOf } from "../edge/inbound/body.ts";
import type { AnsweredRequest } from "./metrics.ts";
import { type Asking, problemOf, refusedAnswer, type RefusalPage } from "./refused.ts";
import { openShortWay } from "./shortWay.ts";
import type { TlsFiles } from "../base/tls.ts";

/** Who asks: null when nobody presented anything. Refuses what was presented and is not valid. */
export type Identify = (request: Asking) => Promise<Actor | null>;

const BODY_LIMIT = 512 * 1024;
/** Signals and Alertmanager's batches may be larger than one PagerDuty event. */
const LARGE_PATHS = new Set([
  "/api/v2/alerts",
  "/v1/signals",
  "/v1/measurements",
  "/v1/config/apply",
  "/v1/runbooks/parse",
  "/v1/runbooks/lint",
  "/v1/intake/:key/alertmanager",
  "/v1/intake/:key/:tool",
  "/v1/intake/:key",
  "/ping/:secret",
  "/ping/:secret/:word",
]);
/** Where most bodies are known already, or mean nothing, and need not be parsed. */
const LATE_PATHS = new Set(["/api/v2/alerts", "/ping/:secret", "/ping/:secret/:word"]);
/** Where tools send what they like: text that is no JSON is read too. */
const TEXT_PATHS = new Set(["/v1/intake/:key/:tool", "/v1/intake/:key"]);

/** Where secrets are tried: from one address so often a minute, on each node. */
const RATED_PATHS = new Set([
  "/signin/:token",
  "/v1/sign-in/password",
  "/v1/sign-in/passkey",
  "/v1/sign-in/passkey/options",
  "/v1/sign-in/break-glass",
  "/v1/sign-in/forgotten",
  "/v1/sign-in/new-password",
  "/sign-in/provider",
  "/sign-in/provider/back",
  "/v1/runbook-sources/:id/webhook",
]);
const RATE = { max: 60, timeWindow: 60_000 };

type WithRaw = FastifyRequest & { rawBody?: Buffer };

/**
 * How long a request may take to come, and how often that is looked at; what an answer takes is not counted. A server that
 * closes looks no more, and gives what is coming and being answered so long.
 */
const RECEIVING = { withinMs: 60_000, checkedMs: 30_000, closingMs: 5_000 };

export type HttpOptions = {
  readonly trustProxy: boolean;
  /** Speaks TLS with these; null: plain http, as on this machine or behind a proxy. */
  readonly tls?: TlsFiles | null;
  readonly identify: Identify;
  readonly onAnswered: (request: AnsweredRequest) => void;
  readonly refusalPage: RefusalPage;
  readonly receiving?: typeof RECEIVING;
};

/** Builds the server with all routes. Throws when a route declares no right or two declare one path. */
export async function httpServer(
  world: World,
  routes: readonly BoundRoute<Actor>[],
  options: HttpOptions,
): Promise<FastifyInstance> {
  const { withinMs, checkedMs, closingMs } = options.receiving ?? RECEIVING;
  // Node takes its limit for the headers from this one, and Fastify sets its own afterwards.
  const limits = { requestTimeout: withinMs, connectionsCheckingInterval: checkedMs };
  const server = fastify({
    logger: false,
    http: limits,
    ...(options.tls != null && { https: { ...options.tls.context, ...limits } }),
    requestTimeout: withinMs,
    trustProxy: options.trustProxy,
    bodyLimit: BODY_LIMIT,
    genReqId: () => randomUUID(),
    forceCloseConnections: "idle",
    routerOptions: { maxParamLength: 300 },
    clientErrorHandler: refuseConnection,
    schemaController: NO_SCHEMAS,
    frameworkErrors: (error, request, reply) =>
      answerError(world, options, error, request as FastifyRequest, reply as FastifyReply),
  });
  const guarded = await guardingHeaders();
  const forTools = new Set(routes.filter(({ route }) => route.access === "key").map(pathOf));
  server.addHook("onRequest", (request, reply, done) => {
    // Answers are for whoever asked, at that moment; what may be kept says so itself.
    reply.header("cache-control", "no-store");
    // No browser shows what a tool is answered.
    if (!forTools.has(request.routeOptions.url ?? "")) reply.headers(guarded);
    done();
  });
  await server.register(rateLimit, {
    global: false,
    errorResponseBuilder: (_, { ttl }) =>
      new Refusal("server.too_many_requests", { seconds: Math.ceil(ttl / 1_000) }),
  });
  parseBodies(server);
  const answered = watcher(world, options.onAnswered);
  server.addHook("onResponse", (request, reply, done) => {
    const route = request.routeOptions.url ?? "unknown";
    const { statusCode: status, elapsedTime: ms } = reply;
    answered({ method: request.method, route, status, ms }, () => request.id);
    done();
  });
  for (const bound of routes) addRoute(server, bound, options.identify);
  let isClosing = false;
  const closed = new AbortController();
  server.server.once("close", () => closed.abort());
  server.addHook("preClose", (done) => {
    isClosing = true;
    void sleepReal(closingMs, closed.signal).then(() => server.server.closeAllConnections());
    done();
  });
  openShortWay(server.server, world, routes, {
    trustProxy: options.trustProxy,
    refusalPage: options.refusalPage,
    newRequestId: () => randomUUID(),
    bodyLimitOf,
    read: bodyRead,
    parse: (route, body) => parse(route.body, body, "body"),
    answered,
    isClosing: () => isClosing,
  });
  server.setNotFoundHandler((request) => {
    throw new Refusal("request.unknown_route", {
      method: request.method,
      path: request.url.split("?")[0] ?? "",
    });
  });
  server.setErrorHandler((error, request, reply) =>
    answerError(world, options, error, request, reply),
  );
  return server;
}

/** What is no request at all is told in the same form, and ends: there is nobody to name but the connection. */
function refuseConnection(error: ConnectionError, socket: Socket): void {
  // Whoever waits for an answer would take this one for it, and what was accepted for refused. Nor is it read behind
  // what is not read.
  if (!socket.writable || socket.writableLength > 0 || isAnswered(socket))
    return void socket.destroy();
  const isLarge = error.code === "HPE_HEADER_OVERFLOW";
  const field = isLarge ? "headers" : "request";
  const expected = isLarge ? "at most 16384 bytes" : "complete and readable as HTTP/1.1";
  const problem = problemOf(new Refusal("request.invalid", { field, expected }), randomUUID());
  const body = JSON.stringify(problem);
  socket.write(
    `HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
  // With a listener for this, Node leaves the connection to it: also one whose peer does not end it.
  socket.destroySoon();
}

/** As Node notes it on the connection, and as plain requests do; what is still coming has no answer yet. */
function isAnswered(socket: Socket): boolean {
  const { _httpMessage: message } = socket as Socket & { _httpMessage?: Partial<ServerResponse> };
  if (message == null) return false;
  return message.headersSent !== false || message.req?.complete !== false;
}

/** The contract reads what comes and writes what goes: the compilers that come along would only take room. */
const NO_SCHEMAS: NonNullable<FastifyServerOptions["schemaController"]> = {
  compilersFactory: { buildValidator: noSchema, buildSerializer: noSchema },
};
function noSchema(): () => never {
  return () => {
    throw new Error("a route has a JSON schema of its own: shapes stand in contract/");
  };
}

const pathOf = ({ route }: BoundRoute<Actor>): string => route.path;

/** What helmet sets, asked once: it works them out anew for every request, which costs more than ours. */
async function guardingHeaders(): Promise<Readonly<Record<string, string>>> {
  const example = fastify({ logger: false, schemaController: NO_SCHEMAS });
  await example.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "worker-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
      },
    },
    crossOriginEmbedderPolicy: false,
  });
  example.get("/", (_, reply) => reply.send());
  const { headers } = await example.inject("/");
  await example.close();
  const own = new Set(["content-length", "date", "connection", "content-type"]);
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      own.has(name) || value === undefined ? [] : [[name, String(value)]],
    ),
  );
}

/** Keeps the bytes as they came, for signatures and for the record; JSON is parsed by type or by look. */
function parseBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("*", { parseAs: "buffer" }, (request, body, done) => {
    const encoding = request.headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
    if (encoding === "identity") return parseBody(request, body as Buffer, done);
    if (!isEncodingKnown(encoding)) return done(new Refusal("request.encoding", { encoding }));
    const limit = request.routeOptions.bodyLimit ?? BODY_LIMIT;
    void opened(body as Buffer, encoding, limit).then((found) => {
      if (found.kind === "plain") return parseBody(request, found.body, done);
      if (found.kind === "too large") return done(new Refusal("request.too_large", { limit }));
      const expected = `data in the encoding that Content-Encoding names, ${encoding}`;
      return done(new Refusal("request.invalid", { field: "body", expected }));
    });
  });
}

type Done = (error: Error | null, body?: unknown) => void;

function parseBody(request: FastifyRequest, body: Buffer, done: Done): void {
  (request as WithRaw).rawBody = body;
  const type = request.headers["content-type"] ?? "";
  let read: unknown;
  try {
    read = bodyRead(request.routeOptions.url ?? "", type, body);
  } catch (error) {
    return done(error as Refusal);
  }
  done(null, read);
}

/** The body as its path wants it; refuses what cannot be read. */
function bodyRead(path: string, type: string, body: Buffer): unknown {
  if (LATE_PATHS.has(path)) return new LateBody(() => readJson(mustBeText(body, type)));
  const text = mustBeText(body, type);
  if (TEXT_PATHS.has(path)) return readTolerantly(text, type);
  // curl -d calls JSON a form: what looks like JSON is read as JSON.
  if (type.startsWith("application/x-www-form-urlencoded") && !/^\s*[[{]/.test(text)) {
    return Object.fromEntries(new URLSearchParams(text));
  }
  // A document is its own body.
  return type.startsWith("text/markdown") ? text : readJson(text);
}

function mustBeText(body: Buffer, type: string): string {
  const text = textOf(body, type.toLowerCase());
  if (text !== null) return text;
  const expected = "a text, and nothing compressed unless Content-Encoding names how";
  throw new Refusal("request.invalid", { field: "body", expected });
}

function readJson(text: string): unknown {
  if (!/\S/.test(text)) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new Refusal("request.not_json", { problem: jsonProblem(error) });
  }
  if (mayBeTooDeep(text) && isTooDeep(json)) throw tooDeep();
  return json;
}

const tooDeep = (): Refusal =>
  new Refusal("request.invalid", {
    field: "body",
    expected: `at most ${NESTING_MAX} levels of nesting`,
  });

function readTolerantly(text: string, type: string): unknown {
  const read = bodyOf(text, type);
  if (read.kind === "too deep") throw tooDeep();
  return read.kind === "body" ? read.body : undefined;
}

/** The parser's words without the text it quotes, which may hold a secret. */
const jsonProblem = (error: unknown): string =>
  error instanceof Error ? error.message.replace(/,? *\.{0,3}".*$/s, "") : "";

/** Counts a request that was answered, and logs what somebody may look for. */
function watcher(world: World, onAnswered: HttpOptions["onAnswered"]) {
  return (request: AnsweredRequest, requestId: () => string): void => {
    onAnswered(request);
    const { method, route, status } = request;
    const isQuiet = method === "GET" || LARGE_PATHS.has(route) || route === "/v2/enqueue";
    if (status < 500 && isQuiet) return;
    const ms = Math.round(request.ms);
    const fields = { request_id: requestId(), method, route, status, ms };
    if (status >= 500) world.log.error("request failed", fields);
    else world.log.info("request", fields);
  };
}

const bodyLimitOf = (path: string): number =>
  LARGE_PATHS.has(path) ? INTAKE_BYTES_MAX : BODY_LIMIT;

function addRoute(server: FastifyInstance, bound: BoundRoute<Actor>, identify: Identify): void {
  const { route } = bound;
  mustDeclareAccess(route.method, route.path, route.access);
  server.route({
    method: route.method,
    url: route.path,
    bodyLimit: bodyLimitOf(route.path),
    ...(RATED_PATHS.has(route.path) && { config: { rateLimit: RATE } }),
    handler: async (request, reply) => {
      const actor = await actorFor(request, route.access, identify);
      const answer = await bound.answer({
        actor,
        ...partsOf(route, request),
        request: factsOf(request),
      });
      if (answer instanceof Raw) {
        return reply
          .status(answer.status)
          .headers(answer.headers)
          .type(answer.type)
          .send(answer.body);
      }
      return reply
        .status(route.status ?? 200)
        .type("application/json; charset=utf-8")
        .send(JSON.stringify(answer));
    },
  });
}

const OPEN_ACCESS: ReadonlySet<unknown> = new Set(["public", "signed in", "key", "link"]);

function mustDeclareAccess(method: string, path: string, access: unknown): void {
  if (OPEN_ACCESS.has(access) || (typeof access === "string" && Object.hasOwn(PERMISSIONS, access)))
    return;
  throw new Error(`${method} ${path} declares no right: add “access” to its route in contract/`);
}

/** Routes by key or link find their own actor; the engine's name stands in until they do. */
async function actorFor(
  request: FastifyRequest,
  access: string,
  identify: Identify,
): Promise<Actor> {
  if (OPEN_ACCESS.has(access) && access !== "signed in") return ENGINE;
  const actor = await identify(request);
  if (actor === null) throw new Refusal("access.signed_out");
  if (access !== "signed in") allow(actor, access as Permission, "any");
  return actor;
}

/**
 * The parts of a request by contract. What a tool sends with its key is made storable by its adapter,
 * because an alert must not be lost over one odd character; anybody else is told the field.
 */
function partsOf(
  route: Route,
  request: FastifyRequest,
): { params: never; query: never; body: never } {
  const read = (schema: z.ZodType, value: unknown, part: string): never => {
    const parsed = parse(schema, value, part);
    if (route.access !== "key") mustBeStorable(parsed, part);
    return parsed as never;
  };
  return {
    params: read(route.params, request.params, "path"),
    query: read(route.query, request.query, "query"),
    body: read(route.body, request.body, "body"),
  };
}

function mustBeStorable(value: unknown, part: string): void {
  const path = findUnstorable(value);
  if (path === null) return;
  const field = fieldName(part, path);
  throw new Refusal("request.invalid", { field, expected: "text without NUL or half a character" });
}

const fieldName = (part: string, path: readonly PropertyKey[]): string =>
  [...(part === "body" ? [] : [part]), ...path].join(".") || part;

const factsOf = (request: FastifyRequest): RequestFacts => ({
  requestId: request.id,
  headers: request.headers as Record<string, string | undefined>,
  address: request.ip,
  rawBody: (request as WithRaw).rawBody ?? Buffer.alloc(0),
});

/** Parses one part of a request; the refusal names the first field and what was expected there. */
function parse(schema: z.ZodType, value: unknown, part: string): unknown {
  const result = safeParse(schema, value);
  if (result.success) return result.data;
  const problems = expectationsOf(schema, result.error).map(({ path, expected }) => ({
    field: fieldName(part, path),
    expected: expected.replace(/^expected /, ""),
  }));
  const first = problems[0] ?? { field: part, expected: "valid" };
  throw new Refusal("request.invalid", {
    ...first,
    problems: problems.slice(0, 20).map((problem) => `${problem.field}: ${problem.expected}`),
  });
}

function answerError(
  world: World,
  options: HttpOptions,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const { method, url, headers, id: requestId } = request;
  const bodyLimit = request.routeOptions.bodyLimit ?? BODY_LIMIT;
  const asked = { method, url, headers, requestId, bodyLimit };
  const refused = refusedAnswer(world, options.refusalPage, error, asked);
  void reply.status(refused.status).headers(refused.headers).type(refused.type).send(refused.body);
}
