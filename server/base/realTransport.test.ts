import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server as NetServer,
  type Socket,
} from "node:net";
import { pipeline, Readable } from "node:stream";
import { afterEach, describe, expect, test } from "vitest";
import { addressGuard } from "./addresses.ts";
import { realTransport, type Resolve } from "./realTransport.ts";
import type { HttpOutbound } from "./transport.ts";

const endings: (() => void)[] = [];
afterEach(() => {
  for (const end of endings.splice(0)) end();
});

async function portOf(server: NetServer): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  endings.push(() => void server.close());
  return (server.address() as AddressInfo).port;
}

const httpPort = (listener: RequestListener) => portOf(createServer(listener));
function tcpPort(onSocket: (socket: Socket) => void) {
  const open = new Set<Socket>();
  endings.push(() => open.forEach((socket) => socket.destroy()));
  return portOf(
    createTcpServer((socket) => {
      open.add(socket.on("error", () => undefined));
      onSocket(socket);
    }),
  );
}

const outbound = (url: string, more: Partial<HttpOutbound> = {}): HttpOutbound => ({
  via: "http",
  method: "POST",
  url,
  headers: { "Content-Type": "text/plain" },
  body: "hello",
  timeoutMs: 5_000,
  ...more,
});

const send = (request: HttpOutbound, allow = ["127.0.0.0/8"], resolve?: Resolve) =>
  realTransport({ smtpUrl: null, guard: addressGuard(allow), ...(resolve && { resolve }) }).send(
    request,
  );

describe("HTTP", () => {
  test("hands over method, headers and body, and gives back what was answered", async () => {
    const port = await httpPort((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        response.writeHead(202, { "X-Twice": ["a", "b"] });
        const { "x-key": key } = request.headers;
        const body = Buffer.concat(chunks).toString();
        response.end(`${request.method} ${request.url} ${String(key)} ${body}`);
      });
    });
    const reply = await send(
      outbound(`http://127.0.0.1:${port}/in?a=1`, { headers: { "X-Key": "k" } }),
    );
    expect(reply).toMatchObject({ kind: "http", status: 202, body: "POST /in?a=1 k hello" });
    expect(reply.kind === "http" && reply.headers["x-twice"]).toBe("a, b");
  });

  test("does not follow a redirect", async () => {
    let requests = 0;
    const port = await httpPort((_, response) => {
      requests += 1;
      response.writeHead(302, { Location: "/elsewhere" }).end();
    });
    expect(await send(outbound(`http://127.0.0.1:${port}/`))).toMatchObject({ status: 302 });
    expect(requests).toBe(1);
  });

  test("keeps 256 KB of a reply without end and closes", async () => {
    const port = await httpPort((_, response) => {
      const endless = new Readable({ read: () => void endless.push("x".repeat(64 * 1024)) });
      pipeline(endless, response, () => undefined);
    });
    const reply = await send(outbound(`http://127.0.0.1:${port}/`));
    expect(reply.kind === "http" && [reply.status, reply.body.length]).toEqual([200, 256 * 1024]);
  });

  test("a reply that breaks off still counts with its status", async () => {
    const port = await tcpPort((socket) => {
      socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart"));
    });
    expect(await send(outbound(`http://127.0.0.1:${port}/`))).toMatchObject({
      kind: "http",
      status: 200,
      body: "part",
    });
  });

  test("a reply that stalls in its body counts with its status when the time is over", async () => {
    const port = await tcpPort((socket) => {
      socket.once("data", () =>
        socket.write("HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\npart"),
      );
    });
    expect(await send(outbound(`http://127.0.0.1:${port}/`, { timeoutMs: 500 }))).toMatchObject({
      kind: "http",
      status: 201,
    });
  });

  test("silence after the hand-over may have reached", async () => {
    const port = await tcpPort(() => undefined);
    const reply = await send(outbound(`http://127.0.0.1:${port}/`, { timeoutMs: 500 }));
    expect(reply).toMatchObject({ kind: "error", reached: "maybe" });
  });

  test("a reset after the hand-over may have reached", async () => {
    const port = await tcpPort(
      (socket) => void socket.once("data", () => socket.resetAndDestroy()),
    );
    expect(await send(outbound(`http://127.0.0.1:${port}/`))).toEqual({
      kind: "error",
      reached: "maybe",
      because: "127.0.0.1: the connection broke",
    });
  });

  test("a TLS handshake that fails surely did not reach", async () => {
    let received = "";
    const port = await tcpPort(
      (socket) =>
        void socket.once("data", (bytes: Buffer) => {
          received = bytes.toString("latin1");
          socket.end("this is no TLS");
        }),
    );
    const reply = await send(outbound(`https://127.0.0.1:${port}/secret-path`));
    expect(reply).toMatchObject({ kind: "error", reached: "no" });
    expect(received).not.toContain("hello");
  });

  test("a refused connection surely did not reach", async () => {
    const port = await tcpPort(() => undefined);
    endings.pop()?.();
    expect(await send(outbound(`http://127.0.0.1:${port}/secret-path`))).toEqual({
      kind: "error",
      reached: "no",
      because: "127.0.0.1: the connection was refused",
    });
  });

  test("a name that is not known surely did not reach, and says the name", async () => {
    const unknown: Resolve = () =>
      Promise.reject(Object.assign(new Error(), { code: "ENOTFOUND" }));
    expect(await send(outbound("http://nowhere.example/"), [], unknown)).toEqual({
      kind: "error",
      reached: "no",
      because: "nowhere.example: the name is not known",
    });
  });

  for (const [what, request] of [
    ["no URL", outbound("not a url")],
    ["another protocol", outbound("file:///etc/passwd")],
    ["a header with a line break", outbound("http://127.0.0.1/", { headers: { A: "b\r\nC: d" } })],
  ] as const) {
    test(`${what} surely did not reach`, async () =>
      expect(await send(request)).toMatchObject({ kind: "error", reached: "no" }));
  }
});

