/**
 * Message → publication on a topic of ntfy; its first button acknowledges from the phone. The address is
 * the topic. https://docs.ntfy.sh/publish/#publish-as-json, and server/errors.go of its source for the codes.
 * Sample: golden/ntfy.page.json
 */
import { assert } from "../../base/errors.ts";
import type { ChannelDriver, Message } from "../../domain/notification/channel.ts";
import { baseOf, idIn, jsonRequest, plainLines, verdictOnJson } from "./request.ts";
import { retryAfterMs } from "./verdict.ts";
import { cut, oneLine } from "./words.ts";

/** A longer message would be turned into an attachment, which no lock screen shows. */
const MESSAGE_BYTES = 3_800;
const TITLE_LIMIT = 240;
/** A message with more buttons is refused. */
const ACTIONS = 3;
/** The code of a day's quota, which no patience of an hour brings back. */
const DAY_IS_OVER = 42_908;
const URGENT = 5;
const ORDINARY = 3;

export const ntfy: ChannelDriver = {
  // Sixty at once, then one in five seconds from one sender: https://docs.ntfy.sh/config/#rate-limiting
  pace: { perMinute: 10, burst: 30, of: "channel" },
  expects: { pattern: /^[-_A-Za-z0-9]{1,64}$/, words: "a topic of letters, digits, “-” and “_”" },
  render(message, address, settings) {
    assert(settings.channel.type === "ntfy", "a message for ntfy is rendered for its channel");
    const { token } = settings.secrets;
    const isPage = message.kind === "page";
    const body = {
      topic: address,
      title: cut(oneLine(message.subject), TITLE_LIMIT),
      message: cut(plainLines(message).join("\n"), MESSAGE_BYTES, Buffer.byteLength),
      priority: isPage ? URGENT : ORDINARY,
      tags: isPage ? ["rotating_light"] : [],
      ...clickOf(message),
      actions: message.actions.slice(0, ACTIONS).map(actionOf),
    };
    const headers: Record<string, string> =
      token === undefined ? {} : { Authorization: `Bearer ${oneLine(token)}` };
    return jsonRequest("POST", baseOf(settings.channel.url), body, headers);
  },
  update: null, // what was published stays as it is
  verdict: (reply) =>
    verdictOnJson(
      reply,
      (answer) => {
        const id = idIn(answer["id"]);
        return id === null
          ? { kind: "unknown", because: "the answer names no message" }
          : { kind: "accepted", providerId: id, reference: null };
      },
      (answer, http) => {
        if (http.status !== 429) return null;
        // It counts by whoever sends, whatever the topic.
        const because = `ntfy says: ${cut(oneLine(String(answer["error"] ?? "too many")), 200)}`;
        return answer["code"] === DAY_IS_OVER
          ? { kind: "refused", because, limits: "channel" }
          : { kind: "retry", because, afterMs: retryAfterMs(http), limits: "channel" };
      },
    ),
};

const clickOf = ({ actions }: Message): object => {
  const url = actions.find(({ verb }) => verb === "open")?.url;
  return url === undefined ? {} : { click: url };
};

/** The link is a capability of this person: pressing it from the phone is pressing its button. */
const actionOf = ({ label, url, verb }: Message["actions"][number]) =>
  verb === "acknowledge"
    ? { action: "http", label: oneLine(label), url, method: "POST", clear: true }
    : { action: "view", label: oneLine(label), url };
