/**
 * A push service on loopback as browsers use one: it gives out addresses, takes only what is signed by the key
 * that the browser subscribed with, and the browser behind an address opens what came, by code of its own.
 */
import {
  createDecipheriv,
  createECDH,
  createHmac,
  createPublicKey,
  randomBytes,
  verify,
} from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

type Browser = { readonly privateKey: Buffer; readonly auth: Buffer };

/** What a browser hands to the page that subscribes. */
export type Subscription = {
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
};

export type Pushed = {
  readonly endpoint: string;
  readonly urgency: string;
  readonly ttl: number;
  readonly topic: string | null;
  readonly data: Readonly<Record<string, unknown>>;
};

export type PushService = {
  readonly url: string;
  /** A browser that subscribes with the sender's public key. */
  subscribe(senderKey: string): Subscription;
  /** The browser took its subscription back. */
  forget(endpoint: string): void;
  pushed(): readonly Pushed[];
  stop(): Promise<void>;
};

export async function startPushService(): Promise<PushService> {
  const browsers = new Map<string, Browser & { readonly senderKey: string }>();
  const pushed: Pushed[] = [];
  const server = createServer((request, response) => {
    void read(request).then((body) => {
      const browser = browsers.get(request.url ?? "");
      const status = browser === undefined ? 410 : refusal(request, body, browser.senderKey, url());
      if (browser !== undefined && status === null)
        pushed.push({
          endpoint: `${url()}${request.url}`,
          urgency: String(request.headers["urgency"]),
          ttl: Number(request.headers["ttl"]),
          topic: (request.headers["topic"] as string | undefined) ?? null,
          data: JSON.parse(openAsBrowser(body, browser).toString()) as Pushed["data"],
        });
      response.writeHead(status ?? 201, status === null ? { location: `${url()}/m/1` } : {});
      response.end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url(),
    subscribe(senderKey) {
      const pair = createECDH("prime256v1");
      const publicKey = pair.generateKeys();
      const auth = randomBytes(16);
      const path = `/push/${randomBytes(16).toString("base64url")}`;
      browsers.set(path, { privateKey: pair.getPrivateKey(), auth, senderKey });
      const keys = { p256dh: publicKey.toString("base64url"), auth: auth.toString("base64url") };
      return { endpoint: `${url()}${path}`, keys };
    },
    forget: (endpoint) => void browsers.delete(new URL(endpoint).pathname),
    pushed: () => pushed,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** What the standards and the services ask of whoever sends; null: taken. */
function refusal(
  { headers, method }: IncomingMessage,
  body: Buffer,
  senderKey: string,
  origin: string,
): number | null {
  const [, token = "", key = ""] =
    /^vapid t=([^,\s]+), k=(\S+)$/.exec(headers.authorization ?? "") ?? [];
  const [head = "", claims = "", signature = ""] = token.split(".");
  if (method !== "POST" || token === "") return 401;
  const raw = Buffer.from(key, "base64url");
  const publicKey = createPublicKey({
    format: "jwk",
    key: {
      kty: "EC",
      crv: "P-256",
      x: raw.subarray(1, 33).toString("base64url"),
      y: raw.subarray(33).toString("base64url"),
    },
  });
  const isSigned = verify(
    "sha256",
    Buffer.from(`${head}.${claims}`),
    { key: publicKey, dsaEncoding: "ieee-p1363" },
    Buffer.from(signature, "base64url"),
  );
  const { aud, exp, sub } = JSON.parse(Buffer.from(claims, "base64url").toString()) as {
    aud: string;
    exp: number;
    sub: string;
  };
  const now = Date.now() / 1_000;
  const isTimely = exp > now && exp <= now + 86_400;
  if (
    !isSigned ||
    key !== senderKey ||
    aud !== origin ||
    !isTimely ||
    !/^(https|mailto):/.test(sub)
  )
    return 403;
  if (headers["content-encoding"] !== "aes128gcm" || headers.ttl === undefined) return 400;
  if (headers["topic"] !== undefined && !/^[\w-]{1,32}$/.test(String(headers["topic"]))) return 400;
  return body.length > 4_096 ? 413 : null;
}

const hmac = (key: Buffer, ...data: readonly Buffer[]): Buffer =>
  createHmac("sha256", key).update(Buffer.concat(data)).digest();
const ONE = Buffer.of(1);

/** Opens what was sealed for a browser, step by step as RFC 8291 and RFC 8188 tell; throws when it was altered. */
export function openAsBrowser(sealed: Buffer, { privateKey, auth }: Browser): Buffer {
  const own = createECDH("prime256v1");
  own.setPrivateKey(privateKey);
  const salt = sealed.subarray(0, 16);
  const keyLength = sealed[20]!;
  const sender = sealed.subarray(21, 21 + keyLength);
  const record = sealed.subarray(21 + keyLength);
  const shared = hmac(auth, own.computeSecret(sender));
  const secret = hmac(shared, Buffer.from("WebPush: info\0"), own.getPublicKey(), sender, ONE);
  const base = hmac(salt, secret);
  const key = hmac(base, Buffer.from("Content-Encoding: aes128gcm\0"), ONE).subarray(0, 16);
  const nonce = hmac(base, Buffer.from("Content-Encoding: nonce\0"), ONE).subarray(0, 12);
  const opener = createDecipheriv("aes-128-gcm", key, nonce);
  opener.setAuthTag(record.subarray(-16));
  const plain = Buffer.concat([opener.update(record.subarray(0, -16)), opener.final()]);
  const end = plain.lastIndexOf(2);
  return plain.subarray(0, end);
}
