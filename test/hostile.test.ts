/** Whatever is sent, the server answers with a refusal that names the field, never with a fault. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Route } from "../contract/route.ts";
import { contractRoutes, startTestNode, type TestNode } from "./node.ts";

let node: TestNode;
let key: string;
/** The stream of events takes no body and never ends. */
const routes = (await contractRoutes()).filter(({ path }) => path !== "/v1/events");

beforeAll(async () => {
  node = await startTestNode();
  await node.configure("teams", "red", { name: "Red" });
  await node.configure("people", "ann", { name: "Ann", email: "ann@acme.example" });
  await node.configure("services", "till", { name: "Till", team: "red" });
  const layer = { name: "only", people: ["ann"], every: "week", startsOn: "2026-01-05" };
  await node.configure("schedules", "rota", { name: "Rota", timezone: "UTC", layers: [layer] });
  key = (await node.configure("keys", "till", { service: "till", secret: "generate" })) ?? "";
  const body = { title: "One", severity: "SEV4", services: ["till"] };
  await node.ask("POST /v1/incidents", { body });
});
afterAll(() => node.stop());

const deep = (levels: number, open: string, close: string): string =>
  `${open.repeat(levels)}1${close.repeat(levels)}`;

const BODIES: Readonly<Record<string, string>> = {
  nothing: "",
  null: "null",
  "a list": "[]",
  "a text": '"text"',
  "a number": "1e400",
  true: "true",
  "lists in lists": deep(100_000, "[", "]"),
  "objects in objects": deep(50_000, '{"a":', "}"),
  "a long text": JSON.stringify({ title: "x".repeat(400_000), text: "y".repeat(100_000) }),
  NUL: '{"title":"a\\u0000b","text":"a\\u0000b","because":"a\\u0000","\\u0000":1}',
  "half a character": '{"title":"\\ud800","text":"\\udfff","because":"\\ud800"}',
  "a prototype": '{"__proto__":{"admin":true},"constructor":{"prototype":{}}}',
  "wrong types":
    '{"title":{},"severity":[],"services":{"length":9},"text":1,"to":null,"objects":"x"}',
  "no JSON": "{nope",
  "not even text": "\u00ff\u00fe\u0000\u0001",
};

const addressOf = ({ path }: Route): string =>
  path
    .replace("/v1/schedules/:id", "/v1/schedules/rota")
    .replace("/v1/people/:id", "/v1/people/ann")
    .replace("/v1/config/:kind/:id", "/v1/config/audiences/odd")
    .replace("/incidents/:id", "/incidents/INC-1")
    .replace("/action-items/:id", "/action-items/AI-1")
    .replace("/intake/:key", `/intake/${key}`)
    .replace(":key", "lessons")
    .replace(":kind", "audiences")
    .replace(":token", "x".repeat(20))
    .replace(":channel", "chat")
    .replace(":id", "0199c0de-0000-7000-8000-000000000000");

const tokenFor = ({ access }: Route) => (access === "key" ? { token: key } : {});

