/**
 * Message → a Discord webhook, and its message edited for who has it. The address is the webhook's URL, a
 * capability. https://discord.com/developers/docs/resources/webhook#execute-webhook and, for its limits,
 * https://discord.com/developers/docs/topics/rate-limits. Sample: golden/discord.page.json
 */
import { assert } from "../../base/errors.ts";
import { HOUR, SECOND } from "../../base/instant.ts";
import type { ChannelDriver, Message } from "../../domain/notification/channel.ts";
import { HOOK_URL, baseOf, idIn, jsonRequest, plainLines, verdictOnJson } from "./request.ts";
import { retryAfterMs } from "./verdict.ts";
import { cut, oneLine } from "./words.ts";

const CONTENT_LIMIT = 2_000;
const SUBJECT_LIMIT = 200;
const LABEL_LIMIT = 60;
/** With their addresses they leave room for what they are about. */
const LINKS = 4;
/** Somebody deleted it, or its conversation. */
const UNKNOWN_WEBHOOK = 10_015;

export const discord: ChannelDriver = {
  // Thirty a minute, five in two seconds, as its answers tell; its pages give no numbers.
  pace: { perMinute: 25, burst: 3, of: "address" },
  expects: HOOK_URL,
  // Only with `wait` does Discord say whether it kept the message, and which it is.
  render: (message, address) =>
    jsonRequest("POST", withWait(address), bodyOf(message, message.actions, null)),
  update({ message, reference, address, outcome }) {
    assert(/^\d+$/.test(reference), "a Discord reference is the message's id");
    const actions = message.actions.filter(({ verb }) => verb !== "acknowledge");
    const url = new URL(address);
    url.pathname = `${baseOf(url.pathname)}/messages/${reference}`;
    return jsonRequest("PATCH", url.toString(), bodyOf(message, actions, outcome));
  },
  verdict: (reply) =>
    verdictOnJson(
      reply,
      (answer) => {
        const id = idIn(answer["id"]);
        return id === null
          ? { kind: "unknown", because: "the answer names no message" }
          : { kind: "accepted", providerId: id, reference: id };
      },
      (answer, http) => {
        const seconds = Number(answer["retry_after"]);
        if (answer["code"] === UNKNOWN_WEBHOOK)
          return { kind: "refused", because: "Discord has no such webhook", mark: "bounced" };
        if (http.status !== 429) return null;
        const afterMs = Number.isFinite(seconds) ? Math.ceil(seconds * SECOND) : retryAfterMs(http);
        const because = "Discord limits how often this webhook may speak";
        return {
          kind: "retry",
          because,
          afterMs: afterMs === null ? null : Math.min(afterMs, HOUR),
          limits: answer["global"] === true ? "channel" : "address",
        };
      },
    ),
};

function withWait(address: string): string {
  const url = new URL(address);
  url.searchParams.set("wait", "true");
  return url.toString();
}

/** Nobody is mentioned by what stands in an alert. What is long is cut before the links, so that they work. */
function bodyOf(message: Message, actions: Message["actions"], outcome: string | null): object {
  const links = actions
    .slice(0, LINKS)
    .map(({ label, url }) => `[${escaped(cut(oneLine(label), LABEL_LIMIT))}](<${url}>)`);
  const text = [
    ...(outcome === null ? [] : [escaped(outcome)]),
    `**${escaped(cut(oneLine(message.subject), SUBJECT_LIMIT))}**`,
    ...plainLines(message).map(escaped),
  ].join("\n");
  const room = CONTENT_LIMIT - links.reduce((sum, link) => sum + link.length + 1, 0);
  return {
    content: [cut(text, Math.max(room, 1)), ...links].join("\n"),
    allowed_mentions: { parse: [] },
  };
}

const escaped = (text: string): string => text.replace(/[\\*_~`|>[\]()#]/g, (sign) => `\\${sign}`);
