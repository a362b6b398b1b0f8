/** Routes as data: the server, the command line, the web, the tests and OpenAPI read the same constants. */
import { z } from "zod";
import type { RouteAccess } from "./access.ts";

export type Route<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Reply extends z.ZodType = z.ZodType,
> = {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";
  /** Fastify's form: "/v1/incidents/:id". */
  readonly path: string;
  /** Required: a route without it stops the start. */
  readonly access: RouteAccess;
  /** One line for OpenAPI and the documentation page. */
  readonly summary: string;
  readonly tag: string;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly reply: Reply;
  /** The status of success; 200 unless said otherwise. */
  readonly status?: number;
};

const Nothing = z.object({});
/** A body that may be absent or `{}`. */
export const NoBody = z.object({}).loose().nullish();

type Parts<
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  R extends z.ZodType,
> = Omit<Route<P, Q, B, R>, "params" | "query" | "body"> & {
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
};

/** Declares a route; what is not given is empty. */
export function route<
  R extends z.ZodType,
  P extends z.ZodType = typeof Nothing,
  Q extends z.ZodType = typeof Nothing,
  B extends z.ZodType = typeof NoBody,
>(parts: Parts<P, Q, B, R>): Route<P, Q, B, R> {
  return {
    ...parts,
    params: parts.params ?? (Nothing as unknown as P),
    query: parts.query ?? (Nothing as unknown as Q),
    body: parts.body ?? (NoBody as unknown as B),
  };
}

/** The shape of every list. */
export const page = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next: z.string().nullable() });

/** What every list takes. */
export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: z.string().max(500).optional(),
});

/** A sentence of texts.ts and what stands in its places, for whoever says it in another language. */
export const Sentence = z.object({
  template: z.string(),
  params: z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string())])),
});
export type Sentence = z.infer<typeof Sentence>;

/** RFC 9457 problem details, with our stable code and its parameters. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  params: z.record(z.string(), z.unknown()),
  requestId: z.string(),
});
export type Problem = z.infer<typeof Problem>;
