/**
 * Messages in the form of a chat: what a tool posts to an “incoming webhook” of Slack (also Mattermost,
 * Rocket.Chat), of Microsoft Teams or of Discord, where it can post nothing else. The words that tell a
 * state are taken out of the title, so that a beginning and its end are one.
 * https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments
 * https://learn.microsoft.com/outlook/actionable-messages/message-card-reference
 * https://discord.com/developers/docs/resources/message#embed-object
 * Samples: golden/chat-message.*.json
 */
import { type AlertSeverity } from "../../../contract/signal.ts";
import { type Adapter, fingerprint } from "../../domain/signal/signal.ts";
import { isObject, type Json, Reading, refusedWhole } from "./reading.ts";
import { severityOfWord } from "./severityWords.ts";
import { at, firstText, has, listOf, recogniseObject, tell } from "./telling.ts";
import { momentOf } from "./times.ts";

/** What a colour means, by its name or by which part of it is the strongest. */
const SEVERITIES = {
  danger: "error",
  red: "error",
  warning: "warning",
  yellow: "warning",
  "any other": "warning",
} satisfies Record<string, AlertSeverity>;

export const chatMessage: Adapter = {
  about: {
    id: "chat-message",
    name: "Messages for Slack, Teams or Discord",
    docs: "https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments",
  },
  setUp: {
    steps: [
      "Give a tool that can only post to a chat {url} as the address of its incoming webhook.",
      "A title with a word such as “firing” and “resolved”, or a colour, tells a beginning from its end.",
    ],
    sample: "chat-message.slack.json",
  },
  severities: SEVERITIES,
  resendsByContract: false,
  // Little is sure of a message for people: whoever knows more of it goes first.
  recognise: recogniseObject((body) => (messagesOf(body).length > 0 ? 0.3 : 0)),
  read({ body }) {
    if (!isObject(body)) return refusedWhole("body", "one JSON object of a message");
    const messages = messagesOf(body);
    if (messages.length === 0)
      return refusedWhole("attachments", "attachments, embeds, or a card, with a text");
    const reading = new Reading();
    messages.forEach((message, index) => readMessage(reading, index, message, body));
    return reading;
  },
};

type Message = {
  readonly title: string;
  readonly text: string | null;
  readonly colour: string;
  readonly link: unknown;
  readonly at: unknown;
  readonly facts: Readonly<Record<string, string>>;
};

const MESSAGES_MAX = 100;

function messagesOf(body: Json): readonly Message[] {
  const found =
    body["@type"] === "MessageCard"
      ? [ofCard(body)]
      : [...listOf(body["attachments"]), ...listOf(body["embeds"])]
          .slice(0, MESSAGES_MAX)
          .map((part) => (isObject(part) ? ofPart(part, body) : null));
  const told = found.filter((one) => one !== null);
  const blocks = told.length > 0 ? null : ofBlocks(body);
  return blocks === null ? told : [blocks];
}

/** A message of Slack whose words stand in blocks: the header, or else its plain text, says what it is. */
function ofBlocks(body: Json): Message | null {
  const blocks = listOf(body["blocks"]).slice(0, 50);
  const texts = blocks
    .map((one) => [firstText(at(one, "type")), firstText(at(one, "text", "text"))] as const)
    .filter(([type, text]) => text !== null && (type === "header" || type === "section"));
  const header = texts.find(([type]) => type === "header")?.[1];
  const title = firstText(header, body["text"], texts[0]?.[1]);
  if (title === null || texts.length === 0) return null;
  const text = texts.map(([, one]) => one).filter((one) => one !== title);
  return {
    title: title.replaceAll(/:[a-z0-9_+-]{2,40}:/g, "").trim() || title,
    text: text.join("\n"),
    colour: "",
    link: null,
    at: null,
    facts: {},
  };
}

/** An attachment of Slack, an embed of Discord, or an adaptive card of Teams. */
function ofPart(part: Json, body: Json): Message | null {
  if (isObject(part["content"])) return ofAdaptive(part["content"]);
  const text = firstText(part["text"], part["description"]);
  const title = firstText(part["title"], part["fallback"], part["pretext"], body["text"], text);
  if (title === null || !["title", "fallback", "color", "fields"].some((name) => has(part, name)))
    return null;
  return {
    title,
    text,
    colour: colourOf(part["color"]),
    link: part["title_link"] ?? part["url"],
    at: part["ts"] ?? part["timestamp"],
    facts: factsOf(part["fields"], "title"),
  };
}

