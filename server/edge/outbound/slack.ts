/**
 * Message → chat.postMessage and chat.update; Slack's answer → verdict. Sample:
 * golden/slack.page.json
 */
import { assert } from "../../base/errors.ts";
import { SECOND } from "../../base/instant.ts";
import type { HttpOutbound } from "../../base/transport.ts";
import {
  type ChannelDriver,
  type ChannelSettings,
  type Message,
  type MessageAction,
  secretOf,
  type Verdict,
} from "../../domain/notification/channel.ts";
import { otherAnswers, pressLabel } from "./answers.ts";
import { type HttpReply, retryAfterMs, verdictOnError, verdictOnStatus } from "./verdict.ts";
import { cut, oneLine, repeatNote } from "./words.ts";

export const slack: ChannelDriver = {
  // One a second in a conversation, with short bursts: https://docs.slack.dev/apis/web-api/rate-limits
  pace: { perMinute: 50, burst: 5, of: "address" },
  render(message, address, settings) {
    return call("chat.postMessage", settings, {
      channel: address,
      text: fallbackOf(message),
      blocks: blocksOf(message, message.mayRepeat ? [repeatNote(message)] : []),
      unfurl_links: false,
      unfurl_media: false,
      ...replyTo(message),
      metadata: {
        event_type: "tocsin_notification",
        event_payload: {
          notification_id: message.notificationId,
          idempotency_key: message.idempotencyKey,
        },
      },
    });
  },
  update({ message, reference, outcome }, settings) {
    const { channel, ts } = placeOf(reference);
    const actions = message.actions.filter(({ verb }) => verb !== "acknowledge");
    return call("chat.update", settings, {
      channel,
      ts,
      text: escaped(`${outcome} – ${oneLine(message.subject)}`, TEXT_LIMIT),
      blocks: blocksOf({ ...message, actions }, [outcome]),
    });
  },
  verdict(reply) {
    if (reply.kind === "error") return verdictOnError(reply);
    if (reply.kind === "mail") {
      return { kind: "unknown", because: "a mail reply to an HTTP request" };
    }
    const judged = verdictOnStatus(reply);
    return judged.kind === "accepted" ? verdictOnAnswer(reply) : judged;
  },
};

// --------------------------------------------------------------------------------- The request

function call(method: string, settings: ChannelSettings, body: object): HttpOutbound {
  assert(settings.channel.type === "slack", "a Slack message is rendered for a Slack channel");
  return {
    via: "http",
    method: "POST",
    url: `${settings.channel.apiUrl.replace(/\/+$/, "")}/${method}`,
    headers: {
      "Content-Type": "application/json; charset=utf-8",
      Authorization: `Bearer ${oneLine(secretOf(settings, "token"))}`,
    },
    body: JSON.stringify(body),
    timeoutMs: 10 * SECOND,
  };
}

/** Slack names a message by its channel and its timestamp; one string holds both. */
const referenceOf = (channel: string, ts: string): string => `${channel}/${ts}`;

function placeOf(reference: string): { channel: string; ts: string } {
  const [channel, ts] = reference.split("/");
  assert(channel && ts, "a Slack reference is channel/ts");
  return { channel, ts };
}

/** A page in a thread is also shown in the channel: a reply alone does not wake anybody. */
function replyTo({ thread, kind }: Message): object {
  if (thread === null || thread.sentReference === null) return {};
  const { channel, ts } = placeOf(thread.sentReference);
  return { channel, thread_ts: ts, ...(kind === "page" ? { reply_broadcast: true } : {}) };
}

// Slack refuses the whole message when one of these is exceeded, so everything is cut to fit.
const TEXT_LIMIT = 3_000;
const HEADER_LIMIT = 150;
const FIELD_LIMIT = 2_000;
const FIELDS_PER_SECTION = 10;
const SECTIONS_OF_FIELDS = 4;
const BUTTON_LIMIT = 75;
const BUTTONS_PER_BLOCK = 25;

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
const entities = (text: string): string => text.replace(/[&<>]/g, (sign) => ENTITIES[sign]!);

/**
 * The three signs by which Slack would read a mention or a link, made harmless, within the limit.
 */
const escaped = (text: string, limit: number): string =>
  entities(cut(text, limit, (part) => entities(part).length));

const fallbackOf = (message: Message): string =>
  escaped([message.subject, ...message.lines].map(oneLine).join("\n"), TEXT_LIMIT);

const mrkdwn = (text: string, limit: number) => ({ type: "mrkdwn", text: escaped(text, limit) });
const plain = (text: string, limit: number) => ({
  type: "plain_text",
  text: escaped(oneLine(text), limit),
  emoji: false,
});

