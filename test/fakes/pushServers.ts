/**
 * Push and chat services, each speaking the wire format that it documents: what it demands, what it answers, its
 * errors and its rate limits.
 */
import { type Answer, type Asked, type Fields, text, type Vendor } from "./vendor.ts";

export type Keys = {
  readonly ntfy: string;
  readonly pushoverApp: string;
  readonly pushoverUsers: readonly string[];
  readonly bot: string;
  readonly chats: readonly string[];
};

export const KEYS = {
  ntfy: "tk_secret",
  pushoverApp: "a".repeat(30),
  pushoverUsers: ["u".repeat(30)],
  bot: "123:bot-token",
  chats: ["4711"],
} as const;

export const pushVendor = (keys: Keys): Vendor => ({
  answer: (asked) => answerTo(keys, asked),
  limit: ({ at }) => limitOf(at),
});

function answerTo(keys: Keys, asked: Asked): Answer {
  const { at, body } = asked;
  if (at === "/") return ntfy(keys, asked);
  if (at === "/1/messages.json") return pushover(keys, body);
  if (at.startsWith("/bot")) return telegram(keys, at, body);
  if (at.startsWith("/api/webhooks/")) return discord(asked);
  if (at.startsWith("/hooks/")) return mattermost(body);
  if (at.startsWith("/workflows/")) return teams(body);
  return { status: 404, body: "not here" };
}

function ntfy(keys: Keys, { headers, body }: Asked): Answer {
  if (headers["authorization"] !== `Bearer ${keys.ntfy}`)
    return { status: 403, body: { code: 40301, http: 403, error: "forbidden" } };
  const actions = (body["actions"] ?? []) as readonly Fields[];
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

function pushover(keys: Keys, body: Fields): Answer {
  const errors = [
    ...(body["token"] === keys.pushoverApp ? [] : ["application token is invalid"]),
    ...(keys.pushoverUsers.includes(text(body["user"]))
      ? []
      : ["user identifier is not a valid user"]),
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

function telegram(keys: Keys, at: string, body: Fields): Answer {
  const no = (error_code: number, description: string): Answer => ({
    status: error_code,
    body: { ok: false, error_code, description },
  });
  const [, token, method] = /^\/bot([^/]+)\/(\w+)$/.exec(at) ?? [];
  if (token !== keys.bot) return no(401, "Unauthorized");
  const chat = String(body["chat_id"]);
  if (!keys.chats.includes(chat)) return no(400, "Bad Request: chat not found");
  const said = text(body["text"]);
  if (said === "") return no(400, "Bad Request: message text is empty");
  if (said.length > 4_096) return no(400, "Bad Request: message is too long");
  if (method === "editMessageText" && body["message_id"] !== 7)
    return no(400, "Bad Request: message to edit not found");
  return {
    status: 200,
    body: { ok: true, result: { message_id: 7, chat: { id: Number(chat) }, text: said } },
  };
}

function discord({ method, at, body }: Asked): Answer {
  const [path, query] = at.split("?");
  if (!path?.startsWith("/api/webhooks/1/tok"))
    return { status: 404, body: { message: "Unknown Webhook", code: 10015 } };
  if (text(body["content"]) === "" || text(body["content"]).length > 2_000)
    return { status: 400, body: { code: 50035, message: "Invalid Form Body" } };
  const kept = { id: "1234567890", channel_id: "9", content: body["content"] };
  if (method === "PATCH")
    return path.endsWith("/messages/1234567890")
      ? { status: 200, body: kept }
      : { status: 404, body: { message: "Unknown Message", code: 10008 } };
  return query?.includes("wait=true") === true
    ? { status: 200, body: kept }
    : { status: 204, body: "" };
}

const mattermost = (body: Fields): Answer =>
  text(body["text"]) === ""
    ? { status: 400, body: { id: "web.incoming_webhook.text.app_error", status_code: 400 } }
    : { status: 200, body: "ok" };

function teams(body: Fields): Answer {
  const [attachment] = (body["attachments"] ?? []) as readonly Fields[];
  const card = attachment?.["content"] as Fields | undefined;
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
