/** Plain requests are taken from Node's parser; whatever else comes on a connection, and in what pieces, is Node's. */
import { once } from "node:events";
import { createServer, get, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type PlainRequest, takePlainRequests } from "./plainRequests.ts";

const LIMIT = 10_000;
let server: Server;
let taken: PlainRequest[] = [];
let isClosing = false;
let isKnown = true;
let held: PromiseWithResolvers<void> | null = null;

function open(): Server {
  const opened = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => (body += part.toString()));
    request.on("end", () => {
      const text = `node ${request.method} ${body}`;
      response.setHeader("content-length", text.length).end(text);
    });
  });
  takePlainRequests(
    opened,
    {
      takes: (url) => (url === "/short" ? LIMIT : null),
      async answer(request) {
        taken.push(request);
        const text = request.body.toString();
        if (text.includes("wait")) await held?.promise;
        return {
          status: 200,
          type: "text/plain",
          headers: { "x-own": ["1", "2"] },
          body: `short ${text}`,
        };
      },
      isClosing: () => isClosing,
    },
    () => (isKnown = false),
  );
  return opened.listen(0, "127.0.0.1");
}

beforeAll(async () => {
  server = open();
  await once(server, "listening");
});
beforeEach(() => {
  [taken, isClosing, held] = [[], false, null];
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const line = (to = server, allowHalfOpen = false): Socket => {
  const { port } = to.address() as AddressInfo;
  return connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen });
};
/** A connection of somebody who does not end it, and the server's side of it. */
async function halfOpen(to = server): Promise<readonly [Socket, Socket]> {
  const connected = once(to, "connection") as Promise<[Socket]>;
  const socket = line(to, true).on("error", () => undefined);
  const [there] = await connected;
  return [socket, there];
}
const JSON_TYPE = "Content-Type: application/json\r\n";
const post = (body: string, headers = JSON_TYPE, head = "POST /short HTTP/1.1"): string =>
  `${head}\r\nHost: x\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`;
const GET = "GET /short HTTP/1.1\r\nHost: x\r\n\r\n";

/** What is heard until so many answers have come, or the connection has ended. */
async function hear(socket: Socket, answers: number): Promise<readonly string[]> {
  let heard = "";
  socket.setEncoding("latin1");
  await new Promise<void>((resolve) => {
    socket.on("data", (part: string) => {
      heard += part;
      if (bodiesOf(heard).length >= answers) resolve();
    });
    socket.on("close", () => resolve());
  });
  socket.removeAllListeners("data");
  return bodiesOf(heard);
}
/** Whole answers: the bodies, with the status where it is none of success. */
function bodiesOf(heard: string): readonly string[] {
  const found: string[] = [];
  for (let rest = heard; ;) {
    const end = rest.indexOf("\r\n\r\n");
    const head = rest.slice(0, end);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (end < 0 || rest.length < end + 4 + length) return found;
    const status = head.slice(9, 12);
    found.push((status === "200" ? "" : `${status} `) + rest.slice(end + 4, end + 4 + length));
    rest = rest.slice(end + 4 + length);
  }
}
async function say(bytes: string, answers = 1): Promise<readonly string[]> {
  const socket = line();
  socket.write(bytes);
  const heard = await hear(socket, answers);
  socket.destroy();
  return heard;
}

test("a plain request is taken, with this Node's parser", async () => {
  const socket = line();
  socket.write(post("[1]", `${JSON_TYPE}X-Odd: é\r\n`));
  const [text] = (await once(socket, "data")) as [Buffer];
  expect(text.toString()).toMatch(
    /^HTTP\/1\.1 200 OK\r\ncache-control: no-store\r\nx-own: 1\r\nx-own: 2\r\ncontent-type: text\/plain\r\ncontent-length: 9\r\ndate: .* GMT\r\nconnection: keep-alive\r\nkeep-alive: timeout=\d+\r\n\r\nshort \[1\]$/,
  );
  expect(taken[0]).toMatchObject({ url: "/short", peer: "127.0.0.1" });
  expect({ ...taken[0]!.headers }).toEqual({
    host: "x",
    "content-type": "application/json",
    "x-odd": Buffer.from("é").toString("latin1"),
  });
  expect(isKnown).toBe(true);
  socket.destroy();
});

