/** A TCP proxy before a PostgreSQL, whose line can be cut, or slowed down, while connections are open. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

export type Proxy = {
  /** The address with the proxy's port in the place of the real one. */
  readonly url: string;
  /** Breaks every connection and takes no new one. */
  cut(): void;
  /** Holds every piece back for so long on its way. */
  slow(ms: number): void;
  /** Connections go through at once again. */
  mend(): void;
  stop(): Promise<void>;
};

export async function startProxy(target: string): Promise<Proxy> {
  const to = new URL(target);
  const sockets = new Set<Socket>();
  let isCut = false;
  let delayMs = 0;

  const pass = (from: Socket, into: Socket): void => {
    // One after the other, so that what is held back keeps its order.
    let last = Promise.resolve();
    from.on("data", (piece) => {
      if (delayMs === 0) return void last.then(() => into.write(piece));
      const wait = delayMs;
      last = last
        .then(() => new Promise((wake) => setTimeout(wake, wait)))
        .then(() => void into.write(piece));
    });
    from.on("error", () => into.destroy());
    from.on("close", () => {
      sockets.delete(from);
      into.destroy();
    });
  };
  const server = createServer((near) => {
    if (isCut) return void near.resetAndDestroy();
    const far = connect(Number(to.port), to.hostname);
    sockets.add(near);
    sockets.add(far);
    pass(near, far);
    pass(far, near);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = new URL(target);
  url.port = String((server.address() as AddressInfo).port);
  const breakAll = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    url: url.href,
    cut() {
      isCut = true;
      breakAll();
    },
    slow: (ms) => void (delayMs = ms),
    mend() {
      isCut = false;
      delayMs = 0;
    },
    async stop() {
      server.close();
      breakAll();
      await once(server, "close").catch(() => undefined);
    },
  };
}
