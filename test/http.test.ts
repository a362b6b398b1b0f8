/** What tools and browsers see of the server: protocols, refusals, pages of lists, sessions, logs. */
import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Problem } from "../contract/route.ts";
import { openWire, type Wire } from "./fakes/wire.ts";
import { ADMIN, type Answer, startTestNode, type TestNode } from "./node.ts";

let node: TestNode;
let wire: Wire;
let key: string;
let counter = 0;

beforeAll(async () => {
  node = await startTestNode({ reach: async (url) => (wire = await openWire(url)).url });
  await node.configure("teams", "red", { name: "Red" });
  await node.configure("services", "till", { name: "Till", team: "red" });
  key = (await node.configure("keys", "till-key", { service: "till", secret: "generate" })) ?? "";
});
afterAll(async () => {
  await node.stop();
  await wire.close();
});
beforeEach(() => wire.mend());

type Items = {
  readonly items: readonly { readonly id: string; readonly title: string }[];
  readonly next: string | null;
};

const event = (more: object = {}) => ({
  routing_key: key,
  event_action: "trigger",
  dedup_key: `d-${counter++}`,
  payload: { summary: "Till is down", source: "probe", severity: "info" },
  ...more,
});
const enqueue = (body: unknown): Promise<Answer> =>
  node.ask("POST /v2/enqueue", { token: null, body });
const alertsOf = async (dedupKey: string): Promise<Items["items"]> =>
  (await node.ask<Items>(`GET /v1/alerts?dedupKey=${dedupKey}`)).json.items;

