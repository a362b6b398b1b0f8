/**
 * A real node over a database of its own: HTTP, engine and all, with a transport that takes every
 * message and a log that is kept. For tests from outside.
 */
import { readdir } from "node:fs/promises";
import type { ConfigKind } from "../contract/config.ts";
import type { Route } from "../contract/route.ts";
import { type NodeOptions, startNode } from "../server/app/app.ts";
import { nodeName } from "../server/app/peers.ts";
import { realChance } from "../server/base/chance.ts";
import { anchoredClock } from "../server/base/clock.ts";
import { keyring } from "../server/base/crypto.ts";
import { openDb, transact } from "../server/base/db.ts";
import { jsonLog } from "../server/base/log.ts";
import { createSignInLink } from "../server/domain/account/commands.ts";
import type { Transport } from "../server/base/transport.ts";
import { freshDatabase, type TestStore } from "./store.ts";

export const ADMIN = "an-admin-token-of-the-test";
const PUBLIC_URL = "http://tocsin.example";

export type Asked = {
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, instead. */
  readonly raw?: string | Buffer;
};

export type Answer<T = Record<string, unknown>> = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; an empty object where it is none. */
  readonly json: T;
  /** Of a refusal; null otherwise. */
  readonly code: string | null;
};

export type TestNode = {
  readonly store: TestStore;
  readonly address: string;
  /** Where alerts may come by mail. */
  readonly mailPort: number | null;
  /** Everything logged so far, a line each. */
  readonly lines: string[];
  /** “GET /v1/incidents”, with the admin's token unless another or none is given. */
  ask<T = Record<string, unknown>>(request: string, asked?: Asked): Promise<Answer<T>>;
  /** Puts an object into configuration; returns the key where one was generated. */
  configure(kind: ConfigKind, id: string, body: object): Promise<string | null>;
  /** An API token that acts as the person. */
  tokenOf(person: string): Promise<string>;
  /** The path of the link in a page. */
  pageLink(notificationId: string): string;
  signInLink(): Promise<string>;
  stop(): Promise<void>;
};

export type NodeSetting = {
  /** Gives another address under which the store is reached. */
  readonly reach?: (url: string) => Promise<string>;
  /** Where traces go. */
  readonly traces?: string | null;
  /** What answers to whatever leaves. */
  readonly send?: Transport["send"];
  /** 0 takes alerts by mail at a free port. */
  readonly mailPort?: number | null;
  readonly publicUrl?: string;
  /** What references such as env:NAME stand for. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly port?: number;
  readonly tls?: NodeOptions["tls"];
  readonly provider?: NodeOptions["provider"];
};

/** Starts the node. */
export async function startTestNode(setting: NodeSetting = {}): Promise<TestNode> {
  const {
    reach = async (url) => url,
    traces = null,
    send = async () => ({ kind: "mail", code: 250, text: "2.0.0 taken" }),
    mailPort = null,
    publicUrl = PUBLIC_URL,
  } = setting;
  const store = await freshDatabase();
  const databaseUrl = await reach(store.url);
  const onFault = () => undefined;
  const db = openDb({ url: databaseUrl, maxConnections: 12, name: nodeName(), onFault });
  const lines: string[] = [];
  const bare = {
    clock: anchoredClock(),
    chance: realChance(),
    db,
    keys: keyring(Buffer.alloc(32, 5)),
    transport: { send },
    log: jsonLog("info", { write: (line) => void lines.push(line) }),
    publicUrl,
    secret: (reference: string) => setting.secrets?.[reference] ?? null,
  };
  const node = await startNode(bare, {
    databaseUrl,
    host: "127.0.0.1",
    port: setting.port ?? 0,
    adminTokens: [ADMIN],
    trustProxy: false,
    mailServer: true,
    mailPort,
    traces,
    tls: setting.tls ?? null,
    provider: setting.provider ?? null,
  });
  const ask: TestNode["ask"] = (request, asked) => askOver(node.address, request, asked);
  const must = async <T>(request: string, asked: Asked): Promise<T> => {
    const answer = await ask<T>(request, asked);
    if (answer.status >= 300) throw new Error(`${request}: ${answer.status} ${answer.text}`);
    return answer.json;
  };
  return {
    store,
    address: node.address,
    mailPort: node.mailPort,
    lines,
    ask,
    async configure(kind, id, body) {
      return (await must<{ key: string | null }>(`PUT /v1/config/${kind}/${id}`, { body })).key;
    },
    async tokenOf(person) {
      return (await must<{ token: string }>("POST /v1/tokens", { body: { label: person, person } }))
        .token;
    },
    pageLink: (id) => `/a/${id}.${bare.keys.sign("acknowledge", id)}`,
    async signInLink() {
      const world = { ...bare, nudge: () => undefined };
      const link = await transact(store.db, (tx) => createSignInLink(tx, world, bare.clock.now()));
      return link.slice(publicUrl.length);
    },
    async stop() {
      await node.stop();
      await db.destroy();
      await store.drop();
    },
  };
}

/** One request over the network. */
export async function askOver<T>(
  address: string,
  request: string,
  { token = ADMIN, headers = {}, body, raw }: Asked = {},
): Promise<Answer<T>> {
  const [method = "GET", path = "/"] = request.split(" ", 2);
  const reply = await fetch(`${address}${path}`, {
    method,
    redirect: "manual",
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(raw !== undefined && { body: raw }),
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  const isJson = /json/.test(reply.headers.get("content-type") ?? "");
  const json = (isJson ? JSON.parse(text) : {}) as T;
  const code = (json as { code?: unknown }).code;
  const refusal = typeof code === "string" ? code : null;
  return { status: reply.status, headers: reply.headers, text, json, code: refusal };
}

/** Every route that the contract declares for every node, by file and name. */
export async function contractRoutes(): Promise<readonly Route[]> {
  const folder = new URL("../contract/", import.meta.url);
  const files = (await readdir(folder)).filter((name) => name.endsWith(".ts")).toSorted();
  const modules = await Promise.all(
    files.map((name) => import(new URL(name, folder).href) as Promise<Record<string, unknown>>),
  );
  // The demo's mailbox is answered by the demo alone.
  return modules
    .flatMap((module) => Object.values(module))
    .filter(isRoute)
    .filter(({ path }) => !path.startsWith("/demo/"));
}

const isRoute = (value: unknown): value is Route =>
  typeof value === "object" && value !== null && "method" in value && "access" in value;

/** Tries until it holds, for what the engine does a moment later; fails after ten seconds. */
export async function eventually<T>(look: () => Promise<T | null>): Promise<T> {
  for (let tries = 0; tries < 500; tries++) {
    const found = await look();
    if (found !== null) return found;
    await new Promise((resume) => setTimeout(resume, 20));
  }
  throw new Error("it did not come about");
}
