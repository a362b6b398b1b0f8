/**
 * Message → an Adaptive Card to a workflow of Microsoft Teams (“when a webhook request is received”), whose
 * URL is the address, a capability. It names no message, so none can be changed later. Sample:
 * golden/teams.page.json
 */
import type { ChannelDriver, Message } from "../../domain/notification/channel.ts";
import { otherAnswers } from "./answers.ts";
import { HOOK_URL, jsonRequest } from "./request.ts";
import { verdictOnError, verdictOnStatus } from "./verdict.ts";
import { cut, oneLine, repeatNote } from "./words.ts";

/** Teams refuses a message of more than 28 KB. */
const LINE_LIMIT = 1_000;
const LINES = 12;
const FACTS = 10;

export const teams: ChannelDriver = {
  // Four a second to one webhook, which a workflow then posts slowly.
  pace: { perMinute: 25, burst: 3, of: "address" },
  expects: HOOK_URL,
  render: (message, address) =>
    jsonRequest("POST", address, {
      type: "message",
      attachments: [
        {
          contentType: "application/vnd.microsoft.card.adaptive",
          contentUrl: null,
          content: cardOf(message),
        },
      ],
    }),
  update: null,
  verdict(reply) {
    if (reply.kind === "error") return verdictOnError(reply);
    if (reply.kind === "http") return verdictOnStatus(reply);
    return { kind: "unknown", because: "a mail reply to an HTTP request" };
  },
};

const cardOf = (message: Message) => ({
  $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
  type: "AdaptiveCard",
  version: "1.4",
  body: [
    {
      ...text(message.subject),
      size: "Large",
      weight: "Bolder",
      ...(message.kind === "page" && { color: "Attention" }),
    },
    ...[...(message.mayRepeat ? [repeatNote(message)] : []), ...message.lines]
      .slice(0, LINES)
      .map(text),
    {
      type: "FactSet",
      facts: message.facts
        .slice(0, FACTS)
        .map(({ name, value }) => ({ title: plain(name), value: plain(value) })),
    },
  ],
  actions: [...message.actions, ...otherAnswers(message)].map(({ label, url }) => ({
    type: "Action.OpenUrl",
    title: plain(label),
    url,
  })),
});

const text = (line: string) => ({ type: "TextBlock", wrap: true, text: plain(line) });

/** A card's text is Markdown: what stands in an alert must not become links or headings. */
const plain = (line: string): string =>
  cut(oneLine(line), LINE_LIMIT).replace(/[\\*_~`[\]()#>]/g, (sign) => `\\${sign}`);
