/** What takes the short way, and that everything else does not. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as contract from "../../contract/intake.ts";
import { Refusal } from "../base/errors.ts";
import { silentLog } from "../base/log.ts";
import { bind } from "../base/routes.ts";
import type { AnsweredRequest } from "./metrics.ts";
import { openShortWay } from "./shortWay.ts";

let server: Server;
let isClosing = false;
let answered: AnsweredRequest[] = [];
const LIMIT = 1_000;

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume().on("end", () => response.end("of all"));
  });
  const route = bind(contract.postAlertmanagerAlerts, async ({ request }) => {
    if (request.rawBody.includes("refuse")) throw new Refusal("signal.key_unknown");
    if (request.rawBody.includes("fault")) throw new Error("something else");
    const told = { length: request.rawBody.length, address: request.address };
    return told as unknown as Record<string, never>;
  });
  openShortWay(server, { log: silentLog }, [route], {
    trustProxy: true,
    refusalPage: () => {
      throw new Error("no tool is shown a page");
    },
    newRequestId: () => "one",
    bodyLimitOf: () => LIMIT,
    read: (_path, _type, body) => body,
    parse: (_route, body) => body,
    answered: (request) => void answered.push(request),
    isClosing: () => isClosing,
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const JSON_HEADERS = { "content-type": "application/json" };

async function ask(
  path: string,
  headers: Readonly<Record<string, string>> = JSON_HEADERS,
  body = "[]",
): Promise<string> {
  const { port } = server.address() as AddressInfo;
  const init = { method: "POST", headers, ...(body !== "" && { body }) };
  return (await fetch(`http://127.0.0.1:${port}${path}`, init)).text();
}

test("a plain request takes it, and is answered in one write", async () => {
  answered = [];
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, "127.0.0.1");
  const body = `[${" ".repeat(300)}]`;
  const head = `POST /api/v2/alerts HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nx-forwarded-for: 192.0.2.7, 10.0.0.1\r\n`;
  socket.write(`${head}content-length: ${body.length}\r\n\r\n${body.slice(0, 100)}`);
  await new Promise((resolve) => setTimeout(resolve, 20));
  socket.write(body.slice(100));
  const [reply] = (await once(socket, "data")) as [Buffer];
  socket.destroy();
  const [lines, content] = reply.toString().split("\r\n\r\n");
  expect(lines).toMatch(/^HTTP\/1\.1 200 OK\r\ncache-control: no-store\r\n/);
  expect(lines).toContain("content-type: application/json; charset=utf-8");
  expect(content).toBe('{"length":302,"address":"192.0.2.7"}');
  expect(answered).toMatchObject([{ method: "POST", route: "/api/v2/alerts", status: 200 }]);
});

test("what is refused is told as everywhere", async () => {
  answered = [];
  expect(JSON.parse(await ask("/api/v2/alerts", JSON_HEADERS, '["refuse"]'))).toMatchObject({
    code: "signal.key_unknown",
  });
  expect(JSON.parse(await ask("/api/v2/alerts", JSON_HEADERS, '["fault"]'))).toMatchObject({
    code: "server.fault",
  });
  expect(answered.map(({ status }) => status)).toEqual([401, 500]);
});

for (const [what, path, headers, body] of [
  ["another address", "/api/v2/silences", JSON_HEADERS],
  ["a question behind the address", "/api/v2/alerts?x=1", JSON_HEADERS],
  ["another type", "/api/v2/alerts", { "content-type": "text/plain" }],
  ["no type", "/api/v2/alerts", { "content-type": "" }],
  ["an encoding", "/api/v2/alerts", { ...JSON_HEADERS, "content-encoding": "identity" }],
  ["a browser", "/api/v2/alerts", { ...JSON_HEADERS, accept: "text/html" }],
  ["no body", "/api/v2/alerts", JSON_HEADERS, ""],
  ["too large a body", "/api/v2/alerts", JSON_HEADERS, "x".repeat(LIMIT + 1)],
] as const) {
  test(`${what} goes the way of all`, async () => {
    expect(await ask(path, headers, body)).toBe("of all");
  });
}

test("a server that is closing sends everybody the way of all", async () => {
  isClosing = true;
  expect(await ask("/api/v2/alerts")).toBe("of all");
  isClosing = false;
});

test("whoever breaks off in the middle of a body has sent nothing", async () => {
  answered = [];
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, "127.0.0.1");
  socket.write(
    "POST /api/v2/alerts HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n[1,",
  );
  await new Promise((resolve) => setTimeout(resolve, 20));
  socket.destroy();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(answered).toEqual([]);
});