test.each([
  ["another method", "GET /short HTTP/1.1\r\nHost: x\r\n\r\n", "node GET "],
  ["another address", post("[]", JSON_TYPE, "POST /other HTTP/1.1"), "node POST []"],
  ["another type", post("[]", "Content-Type: text/plain\r\n"), "node POST []"],
  ["a header twice", post("[]", `${JSON_TYPE}X-A: 1\r\nx-a: 2\r\n`), "node POST []"],
  ["a connection that ends", post("[]", `${JSON_TYPE}Connection: close\r\n`), "node POST []"],
  ["an older HTTP", post("[]", JSON_TYPE, "POST /short HTTP/1.0"), "node POST []"],
  ["an encoding", post("[]", `${JSON_TYPE}Content-Encoding: gzip\r\n`), "node POST []"],
  ["a browser", post("[]", `${JSON_TYPE}Accept: text/html\r\n`), "node POST []"],
  ["a length too large", post("x".repeat(LIMIT + 1)), `node POST ${"x".repeat(LIMIT + 1)}`],
  [
    "one whose length is named in a value before",
    post("x".repeat(LIMIT + 1), `${JSON_TYPE}X: content-length\r\n1: x\r\n`),
    `node POST ${"x".repeat(LIMIT + 1)}`,
  ],
  ["no body", post(""), "node POST "],
  [
    "chunks",
    `POST /short HTTP/1.1\r\nHost: x\r\n${JSON_TYPE}Transfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n`,
    "node POST []",
  ],
  [
    "more headers than the parser tells at once",
    post("[]", JSON_TYPE + Array.from({ length: 40 }, (_, n) => `X-${n}: 1\r\n`).join("")),
    "node POST []",
  ],
])("%s is Node's", async (_, bytes, answer) => {
  const [heard] = await say(bytes);
  expect(heard).toBe(answer);
  expect(taken).toEqual([]);
});

test.each([
  ["two lengths", post("[]", `${JSON_TYPE}Content-Length: 5\r\n`)],
  ["a length and chunks", post("0\r\n\r\n", `${JSON_TYPE}Transfer-Encoding: chunked\r\n`)],
  ["no host", `POST /short HTTP/1.1\r\n${JSON_TYPE}Content-Length: 2\r\n\r\n[]`],
  ["a space before the colon", post("[]", `${JSON_TYPE}X-A : 1\r\n`)],
  ["a line that ends alone", post("[]", `${JSON_TYPE}X-A: 1\nX-B: 2\r\n`)],
])("%s is refused, as ever", async (_, bytes) => {
  expect((await say(bytes))[0]).toMatch(/^400/);
  expect(taken).toEqual([]);
});

test("a connection goes to and fro between both", async () => {
  const socket = line();
  for (const [bytes, answer] of [
    [post("[1]"), "short [1]"],
    [post("[2]", "Content-Type: text/plain\r\n"), "node POST [2]"],
    [post("[3]"), "short [3]"],
    [post("[4]", `${JSON_TYPE}X-New: 1\r\n`), "short [4]"],
    [post("[55]", `${JSON_TYPE}X-New: 1\r\n`), "short [55]"],
  ] as const) {
    socket.write(bytes);
    expect(await hear(socket, 1)).toEqual([answer]);
  }
  socket.destroy();
});

test("requests that do not wait for answers are answered in their order", async () => {
  held = Promise.withResolvers();
  const socket = line();
  socket.write(post("[1,wait]") + post("[2]"));
  await expect.poll(() => taken.length).toBe(1);
  socket.write(post("[3]"));
  held.resolve();
  expect(await hear(socket, 3)).toEqual(["short [1,wait]", "short [2]", "short [3]"]);
  socket.destroy();
});

test("a plain one behind one of Node's waits for it", async () => {
  const other = post("[1]", "Content-Type: text/plain\r\n");
  expect(await say(other + post("[2]"), 2)).toEqual(["node POST [1]", "node POST [2]"]);
});

test.each([
  ["another request", GET],
  [
    "one that would have the connection",
    "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
  ],
  ["more than may wait", post("[]").repeat(30)],
])("%s before the answer to a plain one ends the connection behind that", async (_, bytes) => {
  held = Promise.withResolvers();
  const socket = line();
  socket.write(post("[1,wait]") + bytes + bytes);
  await expect.poll(() => taken.length).toBe(1);
  held.resolve();
  const heard = await hear(socket, 99);
  expect(heard[0]).toBe("short [1,wait]");
  expect(heard.every((each) => each.startsWith("short"))).toBe(true);
  expect(heard.length).toBeLessThan(12);
});

