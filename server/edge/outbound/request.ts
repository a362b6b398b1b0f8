/** What the JSON APIs of chat and push services have in common: one POST, one plain text, one reply. */
import { SECOND } from "../../base/instant.ts";
import type { HttpOutbound, Reply } from "../../base/transport.ts";
import type { Message, Verdict } from "../../domain/notification/channel.ts";
import { type HttpReply, verdictOnError, verdictOnStatus } from "./verdict.ts";
import { oneLine, repeatNote } from "./words.ts";

export const jsonRequest = (
  method: "POST" | "PATCH",
  url: string,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): HttpOutbound => ({
  via: "http",
  method,
  url,
  headers: {
    "Content-Type": "application/json; charset=utf-8",
    "User-Agent": "Tocsin",
    ...headers,
  },
  body: JSON.stringify(body),
  timeoutMs: 10 * SECOND,
});

/** A form with a user and a password, as the APIs of telephony take it. */
export const formRequest = (
  url: string,
  form: readonly (readonly [name: string, value: string])[],
  user: string,
  password: string,
): HttpOutbound => ({
  via: "http",
  method: "POST",
  url,
  headers: {
    "Content-Type": "application/x-www-form-urlencoded",
    "User-Agent": "Tocsin",
    Authorization: basic(user, password),
  },
  body: new URLSearchParams(form.map(([name, value]) => [name, value])).toString(),
  timeoutMs: 10 * SECOND,
});

export const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${oneLine(password)}`).toString("base64")}`;

/** The address of a webhook is all there is to reach it. */
export const HOOK_URL = { pattern: /^https?:\/\/[^/\s]+\/\S*$/, words: "an https:// address" };

/** An API's address without the slashes at its end. */
export const baseOf = (url: string): string => url.replace(/\/+$/, "");

/** The lines and facts of a message as plain text, each on a line of its own. */
export const plainLines = (message: Message): string[] => [
  ...(message.mayRepeat ? [repeatNote(message)] : []),
  ...message.lines.map(oneLine),
  ...message.facts.map(({ name, value }) => `${oneLine(name)}: ${oneLine(value)}`),
];

export type Answer = Readonly<Record<string, unknown>>;

/** The status judges first; `accepted` reads the body of a success, an unreadable one is unknown. */
export function verdictOnJson(
  reply: Reply,
  accepted: (answer: Answer) => Verdict,
  refused: (answer: Answer, reply: HttpReply) => Verdict | null = () => null,
): Verdict {
  if (reply.kind === "error") return verdictOnError(reply);
  if (reply.kind === "mail") return { kind: "unknown", because: "a mail reply to an HTTP request" };
  const answer = answerOf(reply.body);
  const judged = verdictOnStatus(reply);
  if (judged.kind !== "accepted") return (answer && refused(answer, reply)) ?? judged;
  return answer === null
    ? { kind: "unknown", because: "the receiver's answer could not be read" }
    : accepted(answer);
}

function answerOf(body: string): Answer | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Answer)
      : null;
  } catch {
    return null;
  }
}

/** An id that a service gives as text or number. */
export const idIn = (value: unknown): string | null =>
  typeof value === "string" && value !== ""
    ? value
    : typeof value === "number"
      ? String(value)
      : null;
