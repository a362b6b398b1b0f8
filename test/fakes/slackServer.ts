/**
 * A Slack workspace on loopback, speaking the wire format that Slack documents: tokens, its JSON
 * errors, its limits on blocks, rate limits, and signed button presses. What it takes stays
 * readable.
 */
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Instant } from "../../server/base/instant.ts";
import type { Vendor } from "./vendor.ts";
import { blockProblem, type Button, buttonsOf, type SlackBlock } from "./slackBlocks.ts";

export type SlackOptions = {
  readonly token: string;
  readonly signingSecret: string;
  readonly now: () => Instant;
  /** Channel ids (“C…”) the bot is in. A user id (“U…”, in `users`) opens a direct message. */
  readonly channels: readonly string[];
  readonly users: readonly string[];
};

export type SlackMessage = {
  readonly channel: string;
  readonly ts: string;
  text: string;
  blocks: readonly SlackBlock[];
  readonly threadTs: string | null;
  readonly metadata: unknown;
  edited: boolean;
};

/** What the next call meets instead of success, once each, in order. */
export type SlackFault =
  | { readonly kind: "error"; readonly error: string }
  | { readonly kind: "rate limit"; readonly seconds: number }
  | { readonly kind: "status"; readonly status: number }
  /** The message is posted, and the connection breaks before the answer. */
  | { readonly kind: "break off" };

export type Press = {
  readonly ts: string;
  readonly actionId: string;
  readonly userId: string;
  /** Where the app receives interactions. */
  readonly url: string;
};

export type FakeSlack = {
  readonly apiUrl: string;
  /** Oldest first, as the channel would show them now. */
  messages(): readonly SlackMessage[];
  failNext(...faults: readonly SlackFault[]): void;
  /** Posts the signed interaction that a press causes; rejects when no such button is shown. */
  press(press: Press): Promise<Response>;
  /** Bodies posted to the response_url of presses. */
  responses(): readonly unknown[];
  stop(): Promise<void>;
};

type State = {
  readonly options: SlackOptions;
  readonly messages: SlackMessage[];
  readonly responses: unknown[];
  readonly faults: SlackFault[];
};

type Answer = Readonly<Record<string, unknown>> & { readonly ok: boolean };
type Args = Readonly<Record<string, unknown>>;