describe("the guard", () => {
  const knocked = async (
    urlFor: (port: number) => string,
    allow: (port: number) => string[],
    resolve?: Resolve,
  ) => {
    let knocks = 0;
    const port = await httpPort((_, response) => {
      knocks += 1;
      response.end("in");
    });
    const reply = await send(outbound(urlFor(port)), allow(port), resolve);
    return { knocks, reply };
  };
  const loopback: Resolve = () => Promise.resolve([{ address: "127.0.0.1", family: 4 }]);

  for (const [form, host] of [
    ["a literal", "127.0.0.1"],
    ["a short literal", "127.1"],
    ["a hexadecimal literal", "0x7f000001"],
    ["a mapped literal", "[::ffff:127.0.0.1]"],
    ["a name", "localhost"],
  ] as const) {
    test(`loopback as ${form} is not connected to`, async () => {
      const { knocks, reply } = await knocked(
        (port) => `http://${host}:${port}/`,
        () => [],
      );
      expect(reply).toMatchObject({ kind: "error", reached: "no" });
      expect(reply.kind === "error" && reply.because).toContain("not a public address");
      expect(knocks).toBe(0);
    });
  }

  test("a host on the list is connected to", async () => {
    const url = (port: number) => `http://hooks.internal:${port}/`;
    const { knocks } = await knocked(url, (port) => [`hooks.internal:${port}`], loopback);
    expect(knocks).toBe(1);
  });

  test("a name that resolves anew cannot slip by: the checked address is used", async () => {
    const answers = ["127.0.0.1", "10.9.9.9"];
    let asked = 0;
    const rebinding: Resolve = () =>
      Promise.resolve([{ address: answers[asked++] ?? "10.9.9.9", family: 4 }]);
    const url = (port: number) => `http://rebinding.example:${port}/`;
    const { knocks } = await knocked(url, () => ["127.0.0.1"], rebinding);
    expect([knocks, asked]).toEqual([1, 1]);
  });

  test("of several addresses only the permitted ones are tried", async () => {
    const mixed: Resolve = () =>
      Promise.resolve([
        { address: "10.9.9.9", family: 4 },
        { address: "127.0.0.1", family: 4 },
      ]);
    const url = (port: number) => `http://mixed.example:${port}/`;
    const { knocks } = await knocked(url, () => ["127.0.0.1"], mixed);
    expect(knocks).toBe(1);
  });
});
