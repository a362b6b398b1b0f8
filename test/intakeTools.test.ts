/** What a tool sees that sends what it sends of itself, named in the path or recognised. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { golden } from "../server/edge/inbound/golden/samples.ts";
import { type Answer, startTestNode, type TestNode } from "./node.ts";

let node: TestNode;
let key: string;

beforeAll(async () => {
  node = await startTestNode();
  await node.configure("teams", "red", { name: "Red" });
  await node.configure("services", "till", { name: "Till", team: "red" });
  await node.configure("services", "checkout", { name: "Checkout", team: "red" });
  key = (await node.configure("keys", "till-key", { service: "till", secret: "generate" })) ?? "";
});
afterAll(() => node.stop());

type Taken = {
  readonly tool: string;
  readonly accepted: readonly { readonly dedupKey: string; readonly alert: string | null }[];
  readonly refused: readonly unknown[];
  readonly findings: readonly { readonly finding: string }[];
};
const post = (
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer<Taken>> =>
  node.ask<Taken>(`POST /v1/intake/${path}`, {
    token: null,
    headers,
    ...(typeof body === "string" ? { raw: body } : { body }),
  });
const serviceOf = async (alert: string | null): Promise<string> =>
  (await node.ask<{ service: string }>(`GET /v1/alerts/${alert}`)).json.service;

describe("a tool's own webhook", () => {
  test("is read by the tool of the path, and goes to the service that it names", async () => {
    const answer = await post(`${key}/grafana`, golden("grafana.unified.json"));
    expect([answer.status, answer.json.tool, answer.json.refused]).toEqual([202, "grafana", []]);
    expect(await serviceOf(answer.json.accepted[0]!.alert)).toBe("checkout");
  });

  test("is recognised where the path names no tool", async () => {
    const answer = await post(key, golden("grafana.legacy.json"));
    expect([answer.status, answer.json.tool]).toEqual([202, "grafana"]);
    expect(await serviceOf(answer.json.accepted[0]!.alert)).toBe("till");
  });

  test("that is no such thing is refused, with the field named", async () => {
    const answer = await post(`${key}/grafana`, { hello: 1 });
    expect([answer.status, answer.code]).toEqual([400, "signal.refused"]);
    expect(answer.text).toContain("alerts must be");
  });

  test("an unknown tool is told the known ones", async () => {
    const answer = await post(`${key}/abacus`, {});
    expect([answer.status, answer.code]).toEqual([404, "signal.tool_unknown"]);
    expect(answer.text).toContain("grafana");
  });

  test("without a key nothing is taken", async () => {
    expect((await post("no-such-key/grafana", {})).code).toBe("signal.key_unknown");
  });
});

describe("what nobody knows becomes an alert with a finding", () => {
  for (const [promise, body, type] of [
    ["JSON", { title: "Tape 4 is full", level: "critical" }, "application/json"],
    ["a form", "title=Tape+4+is+full&level=critical", "application/x-www-form-urlencoded"],
    ["plain text", "Tape 4 is full", "text/plain"],
    ["lines of JSON", '{"title":"Tape 4 is full"}\n{"title":"Tape 5 is full"}\n', "text/plain"],
  ] as const) {
    test(promise, async () => {
      const answer = await post(key, body, { "content-type": type });
      expect([answer.status, answer.json.tool]).toEqual([202, "generic"]);
      expect(answer.json.accepted.length).toBe(promise === "lines of JSON" ? 2 : 1);
      expect(answer.json.findings.length).toBe(answer.json.accepted.length);
    });
  }

  test("but nothing at all is refused", async () => {
    expect((await post(key, "  ", { "content-type": "text/plain" })).code).toBe("signal.refused");
  });
});

test("a key that names a signing secret takes nothing from a tool that cannot sign", async () => {
  const body = { service: "till", secret: "generate", signedWith: "env:TOCSIN_TEST_SIGNING" };
  const signed = (await node.configure("keys", "signed-key", body)) ?? "";
  const answer = await post(`${signed}/grafana`, golden("grafana.unified.json"));
  expect([answer.status, answer.code]).toEqual([401, "signal.signature"]);
});
