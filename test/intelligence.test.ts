/** Indicators and changes as a responder meets them: posted by tools, seen on alerts and incidents. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { golden } from "../server/edge/inbound/golden/samples.ts";
import { type Answer, eventually, startTestNode, type TestNode } from "./node.ts";

let node: TestNode;
let key: string;

beforeAll(async () => {
  node = await startTestNode();
  await node.configure("teams", "red", { name: "Red" });
  await node.configure("services", "checkout", { name: "Checkout", team: "red" });
  await node.configure("services", "till", { name: "Till", team: "red", dependsOn: ["checkout"] });
  await node.configure("services", "lamp", { name: "Lamp", team: "red" });
  await node.configure("rules", "sev2", {
    when: 'labels.product == "Suricata"',
    order: 1,
    then: { declare: "SEV2" },
  });
  key = (await node.configure("keys", "till-key", { service: "till", secret: "generate" })) ?? "";
});
afterAll(() => node.stop());

type Taken = {
  readonly accepted: readonly { readonly alert: string }[];
  readonly changes: number;
  readonly indicators: number;
};
const post = (tool: string, body: unknown): Promise<Answer<Taken>> =>
  node.ask<Taken>(`POST /v1/intake/${key}/${tool}`, {
    token: null,
    ...(typeof body === "string"
      ? { raw: body, headers: { "content-type": "text/plain" } }
      : { body }),
  });

type Alert = {
  readonly incident: string | null;
  readonly indicators: readonly { value: string; source: string; backwards: boolean }[];
};
const alertOf = async (id: string): Promise<Alert> =>
  (await node.ask<Alert>(`GET /v1/alerts/${id}`)).json;

/** A sensor's alert between two addresses. */
const sensed = (signature: number, from: string, to = "10.1.2.3") => ({
  timestamp: "2026-11-21T09:58:01.250000Z",
  flow_id: signature,
  event_type: "alert",
  src_ip: from,
  dest_ip: to,
  proto: "TCP",
  alert: { signature_id: signature, gid: 1, signature: `Test ${signature}`, severity: 1 },
});
const raise = async (signature: number, from: string): Promise<string> =>
  (await post("suricata", sensed(signature, from))).json.accepted[0]!.alert;

const csv = (...rows: string[]): string => ["type,value,source,valid_until", ...rows].join("\n");

/** The values that an alert met, once it met some. */
const metBy = (id: string): Promise<readonly string[]> =>
  eventually(async () => {
    const { indicators } = await alertOf(id);
    return indicators.length === 0 ? null : indicators.map(({ value }) => value);
  });

describe("an indicator", () => {
  test("that is known meets an alert when it comes, and stands on the incident", async () => {
    const taken = await post("stix", golden("stix.bundle.json"));
    expect([taken.status, taken.json.indicators]).toEqual([202, 8]);
    const alert = await raise(1, "203.0.113.9");
    expect(await metBy(alert)).toEqual(["203.0.113.9"]);
    const { incident } = await alertOf(alert);
    const told = await eventually(async () => {
      const { json } = await node.ask<{ items: { kind: string; text: string }[] }>(
        `GET /v1/incidents/${incident}/timeline?limit=100`,
      );
      return json.items.find(({ kind }) => kind === "indicator matched")?.text ?? null;
    });
    type Timeline = { items: { id: string }[]; next: string | null; code?: string };
    const timeline = async (query: string): Promise<Timeline> =>
      (await node.ask<Timeline>(`GET /v1/incidents/${incident}/timeline?${query}`)).json;
    const whole = await timeline("limit=500");
    const end = await timeline("limit=2&end=true");
    expect(end).toEqual({ items: whole.items.slice(-2), next: null });
    const { next } = await timeline("limit=1");
    expect((await timeline(`end=true&cursor=${next}`)).code).toBe("request.cursor");
    expect(told).toBe("STIX Example CERT warns of 203.0.113.9 (ipv4), seen in the alert: Test 1");
  });

  test("that comes later meets the alert that was there before", async () => {
    const alert = await raise(2, "198.51.100.77");
    // When the later alert has met what is known, the earlier one has been looked at as well.
    await metBy(await raise(20, "203.0.113.9"));
    await post("indicators", csv("ip,198.51.100.77,Feed,"));
    expect(await metBy(alert)).toEqual(["198.51.100.77"]);
    expect((await alertOf(alert)).indicators[0]).toMatchObject({ source: "Feed", backwards: true });
  });

  test("that has ended, or is on a warning list, meets nothing", async () => {
    await post("indicators", csv("ip,198.51.100.80,Feed,2020-01-01", "ip,10.1.2.3,Feed,"));
    await post("indicators", csv("ip,198.51.100.81,Feed,"));
    const [ended, marker] = [await raise(3, "198.51.100.80"), await raise(4, "198.51.100.81")];
    // The later alert has met its own, so the earlier one has been looked at as well.
    expect(await metBy(marker)).toEqual(["198.51.100.81"]);
    expect((await alertOf(ended)).indicators).toEqual([]);
    const { json } = await node.ask<{ items: { warning: string | null; matches: number }[] }>(
      "GET /v1/indicators?value=10.1.2.3",
    );
    expect(json.items).toMatchObject([{ warning: "private or reserved addresses", matches: 0 }]);
  });

  test("that is told again by the same source is one indicator", async () => {
    await post("indicators", csv("ip,198.51.100.90,Feed,"));
    await post("indicators", csv("ip,198.51.100.90,Feed,2030-01-01"));
    const { json } = await node.ask<{ items: { validUntil: string }[] }>(
      "GET /v1/indicators?value=198.51.100.90",
    );
    expect(json.items.map(({ validUntil }) => validUntil)).toEqual(["2030-01-01T00:00:00.000Z"]);
  });
});