function ofCard(card: Json): Message | null {
  const [section] = listOf(card["sections"]);
  const title = firstText(
    card["title"],
    card["summary"],
    at(section, "activityTitle"),
    card["text"],
  );
  if (title === null) return null;
  const [action] = listOf(card["potentialAction"]);
  const [target] = listOf(at(action, "targets"));
  return {
    title,
    text: firstText(card["text"], at(section, "text")),
    colour: colourOf(card["themeColor"]),
    link: at(target, "uri"),
    at: null,
    facts: factsOf(at(section, "facts"), "name"),
  };
}

function ofAdaptive(card: Json): Message | null {
  const blocks = listOf(card["body"]).slice(0, 50);
  const texts = blocks.map((one) => firstText(at(one, "text"))).filter((text) => text !== null);
  const [title] = texts;
  if (title === undefined || card["type"] !== "AdaptiveCard") return null;
  const [action] = listOf(card["actions"]);
  return {
    title,
    text: texts.slice(1).join("\n"),
    colour: ADAPTIVE[firstText(at(blocks[0], "color"))?.toLowerCase() ?? ""] ?? "",
    link: at(action, "url"),
    at: null,
    facts: factsOf(blocks.map((one) => at(one, "facts")).find(Array.isArray), "title"),
  };
}

const ADAPTIVE: Readonly<Record<string, string>> = {
  attention: "red",
  warning: "yellow",
  good: "green",
};

function factsOf(fields: unknown, name: string): Record<string, string> {
  const facts: Record<string, string> = {};
  for (const field of listOf(fields).slice(0, 50)) {
    const [label, value] = [
      firstText(at(field, name), at(field, "name")),
      firstText(at(field, "value")),
    ];
    const key = label?.toLowerCase().replace(/:$/, "").trim() ?? "";
    if (key !== "" && key !== "__proto__" && value !== null) facts[key] = value;
  }
  return facts;
}

/** “danger”, #d63232 or, as Discord has it, 14037554: red, yellow, green, or nothing that is said. */
function colourOf(value: unknown): string {
  const text = firstText(value)?.toLowerCase() ?? "";
  if (text === "danger") return "red";
  if (text === "warning") return "yellow";
  if (text === "good") return "green";
  const hex = /^#?([0-9a-f]{6})$/.exec(text)?.[1];
  const number = hex !== undefined && typeof value !== "number" ? Number.parseInt(hex, 16) : value;
  if (typeof number !== "number") return "";
  const [red, green, blue] = [(number >> 16) & 255, (number >> 8) & 255, number & 255];
  if (blue > Math.max(red, green)) return "";
  if (red > 150 && green > 100) return red - green > 110 ? "red" : "yellow";
  return red > green + 40 ? "red" : green > red + 40 ? "green" : "";
}

const OVER =
  /\b(resolved|recovered|recovery|ok|up|closed|cleared|succeeded|success|passed|back to normal)\b/i;
const STATES =
  /(\[[^\]]{0,40}\]|:[a-z0-9_+-]{2,40}:|\p{Extended_Pictographic}|\b(firing|alerting|triggered|resolved|recovered|recovery|ok|up|down|closed|cleared|critical|warning|problem|opened|open|is|has been)\b)/giu;

function readMessage(reading: Reading, index: number, message: Message, body: Json): void {
  const { title, text, colour, facts } = message;
  const plain = title
    .slice(0, 2_000)
    .replaceAll(/<([^|>]{1,500})\|([^>]{1,500})>/g, "$2")
    .replaceAll(/[*_`]/g, "");
  const head = plain.slice(0, 300);
  const bare = head
    .replaceAll(STATES, " ")
    .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
    .trim()
    .toLowerCase();
  const word = firstText(facts["severity"], facts["priority"], facts["level"]);
  const source = firstText(facts["host"], facts["hostname"], facts["instance"], facts["node"]);
  tell(reading, index, {
    status: colour === "green" || (colour !== "red" && OVER.test(head)) ? "resolved" : "firing",
    title: plain,
    severity:
      word === null
        ? SEVERITIES[colour === "red" ? "red" : colour === "yellow" ? "yellow" : "any other"]
        : severityOfWord(word),
    dedupKey: fingerprint({ title: bare === "" ? head : bare, source: source ?? "" }),
    service: firstText(facts["service"], facts["application"], facts["project"], facts["job"]),
    source: source ?? firstText(body["username"]),
    link: message.link,
    startedAt: momentOf(message.at),
    labels: { ...facts, sender: firstText(body["username"]), channel: body["channel"] },
    details: { text },
  });
}
