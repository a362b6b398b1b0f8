/** A route without a right, or at another's place, is seen at the start; a connection that says no request is ended. */
import { once } from "node:events";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { postAlertmanagerAlerts } from "../../contract/intake.ts";
import { route } from "../../contract/route.ts";
import { keyring } from "../base/crypto.ts";
import { silentLog } from "../base/log.ts";
import { bind } from "../base/routes.ts";
import { type HttpOptions, httpServer } from "./http.ts";

const world = {
  db: {} as never,
  chance: {} as never,
  transport: {} as never,
  clock: {} as never,
  keys: keyring(Buffer.alloc(32)),
  log: silentLog,
  publicUrl: "http://x.example",
  secret: () => null,
  nudge: () => undefined,
};
const options = {
  trustProxy: false,
  identify: async () => null,
  onAnswered: () => undefined,
  refusalPage: () => {
    throw new Error("nobody asks for a page");
  },
};

describe("a route", () => {
  const declared = route({
    method: "GET",
    path: "/x",
    tag: "x",
    summary: "X.",
    access: "public",
    reply: z.object({}),
  });

  test("that declares no right stops the start", async () => {
    for (const access of [undefined, "everything", null, "toString"]) {
      const bad = bind({ ...declared, access: access as never }, async () => ({}));
      await expect(httpServer(world, [bad], options)).rejects.toThrow(/GET \/x declares no right/);
    }
  });

  test("that another has already taken stops the start", async () => {
    const one = bind(declared, async () => ({}));
    await expect(httpServer(world, [one, one], options)).rejects.toThrow(/already declared/);
  });
});

describe("a connection whose peer does not end it", () => {
  type Receiving = NonNullable<HttpOptions["receiving"]>;
  let opened: (receiving: Receiving) => Promise<FastifyInstance>;
  let server: FastifyInstance;
  let accepted = 0;
  let held = Promise.withResolvers<void>();
  beforeAll(async () => {
    const alerts = bind(postAlertmanagerAlerts, async () => {
      accepted += 1;
      await held.promise;
      return {};
    });
    opened = async (receiving) => {
      const made = await httpServer(world, [alerts], { ...options, receiving });
      await made.listen({ port: 0, host: "127.0.0.1" });
      return made;
    };
    server = await opened({ withinMs: 200, checkedMs: 20, closingMs: 50 });
  });
  afterAll(() => server.close());

  /** What is heard until the server has let go of the connection. */
  async function say(
    bytes: string,
    then = async (_there: Socket): Promise<void> => {},
    to = server,
  ) {
    const connected = once(to.server, "connection") as Promise<[Socket]>;
    const { port } = to.server.address() as AddressInfo;
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    const [there] = await connected;
    const gone = once(there, "close");
    socket.write(bytes);
    let heard = "";
    // To read it as a stream would end it.
    socket.setEncoding("utf8").on("data", (part: string) => (heard += part));
    const ended = new Promise((resolve) => socket.on("end", resolve).on("close", resolve));
    socket.on("error", () => undefined);
    await then(there);
    await Promise.all([gone, ended]);
    socket.destroy();
    return heard;
  }
  const plain = "POST /api/v2/alerts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
  const ways = [
    ["plain", plain],
    ["of Node's", `${plain}Accept: text/html\r\n`],
  ] as const;

  test.each([
    ["garbage", "no request at all\r\n\r\n"],
    ["half a header", plain],
    ...ways.map(([way, head]) => [`half a body, ${way}`, `${head}Content-Length: 9\r\n\r\n[`]),
  ])("is told that %s is no request, and let go", async (_, bytes) => {
    const told = await say(bytes!);
    expect(told).toMatch(/^HTTP\/1\.1 400 .*"code":"request\.invalid"/s);
    expect(told).toContain("complete and readable as HTTP/1.1");
    expect(accepted).toBe(0);
  });

  test.each(ways)("holds no server that closes by half a body, %s", async (_, head) => {
    const closing = await opened({ withinMs: 60_000, checkedMs: 30_000, closingMs: 50 });
    let stopped: Promise<unknown> = Promise.resolve();
    const stop = async (there: Socket): Promise<void> => {
      await expect.poll(() => there.bytesRead).toBeGreaterThan(0);
      stopped = closing.close();
    };
    expect(await say(`${head}Content-Length: 9\r\n\r\n[`, stop, closing)).toBe("");
    await stopped;
  });

  test.each(ways)("is told nothing in place of an answer that is due, %s", async (_, head) => {
    held = Promise.withResolvers();
    const before = accepted;
    const told = await say(`${head}Content-Length: 2\r\n\r\n[]no request\r\n\r\n`, () =>
      expect.poll(() => accepted).toBe(before + 1),
    );
    held.resolve();
    expect(told).toBe("");
  });
});