describe("refusals", () => {
  test("are problem details with code, parameters and the request's id", async () => {
    const answer = await node.ask("GET /v1/incidents/INC-99");
    expect(answer.status).toBe(404);
    expect(answer.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
    expect(Problem.parse(answer.json)).toMatchObject({
      code: "incident.not_found",
      params: { id: "INC-99" },
      status: 404,
      type: "https://tocsin.invalid/errors/incident.not_found",
    });
  });

  test("of a body name every field at once", async () => {
    const body = { title: "", severity: "SEV9", services: "till" };
    const answer = await node.ask("POST /v1/incidents", { body });
    expect(answer.code).toBe("request.invalid");
    const { params } = answer.json as { params: { problems: string[] } };
    expect(params.problems.map((text) => text.split(":")[0])).toEqual([
      "title",
      "severity",
      "services",
    ]);
  });

  for (const [what, request, status, code] of [
    ["an unknown address", "GET /v1/nothing", 404, "request.unknown_route"],
    ["a method that a path does not have", "DELETE /v1/incidents", 404, "request.unknown_route"],
    ["an address that cannot be read", "GET /v1/incidents/%zz", 400, "request.invalid"],
    [
      "an address that is too long",
      `GET /v1/incidents/INC-${"1".repeat(400)}`,
      400,
      "request.invalid",
    ],
    ["an id of another kind", "GET /v1/incidents/42", 400, "request.invalid"],
  ] as const) {
    test(`of ${what}`, async () => {
      const answer = await node.ask(request);
      expect([answer.status, answer.code]).toEqual([status, code]);
      Problem.parse(answer.json);
    });
  }

  test("of an asker without a token say how to sign in", async () => {
    const answer = await node.ask("GET /v1/incidents", { token: null });
    expect([answer.status, answer.code]).toEqual([401, "access.signed_out"]);
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
  });

  test("of text that is not JSON do not repeat it", async () => {
    const raw = '{"title": "a secret", oops}';
    const headers = { "content-type": "application/json" };
    const answer = await node.ask("POST /v1/incidents", { raw, headers });
    expect([answer.status, answer.code]).toEqual([400, "request.not_json"]);
    expect(answer.text).not.toContain("secret");
  });
});

describe("PagerDuty's events", () => {
  test("are accepted with 202 and their dedup key", async () => {
    const answer = await enqueue(event({ dedup_key: "pd-1" }));
    const body = { status: "success", message: "Event processed", dedup_key: "pd-1" };
    expect([answer.status, answer.json]).toEqual([202, body]);
    expect(await alertsOf("pd-1")).toHaveLength(1);
  });

  test("get a dedup key when they have none", async () => {
    const answer = await enqueue(event({ dedup_key: undefined }));
    expect(answer.status).toBe(202);
    expect(await alertsOf(String(answer.json["dedup_key"]))).toHaveLength(1);
  });

  for (const [what, more, field] of [
    ["a body without a payload", { payload: undefined }, "payload"],
    ["an unknown action", { event_action: "shout" }, "event_action"],
    ["an unknown routing key", { routing_key: "not-a-key" }, "routing_key"],
    ["no routing key", { routing_key: undefined }, "routing_key"],
    ["a dedup key over 255", { dedup_key: "d".repeat(256) }, "dedup_key"],
  ] as const) {
    test(`are refused in PagerDuty's own shape: ${what}`, async () => {
      const answer = await enqueue(event(more));
      expect(answer.status).toBe(400);
      expect(answer.json).toEqual({
        status: "invalid event",
        message: "Event object is invalid",
        errors: [expect.stringContaining(`'${field}'`)],
      });
    });
  }

  test("of more than 512 KB are refused with the limit", async () => {
    const long = event({ payload: { ...event().payload, custom_details: "x".repeat(512 * 1024) } });
    const answer = await enqueue(long);
    expect([answer.status, answer.code]).toEqual([413, "request.too_large"]);
    expect(answer.json["detail"]).toContain("524288");
  });

  test("come also compressed, and one that unfolds beyond the limit is refused unopened", async () => {
    const headers = { "content-encoding": "gzip" };
    const sent = (raw: Buffer, more = {}) =>
      node.ask("POST /v2/enqueue", { token: null, raw, headers: { ...headers, ...more } });
    expect((await sent(gzipSync(JSON.stringify(event())))).status).toBe(202);
    for (const deflate of [deflateSync, deflateRawSync]) {
      const way = { "content-encoding": "deflate" };
      expect((await sent(deflate(JSON.stringify(event())), way)).status).toBe(202);
    }
    const bomb = await sent(gzipSync(Buffer.alloc(50_000_000)));
    expect([bomb.status, bomb.code]).toEqual([413, "request.too_large"]);
    const broken = await sent(Buffer.from("no gzip"));
    expect([broken.status, broken.json["params"]]).toMatchObject([400, { field: "body" }]);
    const odd = await sent(Buffer.from("x"), { "content-encoding": "compress" });
    expect([odd.status, odd.code]).toEqual([415, "request.encoding"]);
  });

  test("come also in other charsets, and what is no text is refused as such", async () => {
    const sent = (raw: Buffer, type = "application/json") =>
      node.ask("POST /v2/enqueue", { token: null, raw, headers: { "content-type": type } });
    const cold = event({ payload: { ...event().payload, summary: "Kälte" } });
    const text = JSON.stringify({ ...cold, dedup_key: "cold" });
    for (const raw of [Buffer.from(`\ufeff${text}`), Buffer.from(text, "utf16le")])
      expect((await sent(raw)).status).toBe(202);
    expect((await sent(Buffer.from(text, "latin1"), "text/plain; charset=Latin1")).status).toBe(
      202,
    );
    expect((await alertsOf("cold")).map(({ title }) => title)).toEqual(["Kälte"]);
    const packed = await sent(gzipSync(text));
    expect([packed.status, packed.json["params"]]).toMatchObject([400, { field: "body" }]);
  });

  test("come also as what curl -d calls a form", async () => {
    const raw = JSON.stringify(event());
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    expect((await node.ask("POST /v2/enqueue", { token: null, raw, headers })).status).toBe(202);
  });
});

describe("Prometheus and Alertmanager", () => {
  const alert = (name: string, more: object = {}) => ({
    labels: { alertname: name, severity: "info" },
    annotations: { summary: name },
    startsAt: new Date().toISOString(),
    ...more,
  });
  const webhook = (alerts: readonly object[]) => ({
    version: "4",
    groupKey: "{}:{}",
    status: "firing",
    receiver: "tocsin",
    truncatedAlerts: 0,
    groupLabels: {},
    commonLabels: {},
    commonAnnotations: {},
    externalURL: "http://am.example",
    alerts,
  });

  for (const [how, headers] of [
    ["as a bearer token", () => ({ authorization: `Bearer ${key}` })],
    ["as a password", () => ({ authorization: `Basic ${btoa(`anybody:${key}`)}` })],
    ["in a header of its own", () => ({ "x-tocsin-key": key })],
  ] as const) {
    test(`Alertmanager's API takes a list with the key ${how}`, async () => {
      const name = `ByApi${counter++}`;
      const body = [alert(name)];
      const answer = await node.ask("POST /api/v2/alerts", {
        token: null,
        headers: headers(),
        body,
      });
      expect([answer.status, answer.text]).toEqual([200, "{}"]);
      const { json } = await node.ask<Items>("GET /v1/alerts?limit=500");
      expect(json.items.some(({ title }) => title.includes(name))).toBe(true);
    });
  }

  test("without a key nothing is taken", async () => {
    const answer = await node.ask("POST /api/v2/alerts", { token: null, body: [alert("NoKey")] });
    expect([answer.status, answer.code]).toEqual([401, "signal.key_unknown"]);
  });

  test("an API token is no intake key", async () => {
    expect((await node.ask("POST /api/v2/alerts", { body: [alert("Admin")] })).code).toBe(
      "signal.key_unknown",
    );
  });

  test("the webhook takes its key from the path and counts", async () => {
    const body = webhook([{ ...alert("ByHook"), status: "firing", fingerprint: "f1" }]);
    const path = `POST /v1/intake/${key}/alertmanager`;
    const answer = await node.ask(path, { token: null, body });
    expect([answer.status, answer.json]).toEqual([200, { accepted: 1, refused: [] }]);
    expect(
      (await node.ask("POST /v1/intake/wrong-key/alertmanager", { token: null, body })).status,
    ).toBe(401);
  });
});

test("a watcher is told that there is no secret to sign its heartbeat with", async () => {
  const pulse = await node.ask(`GET /v1/pulse?nonce=${"0".repeat(32)}`, { token: null });
  expect([pulse.status, pulse.code]).toEqual([404, "watch.no_secret"]);
  expect((await node.ask("GET /v1/pulse?nonce=x", { token: null })).status).toBe(400);
});

describe("a heartbeat", () => {
  test("is heard by GET, HEAD and POST with any body, at a secret address", async () => {
    const body = { service: "till", every: "PT1H", secret: "generate" };
    const secret = await node.configure("heartbeats", "books", body);
    const ping = async (path: string, init: RequestInit = {}) =>
      (await fetch(new URL(`/ping/${path}`, node.address), init)).status;
    expect(await ping(secret!)).toBe(200);
    expect(await ping(secret!, { method: "HEAD" })).toBe(200);
    for (const type of ["application/json", "application/x-www-form-urlencoded", "text/plain"])
      expect(
        await ping(`${secret}/0`, {
          method: "POST",
          headers: { "content-type": type },
          body: "{[\0",
        }),
      ).toBe(200);
    expect(await ping("nobodys-secret")).toBe(401);
    expect(await ping(`${secret}/soon`)).toBe(400);
    expect((await node.ask("GET /v1/heartbeats/books")).json).toMatchObject({
      status: "up",
      pings: 5,
      lastPing: "exit 0",
    });
  });
});

describe("Tocsin's own signals", () => {
  const post = (asked: object) =>
    node.ask<{ accepted: { index: number }[]; refused: { index: number; field: string }[] }>(
      "POST /v1/signals",
      { token: key, ...asked },
    );

  test("one bad item is refused by index and field, the good ones are kept", async () => {
    const body = {
      signals: [
        { title: "good", severity: "info", dedupKey: "own-1" },
        { title: 7, severity: "info" },
        { title: "too", severity: "info", dedupKey: "own-2" },
      ],
    };
    const answer = await post({ body });
    expect(answer.status).toBe(202);
    expect(answer.json.accepted.map(({ index }) => index)).toEqual([0, 2]);
    expect(answer.json.refused).toEqual([expect.objectContaining({ index: 1, field: "title" })]);
    expect(await alertsOf("own-1")).toHaveLength(1);
    expect(await alertsOf("own-2")).toHaveLength(1);
  });

  test("an odd character in a signal costs the character, not the signal", async () => {
    const answer = await post({
      body: { title: "a\u0000b \ud800", severity: "info", dedupKey: "odd" },
    });
    expect(answer.status).toBe(202);
    expect(await alertsOf("odd")).toHaveLength(1);
  });

  test("CloudEvents come structured", async () => {
    const body = {
      specversion: "1.0",
      id: "s1",
      source: "/oven",
      type: "oven.hot",
      data: { celsius: 312 },
    };
    const headers = { "content-type": "application/cloudevents+json" };
    const answer = await post({ raw: JSON.stringify(body), headers });
    expect([answer.status, answer.json.accepted.length]).toEqual([202, 1]);
  });

  test("CloudEvents come binary", async () => {
    const ce = {
      "ce-specversion": "1.0",
      "ce-id": "b1",
      "ce-source": "/oven",
      "ce-type": "oven.hot",
    };
    const answer = await post({ body: { celsius: 312 }, headers: ce });
    expect([answer.status, answer.json.accepted.length]).toEqual([202, 1]);
  });

  test("numbers are taken, and a bad one among them is named", async () => {
    const body = {
      measurements: [
        { measure: "error_rate", value: 1 },
        { measure: "x", value: "y" },
      ],
    };
    const answer = await node.ask("POST /v1/measurements", { token: key, body });
    expect(answer.status).toBe(202);
    expect(answer.json).toMatchObject({ accepted: 1, refused: [{ index: 1, field: "value" }] });
  });
});

describe("lists", () => {
  const declare = async (): Promise<string> => {
    const body = { title: `List ${counter++}`, severity: "SEV4", services: ["till"] };
    return (await node.ask<{ id: string }>("POST /v1/incidents", { body })).json.id;
  };
  const ring = async (): Promise<string> => {
    const { json } = await enqueue(event());
    return (await alertsOf(String(json["dedup_key"])))[0]?.id ?? "";
  };

  for (const [list, add] of [
    ["/v1/incidents", declare],
    ["/v1/alerts", ring],
  ] as const) {
    test(`${list} shows each item once, also when items come in meanwhile`, async () => {
      const before: string[] = [];
      for (let count = 0; count < 7; count++) before.push(await add());
      const seen: string[] = [];
      let next: string | null = null;
      do {
        const cursor: string = next === null ? "" : `&cursor=${next}`;
        const { json } = await node.ask<Items>(`GET ${list}?limit=2${cursor}`);
        expect(json.items.length).toBeLessThanOrEqual(2);
        seen.push(...json.items.map(({ id }) => id));
        next = json.next;
        await add();
      } while (next !== null);
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen.slice(0, 7)).toEqual(before.toReversed());
    });
  }

  for (const list of [
    "incidents",
    "alerts",
    "notifications",
    "action-items",
    "schedules",
    "tokens",
  ]) {
    test(`/v1/${list} takes 1 to 500 at once and only its own cursors`, async () => {
      for (const limit of ["1", "500"]) {
        expect((await node.ask(`GET /v1/${list}?limit=${limit}`)).status).toBe(200);
      }
      for (const limit of ["0", "501", "x", "1.5", "-1"]) {
        expect((await node.ask(`GET /v1/${list}?limit=${limit}`)).code).toBe("request.invalid");
      }
      const foreign = ["not a cursor!", btoa('[1,"x"]'), btoa('["a",1]'), btoa("[1]"), "%00"];
      for (const cursor of foreign) {
        const answer = await node.ask(`GET /v1/${list}?cursor=${encodeURIComponent(cursor)}`);
        expect(answer.status, `${list} ${cursor}`).toBe(400);
      }
    });
  }
});