describe("a change", () => {
  type Changes = {
    readonly changes: readonly {
      title: string;
      status: string;
      distance: number;
      because: string;
    }[];
  };
  const deployed = (id: number, name: string, at: string, state: string) => ({
    action: "created",
    deployment: {
      id,
      ref: `v${id}`,
      sha: "0".repeat(40),
      environment: "production",
      created_at: at,
    },
    deployment_status: { id: 1, state, environment: "production", created_at: at },
    repository: {
      name,
      full_name: `acme/${name}`,
      html_url: `https://git.acme.example/${name}`,
      url: `https://api.git.acme.example/repos/${name}`,
    },
  });
  const ago = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();

  test("is kept once, whatever is told of it, and ranked by nearness and dependency", async () => {
    await post("github", deployed(1, "checkout", ago(30), "in_progress"));
    await post("github", deployed(1, "checkout", ago(29), "success"));
    // What was told first may arrive last.
    await post("github", deployed(1, "checkout", ago(31), "queued"));
    await post("github", deployed(2, "till", ago(200), "success"));
    await post("github", deployed(3, "lamp", ago(1), "success"));
    const { json: list } = await node.ask<{ items: { title: string; status: string }[] }>(
      "GET /v1/changes?service=checkout",
    );
    expect(list.items).toMatchObject([{ title: "checkout v1 to production", status: "succeeded" }]);
    const alert = await raise(5, "198.51.100.95");
    const incident = await eventually(async () => (await alertOf(alert)).incident);
    const { json } = await node.ask<Changes>(`GET /v1/incidents/${incident}/changes`);
    expect(json.changes.map(({ title, distance }) => [title, distance])).toEqual([
      ["checkout v1 to production", 1],
      ["till v2 to production", 0],
    ]);
    expect(json.changes[0]!.because).toMatch(/before it was detected, on checkout, which it needs/);
  });
});

test("a hook that asks whether the address is ours is answered", async () => {
  const headers = { "x-okta-verification-challenge": "a-question" };
  const asked = { token: null, headers };
  const answer = await node.ask(`GET /v1/intake/${key}/okta`, asked);
  expect([answer.status, answer.json]).toEqual([200, { verification: "a-question" }]);
  expect((await node.ask("GET /v1/intake/not-a-key/okta", asked)).code).toBe("signal.key_unknown");
  expect((await node.ask(`GET /v1/intake/${key}/okta`, { token: null })).code).toBe(
    "request.invalid",
  );
});

test("Event Grid and senders of CloudEvents are told that an address is ours, where somebody has its key", async () => {
  const event = { eventType: "Microsoft.EventGrid.SubscriptionValidationEvent" };
  const body = [{ ...event, id: "1", data: { validationCode: "a-code" } }];
  const headers = { "aeg-event-type": "SubscriptionValidation" };
  for (const address of [`/v1/intake/${key}/azure-event-grid`, `/v1/intake/${key}`]) {
    const answer = await node.ask(`POST ${address}`, { token: null, headers, body });
    expect([answer.status, answer.json]).toEqual([200, { validationResponse: "a-code" }]);
    const origin = { "webhook-request-origin": "eventgrid.azure.net" };
    const allowed = await node.ask(`OPTIONS ${address}`, { token: null, headers: origin });
    expect(allowed.status).toBe(200);
    expect(allowed.headers.get("webhook-allowed-origin")).toBe("eventgrid.azure.net");
    expect(allowed.headers.get("webhook-allowed-rate")).toBe("*");
    expect((await node.ask(`OPTIONS ${address}`, { token: null })).code).toBe("request.invalid");
  }
  const unknown = await node.ask("POST /v1/intake/nobodys", { token: null, headers, body });
  expect(unknown.code).toBe("signal.key_unknown");
});