function blocksOf(message: Message, notes: readonly string[]): object[] {
  const files = message.attachments.map(({ name }) => oneLine(name));
  const remarks = files.length === 0 ? notes : [...notes, `Not shown here: ${files.join(", ")}`];
  const said = message.lines.join("\n").trim();
  return [
    { type: "header", text: plain(message.subject, HEADER_LIMIT) },
    ...(said === "" ? [] : [{ type: "section", text: mrkdwn(said, TEXT_LIMIT) }]),
    ...factBlocks(message),
    ...(message.actions.length === 0 ? [] : [actionBlock(message)]),
    ...remarks.map((note) => ({ type: "context", elements: [mrkdwn(note, FIELD_LIMIT)] })),
  ];
}

function factBlocks({ facts }: Message): object[] {
  const shown = facts.slice(0, FIELDS_PER_SECTION * SECTIONS_OF_FIELDS);
  const fields = shown.map(({ name, value }) => mrkdwn(`*${name}*\n${value}`, FIELD_LIMIT));
  const sections: object[] = [];
  for (let from = 0; from < fields.length; from += FIELDS_PER_SECTION) {
    sections.push({ type: "section", fields: fields.slice(from, from + FIELDS_PER_SECTION) });
  }
  return sections;
}

const actionBlock = (message: Message): object => ({
  type: "actions",
  block_id: "verbs",
  elements: [
    ...message.actions.map((action, index) => buttonOf(message, action, index)),
    ...otherAnswers(message).map(({ answer, label }) => ({
      type: "button",
      action_id: answer,
      text: plain(label, BUTTON_LIMIT),
      value: message.notificationId,
    })),
  ].slice(0, BUTTONS_PER_BLOCK),
});

/** Within one block every action_id must differ; those that are answers are read back. */
function buttonOf(message: Message, { verb, label, url }: MessageAction, index: number): object {
  if (verb !== "acknowledge")
    return {
      type: "button",
      action_id: `open-${index}`,
      text: plain(label, BUTTON_LIMIT),
      url,
    };
  const text = plain(pressLabel(message, { label }), BUTTON_LIMIT);
  const value = message.notificationId;
  return { type: "button", action_id: "acknowledge", style: "primary", text, value };
}

// ---------------------------------------------------------------------------------- The answer

const LIMITED: readonly string[] = ["ratelimited", "rate_limited"];
/** Errors that pass by themselves, with certainty that nothing was posted. */
const PASSING: readonly string[] = ["service_unavailable", "request_timeout", "team_added_to_org"];
/** Slack's own words: “some aspect of the operation may have succeeded before the error”. */
const UNCERTAIN: readonly string[] = ["fatal_error", "internal_error"];

/** Whom it was for is not there, or not any more. */
const GONE: readonly string[] = [
  "channel_not_found",
  "is_archived",
  "messages_tab_disabled",
  "not_in_channel",
  "user_disabled",
  "user_not_found",
];

/** Slack answers 200 to nearly everything; what happened stands in the body. */
function verdictOnAnswer(reply: HttpReply): Verdict {
  const answer = parsed(reply.body);
  if (answer === null) return { kind: "unknown", because: "Slack's answer is not readable" };
  if (answer.ok === true) {
    const { channel, ts } = answer;
    const found = typeof channel === "string" && typeof ts === "string";
    return {
      kind: "accepted",
      providerId: found ? ts : null,
      reference: found ? referenceOf(channel, ts) : null,
    };
  }
  const error = typeof answer.error === "string" ? oneLine(answer.error) : "no error name";
  const because = `Slack answered ${error}`;
  // A conversation takes one a second and a workspace some hundred a minute: Slack does not say which it was.
  if (LIMITED.includes(error))
    return { kind: "retry", because, afterMs: retryAfterMs(reply), limits: "unsaid" };
  if (PASSING.includes(error)) return { kind: "retry", because, afterMs: retryAfterMs(reply) };
  if (UNCERTAIN.includes(error)) return { kind: "unknown", because };
  return GONE.includes(error)
    ? { kind: "refused", because, mark: "bounced" }
    : { kind: "refused", because };
}

type Answer = { ok?: unknown; error?: unknown; channel?: unknown; ts?: unknown };

function parsed(body: string): Answer | null {
  try {
    const answer: unknown = JSON.parse(body);
    return typeof answer === "object" && answer !== null ? answer : null;
  } catch {
    return null;
  }
}
