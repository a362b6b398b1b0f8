/** The API describes itself: every route, in a document that tools can read and on a page for people. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { REFUSALS } from "../contract/refusals.ts";
import type { Route } from "../contract/route.ts";
import { escapeHtml } from "../server/base/html.ts";
import { contractRoutes, startTestNode, type TestNode } from "./node.ts";

type Operation = {
  readonly operationId: string;
  readonly summary: string;
  readonly security: readonly Readonly<Record<string, unknown>>[];
  readonly "x-permission": string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
  }[];
  readonly requestBody?: { readonly content: unknown };
  readonly responses: Readonly<Record<string, unknown>>;
};
type Document = {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
};

let node: TestNode;
let document: Document;
let page: string;
const routes = await contractRoutes();

beforeAll(async () => {
  node = await startTestNode();
  document = (await node.ask<Document>("GET /openapi.json", { token: null })).json;
  page = (await node.ask("GET /docs", { token: null })).text;
});
afterAll(() => node.stop());

const templateOf = ({ path }: Route): string => path.replace(/:(\w+)/g, "{$1}");
const operations = (): readonly Operation[] =>
  Object.values(document.paths).flatMap((path) => Object.values(path));

test("it is OpenAPI 3.1 with a title and a version", () => {
  expect(document.openapi).toMatch(/^3\.1\.\d+$/);
  expect(document.info).toMatchObject({ title: "Tocsin", version: expect.stringMatching(/\d/) });
});

test("every route of the contract is served, and nothing that the contract does not know", () => {
  const declared = routes.map((route) => `${route.method} ${templateOf(route)}`);
  const served = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(served.toSorted()).toEqual(declared.toSorted());
});

test("an operation says its right, its parameters, its body and both kinds of answer", () => {
  for (const route of routes) {
    const operation = document.paths[templateOf(route)]?.[route.method.toLowerCase()];
    expect(operation, templateOf(route)).toBeDefined();
    const inPath = operation?.parameters.filter((parameter) => parameter.in === "path") ?? [];
    expect(inPath.map(({ name }) => name)).toEqual(
      [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => name),
    );
    expect(inPath.every(({ required }) => required)).toBe(true);
    expect(operation?.["x-permission"]).toBe(route.access);
    expect(operation?.security).toHaveLength(
      route.access === "public" || route.access === "link" ? 0 : 1,
    );
    const hasBody = ["POST", "PUT", "PATCH"].includes(route.method);
    expect(operation?.requestBody !== undefined).toBe(hasBody);
    expect(Object.keys(operation?.responses ?? {})).toEqual([
      String(route.status ?? 200),
      "default",
    ]);
  }
});

test("operation ids are unique words", () => {
  const ids = operations().map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[a-z][A-Za-z0-9]*$/);
});

test("every reference in it leads somewhere, and every named shape is used", () => {
  const text = JSON.stringify(document);
  const references = new Set([...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, to = ""]) => to));
  for (const reference of references) {
    const target = reference
      .split("/")
      .reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], document);
    expect(target, reference).toBeDefined();
  }
  for (const name of Object.keys(document.components["schemas"] ?? {})) {
    expect(references).toContain(`components/schemas/${name}`);
  }
  for (const scheme of operations().flatMap(({ security }) => security.flatMap(Object.keys))) {
    expect(document.components["securitySchemes"]).toHaveProperty(scheme);
  }
});

test("the page for people shows every route and every refusal", () => {
  for (const route of routes) {
    expect(page).toContain(`<code>${route.method} ${route.path}</code>`);
    expect(page).toContain(escapeHtml(route.summary));
  }
  for (const code of Object.keys(REFUSALS)) expect(page).toContain(`<code>${code}</code>`);
});
