/**
 * Message → sendMessage of a Telegram bot, editMessageText for who has it. The address is the id of a chat.
 * The buttons are links, which need no way from Telegram into this house, unless the bot has a webhook.
 * Sample: golden/telegram.page.json
 */
import type { PageAnswer } from "../../../contract/pages.ts";
import { assert } from "../../base/errors.ts";
import { HOUR, SECOND } from "../../base/instant.ts";
import type { HttpOutbound } from "../../base/transport.ts";
import {
  type ChannelDriver,
  type ChannelSettings,
  type Message,
  secretOf,
  type Verdict,
} from "../../domain/notification/channel.ts";
import { pressData } from "../inbound/telegramUpdate.ts";
import { otherAnswers, pressLabel } from "./answers.ts";
import { type Answer, baseOf, idIn, jsonRequest, plainLines, verdictOnJson } from "./request.ts";
import { cut, oneLine } from "./words.ts";

const TEXT_LIMIT = 4_096;

export const telegram: ChannelDriver = {
  // Twenty a minute in a group, one a second elsewhere: https://core.telegram.org/bots/faq
  pace: { perMinute: 15, burst: 4, of: "address" },
  expects: { pattern: /^(-?\d{1,20}|@\w{5,64})$/, words: "the id of a chat, such as 123456789" },
  render: (message, address, settings) =>
    call("sendMessage", settings, {
      chat_id: address,
      text: textOf(message, null),
      disable_notification: message.kind === "notice",
      ...manners(message, settings),
    }),
  update({ message, reference, outcome }, settings) {
    const { chat, id } = placeOf(reference);
    const actions = message.actions.filter(({ verb }) => verb !== "acknowledge");
    return call("editMessageText", settings, {
      chat_id: chat,
      message_id: Number(id),
      text: textOf(message, outcome),
      ...manners({ ...message, actions }, settings),
    });
  },
  // What is its own fault is judged by its status.
  verdict: (reply) =>
    verdictOnJson(reply, accepted, (answer, { status }) =>
      status >= 500 ? null : refused(answer),
    ),
};

function call(method: string, settings: ChannelSettings, body: object): HttpOutbound {
  assert(settings.channel.type === "telegram", "a Telegram message is rendered for its channel");
  const token = oneLine(secretOf(settings, "token"));
  return jsonRequest("POST", `${baseOf(settings.channel.apiUrl)}/bot${token}/${method}`, body);
}

/** No parse mode: what stands in an alert is text and never markup. */
const textOf = (message: Message, outcome: string | null): string =>
  cut(
    [
      ...(outcome === null ? [] : [outcome, ""]),
      oneLine(message.subject),
      "",
      ...linksOf(message),
      ...plainLines(message),
    ].join("\n"),
    TEXT_LIMIT,
  );

/** Those that no button may have, before what may be cut. */
const linksOf = ({ actions }: Message): readonly string[] =>
  actions
    .filter(({ url }) => !mayBeButton(url))
    .map(({ label, url }) => `${oneLine(label)}: ${oneLine(url)}`);

/** With a button to a name without a dot, such as localhost, Telegram refuses the whole message. */
const mayBeButton = (url: string): boolean => /[.:]/.test(URL.parse(url)?.hostname ?? "");

function manners(message: Message, { secrets }: ChannelSettings): object {
  const isHeard = secrets["webhookSecret"] !== undefined;
  const button = (text: string, url: string, answer: PageAnswer | null): readonly object[] =>
    isHeard && answer !== null
      ? [
          {
            text: oneLine(pressLabel(message, { label: text })),
            callback_data: pressData(answer, message.notificationId),
          },
        ]
      : mayBeButton(url)
        ? [{ text: oneLine(text), url }]
        : [];
  const rows = message.actions.map(({ label, url, verb }) =>
    // A page that is about no incident is answered by its link.
    button(label, url, verb === "open" || message.thread === null ? null : verb),
  );
  const others = otherAnswers(message).flatMap(({ label, url, answer }) =>
    button(label, url, answer),
  );
  const [first = [], ...rest] = rows;
  return {
    link_preview_options: { is_disabled: true },
    reply_markup: {
      inline_keyboard: [first, others, ...rest].filter((row) => row.length > 0),
    },
  };
}

function accepted(answer: Answer): Verdict {
  if (answer["ok"] !== true) return refused(answer);
  const result = answer["result"] as Answer | undefined;
  const chat = idIn((result?.["chat"] as Answer | undefined)?.["id"]);
  const id = idIn(result?.["message_id"]);
  if (chat === null || id === null)
    return { kind: "unknown", because: "the answer names no message" };
  return { kind: "accepted", providerId: id, reference: `${chat}/${id}` };
}

const GONE = /chat not found|PEER_ID_INVALID|user not found/i;

/** Telegram says in the body how long it wants to be left alone. */
function refused(answer: Answer): Verdict {
  const code = Number(answer["error_code"]);
  const because = `Telegram says: ${cut(oneLine(String(answer["description"] ?? "no")), 200)}`;
  const parameters = answer["parameters"] as Answer | undefined;
  const seconds = Number(parameters?.["retry_after"]);
  if (code === 429) {
    const afterMs = Number.isFinite(seconds) ? Math.min(seconds * SECOND, HOUR) : null;
    // A chat takes one a second and a bot thirty: Telegram does not say which of them it was.
    return { kind: "retry", because, afterMs, limits: "unsaid" };
  }
  // The group became a supergroup, which is another chat: only whoever wrote the address can write the new one.
  const movedTo = idIn(parameters?.["migrate_to_chat_id"]);
  if (movedTo !== null)
    return { kind: "refused", because: `${because}; its id is now ${movedTo}`, mark: "bounced" };
  // The bot was blocked, or the chat is gone.
  const isGone = code === 403 || (code === 400 && GONE.test(because));
  return isGone ? { kind: "refused", because, mark: "bounced" } : { kind: "refused", because };
}

function placeOf(reference: string): { readonly chat: string; readonly id: string } {
  const [chat, id] = reference.split("/");
  assert(chat && id, "a Telegram reference is chat/message");
  return { chat, id };
}
