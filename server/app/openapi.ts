/** OpenAPI 3.1 and the readable page, both made from the routes themselves. */
import { z } from "zod";
import { PERMISSIONS, type Permission } from "../../contract/access.ts";
import { Alert } from "../../contract/alert.ts";
import { ApplyReport, ConfigObject } from "../../contract/configuration.ts";
import { DeadlineView } from "../../contract/deadline.ts";
import { Incident, IncidentDetail, TimelineEntry } from "../../contract/incident.ts";
import { Explanation, Notification } from "../../contract/page.ts";
import { ActionItem, Postmortem, PostmortemSection } from "../../contract/postmortem.ts";
import { Problem, type Route } from "../../contract/route.ts";
import { OnCallExplanation, OverrideView } from "../../contract/schedule.ts";
import { TokenView } from "../../contract/session.ts";
import { REFUSALS } from "../../contract/refusals.ts";
import { html, type Html } from "../base/html.ts";

type Json = Readonly<Record<string, unknown>>;
const SCHEMAS = "#/components/schemas/";

/** Shapes that clients will want by name, wherever they stand in a reply. */
const NAMED: Readonly<Record<string, z.ZodType>> = {
  ActionItem,
  Alert,
  ApplyReport,
  ConfigObject,
  DeadlineView,
  Explanation,
  Incident,
  IncidentDetail,
  Notification,
  OnCallExplanation,
  OverrideView,
  Postmortem,
  PostmortemSection,
  Problem,
  TimelineEntry,
  TokenView,
};

const named = z.registry<{ id: string }>();
for (const [id, shape] of Object.entries(NAMED)) named.add(shape, { id });

function schemaOf(shape: z.ZodType, io: "input" | "output"): Json {
  // Named shapes are replies: what a request sends may differ by its defaults and is written out.
  const metadata = io === "output" ? { metadata: named } : {};
  const schema = z.toJSONSchema(shape, { io, unrepresentable: "any", ...metadata });
  const { $schema: _, $defs: __, ...rest } = schema;
  return JSON.parse(JSON.stringify(rest).replaceAll("#/$defs/", SCHEMAS)) as Json;
}

/** Each named shape, which points to the others by name. */
const components = (): Json =>
  Object.fromEntries(
    Object.entries(NAMED).map(([id, shape]) => {
      // Within a list, the shape itself is named rather than written out.
      const listed = z.toJSONSchema(z.array(shape), { metadata: named, unrepresentable: "any" });
      const text = JSON.stringify(listed.$defs?.[id] ?? {});
      const { id: _, ...schema } = JSON.parse(text.replaceAll("#/$defs/", SCHEMAS)) as {
        id?: string;
      };
      return [id, schema];
    }),
  );

function parametersOf(schema: z.ZodType, place: "path" | "query"): Json[] {
  const object = schemaOf(schema, "input");
  const required = new Set(object["required"] as string[] | undefined);
  return Object.entries((object["properties"] ?? {}) as Record<string, Json>).map(
    ([name, shape]) => ({
      name,
      in: place,
      required: place === "path" || required.has(name),
      schema: shape,
    }),
  );
}

const operationId = (route: Route): string =>
  `${route.method.toLowerCase()}${route.path.replaceAll(/[/:._-]+(\w?)/g, (_, next: string) => next.toUpperCase())}`;

const SECURITY: Readonly<Record<string, readonly Json[]>> = {
  public: [],
  link: [],
  key: [{ intakeKey: [] }],
};

const isOptional = (shape: z.ZodType): boolean => shape.safeParse(undefined).success;
/** Pages, exports and metrics are texts of their own kinds. */
const mediaOf = (reply: z.ZodType): string =>
  reply instanceof z.ZodString ? "text/*" : "application/json";

function operation(route: Route): Json {
  const hasBody = !["GET", "DELETE", "OPTIONS"].includes(route.method);
  return {
    operationId: operationId(route),
    summary: route.summary,
    tags: [route.tag],
    "x-permission": route.access,
    security: SECURITY[route.access] ?? [{ token: [] }],
    parameters: [...parametersOf(route.params, "path"), ...parametersOf(route.query, "query")],
    ...(hasBody
      ? {
          requestBody: {
            required: !isOptional(route.body),
            content: { "application/json": { schema: schemaOf(route.body, "input") } },
          },
        }
      : {}),
    responses: {
      [String(route.status ?? 200)]: {
        description: "Done.",
        content: { [mediaOf(route.reply)]: { schema: schemaOf(route.reply, "output") } },
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
      schemas: components(),
      responses: {
        Problem: {
          description: "Refused: problem details (RFC 9457) with a stable code.",
          content: {
            "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
          },
        },
      },
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "An API token." },
        intakeKey: {
          type: "http",
          scheme: "bearer",
          description: "An intake key; some protocols carry it elsewhere.",
        },
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
  (
    tag,
  ) => html`<h2>${tag}</h2><div class="wide-scroll"><table><thead><tr><th>Request</th><th>What it does</th><th>Needs</th></tr></thead><tbody>
${routes
  .filter((route) => route.tag === tag)
  .map(
    (route) =>
      html`<tr><td><code>${route.method} ${route.path}</code></td><td>${route.summary}</td><td>${needs(route.access)}</td></tr>`,
  )}
</tbody></table></div>`,
)}
<h2>Refusals</h2><div class="wide-scroll"><table><thead><tr><th>Code</th><th>Status</th><th>Says</th></tr></thead><tbody>
${Object.entries(REFUSALS).map(([code, [status, text]]) => html`<tr><td><code>${code}</code></td><td>${status}</td><td>${text}</td></tr>`)}
</tbody></table></div>`;
}
