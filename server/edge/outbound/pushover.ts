/**
 * Message → Pushover's message API. The address is the key of a user or group. A page is of high priority,
 * which breaks their quiet hours; repeating it is the escalation's work and not Pushover's, which would go
 * on after an acknowledge. https://pushover.net/api and https://support.pushover.net/i12 for its quota, which all
 * applications of an account share. Sample: golden/pushover.page.json
 */
import { assert } from "../../base/errors.ts";
import { type ChannelDriver, secretOf, type Verdict } from "../../domain/notification/channel.ts";
import { baseOf, idIn, jsonRequest, plainLines, verdictOnJson } from "./request.ts";
import { cut, oneLine } from "./words.ts";

const MESSAGE_LIMIT = 1_024;
const TITLE_LIMIT = 250;
const URL_LIMIT = 512;
const URL_TITLE_LIMIT = 100;

export const pushover: ChannelDriver = {
  expects: {
    pattern: /^[A-Za-z0-9]{30}$/,
    words: "the key of a user or group, 30 letters and digits",
  },
  render(message, address, settings) {
    assert(
      settings.channel.type === "pushover",
      "a message for Pushover is rendered for its channel",
    );
    const first = message.actions.find(({ url }) => url.length <= URL_LIMIT);
    const text = plainLines(message).join("\n");
    return jsonRequest("POST", `${baseOf(settings.channel.apiUrl)}/1/messages.json`, {
      token: secretOf(settings, "token"),
      user: address,
      title: cut(oneLine(message.subject), TITLE_LIMIT),
      message: cut(text === "" ? oneLine(message.subject) : text, MESSAGE_LIMIT),
      priority: message.kind === "page" ? 1 : 0,
      ...(first !== undefined && {
        url: first.url,
        url_title: cut(oneLine(first.label), URL_TITLE_LIMIT),
      }),
    });
  },
  update: null, // a message on a phone stays as it is
  verdict: (reply) =>
    verdictOnJson(
      reply,
      (answer) =>
        answer["status"] === 1
          ? { kind: "accepted", providerId: idIn(answer["request"]), reference: null }
          : refusedBy(answer),
      // 429 is the month's quota of the account, which no patience of an hour brings back.
      (answer, { status }) =>
        status >= 400 && status < 500
          ? { ...refusedBy(answer), ...(status === 429 && { limits: "channel" }) }
          : null,
    ),
};

/** Whose key it was is not there any more, or has no device: nothing arrives there. */
const refusedBy = (answer: Readonly<Record<string, unknown>>): Refused => ({
  kind: "refused",
  because: errorsOf(answer),
  ...(answer["user"] === "invalid" && { mark: "bounced" }),
});

type Refused = Extract<Verdict, { kind: "refused" }>;

const errorsOf = ({ errors }: Readonly<Record<string, unknown>>): string =>
  Array.isArray(errors) && errors.length > 0
    ? `Pushover says: ${cut(oneLine(errors.map(String).join("; ")), 200)}`
    : "Pushover refused it and does not say why";
