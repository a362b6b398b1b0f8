/**
 * Message → an incoming webhook of Mattermost, whose URL is the address, a capability. It answers “ok” and
 * names no message, so none can be changed later. https://developers.mattermost.com/integrate/webhooks/incoming
 * Sample: golden/mattermost.page.json
 */
import type { ChannelDriver, Message } from "../../domain/notification/channel.ts";
import { HOOK_URL, jsonRequest, plainLines } from "./request.ts";
import { verdictOnError, verdictOnStatus } from "./verdict.ts";
import { cut, oneLine } from "./words.ts";

/** What every version takes, newer ones 16 383; Mattermost splits longer posts; the links come first, so that none of them is torn. */
const TEXT_LIMIT = 4_000;

export const mattermost: ChannelDriver = {
  expects: HOOK_URL,
  render: (message, address) => jsonRequest("POST", address, { text: textOf(message) }),
  update: null,
  verdict(reply) {
    if (reply.kind === "error") return verdictOnError(reply);
    if (reply.kind === "mail")
      return { kind: "unknown", because: "a mail reply to an HTTP request" };
    const judged = verdictOnStatus(reply);
    // Anything else with a 200 is a page of whatever stands before it.
    return judged.kind === "accepted" && reply.body.trim() !== "ok"
      ? { kind: "unknown", because: "the answer is not Mattermost's" }
      : judged;
  },
};

const textOf = (message: Message): string =>
  cut(
    [
      `#### ${escaped(oneLine(message.subject))}`,
      message.actions.map(({ label, url }) => `[${escaped(oneLine(label))}](${url})`).join(" · "),
      ...plainLines(message).map(escaped),
    ].join("\n"),
    TEXT_LIMIT,
  );

/** “@” would wake everybody, the rest is markup. */
const escaped = (text: string): string =>
  text.replace(/[\\*_~`|>[\]()#]/g, (sign) => `\\${sign}`).replaceAll("@", "@\u200b");
