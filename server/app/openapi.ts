/** OpenAPI 3.1 and the readable page, both made from the routes themselves. */
import { z } from "zod";
import { PERMISSIONS, type Permission } from "../../contract/access.ts";
import { Problem, type Route } from "../../contract/route.ts";
import { REFUSALS } from "../../contract/refusals.ts";
import { html, type Html } from "../base/html.ts";

type Json = Readonly<Record<string, unknown>>;

const schemaOf = (schema: z.ZodType, io: "input" | "output"): Json => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any", target: "draft-2020-12" });
  return rest;
};

function parametersOf(schema: z.ZodType, place: "path" | "query"): Json[] {
  const object = schemaOf(schema, "input");
  const required = new Set(object["required"] as string[] | undefined);
  return Object.entries((object["properties"] ?? {}) as Record<string, Json>).map(([name, shape]) => ({
    name,
    in: place,
    required: place === "path" || required.has(name),
    schema: shape,
  }));
}

const operationId = (route: Route): string =>
  `${route.method.toLowerCase()}${route.path.replaceAll(/[/:._-]+(\w?)/g, (_, next: string) => next.toUpperCase())}`;

const SECURITY: Readonly<Record<string, readonly Json[]>> = { public: [], link: [], key: [{ intakeKey: [] }] };

function operation(route: Route): Json {
  const hasBody = route.method !== "GET" && route.method !== "DELETE";
  return {
    operationId: operationId(route),
    summary: route.summary,
    tags: [route.tag],
    "x-permission": route.access,
    security: SECURITY[route.access] ?? [{ token: [] }],
    parameters: [...parametersOf(route.params, "path"), ...parametersOf(route.query, "query")],
    ...(hasBody ? { requestBody: { content: { "application/json": { schema: schemaOf(route.body, "input") } } } } : {}),
    responses: {
      [String(route.status ?? 200)]: {
        description: "Done.",
        content: { "application/json": { schema: schemaOf(route.reply, "output") } },
      },
      default: { $ref: "#/components/responses/Problem" },
    },
  };
}

/** The whole API as an OpenAPI 3.1 document. */
export function openApiDocument(routes: readonly Route[], publicUrl: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "Tocsin", version: "0.1.0", description: "Self-hosted incident response." },
    servers: [{ url: publicUrl }],
    paths,
    components: {
      schemas: { Problem: schemaOf(Problem, "output") },
      responses: {
        Problem: {
          description: "Refused: problem details (RFC 9457) with a stable code.",
          content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
        },
      },
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "An API token." },
        intakeKey: { type: "http", scheme: "bearer", description: "An intake key; some protocols carry it elsewhere." },
      },
    },
  };
}

const needs = (access: string): string =>
  access in PERMISSIONS ? `${access} (${PERMISSIONS[access as Permission]} and up)` : access;

/** The same for reading, with every refusal. */
export function docsPage(routes: readonly Route[]): Html {
  const tags = [...new Set(routes.map((route) => route.tag))].toSorted();
  return html`<h1>The API of Tocsin</h1>
<p>Send an API token as <code>Authorization: Bearer …</code>. Lists answer <code>{"items": […], "next": cursor or null}</code>
and take <code>limit</code> and <code>cursor</code>. Refusals are problem details with a stable <code>code</code>.
The same as <a href="/openapi.json">OpenAPI 3.1</a>.</p>
${tags.map(
  (tag) => html`<h2>${tag}</h2><div class="wide-scroll"><table><thead><tr><th>Request</th><th>What it does</th><th>Needs</th></tr></thead><tbody>
${routes
  .filter((route) => route.tag === tag)
  .map((route) => html`<tr><td><code>${route.method} ${route.path}</code></td><td>${route.summary}</td><td>${needs(route.access)}</td></tr>`)}
</tbody></table></div>`,
)}
<h2>Refusals</h2><div class="wide-scroll"><table><thead><tr><th>Code</th><th>Status</th><th>Says</th></tr></thead><tbody>
${Object.entries(REFUSALS).map(([code, [status, text]]) => html`<tr><td><code>${code}</code></td><td>${status}</td><td>${text}</td></tr>`)}
</tbody></table></div>`;
}
