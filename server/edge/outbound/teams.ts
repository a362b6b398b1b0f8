/**
 * Message → an Adaptive Card to a workflow of Microsoft Teams (“when a webhook request is received”), whose
 * URL is the address, a capability. It names no message, so none can be changed later. Form and limits:
 * https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook
 * Sample: golden/teams.page.json
 */
import type { ChannelDriver, Message, Verdict } from "../../domain/notification/channel.ts";
import { otherAnswers } from "./answers.ts";
import { HOOK_URL, jsonRequest } from "./request.ts";
import { verdictOnError, verdictOnStatus } from "./verdict.ts";
import { cut, oneLine, repeatNote } from "./words.ts";

/** Teams refuses a message of more than 28 KB: so many bytes for each part, escaped as Markdown and in JSON. */
const LINE_BYTES = 800;
const LINES = 12;
const NAME_BYTES = 150;
const VALUE_BYTES = 600;
const FACTS = 10;
const ACTIONS = 6;

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
    if (reply.kind === "http") return ofWebhook(verdictOnStatus(reply));
    return { kind: "unknown", because: "a mail reply to an HTTP request" };
  },
};

/** Each webhook has a limit of its own. */
const ofWebhook = (verdict: Verdict): Verdict =>
  verdict.kind === "retry" && verdict.limits !== undefined
    ? { ...verdict, limits: "address" }
    : verdict;

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
      facts: message.facts.slice(0, FACTS).map(({ name, value }) => ({
        title: plain(name, NAME_BYTES),
        value: plain(value, VALUE_BYTES),
      })),
    },
  ],
  actions: [...message.actions, ...otherAnswers(message)].slice(0, ACTIONS).map((action) => ({
    type: "Action.OpenUrl",
    title: plain(action.label, NAME_BYTES),
    url: action.url,
  })),
});

const text = (line: string) => ({ type: "TextBlock", wrap: true, text: plain(line) });

/** A card's text is Markdown: what stands in an alert must not become links or headings. */
const plain = (line: string, limit = LINE_BYTES): string =>
  escaped(
    cut(oneLine(line), limit, (part) => Buffer.byteLength(JSON.stringify(escaped(part))) - 2),
  );

const escaped = (text: string): string => text.replace(/[\\*_~`[\]()#>]/g, (sign) => `\\${sign}`);
