/** Actions: what a runbook step may do to another system, and the connections that they go over. */
import { z } from "zod";
import { Slug } from "./ids.ts";
import { SecretReference } from "./notification.ts";
import { route } from "./route.ts";

/** From least to most: looks; changes something; may destroy something. */
export const Risk = z.enum(["read", "write", "destructive"]);
export type Risk = z.infer<typeof Risk>;

/** What every connection may say. */
const common = {
  /** The teams whose runbooks may use it; absent: all. */
  teams: z.array(Slug).min(1).optional(),
  /** Raises whatever is done over it to at least this. */
  risk: Risk.optional(),
};

const HttpMethod = z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]);
const HeaderName = z.string().regex(/^[a-z][a-z0-9-]{0,60}$/, "a header name in lower case");
/** A plain value, or the name of the variable that holds it. */
const HeaderValue = z.string().regex(/^[\x20-\x7e]{1,500}$/, "printable characters, or env:NAME");

/**
 * One other system, as an administrator allows it to be used. A runbook names a connection and can
 * reach nothing else.
 */
export const Connection = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("http"),
    ...common,
    /** Requests stay below this address. */
    url: z.url({ protocol: /^https?$/ }),
    methods: z.array(HttpMethod).min(1).default(["GET"]),
    headers: z.record(HeaderName, HeaderValue).default({}),
  }),
  z.strictObject({
    type: z.literal("postgres"),
    ...common,
    /** The address with its password, in the environment. Give it a role that may only read. */
    url: SecretReference,
    statementTimeoutSeconds: z.int().min(1).max(120).default(10),
  }),
  z.strictObject({
    type: z.literal("webhook"),
    ...common,
    url: z.url({ protocol: /^https?$/ }),
    /** Signs each request: HMAC-SHA-256 over timestamp and body. */
    secret: SecretReference,
  }),
  z.strictObject({
    type: z.literal("command"),
    ...common,
    /** The absolute path of a program. It is started without a shell. */
    program: z.string().regex(/^\/[^\0]{1,400}$/, "an absolute path"),
    /** All its arguments; a runbook can neither add nor change one. */
    args: z.array(z.string().max(1_000)).max(40).default([]),
    timeoutSeconds: z.int().min(1).max(300).default(30),
    /** The command connection that takes back what this one did. */
    undo: Slug.optional(),
  }),
  z.strictObject({
    type: z.literal("github"),
    ...common,
    /** The API's address; another one for GitHub Enterprise. */
    url: z.url({ protocol: /^https?$/ }).default("https://api.github.com"),
    repository: z.string().regex(/^[\w.-]{1,100}\/[\w.-]{1,100}$/, "owner/name"),
    /** The files of the workflows that may be started. */
    workflows: z.array(z.string().regex(/^[\w.-]{1,100}$/, "a file such as deploy.yml")).min(1),
    token: SecretReference,
  }),
  z.strictObject({
    type: z.literal("gitlab"),
    ...common,
    url: z.url({ protocol: /^https?$/ }).default("https://gitlab.com/api/v4"),
    /** The path or number of the project. */
    project: z.string().regex(/^[\w.-]+(\/[\w.-]+)*$/, "group/project, or its number"),
    token: SecretReference,
  }),
  z.strictObject({
    type: z.literal("flags"),
    ...common,
    /** Below it: PUT flags/{flag}, and POST ofrep/v1/evaluate/flags/{flag} to look. */
    url: z.url({ protocol: /^https?$/ }),
    token: SecretReference.optional(),
  }),
]);
export type Connection = z.infer<typeof Connection>;
export type ConnectionType = Connection["type"];

export const ActionView = z.object({
  /** "sql.assert@1": what a sidecar names. */
  action: z.string(),
  title: z.string(),
  /** The risk that it has at least; some requests have more. */
  risk: Risk,
  /** The kind of connection that it goes over; null: it stays within Tocsin. */
  connection: z.string().nullable(),
  /** JSON Schema of what it takes. */
  input: z.record(z.string(), z.unknown()),
  dryRun: z.boolean(),
  undo: z.boolean(),
  timeoutMs: z.int(),
  permission: z.string(),
});
export type ActionView = z.infer<typeof ActionView>;

export const listActions = route({
  method: "GET",
  path: "/v1/actions",
  access: "runbooks.read",
  tag: "runbooks",
  summary: "What a runbook step can be bound to, with its input, risk, dry run and undo.",
  reply: z.object({ items: z.array(ActionView) }),
});
