/** What a tool sees that sends what it sends of itself, named in the path or recognised. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { golden } from "../server/edge/inbound/golden/samples.ts";
import { type Answer, eventually, startTestNode, type TestNode } from "./node.ts";

let node: TestNode;
let key: string;

beforeAll(async () => {
  node = await startTestNode({ secrets: { "env:TOCSIN_TEST_SIGNING": "what it signs with" } });
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

  test("that is a template of one's own, or another tool's, becomes an alert that says so", async () => {
    const template = { incident_id: "i21", title: "Malware on till-2", severity: "High" };
    const own = await post(`${key}/crowdstrike`, template);
    expect([own.status, own.json.tool]).toEqual([202, "generic"]);
    expect(own.json.findings[0]?.finding).toMatch(
      /no body that CrowdStrike Falcon is known to send/,
    );
    const other = await post(`${key}/grafana`, golden("uptime-kuma.down.json"));
    expect([other.status, other.json.tool]).toEqual([202, "uptime-kuma"]);
    expect((await post(`${key}/tocsin`, { ...template, hello: 1 })).code).toBe("signal.refused");
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

test("a key that names a signing secret takes nothing that is not signed, whichever way it comes", async () => {
  const body = { service: "till", secret: "generate", signedWith: "env:TOCSIN_TEST_SIGNING" };
  const signed = (await node.configure("keys", "signed-key", body)) ?? "";
  const before = (await node.ask("GET /v1/alerts")).text;
  const ways: readonly (readonly [string, unknown])[] = [
    [`/v1/intake/${signed}`, golden("grafana.unified.json")],
    [`/v1/intake/${signed}/grafana`, golden("grafana.unified.json")],
    [`/v1/intake/${signed}/alertmanager`, golden("alertmanager-webhook.v4.json")],
    ["/api/v2/alerts", [{ labels: { alertname: "Unsigned" } }]],
    ["/v1/signals", { title: "Unsigned", severity: "info" }],
    ["/v1/measurements", { measure: "unsigned", value: 1 }],
    [
      "/v2/enqueue",
      { ...(golden("pagerduty-events.trigger.json") as object), routing_key: signed },
    ],
    [
      "/generic/2010-04-15/create_event.json",
      { ...(golden("pagerduty-events-v1.trigger.json") as object), service_key: signed },
    ],
    ["/v2/alerts", golden("opsgenie.api.json")],
    ["/v2/alerts/till-offline/acknowledge?identifierType=alias", {}],
    ["/v2/alerts/till-offline/notes?identifierType=alias", { note: "Unsigned" }],
  ];
  for (const [way, sent] of ways) {
    const answer = await node.ask(`POST ${way}`, { token: signed, body: sent });
    expect([way, answer.status, answer.code]).toEqual([way, 401, "signal.signature"]);
  }
  expect((await node.ask("GET /v1/alerts")).text).toBe(before);

  // A tool that signs has to; one that cannot shows the secret.
  const show = (way: string, sent: unknown) =>
    node.ask(`POST /v1/intake/${signed}${way}`, { token: "what it signs with", body: sent });
  expect((await show("", golden("sentry.issue-created.json"))).code).toBe("signal.signature");
  expect((await show("", golden("uptime-kuma.down.json"))).status).toBe(202);
  expect((await show("/alertmanager", golden("alertmanager-webhook.v4.json"))).status).toBe(200);
});

describe("a tool that was set up for PagerDuty or Opsgenie", () => {
  const genie = (request: string, body?: unknown) =>
    node.ask(request, {
      token: null,
      headers: { authorization: `GenieKey ${key}` },
      ...(body !== undefined && { body }),
    });
  const statusOf = async (alert: string): Promise<string> =>
    (await node.ask<{ status: string }>(`GET /v1/alerts/${alert}`)).json.status;

  test("speaks Events API v1 with its service key, and is answered as there", async () => {
    const event = { ...(golden("pagerduty-events-v1.trigger.json") as object), service_key: key };
    const path = "POST /generic/2010-04-15/create_event.json";
    const answer = await node.ask(path, { token: null, body: event });
    expect([answer.status, answer.json]).toEqual([
      200,
      { status: "success", message: "Event processed", incident_key: "till/offline" },
    ]);
    const bad = await node.ask(path, { token: null, body: { ...event, event_type: "poke" } });
    expect([bad.status, bad.json["status"]]).toEqual([400, "invalid event"]);
    const stranger = { ...event, service_key: "nobody's" };
    expect((await node.ask(path, { token: null, body: stranger })).status).toBe(400);
  });

  test("creates, acknowledges, notes and closes by alias or by id", async () => {
    const created = await genie("POST /v2/alerts", golden("opsgenie.api.json"));
    expect([created.status, created.json["result"]]).toEqual([202, "Request will be processed"]);
    const asked = await genie(`GET /v2/alerts/requests/${String(created.json["requestId"])}`);
    const { data } = asked.json as { data: { alertId: string; alias: string } };
    expect(data).toMatchObject({ success: true, alias: "till-offline" });
    const alias = "/v2/alerts/till-offline";
    await genie(`POST ${alias}/acknowledge?identifierType=alias`, { user: "lena" });
    expect(await statusOf(data.alertId)).toBe("acknowledged");
    const told = await genie(`POST ${alias}/notes?identifierType=alias`, { note: "On it" });
    expect(told.status).toBe(202);
    expect(
      (await genie(`PUT ${alias}/message?identifierType=alias`, { message: "x" })).status,
    ).toBe(202);
    expect((await genie(`POST /v2/alerts/${data.alertId}/close`, {})).status).toBe(202);
    expect(await statusOf(data.alertId)).toBe("resolved");
  });

  test("finds its note on the timeline of the incident", async () => {
    await node.configure("rules", "genie", {
      keys: ["till-key"],
      when: 'title == "Till burns"',
      then: { declare: "SEV4" },
      order: 1,
    });
    await genie("POST /v2/alerts", { message: "Till burns", alias: "fire", priority: "P5" });
    const incident = await eventually(async () => {
      const { items } = (
        await node.ask<{ items: { incident: string | null }[] }>("GET /v1/alerts?dedupKey=fire")
      ).json;
      return items[0]?.incident ?? null;
    });
    const note = { note: "Bring water", user: "lena" };
    await genie("POST /v2/alerts/fire/notes?identifierType=alias", note);
    expect((await node.ask(`GET /v1/incidents/${incident}/timeline`)).text).toContain(
      "Bring water (lena, by key till-key)",
    );
  });

  test("is told what it left out, and without a key nothing", async () => {
    const empty = await genie("POST /v2/alerts", { alias: "a" });
    expect([empty.status, empty.code]).toEqual([400, "signal.refused"]);
    const unknown = await genie("POST /v2/alerts/00000000-0000-4000-8000-000000000000/close", {});
    expect(unknown.code).toBe("alert.not_found");
    const strange = await node.ask("POST /v2/alerts", { token: null, body: { message: "x" } });
    expect(strange.code).toBe("signal.key_unknown");
  });
});

describe("every tool can be set up and tried", () => {
  type Tool = { readonly id: string; readonly url: string; readonly sample: string | null };

  test("the list tells its address, and every sample becomes something", async () => {
    const { tools } = (await node.ask<{ tools: Tool[] }>("GET /v1/intake/tools")).json;
    expect(tools.find(({ id }) => id === "grafana")?.url).toContain("/v1/intake/{key}/grafana");
    for (const { id } of tools.filter(({ sample }) => sample !== null)) {
      const path = `POST /v1/intake/tools/${id}/sample`;
      const answer = await node.ask<Taken>(path, { body: { key: "till-key" } });
      expect([id, answer.status]).toEqual([id, 202]);
    }
  });

  test("a sample says what it is, and ends no real alert", async () => {
    const path = "POST /v1/intake/tools/grafana/sample";
    const answer = await node.ask<Taken>(path, { body: { key: "till-key" } });
    const [first] = answer.json.accepted;
    expect(first!.dedupKey).toMatch(/^sample\//);
    const alert = await node.ask<{ title: string }>(`GET /v1/alerts/${first!.alert}`);
    expect(alert.json.title).toMatch(/^Sample: /);
  });

  test("an unknown tool or key is told", async () => {
    const ask = (tool: string, id: string) =>
      node.ask(`POST /v1/intake/tools/${tool}/sample`, { body: { key: id } });
    expect((await ask("abacus", "till-key")).code).toBe("signal.tool_unknown");
    expect((await ask("grafana", "nobody")).code).toBe("config.unknown");
  });
});

describe("a key with a mapping of its own", () => {
  const mapping = {
    title: 'body.job + " on " + body.host',
    severity: 'body.code > 2 ? "critical" : "warning"',
    status: 'body.done ? "resolved" : "firing"',
    dedupKey: "body.job",
    startedAt: "body.when.at",
  };

  test("reads what no adapter knows as its expressions say", async () => {
    const body = { service: "till", secret: "generate", mapping };
    const own = (await node.configure("keys", "mapped-key", body)) ?? "";
    const sent = { job: "export", host: "vault-2", code: 3, done: false };
    const answer = await post(own, { ...sent, when: { at: "2024-03-01T09:58:00Z" } });
    expect(answer.json.accepted).toMatchObject([{ dedupKey: "export" }]);
    const alert = await node.ask(`GET /v1/alerts/${answer.json.accepted[0]!.alert}`);
    expect(alert.json).toMatchObject({
      title: "export on vault-2",
      severity: "critical",
      status: "firing",
      startedAt: "2024-03-01T09:58:00.000Z",
    });
    const ahead = await post(own, { ...sent, job: "ahead", when: { at: "2999-01-01T00:00:00Z" } });
    const began = await node.ask<{ startedAt: string }>(
      `GET /v1/alerts/${ahead.json.accepted[0]!.alert}`,
    );
    expect(Date.parse(began.json.startedAt)).toBeLessThan(Date.now() + 60_000);
    const over = await post(`${own}/generic`, { ...sent, done: true });
    expect(over.json.accepted).toMatchObject([{ dedupKey: "export" }]);
    const lacking = await post(own, { job: "import", message: "It stands" });
    expect([lacking.status, lacking.json.findings.length]).toEqual([202, 1]);
  });

  test("is refused with the column where an expression is wrong", async () => {
    const wrong = { service: "till", secret: "generate", mapping: { title: "body.job +" } };
    const answer = await node.ask("PUT /v1/config/keys/wrong-key", { body: wrong });
    expect([answer.status, answer.text.includes("mapping.title")]).toEqual([422, true]);
  });
});

describe("Alertmanager's API", () => {
  type Group = { readonly labels: object; readonly alerts: readonly { labels: object }[] };
  const names = async (query: string): Promise<readonly string[]> =>
    (
      await node.ask<{ labels: Record<string, string> }[]>(`GET /api/v2/alerts?${query}`)
    ).json.flatMap(({ labels }) => (labels["shelf"] === undefined ? [] : [labels["alertname"]!]));

  test("lists open alerts by filter, receiver and what mutes them, and in groups", async () => {
    const labelled = (shelf: string) => ({
      title: `Shelf ${shelf}`,
      severity: "info",
      dedupKey: `shelf-${shelf}`,
      labels: { shelf },
    });
    const headers = { authorization: `Bearer ${key}` };
    const body = { signals: [labelled("7"), labelled("8")] };
    await node.ask("POST /v1/signals", { token: null, headers, body });
    expect((await names("")).toSorted()).toEqual(["Shelf 7", "Shelf 8"]);
    expect(await names('filter=shelf="7"&filter=service=till')).toEqual(["Shelf 7"]);
    expect(await names("receiver=re.")).toHaveLength(2);
    expect(await names("receiver=blue")).toEqual([]);
    const now = Date.now();
    const silence = await node.ask("POST /api/v2/silences", {
      body: {
        matchers: [{ name: "shelf", value: "8" }],
        startsAt: new Date(now).toISOString(),
        endsAt: new Date(now + 3_600_000).toISOString(),
        createdBy: "amtool",
        comment: "delivery",
      },
    });
    expect(silence.json).toHaveProperty("silenceID");
    expect(await names("silenced=false")).toEqual(["Shelf 7"]);
    expect(await names("active=false")).toEqual(["Shelf 8"]);
    const groups = (await node.ask<Group[]>('GET /api/v2/alerts/groups?filter=shelf=~".*"')).json;
    expect(groups.some(({ labels }) => "service" in labels)).toBe(true);
    expect((await node.ask('GET /api/v2/alerts?filter=shelf=~"("')).code).toBe("request.invalid");
    expect((await node.ask("GET /api/v2/alerts?filter=nonsense")).status).toBe(400);
    expect((await node.ask("GET /api/v2/alerts", { token: null })).status).toBe(401);
  });
});
