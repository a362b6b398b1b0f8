/** What text messages and calls say, whichever provider carries them. */
import type { Language } from "../../../contract/language.ts";
import { say } from "../../../contract/texts.ts";
import { escapeHtml } from "../../base/html.ts";
import { SECOND } from "../../base/instant.ts";
import { inWords } from "../../base/words.ts";
import type { ChannelSettings, Message, Verdict } from "../../domain/notification/channel.ts";
import { cut, oneLine, sayIn } from "./words.ts";

export const PHONE_NUMBER = {
  pattern: /^\+[1-9]\d{6,14}$/,
  words: 'a phone number with its country, such as "+4915112345678"',
};

/** How long a phone rings: shorter than most voice mail waits, which would take the call. */
export const RINGS_MS = 25 * SECOND;

/**
 * A number sends one message a second; a provider keeps what is beyond in its own queue, where a page would
 * wait behind it.
 */
export const PHONE_PACE = { perMinute: 50, burst: 3, of: "channel" } as const;

const HEAD_LIMIT = 160;
/** Three or four parts: more costs, arrives in pieces, and nobody reads it at night. */
const TEXT_LIMIT = 300;
/** The words of a call are part of its request, escaped and said twice: a provider takes 4 000 characters. */
const LINE_LIMIT = 280;
const LINES = 5;
const escapedLength = (part: string): number => escapeHtml(part).length;

/** Whether it asks for an answer that a phone can give. */
const asks = ({ kind, actions }: Message): boolean =>
  kind === "page" && actions.some(({ verb }) => verb === "acknowledge");

/** Without links: nobody hears one out, and in a text message the first action's stands at the end, whole. */
const said = (lines: readonly string[]): readonly string[] =>
  lines.map((line) => oneLine(line.replace(/\s*https?:\/\/\S+/g, "")));

/** How one of several that are told in one page is answered, where none has its own message; links are too long. */
function severalOf(message: Message): string {
  if (message.kind !== "page") return "";
  const [number] = message.lines.flatMap((line) => {
    const [, found] = line.includes("://") ? (/\bINC-(\d+)/.exec(line) ?? []) : [];
    return found ?? [];
  });
  return number === undefined
    ? ""
    : inWords(say("text several", { number }), message.language ?? "en");
}

export function textOf(message: Message): string {
  const [first] = message.actions;
  const subject = cut(oneLine(message.subject), HEAD_LIMIT);
  return [
    message.mayRepeat
      ? inWords(say("text repeat", { subject }), message.language ?? "en")
      : subject,
    cut(said(message.lines).join(" "), TEXT_LIMIT),
    asks(message) ? sayIn(message, "text keys") : severalOf(message),
    first === undefined ? "" : oneLine(first.url),
  ]
    .filter((part) => part !== "")
    .join("\n");
}

/** What a call says and in which language, and where the key that is pressed goes; null: it only tells. */
export type Spoken = {
  readonly language: Language;
  readonly lines: readonly string[];
  readonly keysTo: string | null;
};

export const spokenOf = (
  message: Pick<Message, "kind" | "language" | "subject" | "lines" | "actions" | "mayRepeat">,
  keysTo: string,
): Spoken => ({
  language: message.language ?? "en",
  lines: [
    ...(message.mayRepeat ? [sayIn(message, "call repeat")] : []),
    ...said([message.subject, ...message.lines])
      .slice(0, LINES)
      .map((line) => cut(line, LINE_LIMIT, escapedLength)),
    ...(asks(message as Message) ? [sayIn(message, "call keys")] : []),
  ],
  keysTo: asks(message as Message) ? keysTo : null,
});

/** Where a provider tells what became of a page, fetches what to say, or says which key was pressed. */
export const phoneUrl = (
  publicUrl: string,
  notificationId: string,
  what: "receipt" | "answer" | "key",
): string => `${publicUrl}/v1/phone/pages/${notificationId}/${what}`;

export const urlOf = (
  settings: ChannelSettings,
  message: Message,
  what: "receipt" | "answer" | "key",
): string => phoneUrl(settings.publicUrl, message.notificationId, what);

export const refusedBy = (
  provider: string,
  words: unknown,
  mark: "bounced" | "stopped" | null,
): Verdict => ({
  kind: "refused",
  because: `${provider} says: ${cut(oneLine(String(words ?? "no")), 200)}`,
  ...(mark !== null && { mark }),
});
