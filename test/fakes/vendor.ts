/**
 * A vendor on loopback: what it answers is a pure function of what it is asked, so that the simulation asks the
 * very same. What it takes stays readable.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export type Asked = {
  readonly method: string;
  /** Path and query. */
  readonly at: string;
  /** With names in small letters. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Fields;
};
/** A form or an object, read. */
export type Fields = Readonly<Record<string, unknown>>;
/** A body that is no text is sent as JSON. */
export type Answer = {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};
export type Vendor = {
  answer(asked: Asked): Answer;
  /** How it says that there were too many. */
  limit(asked: Asked): Answer;
};
export type Taken = Omit<Asked, "headers">;

export type VendorServer = {
  readonly url: string;
  taken(): readonly Taken[];
  /** The next request is taken and the connection breaks before the answer. */
  breakOff(): void;
  /** The next request is refused because there were too many. */
  limitNext(): void;
  stop(): Promise<void>;
};

export async function startVendor(vendor: Vendor): Promise<VendorServer> {
  const taken: Taken[] = [];
  let next: "break" | "limit" | null = null;
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { method = "", url: at = "", headers } = request;
      const body = fieldsOf(Buffer.concat(chunks).toString(), headers["content-type"]);
      const asked = { method, at, body, headers: headers as Asked["headers"] };
      const what = next;
      next = null;
      const answer = what === "limit" ? vendor.limit(asked) : vendor.answer(asked);
      if (answer.status < 300) taken.push({ method, at, body });
      if (what === "break") return request.socket.destroy();
      const { type, text } = written(answer);
      response.writeHead(answer.status, { "content-type": type, ...answer.headers });
      response.end(text);
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    taken: () => taken,
    breakOff: () => void (next = "break"),
    limitNext: () => void (next = "limit"),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

export function fieldsOf(text: string, contentType = ""): Fields {
  if (contentType.includes("x-www-form-urlencoded"))
    return Object.fromEntries(new URLSearchParams(text));
  try {
    return JSON.parse(text) as Fields;
  } catch {
    return {};
  }
}

export const written = ({ body }: Answer): { readonly type: string; readonly text: string } =>
  typeof body === "string"
    ? { type: "text/plain", text: body }
    : { type: "application/json", text: JSON.stringify(body) };

/** A field as text; empty when it is something else. */
export const text = (value: unknown): string => (typeof value === "string" ? value : "");