describe("bodies", () => {
  for (const [what, raw] of Object.entries(BODIES)) {
    test(`${what} breaks no route`, async () => {
      const asked = routes
        .filter(({ method }) => method !== "GET")
        .map(async (route) => {
          const headers = { "content-type": "application/json" };
          const request = `${route.method} ${addressOf(route)}`;
          const answer = await node.ask(request, { raw, headers, ...tokenFor(route) });
          expect(answer.status, `${request}: ${answer.text}`).toBeLessThan(500);
        });
      await Promise.all(asked);
    });
  }

  test("none of them broke anything that was there", async () => {
    expect((await node.ask("GET /v1/incidents/INC-1")).json["title"]).toBe("One");
    expect(node.lines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });
});

describe("questions", () => {
  const ODD = [
    "%00",
    "%ED%A0%80",
    "%F0%9F%92%A5",
    "'%20or%20true--",
    "x".repeat(5_000),
    "-1",
    "[]",
  ];
  for (const odd of ODD) {
    test(`“${odd.slice(0, 20)}” breaks no route`, async () => {
      const asked = routes
        .filter(({ method }) => method === "GET")
        .map(async (route) => {
          const { shape = {} } = route.query as unknown as { shape?: object };
          for (const name of [...Object.keys(shape), "unknown"]) {
            const request = `GET ${addressOf(route)}?${name}=${odd}`;
            const answer = await node.ask(request);
            expect(answer.status, `${request}: ${answer.text}`).toBeLessThan(500);
          }
        });
      await Promise.all(asked);
    });
  }

  for (const odd of [
    "%00",
    "%2e%2e%2f",
    "%F0%9F%92%A5",
    "x".repeat(400),
    "INC-0",
    "INC-999999999",
  ]) {
    test(`“${odd.slice(0, 20)}” as an id breaks no route`, async () => {
      const asked = routes
        .filter((route) => route.path.includes(":"))
        .map(async (route) => {
          const path = route.path.replace(/:\w+/g, odd);
          const options = route.method === "GET" ? {} : { body: {} };
          const request = `${route.method} ${path}`;
          const answer = await node.ask(request, { ...options, ...tokenFor(route) });
          expect(answer.status, `${request}: ${answer.text}`).toBeLessThan(500);
        });
      await Promise.all(asked);
    });
  }
});

describe("a text that cannot be stored is refused with its field", () => {
  for (const [request, body, field] of [
    ["POST /v1/incidents", { title: "a\u0000", severity: "SEV4", services: ["till"] }, "title"],
    [
      "POST /v1/incidents",
      { title: "a", severity: "SEV4", regions: ["eu", "\ud800"] },
      "regions.1",
    ],
    ["POST /v1/incidents/INC-1/note", { text: "\udc00 half" }, "text"],
    ["POST /v1/incidents/INC-1/impact", { customers: "all\u0000" }, "customers"],
    ["PUT /v1/config/audiences/a", { name: "\u0000", people: [] }, "name"],
    ["PUT /v1/config/audiences/a", { name: "a", "peo\u0000ple": [] }, "body"],
  ] as const) {
    test(`${request}: ${field}`, async () => {
      const answer = await node.ask(request, { body });
      expect([answer.status, answer.code]).toEqual([400, "request.invalid"]);
      expect(answer.json["params"]).toMatchObject({ field });
    });
  }

  test("in a question too", async () => {
    const answer = await node.ask("GET /v1/alerts?dedupKey=a%00b");
    expect([answer.status, answer.code]).toEqual([400, "request.invalid"]);
    expect(answer.json["params"]).toMatchObject({ field: "query.dedupKey" });
  });

  test("and nesting without end names its limit", async () => {
    const raw = deep(101, "[", "]");
    const answer = await node.ask("POST /v1/incidents", { raw });
    expect(answer.json["detail"]).toContain("at most 100 levels");
  });
});

describe("the short way of tools", () => {
  const alert = { labels: { alertname: "Short" }, startsAt: "2026-01-01T00:00:00Z" };
  const BODIES: Readonly<Record<string, readonly string[]>> = {
    "/api/v2/alerts": [
      JSON.stringify([alert, { labels: 7 }]),
      JSON.stringify([alert]),
      "[]",
      "{}",
      '[{"labels":{"a":"\\u0000\\ud800"}}]',
    ],
    "/v2/enqueue": [
      JSON.stringify({
        event_action: "trigger",
        payload: { summary: "x", source: "y", severity: "info" },
      }),
      JSON.stringify({ event_action: "trigger" }),
      "[1]",
    ],
    "/v1/signals": [
      JSON.stringify({ title: "Short", severity: "info" }),
      JSON.stringify({ signals: [{ title: 7 }, { title: "x", severity: "info" }] }),
      '{"title":"a\\u0000"}',
    ],
  };
  const everywhere = ["null", "{nope", " ", "\u00ff", `${"[".repeat(9_000)}${"]".repeat(9_000)}`];

  for (const [path, bodies] of Object.entries(BODIES)) {
    test(`answers ${path} as the way of all does`, async () => {
      for (const token of [key, "nobody's", null]) {
        for (const raw of [...bodies, ...everywhere]) {
          const answers = [];
          for (const isPlain of [true, false]) {
            const headers: Record<string, string> = { "content-type": "application/json" };
            if (!isPlain) headers["content-encoding"] = "identity";
            const answer = await node.ask(`POST ${path}`, { token, headers, raw });
            const said = Object.fromEntries(answer.headers);
            // After a body that could not be parsed, Fastify hangs up.
            for (const name of ["date", "connection", "keep-alive"]) delete said[name];
            // What differs by nature: the request's id, fresh keys and ids, and that the second one repeats.
            const text = answer.text
              .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "id")
              .replaceAll("repeated", "opened");
            answers.push({ status: answer.status, said: { ...said, "content-length": "" }, text });
          }
          expect(answers[0]).toEqual(answers[1]);
        }
      }
    });
  }
});
