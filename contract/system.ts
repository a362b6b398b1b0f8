/** Health, metrics and the description of the API itself. */
import { z } from "zod";
import { route } from "./route.ts";

export const healthz = route({
  method: "GET",
  path: "/healthz",
  access: "public",
  tag: "system",
  summary: "This process lives.",
  reply: z.object({ status: z.literal("ok") }),
});

export const readyz = route({
  method: "GET",
  path: "/readyz",
  access: "public",
  tag: "system",
  summary: "This node can accept: the store answers and its clock agrees.",
  reply: z.object({ status: z.string(), store: z.string(), clockSkewMs: z.number() }),
});

export const readMetrics = route({
  method: "GET",
  path: "/metrics",
  access: "public",
  tag: "system",
  summary: "Prometheus metrics; no names, ids or secrets in them.",
  reply: z.string(),
});

export const openApi = route({
  method: "GET",
  path: "/openapi.json",
  access: "public",
  tag: "system",
  summary: "This API as OpenAPI 3.1.",
  reply: z.unknown(),
});

export const docs = route({
  method: "GET",
  path: "/docs",
  access: "public",
  tag: "system",
  summary: "This API for reading.",
  reply: z.string(),
});
