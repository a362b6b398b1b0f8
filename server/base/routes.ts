/** Binds a route of the contract to the code that answers it. Nothing here knows about HTTP. */
import type { Readable } from "node:stream";
import type { z } from "zod";
import type { Route } from "../../contract/route.ts";

/** A plain answer that is not JSON, such as a page, a file, an export or a stream of events. */
export class Raw {
  readonly type: string;
  readonly body: string | Buffer | Readable;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly status: number;
  constructor(
    type: string,
    body: string | Buffer | Readable,
    headers: Readonly<Record<string, string | string[]>> = {},
    status = 200,
  ) {
    this.type = type;
    this.body = body;
    this.headers = headers;
    this.status = status;
  }
}

/** A body that is parsed only when somebody needs it; reading it refuses what is no JSON. */
export class LateBody {
  readonly read: () => unknown;
  constructor(read: () => unknown) {
    this.read = read;
  }
}

export type RequestFacts = {
  readonly requestId: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Where it came from: the peer, or what a trusted proxy says. */
  readonly address: string;
  /** The body exactly as it came, for signatures. */
  readonly rawBody: Buffer;
};

export type BoundRoute<Actor> = {
  readonly route: Route;
  answer(input: {
    actor: Actor;
    params: never;
    query: never;
    body: never;
    request: RequestFacts;
  }): Promise<unknown>;
};

/** Joins a route and its answer, checking that they fit. */
export function bind<
  Actor,
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  R extends z.ZodType,
>(
  route: Route<P, Q, B, R>,
  answer: (input: {
    actor: Actor;
    params: z.output<P>;
    query: z.output<Q>;
    body: z.output<B>;
    request: RequestFacts;
  }) => Promise<z.input<R> | Raw>,
): BoundRoute<Actor> {
  return { route, answer: answer as unknown as BoundRoute<Actor>["answer"] };
}
