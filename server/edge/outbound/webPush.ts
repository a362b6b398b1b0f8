/**
 * Message → push to one browser: severity, what is affected, one verb, and nothing more, because a lock screen
 * shows it. Encrypted for the browser, so its push service reads nothing. Sample: golden/web-push.page.json
 */
import { hmacSha256, sha256 } from "../../base/crypto.ts";
import { HOUR, SECOND } from "../../base/instant.ts";
import type { HttpOutbound } from "../../base/transport.ts";
import { keyPairOf, PUSH_PAYLOAD_BYTES, sealForBrowser } from "../../base/webPush.ts";
import {
  type ChannelDriver,
  type ChannelSettings,
  type Message,
  secretOf,
} from "../../domain/notification/channel.ts";
import { verdictOnError, verdictOnStatus } from "./verdict.ts";
import { cut, oneLine, repeatNote, sayIn } from "./words.ts";

/** So long a push service keeps what it cannot hand over: an older page has gone on to somebody else. */
const KEPT_MS = HOUR;
/** Leave room for the addresses beside them, also where every character is escaped. */
const TITLE_BYTES = 400;
const BODY_BYTES = 800;

/** What web/offline/worker.ts shows. */
export type Pushed = {
  readonly title: string;
  readonly body: string;
  /** A later one with the same tag takes its place. */
  readonly tag: string;
  readonly open: string | null;
  readonly acknowledge: { readonly label: string; readonly url: string } | null;
  readonly severity: string | null;
  /** What it says when an answer could not be sent. */
  readonly unsent: string;
  /** Rings nobody: it says what became of an earlier one. */
  readonly quiet: boolean;
};

export const webPush: ChannelDriver = {
  render: (message, _, settings) => push(settings, message, pushedOf(message)),
  update: ({ message, outcome }, settings) =>
    push(settings, message, {
      ...pushedOf(message),
      body: cut(oneLine(outcome), BODY_BYTES, Buffer.byteLength),
      acknowledge: null,
      quiet: true,
    }),
  verdict(reply) {
    if (reply.kind === "error") return verdictOnError(reply);
    if (reply.kind === "mail")
      return { kind: "unknown", because: "a mail reply to an HTTP request" };
    if (reply.status === 404 || reply.status === 410)
      return { kind: "refused", because: "the browser took its permission back", isGone: true };
    const judged = verdictOnStatus(reply);
    if (judged.kind !== "accepted") return judged;
    const { location = null } = reply.headers;
    return { ...judged, providerId: location, reference: location ?? "pushed" };
  },
};

export function pushedOf(message: Message): Pushed {
  const find = (verb: "acknowledge" | "open") =>
    message.actions.find((action) => action.verb === verb) ?? null;
  const fact = (kind: "fact affected" | "fact severity") => {
    const name = sayIn(message, kind);
    return message.facts.find((each) => each.name === name)?.value ?? null;
  };
  const severity = fact("fact severity");
  const affected = fact("fact affected");
  const said = affected !== null ? [affected] : severity === null ? plainLines(message) : [];
  // The page behind its link needs no sign-in. What is only asked is answered there, not from a lock screen.
  const answer = find("acknowledge");
  const acknowledge = answer?.label === sayIn(message, "acknowledge") ? answer : null;
  return {
    title: cut(oneLine(message.subject), TITLE_BYTES, Buffer.byteLength),
    body: cut(
      [...said, ...(message.mayRepeat ? [repeatNote(message)] : [])]
        .filter((line) => line !== "")
        .map(oneLine)
        .join("\n"),
      BODY_BYTES,
      Buffer.byteLength,
    ),
    tag: message.thread?.subjectId ?? message.notificationId,
    open: (answer ?? find("open"))?.url ?? null,
    acknowledge: acknowledge && { label: oneLine(acknowledge.label), url: acknowledge.url },
    severity,
    unsent: sayIn(message, "push unsent"),
    quiet: message.kind !== "page",
  };
}

/** What has no severity says its first sentence; what stands for several says each. Links are for its button. */
function plainLines({ lines }: Message): readonly string[] {
  const sentence = lines.find((line) => !line.includes("://"));
  return sentence === undefined
    ? lines.map((line) => line.replace(/\s*https?:\/\/\S+/g, ""))
    : [sentence];
}

function push(settings: ChannelSettings, message: Message, pushed: Pushed): HttpOutbound {
  const secret = (field: string): Buffer => Buffer.from(secretOf(settings, field), "base64url");
  const payload = Buffer.from(JSON.stringify(pushed));
  if (payload.length > PUSH_PAYLOAD_BYTES) throw new RangeError("the push is too large");
  const receiver = { publicKey: secret("publicKey"), auth: secret("auth") };
  return {
    via: "http",
    method: "POST",
    url: secretOf(settings, "endpoint"),
    headers: {
      "Content-Type": "application/octet-stream",
      "Content-Encoding": "aes128gcm",
      "User-Agent": "Tocsin",
      Authorization: secretOf(settings, "authorization"),
      TTL: String(KEPT_MS / SECOND),
      Urgency: pushed.quiet ? "normal" : "high",
      // What was not handed over yet is replaced by a repeat of it, or by what became of it.
      Topic: sha256(message.notificationId).toString("base64url").slice(0, 32),
    },
    body: sealForBrowser(payload, receiver, onceFor(secret("seed"), payload)).toString("base64"),
    encoding: "base64",
    timeoutMs: 10 * SECOND,
  };
}

/** Pair and salt from the payload itself, so that the same message gives the same bytes and no other one has them. */
function onceFor(seed: Buffer, payload: Buffer) {
  for (let turn = 0; ; turn += 1) {
    const pair = keyPairOf(hmacSha256(seed, Buffer.concat([Buffer.of(turn), payload])));
    if (pair === null) continue;
    const salt = hmacSha256(seed, Buffer.concat([Buffer.from("salt"), payload])).subarray(0, 16);
    return { pair, salt };
  }
}
