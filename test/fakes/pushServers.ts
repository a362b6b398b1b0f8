/**
 * Push and chat services on loopback, each speaking the wire format that it documents: what it demands, what
 * it answers, its errors and its rate limits. What they take stays readable.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export const KEYS = {
  ntfy: "tk_secret",
  pushoverApp: "a".repeat(30),
  pushoverUser: "u".repeat(30),
  bot: "123:bot-token",
  chat: "4711",
} as const;

type Body = Readonly<Record<string, unknown>>;
export type Taken = { readonly at: string; readonly method: string; readonly body: Body };
type Answer = { readonly status: number; readonly body: unknown };

export type PushServers = {
  readonly url: string;
  taken(): readonly Taken[];
  /** The next request is taken and the connection breaks before the answer. */
  breakOff(): void;
  /** The next request is refused because there were too many. */
  limitNext(): void;
  stop(): Promise<void>;
};

export async function startPushServers(): Promise<PushServers> {
  const taken: Taken[] = [];
  let breaks = false;
  let limited = false;
  const server = createServer((request, response) => {
    void read(request).then((text) => {
      const body = parsed(text);
      const at = request.url ?? "";
      const answer = limited ? limitOf(at) : answerTo(request, at, body);
      if (answer.status < 300) taken.push({ at, method: request.method ?? "", body });
      limited = false;
      if (breaks) {
        breaks = false;
        request.socket.destroy();
        return;
      }
      const isText = typeof answer.body === "string";
      response.writeHead(answer.status, {
        "content-type": isText ? "text/plain" : "application/json",
      });
      response.end(isText ? answer.body : JSON.stringify(answer.body));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    taken: () => taken,
    breakOff: () => void (breaks = true),
    limitNext: () => void (limited = true),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function parsed(text: string): Body {
  try {
    return JSON.parse(text) as Body;
  } catch {
    return {};
  }
}

function answerTo(request: IncomingMessage, at: string, body: Body): Answer {
  if (at === "/") return ntfy(request, body);
  if (at === "/1/messages.json") return pushover(body);
  if (at.startsWith("/bot")) return telegram(at, body);
  if (at.startsWith("/api/webhooks/")) return discord(request, at, body);
  if (at.startsWith("/hooks/")) return mattermost(body);
  if (at.startsWith("/workflows/")) return teams(body);
  return { status: 404, body: "not here" };
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

function ntfy(request: IncomingMessage, body: Body): Answer {
  if (request.headers.authorization !== `Bearer ${KEYS.ntfy}`)
    return { status: 403, body: { code: 40301, http: 403, error: "forbidden" } };
  const actions = (body["actions"] ?? []) as readonly Body[];
  const isBad =
    !/^[-_A-Za-z0-9]{1,64}$/.test(text(body["topic"])) ||
    ![1, 2, 3, 4, 5].includes(Number(body["priority"])) ||
    actions.length > 3 ||
    actions.some(({ action, label, url }) => !action || !label || !url);
  if (isBad) return { status: 400, body: { code: 40024, http: 400, error: "invalid request" } };
  return {
    status: 200,
    body: { id: "hwQ2YpKdmg", time: 1_795_000_000, event: "message", topic: body["topic"] },
  };
}

function pushover(body: Body): Answer {
  const errors = [
    ...(body["token"] === KEYS.pushoverApp ? [] : ["application token is invalid"]),
    ...(body["user"] === KEYS.pushoverUser ? [] : ["user identifier is not a valid user"]),
    ...(text(body["message"]) === "" ? ["message cannot be blank"] : []),
    ...(text(body["message"]).length > 1_024 ? ["message is too long"] : []),
    ...(text(body["title"]).length > 250 ? ["title is too long"] : []),
    ...(text(body["url"]).length > 512 ? ["url is too long"] : []),
  ];
  const request = "647d2300-702c-4b38-8b2f-d56326ae460b";
  return errors.length > 0
    ? { status: 400, body: { status: 0, errors, request } }
    : { status: 200, body: { status: 1, request } };
}

function telegram(at: string, body: Body): Answer {
  const no = (error_code: number, description: string): Answer => ({
    status: error_code,
    body: { ok: false, error_code, description },
  });
  const [, token, method] = /^\/bot([^/]+)\/(\w+)$/.exec(at) ?? [];
  if (token !== KEYS.bot) return no(401, "Unauthorized");
  if (String(body["chat_id"]) !== KEYS.chat) return no(400, "Bad Request: chat not found");
  const said = text(body["text"]);
  if (said === "") return no(400, "Bad Request: message text is empty");
  if (said.length > 4_096) return no(400, "Bad Request: message is too long");
  if (method === "editMessageText" && body["message_id"] !== 7)
    return no(400, "Bad Request: message to edit not found");
  return {
    status: 200,
    body: { ok: true, result: { message_id: 7, chat: { id: Number(KEYS.chat) }, text: said } },
  };
}

function discord(request: IncomingMessage, at: string, body: Body): Answer {
  const [path, query] = at.split("?");
  if (!path?.startsWith("/api/webhooks/1/tok"))
    return { status: 404, body: { message: "Unknown Webhook", code: 10015 } };
  if (text(body["content"]) === "" || text(body["content"]).length > 2_000)
    return { status: 400, body: { code: 50035, message: "Invalid Form Body" } };
  const kept = { id: "1234567890", channel_id: "9", content: body["content"] };
  if (request.method === "PATCH")
    return path.endsWith("/messages/1234567890")
      ? { status: 200, body: kept }
      : { status: 404, body: { message: "Unknown Message", code: 10008 } };
  return query?.includes("wait=true") === true
    ? { status: 200, body: kept }
    : { status: 204, body: "" };
}

const mattermost = (body: Body): Answer =>
  text(body["text"]) === ""
    ? { status: 400, body: { id: "web.incoming_webhook.text.app_error", status_code: 400 } }
    : { status: 200, body: "ok" };

function teams(body: Body): Answer {
  const [attachment] = (body["attachments"] ?? []) as readonly Body[];
  const card = attachment?.["content"] as Body | undefined;
  const isCard =
    body["type"] === "message" &&
    attachment?.["contentType"] === "application/vnd.microsoft.card.adaptive" &&
    card?.["type"] === "AdaptiveCard";
  const isLong = JSON.stringify(body).length > 28 * 1_024;
  if (isLong) return { status: 413, body: "too large" };
  return isCard ? { status: 202, body: "" } : { status: 400, body: "no card" };
}

/** How each says that there were too many. */
function limitOf(at: string): Answer {
  if (at === "/") return { status: 429, body: { code: 42901, http: 429, error: "limit reached" } };
  if (at.startsWith("/bot"))
    return {
      status: 429,
      body: {
        ok: false,
        error_code: 429,
        description: "Too Many Requests: retry after 5",
        parameters: { retry_after: 5 },
      },
    };
  if (at.startsWith("/api/webhooks/"))
    return {
      status: 429,
      body: { message: "You are being rate limited.", retry_after: 1.337, global: false },
    };
  if (at === "/1/messages.json")
    return {
      status: 429,
      body: { status: 0, errors: ["application is over its quota"], request: "r" },
    };
  return { status: 429, body: "slow down" };
}
