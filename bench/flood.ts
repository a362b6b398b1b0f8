/**
 * Posts bodies over a fixed number of keep-alive connections, each waiting for its answer before it sends
 * the next. Written on sockets: a full HTTP client costs as much as the server that it measures.
 */
import { connect, type Socket } from "node:net";

export type Flood = {
  readonly requests: number;
  /** Answered with anything but 2xx. */
  readonly refused: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
};

export type FloodOptions = {
  readonly port: number;
  readonly path: string;
  /** Lines that end in CRLF. */
  readonly headers: string;
  readonly bodies: readonly Buffer[];
  readonly connections: number;
};

/** Sends every body once. Rejects when a connection breaks. */
export async function flood(options: FloodOptions): Promise<Flood> {
  const { port, path, headers, bodies, connections } = options;
  const requests = bodies.map((body) =>
    Buffer.concat([
      Buffer.from(
        `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers}Content-Length: ${body.length}\r\n\r\n`,
      ),
      body,
    ]),
  );
  const times: number[] = [];
  let next = 0;
  let refused = 0;
  const from = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const line = await open(port);
      while (next < requests.length) {
        const started = performance.now();
        const status = await line.ask(requests[next++]!);
        times.push(performance.now() - started);
        if (status < 200 || status > 299) refused += 1;
      }
      line.close();
    }),
  );
  const seconds = (performance.now() - from) / 1_000;
  times.sort((a, b) => a - b);
  const at = (share: number): number =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return { requests: requests.length, refused, seconds, p50Ms: at(0.5), p99Ms: at(0.99) };
}

type Line = { ask(request: Buffer): Promise<number>; close(): void };

async function open(port: number): Promise<Line> {
  const socket: Socket = connect({ port, host: "127.0.0.1", noDelay: true });
  let pending: PromiseWithResolvers<number> | null = null;
  let heard = "";
  socket.on("data", (chunk) => {
    heard += chunk.toString("latin1");
    const headEnd = heard.indexOf("\r\n\r\n");
    if (headEnd < 0) return;
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(heard.slice(0, headEnd))?.[1] ?? 0);
    if (heard.length < headEnd + 4 + length) return;
    const status = Number(heard.slice(9, 12));
    heard = heard.slice(headEnd + 4 + length);
    pending?.resolve(status);
  });
  const broken = (): void => pending?.reject(new Error(`connection to port ${port} broke`));
  socket.on("error", broken);
  socket.on("close", broken);
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  return {
    ask(request) {
      pending = Promise.withResolvers<number>();
      socket.write(request);
      return pending.promise;
    },
    close: () => socket.destroy(),
  };
}
