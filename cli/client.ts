/** Speaks to a Tocsin server over the routes of the contract. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { LOCAL_TOKEN_FILE } from "../contract/local.ts";
import { Problem, type Route } from "../contract/route.ts";

export type Client = {
  /** Sends what the route takes, gives back what it promises; else a {@link ClientError}. */
  call<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType>(
    route: Route<P, Q, B, R>,
    input?: {
      readonly params?: z.input<P>;
      readonly query?: z.input<Q>;
      readonly body?: z.input<B>;
    },
  ): Promise<z.output<R>>;
  /** The same for a route that answers with a text, such as an export. */
  text<P extends z.ZodType, Q extends z.ZodType>(
    route: Route<P, Q, z.ZodType, z.ZodString>,
    input: { readonly params: z.input<P>; readonly query?: z.input<Q> },
  ): Promise<string>;
};

/** Everything that can go wrong between here and there, as one line for people. */
export class ClientError extends Error {
  readonly problem: Problem | null;
  constructor(message: string, problem: Problem | null = null) {
    super(message);
    this.name = "ClientError";
    this.problem = problem;
  }
}

export type ClientOptions = { readonly url: string; readonly token: string | null };

/**
 * TOCSIN_URL (default: this machine, TOCSIN_PORT or 4400) and TOCSIN_TOKEN. Without a token and
 * against this machine, the one that a running server keeps for whoever may read its data directory.
 */
export function clientOptions(env: Readonly<Record<string, string | undefined>>): ClientOptions {
  const url = env["TOCSIN_URL"] || `http://127.0.0.1:${env["TOCSIN_PORT"] || "4400"}`;
  const local =
    env["TOCSIN_URL"] === undefined ||
    /^https?:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/]/.test(`${url}/`);
  return {
    url: url.replace(/\/+$/, ""),
    token: env["TOCSIN_TOKEN"] || (local ? localToken(env) : null),
  };
}

function localToken(env: Readonly<Record<string, string | undefined>>): string | null {
  try {
    return readFileSync(join(env["TOCSIN_DATA"] || ".tocsin", LOCAL_TOKEN_FILE), "utf8").trim();
  } catch {
    return null;
  }
}

/** A client of the server at an address. */
export function openClient({ url, token }: ClientOptions): Client {
  const send = async (route: Route, { params, query, body }: Input): Promise<Response> => {
    const path = addressOf(route.path, params, query);
    const headers: Record<string, string> = { accept: "*/*" };
    if (token !== null) headers["authorization"] = `Bearer ${token}`;
    const sends = route.method !== "GET" && route.method !== "DELETE";
    if (sends) headers["content-type"] = "application/json";
    return fetch(`${url}${path}`, {
      method: route.method,
      headers,
      ...(sends ? { body: JSON.stringify(body ?? {}) } : {}),
    }).catch((error: unknown) => {
      throw new ClientError(
        `${url} does not answer (${causeOf(error)}). Is it running? ./bin/tocsin up starts it.`,
      );
    });
  };
  return {
    async call(route, input = {}) {
      return readReply(route.reply, await send(route as Route, input));
    },
    async text(route, input) {
      const reply = await send(route as Route, input);
      const text = await reply.text();
      return reply.ok ? text : refuse(reply.status, parsed(text));
    },
  };
}

type Input = { readonly params?: unknown; readonly query?: unknown; readonly body?: unknown };

async function readReply<R extends z.ZodType>(shape: R, reply: Response): Promise<z.output<R>> {
  const value = parsed(await reply.text());
  if (!reply.ok) return refuse(reply.status, value);
  const read = shape.safeParse(value);
  if (read.success) return read.data;
  const field = read.error.issues[0]?.path.join(".") ?? "";
  throw new ClientError(
    `the server's reply is not what this command expects (${field}): are both the same version?`,
  );
}

/** The forms that paths of other tools answer in when they refuse. */
const ForeignProblem = z.object({ message: z.string(), errors: z.array(z.string()).default([]) });

function refuse(status: number, value: unknown): never {
  const problem = Problem.safeParse(value);
  if (problem.success) throw new ClientError(problem.data.detail, problem.data);
  const foreign = ForeignProblem.safeParse(value);
  if (foreign.success)
    throw new ClientError([foreign.data.message, ...foreign.data.errors].join(" "));
  throw new ClientError(`the server answered ${status} without saying why`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function addressOf(path: string, params: unknown, query: unknown): string {
  const values = (params ?? {}) as Readonly<Record<string, unknown>>;
  const filled = path.replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(String(values[name])),
  );
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries((query ?? {}) as Readonly<Record<string, unknown>>)) {
    if (value !== undefined && value !== null) search.set(name, String(value));
  }
  return search.size === 0 ? filled : `${filled}?${search}`;
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const code = (cause as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : cause instanceof Error ? cause.message : "no connection";
}

/** One line on standard error and exit code 2: how every command ends that the server refused. */
export async function orExplain(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    process.stderr.write(`tocsin: ${error.message}\n`);
    process.exitCode = 2;
  }
}