export async function startSlack(options: SlackOptions): Promise<FakeSlack> {
  const state: State = { options, messages: [], responses: [], faults: [] };
  const server = createServer((request, response) => {
    serve(state, request, response).catch((error: Error) => response.destroy(error));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    apiUrl: `${base}/api`,
    messages: () => state.messages,
    failNext: (...faults) => void state.faults.push(...faults),
    press: (press) => pressButton(state, press, base),
    responses: () => state.responses,
    stop: () =>
      new Promise((stopped) => {
        server.close(() => stopped());
        server.closeAllConnections();
      }),
  };
}

async function serve(state: State, request: IncomingMessage, response: ServerResponse) {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString("utf8");
  const path = request.url ?? "/";
  if (path.startsWith("/actions/")) {
    state.responses.push(JSON.parse(body));
    return send(response, 200, { ok: true });
  }
  const fault = state.faults.shift() ?? null;
  if (fault?.kind === "status") return send(response, fault.status, null);
  if (fault?.kind === "rate limit") {
    response.setHeader("Retry-After", String(fault.seconds));
    return send(response, 429, { ok: false, error: "ratelimited" });
  }
  if (fault?.kind === "error") return send(response, 200, { ok: false, error: fault.error });
  const answer = answerTo(state, path.replace(/^\/api\//, ""), request.headers, body);
  if (fault?.kind === "break off") return request.socket.destroy();
  return send(response, 200, answer);
}

function send(response: ServerResponse, status: number, body: Answer | null): void {
  response.writeHead(status, { "Content-Type": "application/json; charset=utf-8" });
  response.end(body === null ? "" : JSON.stringify(body));
}

const no = (error: string, ...messages: readonly string[]): Answer =>
  messages.length === 0
    ? { ok: false, error }
    : { ok: false, error, errors: messages, response_metadata: { messages } };

function answerTo(
  state: State,
  method: string,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  body: string,
): Answer {
  const read = argsOf(String(headers["content-type"] ?? ""), body);
  if (typeof read === "string") return no(read);
  const [, bearer] = /^Bearer (.+)$/.exec(String(headers["authorization"] ?? "")) ?? [];
  const token = bearer ?? read["token"];
  if (token === undefined) return no("not_authed");
  if (token !== state.options.token) return no("invalid_auth");
  switch (method) {
    case "auth.test":
      return { ok: true, url: "https://tocsin.slack.com/", team: "Tocsin", user: "tocsin" };
    case "chat.postMessage":
      return postMessage(state, read);
    case "chat.update":
      return updateMessage(state, read);
    default:
      return { ...no("unknown_method"), req_method: method };
  }
}

/** The arguments, or Slack's name for why they cannot be read. JSON is taken with a bearer only. */
function argsOf(contentType: string, body: string): Args | string {
  const type = contentType.split(";", 1)[0]?.trim();
  if (type === "application/x-www-form-urlencoded" || body === "") {
    const form = Object.fromEntries(new URLSearchParams(body));
    const blocks = form["blocks"] === undefined ? undefined : jsonOf(form["blocks"]);
    return blocks === undefined ? form : { ...form, blocks };
  }
  if (type !== "application/json") return "invalid_post_type";
  const args = jsonOf(body);
  if (args === undefined) return "invalid_json";
  const isObject = typeof args === "object" && args !== null && !Array.isArray(args);
  return isObject ? (args as Args) : "json_not_object";
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

type Content = { readonly text: string; readonly blocks: readonly SlackBlock[] };

function contentOf({ text, blocks }: Args): Content | Answer {
  const words = typeof text === "string" ? text : "";
  const list = blocks ?? [];
  if (!Array.isArray(list)) return no("invalid_blocks_format");
  if (words === "" && list.length === 0) return no("no_text");
  if (words.length > 40_000) return no("msg_too_long");
  const problem = blockProblem(list);
  return problem === null ? { text: words, blocks: list } : no("invalid_blocks", problem);
}

function postMessage(state: State, args: Args): Answer {
  const { channel, thread_ts: threadTs, metadata } = args;
  if (typeof channel !== "string" || channel === "") {
    return no("invalid_arguments", "[ERROR] missing required field: channel");
  }
  const place = channelFor(state, channel);
  if (place === null) return no("channel_not_found");
  const content = contentOf(args);
  if ("ok" in content) return content;
  const message: SlackMessage = {
    ...content,
    channel: place,
    ts: nextTs(state),
    threadTs: typeof threadTs === "string" ? threadTs : null,
    metadata: metadata ?? null,
    edited: false,
  };
  state.messages.push(message);
  return { ok: true, channel: place, ts: message.ts, message: shown(message) };
}

function updateMessage(state: State, args: Args): Answer {
  if (channelFor(state, String(args["channel"])) === null) return no("channel_not_found");
  const message = state.messages.find(
    ({ channel, ts }) => channel === args["channel"] && ts === args["ts"],
  );
  if (message === undefined) return no("message_not_found");
  const content = contentOf(args);
  if ("ok" in content) return content;
  Object.assign(message, content, { edited: true });
  const { channel, ts, text } = message;
  return { ok: true, channel, ts, text, message: shown(message) };
}

/** A direct message has a channel of its own, which is what later calls must name. */
function channelFor({ options }: State, channel: string): string | null {
  if (options.users.includes(channel)) return `D${channel.slice(1)}`;
  const isDirect = options.users.some((user) => channel === `D${user.slice(1)}`);
  return options.channels.includes(channel) || isDirect ? channel : null;
}

/** Unique within the workspace and growing, as Slack's timestamps are. */
const nextTs = ({ options, messages }: State): string =>
  `${Math.floor(options.now() / 1_000)}.${String(messages.length + 1).padStart(6, "0")}`;

const shown = ({ ts, text, blocks, threadTs }: SlackMessage) => ({
  type: "message",
  subtype: "bot_message",
  bot_id: "B00000001",
  ts,
  text,
  blocks,
  ...(threadTs === null ? {} : { thread_ts: threadTs }),
});

async function pressButton(state: State, press: Press, base: string): Promise<Response> {
  const message = state.messages.find(({ ts }) => ts === press.ts);
  const button = buttonsOf(message?.blocks ?? []).find(
    ({ action_id: id }) => id === press.actionId,
  );
  if (message === undefined || button === undefined) {
    throw new Error(`no button “${press.actionId}” is shown in ${press.ts}`);
  }
  const payload = interactionOf(state, press, message, button, base);
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const timestamp = String(Math.floor(state.options.now() / 1_000));
  const hmac = createHmac("sha256", state.options.signingSecret);
  const signature = hmac.update(`v0:${timestamp}:${body}`).digest("hex");
  return fetch(press.url, {
    method: "POST",
    headers: {
      "Content-Type": "application/x-www-form-urlencoded",
      "X-Slack-Request-Timestamp": timestamp,
      "X-Slack-Signature": `v0=${signature}`,
    },
    body,
  });
}

function interactionOf(
  { options }: State,
  { userId }: Press,
  message: SlackMessage,
  button: Button,
  base: string,
): object {
  const { channel, ts } = message;
  return {
    type: "block_actions",
    user: { id: userId, username: userId.toLowerCase(), name: userId.toLowerCase() },
    api_app_id: "A00000001",
    container: { type: "message", message_ts: ts, channel_id: channel, is_ephemeral: false },
    trigger_id: `${ts}.trigger`,
    team: { id: "T00000001", domain: "tocsin" },
    enterprise: null,
    is_enterprise_install: false,
    channel: { id: channel, name: channel.startsWith("D") ? "directmessage" : "general" },
    message: shown(message),
    state: { values: {} },
    response_url: `${base}/actions/T00000001/${ts}`,
    actions: [{ ...button, action_ts: `${Math.floor(options.now() / 1_000)}.000001` }],
  };
}

/** The same workspace without a socket. */
export function slackVendor(options: SlackOptions): Vendor {
  const state: State = { options, messages: [], responses: [], faults: [] };
  return {
    answer: ({ at, headers, body }) => ({
      status: 200,
      body: answerTo(state, at.replace(/^\/api\//, ""), headers, JSON.stringify(body)),
    }),
    limit: () => ({ status: 429, body: { ok: false, error: "ratelimited" } }),
  };
}