describe("what every answer carries", () => {
  test("the empty page of the web app: the same, but a browser may keep it and says where it comes from", async () => {
    const { headers } = await node.ask("GET /");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(headers.get("content-security-policy")).not.toContain("unsafe");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    // Where it was not built, a page that says so.
    expect(headers.get("referrer-policy")).toMatch(/^(same-origin|no-referrer)$/);
    expect(headers.get("cache-control")).toMatch(/^no-(cache|store)$/);
  });

  for (const path of ["/docs", "/v1/incidents", "/v1/nothing", "/healthz"]) {
    test(`${path}: no scripts, no frames, no guessing of types, nothing kept`, async () => {
      const { headers } = await node.ask(`GET ${path}`);
      expect(headers.get("content-security-policy")).toContain("default-src 'none'");
      expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("x-powered-by")).toBeNull();
    });
  }
});

describe("the log", () => {
  test("has timestamp, level, message and request_id, and neither names, addresses nor secrets", async () => {
    const person = { name: "Margarete Beispiel", email: "margarete@beispiel.example" };
    await node.configure("people", "margarete", person);
    const token = await node.tokenOf("margarete");
    await node.ask("POST /v1/incidents", { token, body: { title: "Geheimnisvoll" } });
    await node.ask("POST /v1/incidents", {
      body: { title: "Geheimnisvoll", severity: "SEV4", services: ["till"] },
    });
    await enqueue(event({ payload: { summary: "Geheimnisvoll", source: "x", severity: "info" } }));
    await node.ask(`POST /v1/intake/${key}/alertmanager`, {
      token: null,
      body: { Geheimnisvoll: 1 },
    });
    const link = await node.signInLink();
    await node.ask(`POST ${link}`, { token: null });
    const lines = node.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.length).toBeGreaterThan(5);
    for (const line of lines) {
      expect(new Date(String(line["timestamp"])).getTime()).toBeGreaterThan(0);
      expect(["debug", "info", "warn", "error"]).toContain(line["level"]);
      expect(line["message"]).toMatch(/./);
    }
    const requests = lines.filter((line) => "route" in line);
    expect(requests.length).toBeGreaterThan(5);
    for (const line of requests) expect(line["request_id"]).toMatch(/^[\w-]{8,}$/);
    const written = node.lines.join("\n");
    for (const secret of [
      person.name,
      "Margarete",
      person.email,
      token,
      ADMIN,
      key,
      link,
      "Geheimnisvoll",
    ]) {
      expect(written).not.toContain(secret);
    }
  });

  test("names the request that a refusal names", async () => {
    const answer = await node.ask("POST /v1/incidents", { body: {} });
    expect(node.lines.some((line) => line.includes(String(answer.json["requestId"])))).toBe(true);
  });
});

