/** A wire between Tocsin and its PostgreSQL that can be cut and mended. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export type Wire = {
  /** The address of the store, through the wire. */
  readonly url: string;
  /** Breaks every connection and takes none until mended. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
};

export async function openWire(storeUrl: string): Promise<Wire> {
  const store = new URL(storeUrl);
  const sockets = new Set<Socket>();
  let isWhole = true;
  const server = createServer((near) => {
    if (!isWhole) return near.destroy();
    const far = connect(Number(store.port), store.hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = new URL(storeUrl);
  url.hostname = "127.0.0.1";
  url.port = String((server.address() as AddressInfo).port);
  const cut = (): void => {
    isWhole = false;
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: url.href,
    cut,
    mend: () => void (isWhole = true),
    async close() {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
