/** Traces from intake to delivery, as a collector receives them over HTTP. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Alert } from "../contract/alert.ts";
import { eventually, startTestNode, type TestNode } from "./node.ts";

type Span = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: object }[];
};

const received: Span[] = [];
const resources: unknown[] = [];
let collector: Server;
let node: TestNode;

beforeAll(async () => {
  collector = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as {
        resourceSpans: { resource: unknown; scopeSpans: { spans: Span[] }[] }[];
      };
      for (const each of body.resourceSpans) {
        resources.push(each.resource);
        received.push(...each.scopeSpans.flatMap(({ spans }) => spans));
      }
      response.setHeader("content-type", "application/json").end("{}");
    });
  });
  collector.listen(0, "127.0.0.1");
  await once(collector, "listening");
  const { port } = collector.address() as AddressInfo;
  node = await startTestNode({ traces: `http://127.0.0.1:${port}/v1/traces` });
  await node.configure("channels", "email", { type: "email", from: "bell@example.test" });
  await node.configure("people", "ada", {
    name: "Ada Example",
    email: "ada@example.test",
    contacts: [{ channel: "email", address: "ada@example.test" }],
  });
  await node.configure("teams", "core", { name: "Core", members: ["ada"], manager: "ada" });
  await node.configure("escalations", "core", {
    name: "Core",
    steps: [{ notify: [{ person: "ada" }], timeoutMinutes: 5 }],
  });
  await node.configure("services", "shop", {
    name: "Shop",
    team: "core",
    tier: 1,
    escalation: "core",
  });
  await node.configure("rules", "critical", {
    when: 'severity == "critical"',
    then: { declare: "SEV1" },
  });
});
afterAll(async () => {
  collector.close();
});

test("an alert and the page about it are one trace, under the alert's id, without a name or an address", async () => {
  const secret = await node.configure("keys", "shop", { service: "shop" });
  const sent = await node.ask("POST /v2/enqueue", {
    token: null,
    body: {
      routing_key: secret,
      event_action: "trigger",
      dedup_key: "one",
      payload: { summary: "Ada's checkout is down", source: "test", severity: "critical" },
    },
  });
  expect(sent.status).toBe(202);
  const page = await eventually(async () => {
    const { json } = await node.ask<{ items: { id: string; state: string }[] }>(
      "GET /v1/notifications?kind=page",
    );
    return json.items.find(({ state }) => state === "accepted") ?? null;
  });
  const { json } = await node.ask<{ items: Alert[] }>("GET /v1/alerts");
  const alertId = json.items[0]?.id ?? "";
  // Its end sends what is still waiting.
  await node.stop();
  const trace = received.filter(({ traceId }) => traceId === alertId.replaceAll("-", ""));
  const root = trace.find(({ name }) => name === "intake");
  const sending = trace.find(
    ({ name, attributes }) =>
      name === "page" && attributes.some(({ value }) => JSON.stringify(value).includes(page.id)),
  );
  expect(root).toBeDefined();
  expect(root?.parentSpanId ?? "").toBe("");
  expect(sending?.parentSpanId).toBe(root?.spanId);
  const parts = trace.filter(({ parentSpanId }) => parentSpanId === sending?.spanId);
  expect(parts.map(({ name }) => name)).toContain("hand over");
  for (const span of trace)
    expect(BigInt(span.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(span.startTimeUnixNano));
  expect(received.map(({ name }) => name)).toContain("POST /v2/enqueue");
  expect(JSON.stringify(resources)).toContain("tocsin");
  expect(JSON.stringify(received)).not.toMatch(/Ada|ada@|checkout is down/);
});