test("the metrics that operators were promised are there", async () => {
  await node.ask("GET /v1/nothing");
  const { text, headers } = await node.ask("GET /metrics", { token: null });
  expect(headers.get("content-type")).toMatch(/^text\/plain/);
  for (const name of [
    "request_count",
    "error_count",
    "response_time",
    "error_rate",
    "queue_depth",
    "pages_pending",
    "pages_late",
    "engine_lateness",
  ]) {
    expect(text, name).toMatch(new RegExp(`^# TYPE ${name} (counter|gauge|histogram)$`, "m"));
  }
  expect(text).toMatch(
    /^request_count\{method="GET",route="\/v1\/incidents\/:id",status="404"\} \d+$/m,
  );
  expect(text).not.toMatch(/INC-\d|till/);
});

describe("while PostgreSQL is away", () => {
  test("nothing is accepted and everybody is told to send again", async () => {
    wire.cut();
    const sent = event({ dedup_key: "while-away" });
    const answer = await enqueue(sent);
    expect([answer.status, answer.code]).toEqual([503, "server.store_away"]);
    expect(answer.headers.get("retry-after")).toMatch(/^\d+$/);
    const many = [1, 2, 3, 4, 5].map(() =>
      node.ask("POST /v1/signals", { token: key, body: { title: "away", severity: "info" } }),
    );
    expect((await Promise.all(many)).map(({ status }) => status)).toEqual([
      503, 503, 503, 503, 503,
    ]);
    expect((await node.ask("GET /v1/incidents")).status).toBe(503);
    expect((await node.ask("GET /readyz", { token: null })).status).toBe(503);
    expect((await node.ask("GET /healthz", { token: null })).status).toBe(200);
    expect((await node.ask("GET /metrics", { token: null })).status).toBe(200);

    wire.mend();
    expect(await alertsOf("while-away")).toEqual([]);
    expect((await enqueue(sent)).status).toBe(202);
    expect(await alertsOf("while-away")).toHaveLength(1);
  });
});
