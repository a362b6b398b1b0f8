/** What Plivo is asked and answers, for messages and calls: https://www.plivo.com/docs/messaging/api/message */
import type { HttpOutbound, Reply } from "../../base/transport.ts";
import { assert } from "../../base/errors.ts";
import { type ChannelSettings, secretOf, type Verdict } from "../../domain/notification/channel.ts";
import { refusedBy } from "./phone.ts";
import { baseOf, basic, idIn, jsonRequest, verdictOnJson } from "./request.ts";
import { retryAfterMs } from "./verdict.ts";
import { cut, oneLine } from "./words.ts";

/** Plivo writes numbers without their plus. */
export const plivoNumber = (number: string): string => number.replace(/^\+/, "");

export function plivoRequest(
  resource: "Message" | "Call",
  settings: ChannelSettings,
  body: object,
): HttpOutbound {
  const { channel } = settings;
  assert("account" in channel, "a page by phone is rendered for its channel");
  const { account } = channel;
  const url = `${baseOf(channel.apiUrl)}/v1/Account/${account}/${resource}/`;
  return jsonRequest("POST", url, body, {
    Authorization: basic(account, secretOf(settings, "token")),
  });
}

export const plivoVerdict = (reply: Reply): Verdict =>
  verdictOnJson(
    reply,
    (answer) => {
      // A message has a list of names, a call one.
      const [named] = [answer["message_uuid"] ?? answer["request_uuid"]].flat();
      const id = idIn(named);
      return id === null
        ? { kind: "unknown", because: "Plivo's answer names no message" }
        : { kind: "accepted", providerId: id, reference: null };
    },
    ({ error }, http) => {
      const { status } = http;
      if (status >= 500) return null;
      // Plivo counts by accounts.
      if (status === 429) {
        const because = `Plivo says: ${cut(oneLine(String(error ?? "too many")), 200)}`;
        return { kind: "retry", because, afterMs: retryAfterMs(http), limits: "channel" };
      }
      const isNumber = status === 400 && /\b(dst|to)\b.*\b(valid|invalid)\b/i.test(String(error));
      return refusedBy("Plivo", error, isNumber ? "bounced" : null);
    },
  );