test("whoever leaves before the answer, or in the midst of a body, harms nobody", async () => {
  held = Promise.withResolvers();
  const [early, broken] = [line(), line()];
  early.write(post("[1,wait]"));
  broken.write(post("[2]").slice(0, -2));
  await expect.poll(() => taken.length).toBe(1);
  early.destroy();
  broken.destroy();
  await Promise.all([once(early, "close"), once(broken, "close")]);
  held.resolve();
  expect(await say(post("[3]"))).toEqual(["short [3]"]);
  expect(taken.map(({ body }) => body.toString())).toEqual(["[1,wait]", "[3]"]);
  // Node gives parsers of connections that have ended to others, also to those that it opens itself.
  const [response] = await once(get({ port: (server.address() as AddressInfo).port }), "response");
  expect(response.statusCode).toBe(200);
  response.resume();
});

test("more of a body than its length is not kept, whatever the parser tells", async () => {
  const [socket, there] = await halfOpen();
  socket.write(post("[1]").slice(0, -1));
  const { parser } = there as Socket & { parser?: Record<number, (part: Buffer) => void> };
  const onBody = (parser!.constructor as unknown as { kOnBody: number }).kOnBody;
  await expect.poll(() => there.bytesRead).toBeGreaterThan(0);
  parser![onBody]!(Buffer.from("more"));
  await once(there, "close");
  expect(taken).toEqual([]);
  socket.destroy();
});

test("whoever does not end a connection is let go behind the last answer", async () => {
  held = Promise.withResolvers();
  const [socket, there] = await halfOpen();
  const gone = once(there, "close");
  socket.write(post("[1,wait]") + GET);
  await expect.poll(() => taken.length).toBe(1);
  held.resolve();
  expect(await hear(socket, 1)).toEqual(["short [1,wait]"]);
  await gone;
  socket.destroy();
});

test("whoever reads nothing is let go when the connection is idle", async () => {
  held = Promise.withResolvers();
  const [socket, there] = await halfOpen();
  socket.pause().write(post("[1,wait]"));
  await expect.poll(() => taken.length).toBe(1);
  there.write(Buffer.alloc(20_000_000));
  const ended = once(there, "end");
  socket.end();
  await ended;
  const answered = held.promise.then(() => new Promise((resume) => setImmediate(resume)));
  held.resolve();
  await answered;
  expect(there.destroyed).toBe(false);
  there.emit("timeout");
  expect(there.destroyed).toBe(true);
  socket.destroy();
});

test("an answer may take longer than a connection may be idle", async () => {
  held = Promise.withResolvers();
  const connected = once(server, "connection") as Promise<[Socket]>;
  const socket = line();
  const [there] = await connected;
  socket.write(post("[1]"));
  expect(await hear(socket, 1)).toEqual(["short [1]"]);
  socket.write(post("[2,wait]"));
  await expect.poll(() => taken.length).toBe(2);
  there.emit("timeout");
  held.resolve();
  expect(await hear(socket, 1)).toEqual(["short [2,wait]"]);
  there.emit("timeout");
  await once(socket, "close");
});

test("a server that closes answers what it has begun, and ends", async () => {
  const closing = open();
  await once(closing, "listening");
  held = Promise.withResolvers();
  const [socket] = await halfOpen(closing);
  socket.write(post("[1,wait]"));
  await expect.poll(() => taken.length).toBe(1);
  isClosing = true;
  const closed = once(closing, "close");
  closing.close();
  closing.closeIdleConnections();
  held.resolve();
  expect(await hear(socket, 1)).toEqual(["short [1,wait]"]);
  await closed;
  socket.destroy();
});

test("however a request is cut into pieces, it is taken whole", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ minLength: 1, unit: "grapheme-ascii" }), { minLength: 1, maxLength: 4 }),
      fc.array(fc.nat(400), { maxLength: 6 }),
      async (bodies, cuts) => {
        taken = [];
        const bytes = bodies.map((body) => post(body)).join("");
        const socket = line();
        await once(socket, "connect");
        const heard = hear(socket, bodies.length);
        let from = 0;
        for (const cut of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
          socket.write(bytes.slice(from, cut));
          from = Math.max(from, cut);
          await new Promise((resume) => setImmediate(resume));
        }
        expect(await heard).toEqual(bodies.map((body) => `short ${body}`));
        socket.destroy();
      },
    ),
    { numRuns: 60 },
  );
});
